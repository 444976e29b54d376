"""How the next intakes fill, for whoever looks after their places."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from courses.calendar import day_start, london_date
from courses.models import Intake
from enrolment import deciding
from enrolment.models import Enrolment
from enrolment.offering import waiting_for

SHOWN = 10
# Today and the six days before it, as calendars in London have them.
DAYS = 7


@dataclass(frozen=True)
class Coming:
    """An intake, and its places as parts of a bar that is 100 wide.

    Where there is no limit of places the bar is as long as the fullest of those without one.
    """

    intake: Intake
    waiting: int
    joined: int
    must_decide: bool
    taken: int
    held: int
    # Where on the bar the minimum stands; None where it needs none.
    minimum: int | None


def since(*, at: datetime) -> datetime:
    """The beginning of the first of the last ``DAYS`` days."""
    return day_start(london_date(at) - timedelta(days=DAYS - 1))


def joined_lately(*, at: datetime) -> int:
    """How many were enrolled in the last ``DAYS`` days and still are."""
    return _joined(at).count()


def coming(*, at: datetime) -> list[Coming]:
    """Those to be decided first, then the next to start: at most ``SHOWN`` of each.

    Two queries, whatever there is.
    """
    short = deciding.due(at=at).filter(places_taken__lt=F("minimum_places"))
    to_decide = list(_counted(short.order_by("starts_at", "pk"), at=at)[:SHOWN])
    already = {intake.pk for intake in to_decide}
    rows = to_decide + [one for one in _counted(_next(at), at=at)[:SHOWN] if one.pk not in already]
    longest = max((one.places_booked for one in rows if one.capacity is None), default=0)
    return [_drawn(one, longest, must_decide=one.pk in already) for one in rows]


def _next(at: datetime) -> QuerySet[Intake]:
    """Not called off and not over; one known by its month only is next until the month is over."""
    today = london_date(at)
    return (
        Intake.objects.filter(
            Q(cancelled_at=None) | Q(cancelled_at__gt=at),
            Q(ends_at=None) | Q(ends_at__gt=at),
            Q(starts_on=None) | Q(starts_on__gte=today),
            starts_at__gte=day_start(today.replace(day=1)),
        )
        .select_related("course")
        .order_by("starts_at", "pk")
    )


def _joined(at: datetime) -> QuerySet[Enrolment]:
    lately = {"enrolled_at__gte": since(at=at), "enrolled_at__lte": at}
    return Enrolment.objects.filter(status=Enrolment.Status.ENROLLED, **lately)


def _counted(intakes: QuerySet[Intake], *, at: datetime) -> QuerySet[Intake]:
    """Each with ``joined`` and ``waiting``, counted where the rows are."""
    joined = _joined(at).filter(intake=OuterRef("pk"))
    return intakes.annotate(joined=_number(joined), waiting=_number(waiting_for(OuterRef("pk"))))


def _number(rows: QuerySet[Any]) -> Coalesce:
    """How many rows a query has that is part of another."""
    counted = rows.order_by().values(one=Value(1)).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


def _drawn(intake: Any, longest: int, *, must_decide: bool) -> Coming:
    whole = max(longest if intake.capacity is None else intake.capacity, 1)
    booked = _part(intake.places_booked, whole)
    taken = _part(intake.places_taken, whole)
    needs = intake.minimum_places if intake.decision == Intake.Decision.OPEN else None
    return Coming(
        intake=intake,
        waiting=intake.waiting,
        joined=intake.joined,
        must_decide=must_decide,
        taken=taken,
        held=booked - taken,
        minimum=_part(needs, whole) if needs and intake.capacity is not None else None,
    )


def _part(number: int, whole: int) -> int:
    """In hundredths of the whole; what is not nothing is seen."""
    return max(1, round(100 * min(number, whole) / whole)) if number else 0
