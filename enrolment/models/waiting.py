"""Who waits for a place, and the places offered to them."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from courses.models import Intake, Price
from enrolment.models.enrolment import Enrolment


class WaitingListEntry(models.Model):
    """A student who waits for a place in an intake, or in one of others named.

    The order is that of joining. An offer that is not used ends the entry: the place passes on,
    and whoever still wants one joins again at the end. An entry for which no place can come free
    any more is closed.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        OFFERED = "offered", _("a place is offered")
        ENROLLED = "enrolled", _("took a place")
        LEFT = "left", _("left the list")
        LAPSED = "lapsed", _("did not take the offer")
        CLOSED = "closed", _("no place came free")
        REMOVED = "removed", _("removed by staff")

    LIVE = (Status.WAITING, Status.OFFERED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    student = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="waiting_list_entries"
    )
    intake = models.ForeignKey(
        Intake, on_delete=models.PROTECT, related_name="waiting_list_entries"
    )
    also = models.ManyToManyField(
        Intake, blank=True, related_name="+", verbose_name=_("others that would do as well")
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    joined_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(
        max_length=300, blank=True, help_text=_("Why staff removed it; the student is told.")
    )
    # The cheapest price that anyone could book when the student joined, so that an offer can say
    # where it has risen since.
    price_name_then = models.CharField(max_length=100, blank=True)
    amount_then = models.PositiveIntegerField(_("price then, in pence"), null=True, blank=True)

    class Meta:
        verbose_name_plural = _("waiting list entries")
        ordering = ("joined_at", "pk")
        indexes = (
            models.Index(
                "intake", "joined_at", name="waiting_intake_joined", condition=Q(status="waiting")
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("student", "intake"),
                condition=Q(status__in=["waiting", "offered"]),
                name="waiting_once_per_student_and_intake",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["waiting", "offered"], ended_at=None)
                | Q(
                    status__in=["enrolled", "left", "lapsed", "closed", "removed"],
                    ended_at__isnull=False,
                ),
                name="waiting_says_when_ended",
            ),
        )

    def __str__(self) -> str:
        return gettext("%(student)s waits for %(intake)s") % {
            "student": self.student,
            "intake": self.intake,
        }

    def get_absolute_url(self) -> str:
        return reverse("waiting_list_entry", args=[self.pk])

    def end(self, status: str, *, at: datetime, reason: str = "") -> None:
        """No longer on the list."""
        self.status = status
        self.ended_at = at
        self.reason = reason
        self.save(update_fields=["status", "ended_at", "reason"])

    @property
    def is_live(self) -> bool:
        """Whether the student still waits, or has an offer to take."""
        return self.status in self.LIVE

    @property
    def is_waiting(self) -> bool:
        return self.status == self.Status.WAITING

    def get_offer_url(self) -> str:
        return reverse("waiting_list_offer", args=[self.pk])


class Offer(models.Model):
    """A place kept for one student from the waiting list, for a time, at a price it says.

    While it is open it counts among the intake's held places.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        EXPIRED = "expired", _("not used in time")
        WITHDRAWN = "withdrawn", _("withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entry = models.ForeignKey(WaitingListEntry, on_delete=models.PROTECT, related_name="offers")
    intake = models.ForeignKey(Intake, on_delete=models.PROTECT, related_name="offers")
    price = models.ForeignKey(Price, on_delete=models.PROTECT, related_name="offers")
    price_name = models.CharField(max_length=100)
    amount = models.PositiveIntegerField(_("amount in pence"))
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    enrolment = models.OneToOneField(
        Enrolment, on_delete=models.PROTECT, null=True, blank=True, related_name="offer"
    )

    class Meta:
        ordering = ("-created_at",)
        indexes = (models.Index("expires_at", name="offer_open", condition=Q(status="open")),)
        constraints = (
            models.UniqueConstraint(
                fields=("entry",), condition=Q(status="open"), name="offer_one_open_per_entry"
            ),
            models.CheckConstraint(
                condition=Q(status="open", ended_at=None)
                | Q(
                    status__in=["accepted", "declined", "expired", "withdrawn"],
                    ended_at__isnull=False,
                ),
                name="offer_says_when_ended",
            ),
            models.CheckConstraint(
                condition=Q(status="accepted", enrolment__isnull=False)
                | (~Q(status="accepted") & Q(enrolment=None)),
                name="offer_accepted_by_an_enrolment",
            ),
        )

    def __str__(self) -> str:
        return gettext("offer of %(intake)s to %(student)s") % {
            "intake": self.intake,
            "student": self.entry.student,
        }

    @property
    def risen_from(self) -> int | None:
        """The price in pence when the student joined the list, where it is lower than this one.

        None where it is not, or where another intake than the one joined for is offered: what
        that one cost then, nobody noted.
        """
        then = self.entry.amount_then
        if then is None or then >= self.amount or self.intake_id != self.entry.intake_id:
            return None
        return then

    def is_open(self, *, at: datetime) -> bool:
        """Whether it can be taken at the moment ``at``."""
        return self.status == self.Status.OPEN and at < self.expires_at

    def end(self, status: str, *, at: datetime, enrolment: Enrolment | None = None) -> None:
        """It is taken, or it never will be."""
        self.status = status
        self.ended_at = at
        self.enrolment = enrolment
        self.save(update_fields=["status", "ended_at", "enrolment"])
