"""Payments that a student's bank has taken back, for now or for good."""

from django.db import models
from django.db.models import Q

from enrolment.models.payment import Payment


class Dispute(models.Model):
    """A dispute as Stripe tells of it, followed until it is closed."""

    class Outcome(models.TextChoices):
        OPEN = "open", "open"
        WON = "won", "won"
        LOST = "lost", "lost"

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="disputes")
    stripe_id = models.CharField(max_length=255, unique=True)
    outcome = models.CharField(max_length=5, choices=Outcome.choices, default=Outcome.OPEN)
    stripe_status = models.CharField("status at Stripe", max_length=40)
    reason = models.CharField(max_length=60, blank=True)
    amount = models.PositiveIntegerField("amount in pence")
    evidence_due_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

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
        return f"dispute of {self.payment}"
