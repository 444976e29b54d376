"""Money: what was asked for, what came, what went back, and what Stripe told us."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from enrolment.models.enrolment import Enrolment

if TYPE_CHECKING:
    from enrolment.models.document import Document


class Payment(models.Model):
    """One attempt to be paid for an enrolment, through one Stripe Checkout Session.

    It is committed, with every parameter of the coming call, before Stripe is called. A delayed
    method, such as Bacs Direct Debit, is processing between the student's order and the money.
    What was paid elsewhere, by bank transfer or in cash, is written down by staff as paid.
    """

    class Method(models.TextChoices):
        STRIPE = "stripe", _("Stripe")
        ELSEWHERE = "elsewhere", _("paid elsewhere")

    class Status(models.TextChoices):
        PENDING = "pending", _("waiting")
        PROCESSING = "processing", _("on its way")
        PAID = "paid", _("paid")
        EXPIRED = "expired", _("not paid in time")
        FAILED = "failed", _("failed")

    OPEN = (Status.PENDING, Status.PROCESSING)

    class Flag(models.TextChoices):
        """Why money that came could not be used; it is kept on record and refunded."""

        NONE = "", "—"
        FULL = "full", _("paid when the intake was full")
        GONE = "gone", _("paid when the price or voucher was used up")
        ENDED = "ended", _("paid after the enrolment had ended")
        TWICE = "twice", _("paid twice")
        MISMATCH = "mismatch", _("paid another amount than agreed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="payments")
    # The move whose difference it pays; empty where it pays for the place.
    move = models.ForeignKey(
        "enrolment.Move", on_delete=models.PROTECT, null=True, blank=True, related_name="payments"
    )
    method = models.CharField(max_length=10, choices=Method.choices, default=Method.STRIPE)
    note = models.CharField(_("paid how"), max_length=200, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    flag = models.CharField(max_length=10, choices=Flag.choices, default=Flag.NONE, blank=True)
    amount = models.PositiveIntegerField(_("amount in pence"))
    currency = models.CharField(max_length=3, default="GBP")
    amount_received = models.PositiveIntegerField(_("received, in pence"), default=0)
    # What of it goes back to the student as soon as their bank, which disputes it, returns it.
    owed = models.PositiveIntegerField(_("owed after a dispute, in pence"), default=0)

    # The call to Stripe: what is sent, under which key, and what came of it.
    parameters = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    attempt = models.PositiveIntegerField(default=1)
    session_id = models.CharField(max_length=255, null=True, blank=True, unique=True)
    session_url = models.TextField(blank=True)
    payment_intent_id = models.CharField(max_length=255, blank=True)

    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(_("place is held until"))
    paid_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        permissions = (
            ("refund_payment", "Can refund a payment"),
            ("reconcile", "Can hold records and Stripe against each other"),
        )
        indexes = (
            models.Index(
                "expires_at",
                name="payment_open",
                condition=Q(status__in=["pending", "processing"]),
            ),
            models.Index("payment_intent_id", name="payment_intent"),
            models.Index("paid_at", name="payment_paid", condition=Q(status="paid")),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(status__in=["pending", "processing", "paid", "expired", "failed"]),
                name="payment_status_known",
            ),
            models.CheckConstraint(
                condition=Q(flag__in=["", "full", "gone", "ended", "twice", "mismatch"]),
                name="payment_flag_known",
            ),
            models.CheckConstraint(
                condition=Q(method="stripe", amount__gte=30)
                | Q(method="elsewhere", status="paid", session_id=None, amount__gt=0),
                name="payment_is_chargeable",
            ),
            models.CheckConstraint(condition=Q(currency="GBP"), name="payment_in_pounds"),
            models.CheckConstraint(
                condition=Q(status="paid", paid_at__isnull=False, amount_received__gt=0)
                | (~Q(status="paid") & Q(paid_at=None, amount_received=0)),
                name="payment_says_when_paid",
            ),
            models.UniqueConstraint(
                fields=("enrolment",),
                condition=Q(status__in=["pending", "processing"]),
                name="payment_one_open_per_enrolment",
            ),
        )

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("receipt", args=[self.pk])

    def expire(self) -> None:
        """Nobody paid in time."""
        self.status = self.Status.EXPIRED
        self.save(update_fields=["status"])

    def fail(self) -> None:
        """The bank refused a delayed payment."""
        self.status = self.Status.FAILED
        self.save(update_fields=["status"])

    def process(self) -> None:
        """The student has ordered a delayed payment; the money comes, or does not, in days."""
        self.status = self.Status.PROCESSING
        self.save(update_fields=["status"])

    def receive(self, *, amount: int, payment_intent_id: str, flag: str, at: datetime) -> None:
        """``amount`` pence came; ``flag`` says why it cannot be used, if it cannot."""
        self.status = self.Status.PAID
        self.amount_received = amount
        self.payment_intent_id = payment_intent_id
        self.flag = flag
        self.paid_at = at
        self.save()

    @property
    def reference(self) -> str:
        """What people quote: the first ten digits of its key."""
        return f"TT-{self.pk.hex[:10].upper()}"

    @property
    def _receipt(self) -> "Document | None":
        return next((one for one in self.documents.all() if one.kind == "receipt"), None)

    @property
    def what_for(self) -> str:
        """What was paid for, as it stands on the receipt: a move since then changes nothing."""
        receipt = self._receipt
        return (
            receipt.lines[0]["description"]
            if receipt and receipt.lines
            else str(self.enrolment.intake)
        )

    @property
    def idempotency_key(self) -> str:
        """The same key for the same attempt, however often the call is repeated."""
        return f"{self.pk}:{self.attempt}"

    @property
    def refunded(self) -> int:
        """What has gone back or is on its way, in pence."""
        return sum(refund.amount for refund in self.refunds.all() if refund.status != "failed")

    @property
    def refundable(self) -> int:
        """What could still go back, in pence."""
        return self.amount_received - self.refunded

    @property
    def is_open(self) -> bool:
        """Whether money may still come by it."""
        return self.status in self.OPEN

    @property
    def is_paid(self) -> bool:
        return self.status == self.Status.PAID

    @property
    def vat_included(self) -> int:
        """The VAT in what was received, in pence, as the receipt has it."""
        return self._receipt.vat_amount if self._receipt else 0


class Refund(models.Model):
    """Money that goes back. Written before Stripe is asked, and followed until it is done.

    What staff give back themselves (the payment did not come by Stripe, or Stripe could not send
    it back) is done when they say so.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("on its way")
        DONE = "done", _("refunded")
        FAILED = "failed", _("failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    amount = models.PositiveIntegerField(_("amount in pence"))
    currency = models.CharField(max_length=3, default="GBP")
    reason = models.CharField(max_length=200)
    note = models.CharField(_("given back how"), max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    attempt = models.PositiveIntegerField(default=1)
    stripe_id = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        indexes = (models.Index("done_at", name="refund_done", condition=Q(status="done")),)
        constraints = (
            models.CheckConstraint(
                condition=Q(status__in=["pending", "done", "failed"]), name="refund_status_known"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_of_something"),
            models.CheckConstraint(condition=Q(currency="GBP"), name="refund_in_pounds"),
            models.CheckConstraint(
                condition=Q(status="done", done_at__isnull=False)
                | (~Q(status="done") & Q(done_at=None)),
                name="refund_says_when_done",
            ),
        )

    def __str__(self) -> str:
        return gettext("refund of %(payment)s") % {"payment": self.payment}

    @property
    def is_by_hand(self) -> bool:
        """Whether it is no affair of Stripe's, or no more."""
        return bool(self.note) or self.payment.method == Payment.Method.ELSEWHERE

    @property
    def waits_for_hands(self) -> bool:
        """Whether staff may give it back themselves now."""
        return self.status == (self.Status.PENDING if self.is_by_hand else self.Status.FAILED)

    def follow(self, *, stripe_id: str, stripe_status: str, at: datetime) -> None:
        """Take over what Stripe says of it."""
        self.stripe_id = stripe_id
        self.status = {
            "succeeded": self.Status.DONE,
            "failed": self.Status.FAILED,
            "canceled": self.Status.FAILED,
        }.get(stripe_status, self.Status.PENDING)
        self.done_at = at if self.status == self.Status.DONE else None
        self.save()

    @property
    def idempotency_key(self) -> str:
        """The same key for the same attempt, however often the call is repeated."""
        return f"{self.pk}:{self.attempt}"


class StripeEvent(models.Model):
    """A webhook as it came, stored once. It is a trigger, not the truth."""

    event_id = models.CharField(max_length=255, unique=True)
    type = models.CharField(max_length=100)
    payload = models.JSONField()
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("Stripe event")
        ordering = ("-received_at",)
        indexes = (
            models.Index(
                "received_at", name="stripe_event_left", condition=Q(processed_at__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"
