"""Receipts, invoices and credit notes: numbered without gaps, and never changed once issued."""

import uuid

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.urls import reverse

from enrolment.models.enrolment import Enrolment
from enrolment.models.payment import Payment, Refund


class Kind(models.TextChoices):
    """What a document is; each kind is numbered by itself."""

    RECEIPT = "receipt", "receipt"
    INVOICE = "invoice", "invoice"
    CREDIT_NOTE = "credit_note", "credit note"


class BillingDetails(models.Model):
    """Whom an invoice is made out to, where that is not the student."""

    enrolment = models.OneToOneField(
        Enrolment, on_delete=models.CASCADE, related_name="billing_details"
    )
    company = models.CharField("company", max_length=200)
    address = models.TextField(max_length=1000)
    vat_number = models.CharField("VAT number", max_length=20, blank=True)
    order_number = models.CharField("your order number", max_length=60, blank=True)

    class Meta:
        verbose_name_plural = "billing details"

    def __str__(self) -> str:
        return self.company


class DocumentSeries(models.Model):
    """The last number given to a kind of document.

    Its row is locked by whoever takes the next, last of all locks, until that document is
    committed; where it is not, the number was never taken.
    """

    kind = models.CharField(primary_key=True, max_length=12, choices=Kind.choices)
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "document series"
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=["receipt", "invoice", "credit_note"]),
                name="document_series_kind_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.last_number}"


class Document(models.Model):
    """One document as it was issued, with everything that is printed on it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    number = models.PositiveIntegerField()
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="documents")
    refund = models.ForeignKey(
        Refund, on_delete=models.PROTECT, null=True, blank=True, related_name="documents"
    )
    issued_at = models.DateTimeField()
    amount = models.PositiveIntegerField("amount in pence, VAT included")
    vat_treatment = models.CharField(max_length=20)
    vat_rate = models.PositiveIntegerField(default=0)
    vat_amount = models.PositiveIntegerField("VAT in it, in pence", default=0)
    seller = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    buyer = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    lines = models.JSONField(encoder=DjangoJSONEncoder, default=list)
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )

    class Meta:
        ordering = ("-issued_at", "-number")
        constraints = (
            models.UniqueConstraint(fields=("kind", "number"), name="document_number_once"),
            models.UniqueConstraint(
                fields=("kind", "payment"),
                condition=Q(kind__in=["receipt"]),
                name="document_one_receipt_per_payment",
            ),
            models.UniqueConstraint(
                fields=("refund",),
                condition=Q(kind="credit_note", replaces=None),
                name="document_one_credit_note_per_refund",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["receipt", "invoice", "credit_note"]),
                name="document_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(vat_amount__lte=models.F("amount")), name="document_vat_in_amount"
            ),
        )

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("document", args=[self.pk])

    @property
    def reference(self) -> str:
        """Its number as it is printed: ``INV-000012``."""
        prefix = {"receipt": "REC", "invoice": "INV", "credit_note": "CN"}[self.kind]
        return f"{prefix}-{self.number:06d}"
