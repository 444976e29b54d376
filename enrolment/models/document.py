"""Receipts, invoices and credit notes: numbered without gaps, and never changed once issued."""

import uuid

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from courses.models.provider import VatTreatment
from courses.templatetags.dates import day
from enrolment.models.enrolment import Enrolment
from enrolment.models.payment import Payment, Refund


class Kind(models.TextChoices):
    """What a document is; each kind is numbered by itself."""

    RECEIPT = "receipt", _("receipt")
    INVOICE = "invoice", _("invoice")
    CREDIT_NOTE = "credit_note", _("credit note")


class BillingDetails(models.Model):
    """Whom an invoice is made out to, where that is not the student."""

    enrolment = models.OneToOneField(
        Enrolment, on_delete=models.CASCADE, related_name="billing_details"
    )
    company = models.CharField(_("company"), max_length=200)
    address = models.TextField(max_length=1000)
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)
    order_number = models.CharField(_("your order number"), max_length=60, blank=True)

    class Meta:
        verbose_name_plural = _("billing details")

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
        verbose_name_plural = _("document series")
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
    amount = models.PositiveIntegerField(_("amount in pence, VAT included"))
    vat_treatment = models.CharField(max_length=20)
    vat_rate = models.PositiveIntegerField(default=0)
    vat_amount = models.PositiveIntegerField(_("VAT in it, in pence"), default=0)
    seller = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    buyer = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    lines = models.JSONField(encoder=DjangoJSONEncoder, default=list)
    # Sentences below the total.
    notes = models.JSONField(default=list)
    # The invoice, or where there was none the receipt, that a credit note corrects.
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrected_by"
    )
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
                fields=("payment",),
                condition=Q(kind="invoice", replaces=None),
                name="document_one_first_invoice_per_payment",
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
            models.CheckConstraint(
                condition=Q(kind="credit_note", refund__isnull=False, corrects__isnull=False)
                | (~Q(kind="credit_note") & Q(refund=None, corrects=None)),
                name="document_credit_note_says_of_what",
            ),
            models.CheckConstraint(
                condition=Q(replaces=None) | Q(kind="invoice"),
                name="document_only_invoices_are_replaced",
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

    @property
    def title(self) -> str:
        """What it is called: only where VAT applies is an invoice a VAT invoice."""
        if self.kind == Kind.INVOICE and self.has_vat:
            return gettext("VAT invoice")
        return Kind(self.kind).label.capitalize()

    @property
    def has_vat(self) -> bool:
        """Whether VAT is in its amount; where it is not, nothing is said that looks like it."""
        return self.vat_treatment == VatTreatment.INCLUSIVE

    @property
    def total_name(self) -> str:
        """What its sum is called."""
        names = {
            Kind.RECEIPT: gettext("Received"),
            Kind.INVOICE: gettext("Total"),
            Kind.CREDIT_NOTE: gettext("Credited"),
        }
        return names[Kind(self.kind)]

    @property
    def net(self) -> int:
        """The amount without VAT, in pence."""
        return self.amount - self.vat_amount

    @property
    def replacement(self) -> "Document | None":
        """The invoice that has taken this one's place."""
        return getattr(self, "replaced_by", None)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What identifies it, as name and value.

        The time of supply is the day of payment: VAT Act 1994 s. 6(4), since the money comes
        before the course is over.
        """
        paid_at = self.payment.paid_at
        found = [
            (gettext("Number"), self.reference),
            (gettext("Date of issue"), day(self.issued_at)),
        ]
        if paid_at and self.kind != Kind.CREDIT_NOTE:
            name = gettext("Paid, and time of supply") if self.has_vat else gettext("Paid")
            found.append((name, day(paid_at)))
        found.append((gettext("Payment"), self.payment.reference))
        if self.corrects:
            is_invoice = self.corrects.kind == Kind.INVOICE
            name = gettext("Corrects invoice") if is_invoice else gettext("Corrects receipt")
            found.append((name, _with_day(self.corrects)))
        if self.replaces:
            found.append((gettext("Replaces"), _with_day(self.replaces)))
        if self.buyer.get("order_number"):
            found.append((gettext("Your order number"), self.buyer["order_number"]))
        return found

    @property
    def seller_lines(self) -> list[str]:
        """Who sells, a line each: the name first."""
        seller = self.seller
        name = seller.get("legal_name") or seller.get("name", "")
        trades_as = seller.get("name") if seller.get("name") != name else ""
        return [
            line
            for line in (
                name,
                trades_as and gettext("trading as %(name)s") % {"name": trades_as},
                *seller.get("address", "").splitlines(),
                seller.get("email", ""),
                seller.get("phone", ""),
                seller.get("company_number")
                and gettext("Company number %(number)s") % {"number": seller["company_number"]},
                self.has_vat and _vat_number(seller),
            )
            if line
        ]

    @property
    def buyer_lines(self) -> list[str]:
        """Whom it is made out to, a line each: the name first."""
        buyer = self.buyer
        company = buyer.get("company", "")
        return [
            line
            for line in (
                company or buyer.get("name", ""),
                *buyer.get("address", "").splitlines(),
                _vat_number(buyer),
                "" if company or buyer.get("name") == buyer.get("email") else buyer.get("email"),
            )
            if line
        ]


def _with_day(document: Document) -> str:
    words = gettext("%(number)s of %(day)s")
    return words % {"number": document.reference, "day": day(document.issued_at)}


def _vat_number(of: dict[str, str]) -> str:
    number = of.get("vat_number")
    return gettext("VAT number %(number)s") % {"number": number} if number else ""
