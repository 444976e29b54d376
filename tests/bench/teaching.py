"""What glossaries cost: linking, bringing documents in, linking anew, finding, listing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.core.management import call_command
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.bench import finding, importing, linking, listing, relinking
from tests.bench.figures import Line
from tests.bench.importing import Clock

SEARCH_GOAL = 5.0  # milliseconds: "a few"


@dataclass(frozen=True)
class Amounts:
    """How much of everything."""

    linked: tuple[int, ...] = linking.SIZES
    turns: int = linking.ROUNDS
    imported: int = importing.TERMS
    lessons: int = importing.LESSONS
    relinked_terms: int = relinking.TERMS
    relinked: int = relinking.LESSONS
    found: int = 100_000
    searches: int = 25
    listed: int = 5_000
    rounds: int = 5


def measure(amounts: Amounts, *, tell: Callable[[str], None]) -> list[Line]:
    """Measure everything on a migrated database without any content, and leave it as empty.

    Raises BenchFailed where something went wrong, instead of giving a figure.
    """
    # Emptying a database leaves the queue as it is.
    ProcrastinateJob.objects.all().delete()
    lines: list[Line] = []
    for told, part in (
        ("Linking a text", _linking),
        ("Bringing a document in", _importing),
        ("Linking lessons anew", _relinking),
        ("Finding terms", _finding),
        ("Listing terms", _listing),
    ):
        tell(told)
        lines += part(amounts)
        call_command("flush", interactive=False, verbosity=0)
    return lines


def _linking(amounts: Amounts) -> list[Line]:
    found = linking.measure(amounts.linked, amounts.turns)
    least, *_, most = amounts.linked
    floor = found[least][1]
    return [
        Line(
            f"linking, {size:,} terms beyond {least:,}",
            (taken - floor) * 1e3,
            "ms",
            linking.GOAL * 1e3 if size == most else None,
            f"{taken * 1e3:.2f} ms; made once, in {making:.2f} s",
            is_most=True,
        )
        for size, (making, taken) in found.items()
    ]


def _importing(amounts: Amounts) -> list[Line]:
    found = importing.measure(terms=amounts.imported, lessons=amounts.lessons)
    goals = {"import": importing.GOAL}
    return _clocks(f"{amounts.imported:,} terms: ", found, goals)


def _relinking(amounts: Amounts) -> list[Line]:
    found = relinking.measure(terms=amounts.relinked_terms, lessons=amounts.relinked)
    return _clocks(f"{amounts.relinked:,} lessons: ", found, {})


def _clocks(what: str, found: Mapping[str, Clock], goals: Mapping[str, float]) -> list[Line]:
    return [
        Line(
            f"{what}{name}",
            clock.whole.seconds,
            "s",
            goals.get(name),
            ", ".join(f"{step.name} {step.seconds:.2f} s" for step in clock.steps),
            is_most=True,
        )
        for name, clock in found.items()
    ]


def _finding(amounts: Amounts) -> list[Line]:
    finding.write_terms(amounts.found)
    found = finding.measure(finding.searches(amounts.searches))
    every = finding.Timings(
        [seconds for timings in found.values() for seconds in timings.searches],
        [seconds for timings in found.values() for seconds in timings.floors],
    )
    what = f"{amounts.found:,} terms: search"
    return [
        _search_line(f"{what} of any kind", every, SEARCH_GOAL),
        *(_search_line(f"{what} by {kind}", timings, None) for kind, timings in found.items()),
    ]


def _search_line(name: str, timings: finding.Timings, goal: float | None) -> Line:
    remark = f"as many by key {timings.floor * 1e3:.2f} ms"
    return Line(name, timings.search * 1e3, "ms", goal, remark, is_most=True)


def _listing(amounts: Amounts) -> list[Line]:
    made, kept, floor = listing.measure(terms=amounts.listed, rounds=amounts.rounds).medians()
    told = f"{amounts.listed:,} terms listed: "
    remark = f"their rows alone {floor:.2f} s"
    return [
        Line(f"{told}every page made anew", made, "s", None, remark, is_most=True),
        Line(f"{told}every page kept", kept, "s", None, remark, is_most=True),
    ]
