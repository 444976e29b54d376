"""What happened to an enrolment, one row a happening; ``enrolment.history`` says it in words."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from enrolment.models.enrolment import Enrolment


class HistoryEntry(models.Model):
    """Something that happened to an enrolment, written by the journey that did it.

    That a place was first held is on the enrolment itself, and has no entry.
    """

    class Kind(models.TextChoices):
        ENROLLED = "enrolled", _("enrolled")
        ENROLLED_BY_HAND = "enrolled_by_hand", _("enrolled by staff")
        PAY_LINK_SENT = "pay_link_sent", _("link to pay sent")
        PAYMENT_ON_ITS_WAY = "payment_on_its_way", _("payment on its way")
        PAYMENT_RECEIVED = "payment_received", _("payment received")
        PAYMENT_FAILED = "payment_failed", _("payment failed")
        PAYMENT_FLAGGED = "payment_flagged", _("payment could not be used")
        LAPSED = "lapsed", _("not paid in time")
        GIVEN_UP = "given_up", _("given up")
        CANCELLED = "cancelled", _("cancelled")
        MOVE_BEGUN = "move_begun", _("move waits for payment")
        MOVED = "moved", _("moved")
        MOVE_LAPSED = "move_lapsed", _("move not paid in time")
        MOVE_DROPPED = "move_dropped", _("move given up")
        REFUND_BEGUN = "refund_begun", _("refund begun")
        REFUND_DONE = "refund_done", _("refund done")
        REFUND_FAILED = "refund_failed", _("refund failed")
        DISPUTE_OPENED = "dispute_opened", _("payment disputed")
        DISPUTE_WON = "dispute_won", _("dispute won")
        DISPUTE_LOST = "dispute_lost", _("dispute lost")
        BILLING_CHANGED = "billing_changed", _("details for the invoice changed")
        REPAIRED = "repaired", _("put right by staff")

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="entries")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Empty where nobody did it: Stripe told us, or time ran out."),
    )
    reason = models.CharField(max_length=300, blank=True)
    facts = models.JSONField(encoder=DjangoJSONEncoder, default=dict)

    class Meta:
        verbose_name_plural = _("history entries")
        ordering = ("at", "pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=[
                        "enrolled", "enrolled_by_hand", "pay_link_sent", "payment_on_its_way",
                        "payment_received", "payment_failed", "payment_flagged", "lapsed",
                        "given_up", "cancelled", "move_begun", "moved", "move_lapsed",
                        "move_dropped", "refund_begun", "refund_done", "refund_failed",
                        "dispute_opened", "dispute_won", "dispute_lost", "billing_changed",
                        "repaired",
                    ]
                ),
                name="history_kind_known",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()} at {self.at}"
