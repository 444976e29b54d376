"""Everything that the benchmark measures, one thing after the other."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from courses.models import Course
from enrolment import checkout
from tests.bench import enrolling, holding, racing, reading, teaching
from tests.bench.figures import Figures, Rates
from tests.bench.teaching import Amounts
from tests.courses.making import a_course, a_provider


@dataclass(frozen=True)
class Sizes:
    """How much of everything."""

    rounds: int = 5
    #: Holds in a round, whatever the number of processes.
    holds: int = 400
    holders: tuple[int, ...] = (1, 2, 8)
    attempts: int = 200
    places: int = 100
    racers: tuple[int, ...] = (20, 200)
    visitors: int = 200
    clients: int = 4
    #: Terms in the smaller and the larger glossary, and how often each client opens a page.
    glossaries: tuple[int, int] = (40, 10_000)
    times: int = 60
    amounts: Amounts = field(default_factory=Amounts)

    @property
    def people(self) -> int:
        """How many students are needed: the bare page shows 300 whatever happens."""
        return max(self.holds, self.attempts, self.visitors, 300)


def measure(sizes: Sizes, folder: Path, *, tell: Callable[[str], None]) -> Figures:
    """Measure everything on a database that is migrated and otherwise empty; logs go to ``folder``.

    Raises BenchFailed where something went wrong, instead of giving a figure.
    """
    call_command("createcachetable", verbosity=0)
    taught = teaching.measure(sizes.amounts, tell=tell)
    a_provider()
    course = a_course()
    people = holding.students(sizes.people)
    sample, statements, floor_statements = _one_of_each(course, people)
    return Figures(
        holding=_holding(sizes, course, people, sample, tell),
        race=_race(sizes, course, people, tell),
        path=_path(sizes, course, people, folder, tell),
        reading=_reading(sizes, people, folder, tell),
        teaching=taught,
        statements=statements,
        floor_statements=floor_statements,
    )


def _one_of_each(course: Course, people: list[User]) -> tuple[holding.Sample, list[str], list[str]]:
    """One hold and one floor, which also make this process, and so its children, warm."""
    intake = holding.hot_intake(course, capacity=10)
    begun = checkout.begin(holding.order(people[0], intake.pk), at=timezone.now())
    sample = holding.sample_of(begun)
    hold = holding.holds(people[1:2], intake.pk)[0]
    floor = holding.floors(sample, people[2:3], intake)[0]
    return sample, holding.statements_of(hold), holding.statements_of(floor)


def _holding(
    sizes: Sizes,
    course: Course,
    people: list[User],
    sample: holding.Sample,
    tell: Callable[[str], None],
) -> dict[int, Rates]:
    found = {}
    for number in sizes.holders:
        tell(f"Holding places, {number} at a time")
        found[number] = holding.measure(
            course, people[: sizes.holds], sample, processes=number, rounds=sizes.rounds
        )
    return found


def _race(
    sizes: Sizes, course: Course, people: list[User], tell: Callable[[str], None]
) -> dict[int, list[float]]:
    run = partial(racing.measure, course, people[: sizes.attempts], places=sizes.places)
    found = {}
    for number in sizes.racers:
        tell(f"{sizes.attempts} attempts for {sizes.places} places, from {number} processes")
        found[number] = run(processes=number, rounds=sizes.rounds)
    return found


def _path(
    sizes: Sizes, course: Course, people: list[User], folder: Path, tell: Callable[[str], None]
) -> Rates:
    tell("Enrolling over HTTP")
    visitors = people[: sizes.visitors]
    return enrolling.measure(course, visitors, folder, clients=sizes.clients, rounds=sizes.rounds)


def _reading(
    sizes: Sizes, people: list[User], folder: Path, tell: Callable[[str], None]
) -> dict[str, Rates]:
    tell("Reading lessons and glossaries over HTTP")
    return reading.measure(
        people[: sizes.clients],
        folder,
        sizes=sizes.glossaries,
        times=sizes.times,
        rounds=sizes.rounds,
    )
