"""Laying out a year of intakes from one."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from courses.calendar import LONDON, add_months
from courses.models import Course, Intake, Price, Provider
from courses.models.provider import VatTreatment

MAX_INTAKES = 36


@dataclass(frozen=True)
class LaidOut:
    """What laying out did."""

    made: list[Intake]
    # The first days of the months that had an intake already.
    skipped: list[date]


@transaction.atomic
def lay_out_intakes(
    pattern: Intake, *, first_month: date, count: int, is_published: bool
) -> LaidOut:
    """Make an intake like ``pattern`` in each of ``count`` months from ``first_month`` on.

    Months that have an intake of this course are left as they are. The new ones are known by
    their month; whatever other dates the pattern and its prices have move by whole months.
    Raises ValueError for a count outside 1 to 36.
    """
    if not 1 <= count <= MAX_INTAKES:
        raise ValueError(f"Between 1 and {MAX_INTAKES} intakes can be laid out at once.")
    # Held, so that two people laying out at once do not make the same month twice.
    course = Course.objects.select_for_update().get(pk=pattern.course_id)
    taken = set(course.intakes.values_list("month", flat=True))
    addresses = set(course.intakes.values_list("slug", flat=True))
    prices = list(pattern.prices.all())
    if not Provider.charges_vat():
        _take_vat_out(prices)
    made, skipped = [], []
    for offset in range(count):
        month = add_months(first_month, offset)
        if month in taken or f"{month:%Y-%m}" in addresses:
            skipped.append(month)
        else:
            made.append(_like(pattern, prices, month, is_published=is_published))
    return LaidOut(made, skipped)


def _take_vat_out(prices: list[Price]) -> None:
    """As they are copied, where the provider has left the register since; nothing is stored."""
    for price in prices:
        if price.vat_treatment == VatTreatment.INCLUSIVE:
            price.vat_treatment, price.vat_rate = VatTreatment.NOT_REGISTERED, 0


def _like(pattern: Intake, prices: list[Price], month: date, *, is_published: bool) -> Intake:
    months = (month.year - pattern.month.year) * 12 + month.month - pattern.month.month
    intake = Intake.objects.create(
        course_id=pattern.course_id,
        month=month,
        ends_on=_moved_day(pattern.ends_on, months),
        enrolment_opens_at=_moved(pattern.enrolment_opens_at, months),
        enrolment_closes_at=_moved(pattern.enrolment_closes_at, months),
        allows_late_joining=pattern.allows_late_joining,
        late_joining_until=_moved_day(pattern.late_joining_until, months),
        capacity=pattern.capacity,
        lessons_open=pattern.lessons_open,
        access_ends_on=_moved_day(pattern.access_ends_on, months),
        has_waiting_list=pattern.has_waiting_list,
        offer_hours=pattern.offer_hours,
        moves_until=_moved_day(pattern.moves_until, months),
        minimum_places=pattern.minimum_places,
        decide_on=_moved_day(pattern.decide_on, months),
        is_published=is_published,
    )
    for price in prices:
        _copy_price(price, intake, months)
    return intake


def _copy_price(price: Price, intake: Intake, months: int) -> None:
    begins, ends = _moved(price.available_from, months), _moved(price.available_until, months)
    if begins and ends and ends <= begins and price.available_from and price.available_until:
        # Two days at the end of a long month fell on the last day of a short one.
        ends = begins + (price.available_until - price.available_from)
    Price.objects.create(
        intake=intake,
        name=price.name,
        kind=price.kind,
        amount=price.amount,
        vat_treatment=price.vat_treatment,
        vat_rate=price.vat_rate,
        available_from=begins,
        available_until=ends,
        places_limit=price.places_limit,
        declaration=price.declaration,
        position=price.position,
    )


def _moved_day(day: date | None, months: int) -> date | None:
    """The same day of another month; its last where the month is shorter."""
    if day is None:
        return None
    first = add_months(day, months)
    return first.replace(day=min(day.day, monthrange(first.year, first.month)[1]))


def _moved(moment: datetime | None, months: int) -> datetime | None:
    """The same time of day in London, on the same day of another month."""
    if moment is None:
        return None
    local = moment.astimezone(LONDON)
    day = _moved_day(local.date(), months)
    return local.replace(year=day.year, month=day.month, day=day.day) if day else None
