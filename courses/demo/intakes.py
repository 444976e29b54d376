"""The demo's intakes, one a month around today, so that every state can be seen.

Months are counted from the one that ``today`` is in, so the demo never grows old.
"""

from datetime import date, datetime, timedelta
from typing import Any

from courses.calendar import add_months, day_start
from courses.models import Course, Intake, Price, Provider

FIRST, LAST = -8, 8


def lay_out_paid(course: Course, *, today: date, at: datetime) -> None:
    """Intakes at £90, known by their month; enrolment closes a week into it."""
    for offset in range(FIRST, LAST + 1):
        month = add_months(today, offset)
        fields = {
            "enrolment_closes_at": day_start(month + timedelta(days=7)),
            "ends_on": add_months(month, 3) - timedelta(days=1),
            **_unlike_the_rest(offset, month, at),
        }
        intake = _add(course, month, **fields)
        _price(intake, "Standard", 9000)
        if offset == 4:
            _add_other_prices(intake, month)


def _unlike_the_rest(offset: int, month: date, at: datetime) -> dict[str, Any]:
    """What sets one intake apart, so that the demo shows what staff can do."""
    apart: dict[int, dict[str, Any]] = {
        # The next to join, whichever of the two it is today: read at once after paying.
        0: {"lessons_open": Intake.LessonsOpen.AT_ONCE},
        1: {"lessons_open": Intake.LessonsOpen.AT_ONCE},
        # So few places that the page says how many are left.
        2: {"starts_on": _first_monday(month), "capacity": 4},
        3: {"enrolment_opens_at": day_start(add_months(month, -1))},
        4: {"starts_on": _first_monday(month), "capacity": 30},
        5: {"cancelled_at": at},
        6: {"starts_on": _first_monday(month), "allows_late_joining": True},
        7: {
            "starts_on": _first_monday(month),
            "capacity": 12,
            "minimum_places": 6,
            "decide_on": month - timedelta(days=21),
        },
        LAST: {"is_published": False},
    }
    return apart.get(offset, {})


def _first_monday(month: date) -> date:
    return month + timedelta(days=-month.weekday() % 7)


def _add_other_prices(intake: Intake, month: date) -> None:
    _price(
        intake,
        "Early bird",
        7500,
        kind=Price.Kind.EARLY,
        available_until=day_start(add_months(month, -2)),
        places_limit=10,
    )
    _price(
        intake,
        "Concession",
        4500,
        kind=Price.Kind.CONCESSION,
        places_limit=5,
        declaration="I am a full-time student, or out of work.",
    )


def lay_out_free(course: Course, *, today: date) -> None:
    """Intakes at no charge whose lessons open at once; the first has a single place."""
    for offset in range(-1, LAST + 1):
        month = add_months(today, offset)
        late = {"starts_on": month, "allows_late_joining": True, "capacity": 1}
        intake = _add(
            course,
            month,
            lessons_open=Intake.LessonsOpen.AT_ONCE,
            **(late if offset < 0 else {}),
        )
        _price(intake, "Free", 0)


def _add(course: Course, month: date, **fields: Any) -> Intake:
    return Intake.objects.create(
        **{"course": course, "month": month, "is_published": True, **fields}
    )


def _price(intake: Intake, name: str, amount: int, **fields: Any) -> Price:
    provider = Provider.objects.get()
    return Price.objects.create(
        intake=intake,
        name=name,
        amount=amount,
        vat_treatment=provider.vat_treatment,
        vat_rate=provider.rate_for_prices,
        position=intake.prices.count(),
        **fields,
    )
