"""Moving from one intake of a course to another."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from courses.models import Intake, Price
from enrolment.models.enrolment import Enrolment
from enrolment.models.voucher import Voucher


class Move(models.Model):
    """One change of intake. Pending only while a difference is to be paid.

    While it is pending it holds a place in the new intake, beside the one taken in the old.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("waiting for payment")
        DONE = "done", _("moved")
        EXPIRED = "expired", _("not paid in time")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="moves")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    from_intake = models.ForeignKey(Intake, on_delete=models.PROTECT, related_name="moves_away")
    to_intake = models.ForeignKey(Intake, on_delete=models.PROTECT, related_name="moves_here")
    from_price = models.ForeignKey(
        Price, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    to_price = models.ForeignKey(
        Price, on_delete=models.PROTECT, null=True, blank=True, related_name="moves_here"
    )
    from_amount = models.PositiveIntegerField(_("agreed before, in pence"))
    list_amount = models.PositiveIntegerField(_("new price, in pence"))
    voucher = models.ForeignKey(
        Voucher, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    discount = models.PositiveIntegerField(_("taken off, in pence"), default=0)
    to_amount = models.PositiveIntegerField(_("agreed now, in pence"))
    # What the policy gave back, per cent, on the day of the move: moving to a later intake does
    # not raise it again.
    percent_then = models.PositiveIntegerField(default=100)
    # The consents given with it, which count once it is done: [{"kind", "version", "wording"}].
    agreed = models.JSONField(default=list, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("enrolment",),
                condition=Q(status="pending"),
                name="move_one_pending_per_enrolment",
            ),
            models.CheckConstraint(
                condition=~Q(from_intake=F("to_intake")), name="move_goes_elsewhere"
            ),
            models.CheckConstraint(
                condition=Q(list_amount=F("to_amount") + F("discount")),
                name="move_amounts_add_up",
            ),
            models.CheckConstraint(
                condition=Q(to_amount=0) | Q(to_amount__gte=30), name="move_free_or_chargeable"
            ),
            models.CheckConstraint(
                condition=Q(status="pending", ended_at=None)
                | Q(status__in=["done", "expired"], ended_at__isnull=False),
                name="move_says_when_ended",
            ),
            models.CheckConstraint(condition=Q(percent_then__lte=100), name="move_percent"),
        )

    def __str__(self) -> str:
        return f"{self.enrolment.student} from {self.from_intake} to {self.to_intake}"

    @property
    def difference(self) -> int:
        """What is to be paid (above 0) or goes back (below 0), in pence."""
        return self.to_amount - self.from_amount

    @property
    def makes_contract(self) -> bool:
        """Whether a free place becomes one that is paid for: a contract of its own."""
        return self.from_amount == 0 < self.to_amount

    def end(self, status: str, *, at: datetime) -> None:
        """It is done, or it never will be."""
        self.status = status
        self.ended_at = at
        self.save(update_fields=["status", "ended_at"])
