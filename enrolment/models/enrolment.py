"""A student's place in an intake."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Expression, F, Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from courses.models import Intake, Price
from enrolment.models.voucher import Voucher

if TYPE_CHECKING:
    from enrolment.models.payment import Payment


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    """Which enrolments."""

    def locked(self, **which: object) -> "Enrolment":
        """The one enrolment as it is now, locked: the first lock of every journey.

        Its intake is fetched afterwards. In one query with it, PostgreSQL would look for the
        intake that the enrolment had when the query began, and find no row where it has moved
        meanwhile (postgresql.org/docs/current/transaction-iso.html, "Read Committed").
        """
        return self.select_for_update(of=("self",)).get(**which)

    def live(self) -> "EnrolmentQuerySet":
        """Those that hold or take a place."""
        return self.filter(status__in=Enrolment.LIVE)

    def with_place_in(self, intake: Intake) -> "EnrolmentQuerySet":
        """Those that hold or take a place in an intake: by themselves, or by a move to it."""
        moving = Q(moves__status="pending", moves__to_intake=intake)
        return self.live().filter(Q(intake=intake) | moving)

    def giving_access(self, *, at: datetime | Expression) -> "EnrolmentQuerySet":
        """Those whose learner may read the course's lessons at the moment ``at``."""
        at_once = Q(intake__lessons_open=Intake.LessonsOpen.AT_ONCE)
        return self.filter(
            Q(lessons_wait_until=None) | Q(lessons_wait_until__lte=at),
            Q(intake__access_ends_at=None) | Q(intake__access_ends_at__gt=at),
            at_once | Q(intake__starts_at__lte=at),
            suspended_at=None,
            status=Enrolment.Status.ENROLLED,
        )


class Enrolment(models.Model):
    """One person's place in one intake, from the moment it is held.

    Pending while the student pays, then enrolled; or expired when the payment never came, or
    cancelled. At most one that is pending or enrolled exists for a person and an intake. Moving
    to another intake changes this row; what it was before is in its moves and its history.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("waiting for payment")
        ENROLLED = "enrolled", _("enrolled")
        EXPIRED = "expired", _("not paid in time")
        CANCELLED = "cancelled", _("cancelled")

    LIVE = (Status.PENDING, Status.ENROLLED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    student = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="enrolments"
    )
    intake = models.ForeignKey(Intake, on_delete=models.PROTECT, related_name="enrolments")
    price = models.ForeignKey(
        Price, on_delete=models.PROTECT, null=True, blank=True, related_name="enrolments"
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)

    # What was agreed, as it stood then.
    price_name = models.CharField(max_length=100)
    list_amount = models.PositiveIntegerField(_("price in pence"), default=0)
    voucher = models.ForeignKey(
        Voucher, on_delete=models.PROTECT, null=True, blank=True, related_name="enrolments"
    )
    discount = models.PositiveIntegerField(_("taken off, in pence"), default=0)
    amount = models.PositiveIntegerField(_("amount in pence"))
    currency = models.CharField(max_length=3, default="GBP")
    vat_treatment = models.CharField(max_length=20)
    vat_rate = models.PositiveIntegerField(default=0)

    declaration = models.TextField(_("why a concession"), blank=True)
    # How the provider's policy on cancelling stood: {"fee": pence, "tiers": [[days, per cent]]}.
    policy = models.JSONField(default=dict)
    enrolled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("The member of staff who enrolled the student by hand."),
    )

    created_at = models.DateTimeField()
    # Until when the place is held whether or not a payment is open: an offer, or a link to pay
    # by. Empty where the place is held as long as its payment is open.
    held_until = models.DateTimeField(null=True, blank=True)
    enrolled_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(_("expired or cancelled at"), null=True, blank=True)
    # Paid lessons stay closed until the right to cancel has run out, unless the student asked
    # otherwise; empty where nothing is waited for.
    lessons_wait_until = models.DateTimeField(null=True, blank=True)
    # Lessons are closed while a payment is disputed, where the provider set it so.
    suspended_at = models.DateTimeField(null=True, blank=True)

    # Set on an enrolment that has just been begun, so that nobody needs to look for it.
    to_pay: "Payment | None" = None

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        permissions = (
            ("read_roster", "Can read and export the roster of an intake"),
            ("enrol_by_hand", "Can enrol someone by hand"),
            ("cancel_enrolment", "Can cancel an enrolment"),
        )
        indexes = (
            models.Index("enrolled_at", name="enrolment_lately", condition=Q(status="enrolled")),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("student", "intake"),
                condition=Q(status__in=["pending", "enrolled"]),
                name="enrolment_one_live_per_student_and_intake",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "enrolled", "expired", "cancelled"]),
                name="enrolment_status_known",
            ),
            models.CheckConstraint(
                condition=Q(amount=0) | Q(amount__gte=30), name="enrolment_free_or_chargeable"
            ),
            models.CheckConstraint(
                condition=Q(list_amount=F("amount") + F("discount")),
                name="enrolment_amounts_add_up",
            ),
            models.CheckConstraint(condition=Q(currency="GBP"), name="enrolment_in_pounds"),
            models.CheckConstraint(
                condition=~Q(status="enrolled") | Q(enrolled_at__isnull=False),
                name="enrolment_says_when_enrolled",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "enrolled"], ended_at=None)
                | Q(status__in=["expired", "cancelled"], ended_at__isnull=False),
                name="enrolment_says_when_ended",
            ),
        )

    def __str__(self) -> str:
        return gettext("%(student)s in %(intake)s") % {
            "student": self.student,
            "intake": self.intake,
        }

    def get_absolute_url(self) -> str:
        return reverse("enrolment_detail", args=[self.pk])

    def mark_enrolled(self, *, waits_until: datetime | None, at: datetime) -> None:
        """The place is this student's; paid lessons stay closed until ``waits_until``."""
        self.status = self.Status.ENROLLED
        self.enrolled_at = at
        self.ended_at = None
        self.lessons_wait_until = waits_until
        self.save()

    def expire(self, *, at: datetime) -> None:
        """Nobody paid in time."""
        self.status = self.Status.EXPIRED
        self.ended_at = at
        self.save()

    def cancel(self, *, at: datetime) -> None:
        """The place is given up."""
        self.status = self.Status.CANCELLED
        self.ended_at = at
        self.save()

    @property
    def is_pending(self) -> bool:
        return self.status == self.Status.PENDING

    @property
    def is_enrolled(self) -> bool:
        return self.status == self.Status.ENROLLED

    @property
    def lessons_open_at(self) -> datetime | None:
        """When the lessons open for this learner; None where they are open from the first."""
        starts: datetime | None = None
        if self.intake.lessons_open == Intake.LessonsOpen.AT_START:
            starts = self.intake.starts_at
        moments = [moment for moment in (starts, self.lessons_wait_until) if moment]
        return max(moments, default=None)


class Consent(models.Model):
    """What a student agreed to when enrolling: the wording, its version and the time.

    The Consumer Contracts Regulations 2013 ask for the express request of reg. 36 and the express
    consent and acknowledgement of reg. 37; both are optional to give.
    """

    class Kind(models.TextChoices):
        TEACHING = "teaching", _("teaching starts before the right to cancel ends (reg. 36)")
        DIGITAL_CONTENT = "digital_content", _("recorded lessons at once (reg. 37)")

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="consents")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    version = models.CharField(max_length=40)
    wording = models.TextField()
    given_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint("enrolment", "kind", name="consent_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["teaching", "digital_content"]), name="consent_kind_known"
            ),
        )

    def __str__(self) -> str:
        return self.get_kind_display()
