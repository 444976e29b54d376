"""Payments that a student's bank has taken back, for now or for good."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from enrolment.models.payment import Payment

# An inquiry: the bank asks, and has taken nothing yet.
INQUIRY = "warning_"

# Stripe's words for why a bank disputes a payment (docs.stripe.com/api/disputes/object, reason).
REASONS = {
    "bank_cannot_process": _("the bank could not process it"),
    "credit_not_processed": _("a refund did not arrive"),
    "customer_initiated": _("the student asked the bank"),
    "debit_not_authorized": _("the debit was not authorised"),
    "duplicate": _("charged twice"),
    "fraudulent": _("the student says that they did not pay it"),
    "general": _("no particular reason"),
    "incorrect_account_details": _("wrong details of the account"),
    "insufficient_funds": _("too little in the account"),
    "noncompliant": _("against the rules of the card network"),
    "product_not_received": _("not received what was paid for"),
    "product_unacceptable": _("not what was promised"),
    "subscription_canceled": _("charged after cancelling"),
    "unrecognized": _("the student does not recognise the payment"),
}


class DisputeQuerySet(models.QuerySet["Dispute"]):
    """Which disputes."""

    def holding_money(self) -> "DisputeQuerySet":
        """Those whose money the bank has: chargebacks under way, and those that were lost."""
        is_chargeback = Q(outcome="open") & ~Q(stripe_status__startswith=INQUIRY)
        return self.filter(is_chargeback | Q(outcome="lost"))


class Dispute(models.Model):
    """A dispute as Stripe tells of it, followed until it is closed.

    It is won too where an inquiry came to nothing: the money stays. A lost one that is appealed
    is open again.
    """

    class Outcome(models.TextChoices):
        OPEN = "open", _("open")
        WON = "won", _("won")
        LOST = "lost", _("lost")

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="disputes")
    stripe_id = models.CharField(max_length=255, unique=True)
    outcome = models.CharField(max_length=5, choices=Outcome.choices, default=Outcome.OPEN)
    stripe_status = models.CharField(_("status at Stripe"), max_length=40)
    reason = models.CharField(max_length=60, blank=True)
    amount = models.PositiveIntegerField(_("amount in pence"))
    evidence_due_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        ordering = ("-opened_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(outcome="open", closed_at=None)
                | Q(outcome__in=["won", "lost"], closed_at__isnull=False),
                name="dispute_says_when_closed",
            ),
        )

    def __str__(self) -> str:
        return gettext("dispute of %(payment)s") % {"payment": self.payment}

    @property
    def is_open(self) -> bool:
        return self.outcome == self.Outcome.OPEN

    @property
    def is_inquiry(self) -> bool:
        """Whether the bank only asks: no money is taken, and a refund settles it."""
        return self.stripe_status.startswith(INQUIRY)

    @property
    def why(self) -> str:
        """The bank's reason in our words; in Stripe's where it is a new one."""
        return str(REASONS.get(self.reason, self.reason.replace("_", " ")))

    @property
    def holds_money(self) -> bool:
        """Whether the bank has the money now."""
        if self.is_open:
            return not self.is_inquiry
        return self.outcome == self.Outcome.LOST

    def turn(self, outcome: str, *, at: datetime) -> None:
        """It is open, won or lost from now on; nothing is stored yet."""
        if self.outcome != outcome:
            self.outcome = outcome
            self.closed_at = None if outcome == self.Outcome.OPEN else at
