"""An intake of a course: when it is taken, its places, and when it can be joined, left or moved.

An intake's state is never stored: it follows from what is here and the moment asked about
(``courses.states``). What the rules need again and again (when it starts, closes and ends, as
instants) is worked out when it is saved.
"""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from courses.calendar import YEARS, day_start, month_after, next_day_start
from courses.models.course import Course
from courses.states import IntakeQuerySet, State, least_amount, state_by_dates, state_of

MINIMUM_OFFER_HOURS = 6


class Intake(models.Model):
    """When a course is taken together, with its places.

    Known at least by its month. Until staff set the day it is shown as a month, counts from the
    1st for every rule, and sells until the month's end.
    """

    class LessonsOpen(models.TextChoices):
        AT_START = "at_start", _("when the intake starts")
        AT_ONCE = "at_once", _("as soon as someone is enrolled")

    class Decision(models.TextChoices):
        """What staff decided about an intake that needs a minimum."""

        OPEN = "", _("not decided")
        RUNS = "runs", _("it runs")
        CALLED_OFF = "called_off", _("called off")

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="intakes")
    slug = models.SlugField(
        _("address"), max_length=40, blank=True, help_text=_("Left empty, the month: 2026-05.")
    )
    month = models.DateField(help_text=_("Any day of the month in which it starts."))
    starts_on = models.DateField(
        _("starts on"), null=True, blank=True, help_text=_("Left empty, only the month is shown.")
    )
    ends_on = models.DateField(_("ends on"), null=True, blank=True, help_text=_("The last day."))
    enrolment_opens_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Left empty, it sells as soon as it is published.")
    )
    enrolment_closes_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("Left empty, it sells until it starts (without a day, until its month ends)."),
    )
    allows_late_joining = models.BooleanField(_("late joining"), default=False)
    late_joining_until = models.DateField(
        null=True, blank=True, help_text=_("The last day to join late; left empty, until it ends.")
    )
    capacity = models.PositiveIntegerField(
        _("places"), null=True, blank=True, help_text=_("Left empty, there is no limit.")
    )
    places_taken = models.PositiveIntegerField(default=0, editable=False)
    places_held = models.PositiveIntegerField(default=0, editable=False)
    lessons_open = models.CharField(
        max_length=10, choices=LessonsOpen.choices, default=LessonsOpen.AT_START
    )
    access_ends_on = models.DateField(
        null=True, blank=True, help_text=_("The last day to read; left empty, access never ends.")
    )
    is_published = models.BooleanField(_("published"), default=False)
    # When it was published first: it is new since then.
    published_at = models.DateTimeField(null=True, editable=False)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    has_waiting_list = models.BooleanField(_("waiting list"), default=True)
    offer_hours = models.PositiveIntegerField(
        _("hours to take an offer"),
        default=48,
        help_text=_("How long a freed place is kept for whoever it is offered to; at least 6."),
    )
    moves_until = models.DateField(
        _("moving to or from it until"),
        null=True,
        blank=True,
        help_text=_(
            "The last day on which students move by themselves; left empty, "
            "the day before it starts."
        ),
    )

    minimum_places = models.PositiveIntegerField(
        _("runs if so many enrol"),
        null=True,
        blank=True,
        help_text=_("Left empty, it runs anyway."),
    )
    decide_on = models.DateField(
        _("decided on"),
        null=True,
        blank=True,
        help_text=_("The day by which they must have enrolled."),
    )
    decision = models.CharField(
        max_length=12, choices=Decision.choices, default="", blank=True, editable=False
    )
    decision_asked_at = models.DateTimeField(null=True, editable=False)

    # Instants that follow from the dates above, Europe/London. ``closes_at`` is empty where
    # late joining has no end; ``ends_at`` and ``access_ends_at`` where no last day is set.
    starts_at = models.DateTimeField(editable=False)
    closes_at = models.DateTimeField(editable=False, null=True)
    ends_at = models.DateTimeField(editable=False, null=True)
    access_ends_at = models.DateTimeField(editable=False, null=True)

    # There only on rows that ``IntakeQuerySet.with_state`` fetched.
    state_now: str
    from_amount: int | None
    from_price: dict[str, Any] | None

    objects = IntakeQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["places_taken", "places_held", "published_at"])

    class Meta:
        ordering = ("course", "starts_at", "pk")
        indexes = (
            models.Index("course", "starts_at", name="intake_course_starts_at"),
            models.Index("starts_at", name="intake_starts_at"),
            models.Index("published_at", name="intake_published_at"),
        )
        constraints = (
            models.UniqueConstraint(
                "course",
                "slug",
                name="intake_slug_unique",
                violation_error_message=_("This course has an intake with this address already."),
            ),
            models.CheckConstraint(
                condition=Q(capacity=None) | Q(capacity__gte=F("places_taken") + F("places_held")),
                name="intake_never_oversold",
                violation_error_message=_("More places are taken or held than this."),
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="intake_month_is_its_first_day"),
            models.CheckConstraint(
                condition=Q(starts_on=None)
                | Q(starts_on__year=F("month__year"), starts_on__month=F("month__month")),
                name="intake_starts_in_its_month",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gte=F("starts_on")),
                name="intake_ends_after_it_starts",
                violation_error_message=_("An intake cannot end before it starts."),
            ),
            models.CheckConstraint(
                condition=Q(lessons_open__in=["at_start", "at_once"]),
                name="intake_lessons_open_known",
            ),
            models.CheckConstraint(
                condition=Q(offer_hours__gte=MINIMUM_OFFER_HOURS),
                name="intake_offers_last",
                violation_error_message=_("An offer lasts at least 6 hours."),
            ),
            models.CheckConstraint(
                condition=Q(minimum_places=None, decide_on=None)
                | Q(minimum_places__gt=0, decide_on__isnull=False),
                name="intake_minimum_by_a_day",
                violation_error_message=_("A minimum needs the day by which it must be reached."),
            ),
            models.CheckConstraint(
                condition=Q(is_published=False) | Q(published_at__isnull=False),
                name="intake_published_since",
            ),
            models.CheckConstraint(
                condition=Q(decision__in=["", "runs", "called_off"]),
                name="intake_decision_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.course}, {self.label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store what staff set and what follows from it, never the counters of places.

        Those move by conditional updates while people enrol; writing back a copy that was read
        before would undo somebody's booking. A new row stores them too.
        """
        self.derive()
        if self.is_published and self.published_at is None:
            self.published_at = timezone.now()
        named = kwargs.get("update_fields")
        if named is not None:
            derived = {"month", "slug", "starts_at", "closes_at", "ends_at", "access_ends_at"}
            since = {"published_at"} if "is_published" in named else set()
            kwargs["update_fields"] = {*named, *derived, *since}
        elif not self._state.adding and not kwargs.get("force_insert"):
            counters = {"id", "places_taken", "places_held"}
            names = {field.name for field in self._meta.concrete_fields}
            kwargs["update_fields"] = names - counters
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Raises ValidationError where the dates or places contradict each other."""
        self._refuse_odd_years()
        first = self.starts_on or self.month
        if first is None:
            return
        if self.starts_on and self.month and self.month.replace(day=1) != first.replace(day=1):
            raise ValidationError(
                {
                    "month": gettext("The intake starts in %(month)s.")
                    % {"month": date_format(first, "F Y")}
                }
            )
        self.derive()
        opens, closes = self.enrolment_opens_at, self.closes_at
        contradictions = {
            "ends_on": (
                self.ends_on and self.ends_on < first,
                gettext("An intake cannot end before it starts."),
            ),
            "late_joining_until": (
                self.late_joining_until and not self.allows_late_joining,
                gettext("Allow late joining, or leave this empty."),
            ),
            "enrolment_opens_at": (
                opens and closes and opens >= closes,
                gettext("Enrolment cannot open after it has closed."),
            ),
            "access_ends_on": (
                self.access_ends_on and self.access_ends_on < first,
                gettext("Access cannot end before the intake starts."),
            ),
            "minimum_places": (
                self.capacity is not None and (self.minimum_places or 0) > self.capacity,
                gettext("More than there are places."),
            ),
            "decide_on": (
                self.decide_on and self.decide_on >= (self.starts_on or month_after(self.month)),
                gettext("Decide before the intake starts."),
            ),
            "capacity": (
                self.capacity is not None and self.capacity < self.places_booked,
                ngettext(
                    "%(count)s place is taken or held already.",
                    "%(count)s places are taken or held already.",
                    self.places_booked,
                )
                % {"count": self.places_booked},
            ),
        }
        raised = {field: message for field, (wrong, message) in contradictions.items() if wrong}
        if raised:
            raise ValidationError(raised)

    def _refuse_odd_years(self) -> None:
        names = (
            "month", "starts_on", "ends_on", "late_joining_until", "access_ends_on",
            "moves_until", "decide_on",
        )  # fmt: skip
        days: dict[str, date | None] = {name: getattr(self, name) for name in names}
        odd = [name for name, day in days.items() if day and day.year not in YEARS]
        if odd:
            message = gettext("The year must be between %(first)s and %(last)s.") % {
                "first": YEARS.start,
                "last": YEARS.stop - 1,
            }
            raise ValidationError(dict.fromkeys(odd, message))

    def derive(self) -> None:
        """Work out what follows from the dates: the month's first day, the address, instants."""
        first = self.starts_on or self.month
        self.month = first.replace(day=1)
        self.slug = self.slug or f"{self.month:%Y-%m}"
        self.starts_at = day_start(first)
        self.ends_at = next_day_start(self.ends_on) if self.ends_on else None
        self.access_ends_at = next_day_start(self.access_ends_on) if self.access_ends_on else None
        self.closes_at = self._closes_at()

    def _closes_at(self) -> datetime | None:
        """When the last place is sold; nothing sells after the intake's end."""
        month_end = day_start(month_after(self.month))
        closes = self.enrolment_closes_at or (self.starts_at if self.starts_on else month_end)
        if self.allows_late_joining:
            late = self.late_joining_until
            if late is None:
                return self.ends_at
            closes = max(closes, next_day_start(late))
        return min(closes, self.ends_at) if self.ends_at else closes

    def get_absolute_url(self) -> str:
        return f"{self.course.get_absolute_url()}#intake-{self.slug}"

    def get_enrol_url(self) -> str:
        return reverse("enrol", args=[self.course.slug, self.slug])

    @property
    def label(self) -> str:
        """What the intake is called: ``May 2026 intake``, or ``4 May 2026 intake``."""
        return gettext("%(date)s intake") % {"date": self.date_label}

    @property
    def date_label(self) -> str:
        """Its day, or its month where that is all there is."""
        first: date = self.starts_on or self.month
        return date_format(first, "j F Y" if self.starts_on else "F Y")

    @property
    def places_left(self) -> int | None:
        """How many can still be booked; None where there is no limit."""
        if self.capacity is None:
            return None
        return self.capacity - self.places_booked

    @property
    def moves_end_at(self) -> datetime:
        """Until when students move to or from it by themselves."""
        return next_day_start(self.moves_until) if self.moves_until else self.starts_at

    @property
    def decided_at_latest(self) -> datetime | None:
        """When it must have its minimum; None where it needs none."""
        return next_day_start(self.decide_on) if self.decide_on else None

    @property
    def is_short(self) -> bool:
        """Whether fewer have enrolled than it needs."""
        return self.places_taken < (self.minimum_places or 0)

    @property
    def places_booked(self) -> int:
        """How many are taken or held."""
        return self.places_taken + self.places_held

    def is_selling(self, *, at: datetime) -> bool:
        """Whether its dates let someone join at ``at``, places or none."""
        return state_by_dates(self, at=at) is None

    def state(self, *, at: datetime) -> State:
        """What holds at a moment; see ``courses.states``."""
        return state_of(self, list(self.prices.all()), at=at)

    def least_amount(self, *, at: datetime) -> int | None:
        """The cheapest price in pence that anyone can book at ``at``; None where there is none."""
        return least_amount(list(self.prices.all()), at=at)
