"""Until when what is said of intakes stays true by itself, whatever their dates mean."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from courses.calendar import day_start, next_day_start
from courses.models import Intake
from courses.models.intake import MINIMUM_OFFER_HOURS

# A waiting list is closed so long before an intake is.
BEFORE = timedelta(hours=MINIMUM_OFFER_HOURS)


def next_turn(intakes: Iterable[Intake], *, at: datetime) -> datetime | None:
    """The first moment after ``at`` at which a date of these comes or is over; None for never.

    Every date and moment of an intake and its prices counts, whether anything depends on it or
    not, so what is said of them at ``at`` is said until then, as long as nobody changes a row.
    """
    moments = (moment for intake in intakes for moment in _moments(intake))
    return min((moment for moment in moments if moment > at), default=None)


def _moments(intake: Intake) -> Iterator[datetime]:
    for row in (intake, *intake.prices.all()):
        for field in row._meta.concrete_fields:
            value: Any = getattr(row, field.attname)
            if isinstance(value, datetime):
                yield from (value, value - BEFORE)
            elif isinstance(value, date):
                yield from (day_start(value), next_day_start(value))
