"""What was measured, as figures: medians, goals, a table, and JSON."""

from dataclasses import dataclass, field
from statistics import median
from typing import Any

RATIO_GOAL = 0.5
# Seconds until the last of 200 attempts for 100 places is answered, by number of processes.
RACE_GOALS = {20: 1.0, 200: 3.0}
PROCESSES_WITH_A_GOAL = 2
# Of pages that are read, by the beginning of their names.
READING_GOALS = {"learner": 1.25, "that": 0.95, "visitor": 0.65}


@dataclass
class Rates:
    """A journey beside its floor, both in steps a second, one entry a round."""

    journeys: list[float] = field(default_factory=list)
    floors: list[float] = field(default_factory=list)

    def add(self, *, journey: float, floor: float) -> None:
        """One round more."""
        self.journeys.append(journey)
        self.floors.append(floor)

    @property
    def journey(self) -> float:
        """The median of the journey's rates."""
        return median(self.journeys)

    @property
    def floor(self) -> float:
        """The median of the floor's rates."""
        return median(self.floors)

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios: each compares two runs of the same moment."""
        pairs = zip(self.journeys, self.floors, strict=True)
        return median(journey / floor for journey, floor in pairs)


@dataclass
class Figures:
    """Everything that one run of the benchmark found out."""

    #: By number of processes.
    holding: dict[int, Rates]
    #: Seconds, one a round, by number of processes.
    race: dict[int, list[float]]
    path: Rates
    #: What one hold sends to the database, and what the floor sends.
    statements: list[str]
    floor_statements: list[str]
    #: Pages that are read, by name.
    reading: dict[str, Rates]
    #: What glossaries cost.
    teaching: list["Line"]

    def as_json(self) -> dict[str, Any]:
        """The figures and the goals, as JSON can keep them."""
        return {
            "goals": [line.as_json() for line in self.lines() if line.goal is not None],
            "holding": {str(number): _as_json(rates) for number, rates in self.holding.items()},
            "race": {
                str(number): {"seconds": median(seconds), "rounds": seconds}
                for number, seconds in self.race.items()
            },
            "path": _as_json(self.path),
            "reading": {name: _as_json(rates) for name, rates in self.reading.items()},
            "teaching": [line.as_json() for line in self.teaching],
            "hold_statements": [_first_words(sql) for sql in self.statements],
            "floor_statements": [_first_words(sql) for sql in self.floor_statements],
        }

    def lines(self) -> list["Line"]:
        """The table's lines."""
        found = []
        for number, rates in self.holding.items():
            goal = RATIO_GOAL if number == PROCESSES_WITH_A_GOAL else None
            found.append(_ratio_line(f"holding, {_processes(number)}", rates, goal))
        for number, seconds in self.race.items():
            name = f"200 attempts for 100 places, {_processes(number)}"
            worst = f"slowest {max(seconds):.2f} s"
            found.append(
                Line(name, median(seconds), "s", RACE_GOALS.get(number), worst, is_most=True)
            )
        found.append(_ratio_line("enrolling over HTTP, 2 web workers", self.path, RATIO_GOAL))
        for name, rates in self.reading.items():
            goal = next(goal for who, goal in READING_GOALS.items() if name.startswith(who))
            found.append(_ratio_line(name, rates, goal))
        return [*found, *self.teaching]

    def table(self) -> str:
        """The figures for people."""
        rows = [("", "figure", "goal", "met", ""), *(line.cells() for line in self.lines())]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        told = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        return "\n".join([*told, "", self._counted()])

    def _counted(self) -> str:
        words = [_first_words(sql) for sql in self.statements]
        return (
            f"One hold sends {len(words)} statements, the floor {len(self.floor_statements)}: "
            f"{', '.join(words)}."
        )


UNITS = {"": "ratio", "s": "seconds", "ms": "milliseconds"}


@dataclass(frozen=True)
class Line:
    """One figure with its goal: a ratio that should be at least so much, or a time at most."""

    name: str
    figure: float
    unit: str
    goal: float | None
    remark: str
    is_most: bool = False

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is met; None where there is none."""
        if self.goal is None:
            return None
        return self.figure <= self.goal if self.is_most else self.figure >= self.goal

    def cells(self) -> tuple[str, str, str, str, str]:
        """The line as the table shows it."""
        unit = f" {self.unit}" if self.unit else ""
        goal = "" if self.goal is None else f"{'≤' if self.is_most else '≥'} {self.goal:g}{unit}"
        met = {True: "yes", False: "NO", None: ""}[self.is_met]
        return self.name, f"{self.figure:.2f}{unit}", goal, met, self.remark

    def as_json(self) -> dict[str, Any]:
        """The line as JSON keeps it."""
        return {
            "name": self.name,
            UNITS[self.unit]: self.figure,
            "goal": self.goal,
            "met": self.is_met,
            "remark": self.remark,
        }


def _ratio_line(name: str, rates: Rates, goal: float | None) -> Line:
    remark = f"{rates.journey:,.0f} a second; the floor {rates.floor:,.0f}"
    return Line(name, rates.ratio, "", goal, remark)


def _processes(number: int) -> str:
    return "1 process" if number == 1 else f"{number} processes"


def _as_json(rates: Rates) -> dict[str, Any]:
    return {
        "journeys_per_second": rates.journey,
        "floors_per_second": rates.floor,
        "ratio": rates.ratio,
        "rounds": [
            {"journeys_per_second": journey, "floors_per_second": floor}
            for journey, floor in zip(rates.journeys, rates.floors, strict=True)
        ],
    }


def _first_words(sql: str) -> str:
    """A statement's verb and its table: ``INSERT enrolment_payment``."""
    verb, *words = sql.replace('"', " ").split()
    before_table = {"SELECT": "FROM", "INSERT": "INTO", "DELETE": "FROM"}.get(verb)
    if before_table in words:
        return f"{verb} {words[words.index(before_table) + 1]}"
    return f"{verb} {words[0]}" if verb == "UPDATE" else verb
