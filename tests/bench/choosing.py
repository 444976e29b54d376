"""``python -m tests.bench.choosing``: the catalogue of 10,000 courses, each with 24 intakes.

What is timed is the statements of a page as somebody filters it: everything, a month, a price, a
number of places, and some of them together.

The floor, by turns with it: every intake beside each of its prices, counted once, which is what
there is to look at.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

from django.db import connection

from tests.bench.importing import alone, settle

if TYPE_CHECKING:
    from courses.models import Intake

COURSES, MONTHS, ROUNDS = 10_000, 24, 5
FILTERS: tuple[dict[str, str], ...] = (
    {},
    {"subject": "Subject 3"},
    {"month": "2026-08"},
    {"price": "0"},
    {"price": "50"},
    {"price": "250"},
    {"price": "2500"},
    {"places": "1"},
    {"places": "10"},
    {"price": "50", "places": "5"},
    {"price": "50", "places": "5", "month": "2026-08"},
)
PENCE = (0, 3_000, 9_000, 9_000, 15_000, 24_900, 49_900, 120_000, 300_000)
FLOOR = "SELECT count(*) FROM courses_intake i JOIN courses_price p ON p.intake_id = i.id"


@dataclass
class Chosen:
    """Seconds in the database, one entry a round, and how many courses there were."""

    number: int
    pages: list[float] = field(default_factory=list)
    floors: list[float] = field(default_factory=list)


def write_courses(courses: int, *, at: datetime) -> None:
    """So many courses with an intake each month, the first four past, one or two prices each.

    A fifth have no limit of places; of the others some intakes are full and most have a few left.
    """
    from courses.models import Course, Intake, Price
    from glossary import rows

    chance = random.Random(5)
    keys = rows.new_keys(Course, courses)
    columns = ("id", "title", "slug", "subject", "summary", "outcomes", "is_published")
    rows.insert(
        Course,
        (*columns, "updated_at"),
        (
            (key, f"Course {key}", f"c{key}", f"Subject {key % 60}", "Short.", "", True, at)
            for key in keys
        ),
    )
    intakes = rows.new_keys(Intake, courses * MONTHS)
    months = list(_months())
    known = [one.attname for one in Intake._meta.concrete_fields]
    rows.insert(Intake, known, _intakes(known, keys, intakes, months, chance))
    prices = list(_prices(keys, intakes, months, chance))
    told = ("intake_id", "name", "kind", "amount", "currency", "vat_treatment", "vat_rate")
    more = ("declaration", "position", "places_booked", "available_until")
    ids = rows.new_keys(Price, len(prices))
    found = ((key, *price) for key, price in zip(ids, prices, strict=True))
    rows.insert(Price, ("id", *told, *more), found)


def _months() -> "Iterator[Intake]":
    from courses.calendar import add_months
    from courses.models import Intake
    from tests.courses.making import APRIL

    for offset in range(MONTHS):
        intake = Intake(month=add_months(APRIL.date(), offset - 4).replace(day=1))
        intake.is_published, intake.published_at = True, APRIL
        intake.derive()
        yield intake


def _intakes(
    columns: list[str],
    courses: list[int],
    keys: list[int],
    months: "list[Intake]",
    chance: random.Random,
) -> Iterator[list[Any]]:
    for place, key in enumerate(keys):
        intake = months[place % MONTHS]
        capacity = (8, 12, 20, 40, None)[place // MONTHS % 5]
        taken = min(capacity, int(capacity * chance.random() * 1.2)) if capacity else 0
        own = {
            "id": key,
            "course_id": courses[place // MONTHS],
            "capacity": capacity,
            "places_taken": taken,
        }
        yield [own[name] if name in own else getattr(intake, name) for name in columns]


def _prices(
    courses: list[int], keys: list[int], months: "list[Intake]", chance: random.Random
) -> Iterator[tuple[Any, ...]]:
    for place, key in enumerate(keys):
        amount = PENCE[courses[place // MONTHS] % len(PENCE)]
        of_all = ("GBP", "exempt", 0)
        yield (key, "Standard", "standard", amount, *of_all, "", 0, 0, None)
        if amount and chance.random() < 0.25:
            yield (key, "Student", "concession", amount // 2, *of_all, "I study.", 1, 0, None)
        elif amount and chance.random() < 0.33:
            until = months[place % MONTHS].starts_at - timedelta(days=60)
            yield (key, "Early", "early", amount * 8 // 10, *of_all, "", 1, 0, until)


def measure(*, courses: int = COURSES, rounds: int = ROUNDS) -> dict[str, Chosen]:
    """The first page for each of the filters, and the floor, by turns."""
    from courses.catalogue import Catalogue, Wanted
    from tests.bench.finding import clock
    from tests.courses.making import APRIL

    write_courses(courses, at=APRIL)
    settle()
    found: dict[str, Chosen] = {}
    for given in FILTERS:
        wanted = Wanted.of(given)
        chosen = Chosen(Catalogue(wanted, at=APRIL).count)
        found[", ".join(words for words, _ in wanted.parts) or "everything"] = chosen
        for _ in range(rounds):
            with clock() as taken:
                list(Catalogue(wanted, at=APRIL).get_page(1))
            chosen.pages.append(sum(taken))
            with clock() as taken, connection.cursor() as cursor:
                cursor.execute(FLOOR)
            chosen.floors.append(sum(taken))
    return found


def table(found: dict[str, Chosen]) -> str:
    """The figures: a line a filter."""
    lines = [f"{'':<44} {'courses':>7} {'page':>10} {'floor':>10} {'ratio':>6}"]
    for name, chosen in found.items():
        page, floor = median(chosen.pages), median(chosen.floors)
        times = f"{1000 * page:>7.0f} ms {1000 * floor:>7.0f} ms"
        lines.append(f"{name:<44} {chosen.number:>7} {times} {page / floor:>6.2f}")
    return "\n".join(lines)


if __name__ == "__main__":
    alone(lambda: table(measure()))
