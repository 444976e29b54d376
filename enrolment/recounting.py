"""Counting places from enrolments, offers and moves, against the counters kept beside them."""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q

from courses.models import Intake, Price
from enrolment.models import Enrolment, Move, Offer, Voucher

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Correction:
    """A counter that was wrong, and what it is now. ``what`` names its row."""

    what: str
    counter: str
    before: int
    now: int


Countable = type[Intake] | type[Price] | type[Voucher]
Counted = dict[int, dict[str, int]]


def miscounted() -> list[tuple[Countable, int]]:
    """The rows whose counters disagree with what they count, by model and key."""
    return [
        (model, row.pk)
        for model, counted in ((model, count(Q())) for model, count in _COUNTS.items())
        for row in model.objects.all()
        if _differences(row, counted.get(row.pk, {}))
    ]


def recount() -> list[Correction]:
    """Correct every counter that disagrees with what it counts; what was corrected."""
    return [made for model, key in miscounted() for made in correct(model, key)]


@transaction.atomic
def correct(model: Countable, key: int) -> list[Correction]:
    """Count once more with the row locked: what looked wrong may have been under way."""
    row = model.objects.select_for_update(no_key=True, of=("self",)).get(pk=key)
    wrong = _differences(row, _COUNTS[model](Q(pk=key))[key])
    if wrong:
        model.objects.filter(pk=key).update(**wrong)
    made = [Correction(str(row), name, getattr(row, name), now) for name, now in wrong.items()]
    for correction in made:
        logger.error("Places were miscounted: %s", correction)
    return made


def _differences(row: Intake | Price | Voucher, counted: dict[str, int]) -> dict[str, int]:
    return {name: now for name, now in counted.items() if getattr(row, name) != now}


def _of_intakes(chosen: Q) -> Counted:
    """What each of the chosen intakes has taken and held, by key; three queries."""
    keys = Intake.objects.filter(chosen).values_list("pk", flat=True)
    enrolled = Count("pk", filter=Q(status=Enrolment.Status.ENROLLED))
    pending = Count("pk", filter=Q(status=Enrolment.Status.PENDING))
    taken, held = Counter[int](), Counter[int]()
    rows = Enrolment.objects.filter(intake__in=keys).order_by().values("intake")
    for row in rows.annotate(enrolled=enrolled, pending=pending):
        taken[row["intake"]] = row["enrolled"]
        held[row["intake"]] = row["pending"]
    offers = Offer.objects.filter(intake__in=keys, status=Offer.Status.OPEN)
    held.update(offers.values_list("intake", flat=True))
    moves = Move.objects.filter(to_intake__in=keys, status=Move.Status.PENDING)
    held.update(moves.values_list("to_intake", flat=True))
    return {key: {"places_taken": taken[key], "places_held": held[key]} for key in keys}


def _of_prices(chosen: Q) -> Counted:
    keys = Price.objects.filter(chosen).values_list("pk", flat=True)
    booked = Counter[int]()
    booked.update(Enrolment.objects.live().filter(price__in=keys).values_list("price", flat=True))
    offers = Offer.objects.filter(price__in=keys, status=Offer.Status.OPEN)
    booked.update(offers.values_list("price", flat=True))
    moves = Move.objects.filter(to_price__in=keys, status=Move.Status.PENDING)
    booked.update(moves.values_list("to_price", flat=True))
    return {key: {"places_booked": booked[key]} for key in keys}


def _of_vouchers(chosen: Q) -> Counted:
    keys = Voucher.objects.filter(chosen).values_list("pk", flat=True)
    used = Enrolment.objects.filter(voucher__in=keys).exclude(status=Enrolment.Status.EXPIRED)
    times = Counter[int](used.values_list("voucher", flat=True))
    return {key: {"times_used": times[key]} for key in keys}


_COUNTS: dict[Countable, Callable[[Q], Counted]] = {
    Intake: _of_intakes,
    Price: _of_prices,
    Voucher: _of_vouchers,
}
