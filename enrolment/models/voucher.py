"""Vouchers: what they take off, for what, when, and how often."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from courses.models import Course, Intake, Price


class VoucherBatch(models.Model):
    """Vouchers made together: the same terms, a code each.

    Where courses, intakes or prices are named, any one of them that fits will do; where none is
    named the vouchers are good for everything.
    """

    name = models.CharField(max_length=100, unique=True)
    percent = models.PositiveIntegerField(_("per cent off"), null=True, blank=True)
    amount_off = models.PositiveIntegerField(_("pence off"), null=True, blank=True)
    courses = models.ManyToManyField(Course, blank=True, related_name="+")
    intakes = models.ManyToManyField(Intake, blank=True, related_name="+")
    prices = models.ManyToManyField(Price, blank=True, related_name="+")
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)
    limit_per_person = models.PositiveIntegerField(
        _("uses by each person"),
        null=True,
        blank=True,
        default=1,
        help_text=_("Of all vouchers of this batch together; left empty, no limit."),
    )
    created_at = models.DateTimeField(auto_now_add=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name_plural = _("voucher batches")
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(percent__isnull=False, percent__gte=1, percent__lte=100)
                & Q(amount_off=None)
                | Q(percent=None, amount_off__isnull=False, amount_off__gte=1),
                name="voucher_batch_takes_something_off",
                violation_error_message=_("Give a percentage from 1 to 100, or an amount."),
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None)
                | Q(valid_until=None)
                | Q(valid_until__gt=F("valid_from")),
                name="voucher_batch_window_in_order",
                violation_error_message=_("Vouchers cannot end before they begin."),
            ),
        )

    def __str__(self) -> str:
        return self.name

    def is_valid(self, *, at: datetime) -> bool:
        """Whether its window is open at the moment ``at``."""
        return (self.valid_from is None or self.valid_from <= at) and (
            self.valid_until is None or at < self.valid_until
        )

    def off(self, amount: int) -> int:
        """What it takes off ``amount`` pence, in pence; never more than there is."""
        if self.percent is not None:
            return (amount * self.percent + 50) // 100
        return min(amount, self.amount_off or 0)


class Voucher(models.Model):
    """One code, and how often it has been used."""

    batch = models.ForeignKey(VoucherBatch, on_delete=models.CASCADE, related_name="vouchers")
    code = models.CharField(max_length=40)
    limit = models.PositiveIntegerField(
        _("uses in all"), null=True, blank=True, default=1, help_text=_("Left empty, no limit.")
    )
    # Places paid for or held with it. Moves by conditional updates only (``enrolment.places``).
    times_used = models.PositiveIntegerField(default=0, editable=False)
    is_withdrawn = models.BooleanField(_("withdrawn"), default=False)

    class Meta:
        ordering = ("code",)
        constraints = (
            models.UniqueConstraint(
                Upper("code"),
                name="voucher_code_unique",
                violation_error_message=_("There is a voucher with this code already."),
            ),
            models.CheckConstraint(
                condition=Q(limit=None) | Q(limit__gte=F("times_used")),
                name="voucher_never_overused",
                violation_error_message=_("It has been used more often than this."),
            ),
        )

    def __str__(self) -> str:
        return self.code
