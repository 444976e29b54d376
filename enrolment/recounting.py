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


Countable = type[Intake] | type[Price] | type[Voucher]
Counted = dict[int, dict[str, int]]


@dataclass(frozen=True)
class Miscount:
    """A counter that says ``before`` where ``now`` are counted.

    ``row`` is whose counter it is, ``key`` the same as a text: ``intake:12``.
    """

    row: Intake | Price | Voucher
    counter: str
    before: int
    now: int

    def __str__(self) -> str:
        return f"{self.row}, {self.counter}: {self.before} → {self.now}"

    @property
    def key(self) -> str:
        return f"{self.row._meta.model_name}:{self.row.pk}"


def miscounted() -> list[Miscount]:
    """Every counter that disagrees with what it counts."""
    return [one for model in _COUNTS for one in _miscounted(model)]


def _miscounted(model: Countable) -> list[Miscount]:
    counted = _COUNTS[model](Q())
    names = next(iter(counted.values()), {})
    # Only the numbers of all rows are read; the rows themselves where one is wrong.
    numbers = model.objects.values("pk", *names).order_by().iterator()
    wrong = [
        row["pk"]
        for row in numbers
        if row["pk"] in counted and any(row[name] != counted[row["pk"]][name] for name in names)
    ]
    rows = model.objects.filter(pk__in=wrong).select_related(*_NAMED_BY[model])
    return [one for row in rows for one in _differences(row, counted[row.pk])]


def recount() -> list[Miscount]:
    """Correct every counter that disagrees with what it counts; what was corrected."""
    keys = dict.fromkeys(one.key for one in miscounted())
    return [made for key in keys for made in correct(key)]


@transaction.atomic
def correct(key: str) -> list[Miscount]:
    """Count one row once more, with it locked: what looked wrong may have been under way.

    Raises ValueError or ObjectDoesNotExist where there is no such row.
    """
    name, _, number = key.partition(":")
    models = {one._meta.model_name: one for one in _COUNTS}
    if name not in models:
        raise ValueError(key)
    model = models[name]
    rows = model.objects.select_for_update(no_key=True, of=("self",))
    row = rows.select_related(*_NAMED_BY[model]).get(pk=int(number))
    made = _differences(row, _COUNTS[model](Q(pk=row.pk))[row.pk])
    if made:
        model.objects.filter(pk=row.pk).update(**{one.counter: one.now for one in made})
    for correction in made:
        logger.error("Places were miscounted: %s", correction)
    return made


def _differences(row: Intake | Price | Voucher, counted: dict[str, int]) -> list[Miscount]:
    return [
        Miscount(row, name, getattr(row, name), now)
        for name, now in counted.items()
        if getattr(row, name) != now
    ]


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
# What a row's own name is made of.
_NAMED_BY: dict[Countable, tuple[str, ...]] = {
    Intake: ("course",),
    Price: ("intake__course",),
    Voucher: ("batch",),
}
