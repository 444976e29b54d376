"""That the benchmark measures what it says, with tiny numbers; nothing here looks at a clock."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from courses.models import Course, Intake
from enrolment import checkout, places
from enrolment.models import Enrolment
from tests.bench import holding, racing
from tests.bench.figures import Figures, Line, Rates
from tests.bench.measuring import Sizes, measure
from tests.bench.starting import BenchFailed, run_together
from tests.bench.teaching import Amounts
from tests.courses.making import a_course, a_provider

TINY = Sizes(
    rounds=1,
    holds=6,
    holders=(1, 2),
    attempts=8,
    places=3,
    racers=(2, 8),
    visitors=4,
    clients=2,
    glossaries=(41, 60),
    times=2,
    amounts=Amounts(
        linked=(40, 60),
        turns=2,
        imported=40,
        lessons=2,
        relinked_terms=60,
        relinked=100,
        found=100,
        searches=2,
        listed=30,
        rounds=1,
    ),
)


@pytest.fixture
def course(transactional_db: None) -> Course:
    a_provider()
    return a_course()


def figures(**changes: Any) -> Figures:
    """Figures that meet every goal exactly, unless told otherwise."""
    rates = Rates([50.0, 60.0, 10.0], [100.0, 100.0, 100.0])
    known: dict[str, Any] = {
        "holding": {2: rates},
        "race": {20: [1.0], 200: [3.0]},
        "path": rates,
        "reading": {
            "learner's lesson": Rates([125.0], [100.0]),
            "visitor's": Rates([65.0], [100.0]),
        },
        "teaching": [Line("import", 1.0, "s", 1.0, "", is_most=True)],
        "statements": ["BEGIN", 'INSERT INTO "enrolment_payment" ("id") VALUES (1)', "COMMIT"],
        "floor_statements": ["BEGIN", "COMMIT"],
    }
    return Figures(**{**known, **changes})


@pytest.mark.proof
def test_everything_is_measured_from_the_holding_step_to_the_payment_page(
    transactional_db: None, tmp_path: Path
) -> None:
    told: list[str] = []
    found = measure(TINY, tmp_path, tell=told.append)
    kept = json.loads(json.dumps(found.as_json()))
    assert len(told) == 11
    assert set(kept["holding"]) == {"1", "2"}
    assert set(kept["race"]) == {"2", "8"}
    assert kept["path"]["ratio"] > 0
    assert [page["ratio"] > 0 for page in kept["reading"].values()] == [True] * 5
    names = " ".join(line["name"] for line in kept["teaching"])
    for part in ("linking", "40 terms: import", "100 lessons", "search by name", "30 terms listed"):
        assert part in names
    assert "BEGIN" in kept["hold_statements"]
    assert "UPDATE courses_intake" in kept["hold_statements"]
    assert "enrolling over HTTP" in found.table()
    # Two holds and a floor beforehand; six holds and six floors with each number of processes;
    # three places in each race; over HTTP a round more than is counted; and two learners in two
    # courses.
    assert Enrolment.objects.live().count() == 3 + 2 * (6 + 6) + 2 * 3 + 2 * 4 + 2 * 2
    assert sum(Intake.objects.values_list("places_held", flat=True)) == 41


def test_the_floor_is_two_inserts_and_one_update_last_in_one_commit(course: Course) -> None:
    people = holding.students(2)
    intake = holding.hot_intake(course, capacity=2)
    begun = checkout.begin(holding.order(people[0], intake.pk), at=holding.timezone.now())
    step = holding.floors(holding.sample_of(begun), people[1:], intake)[0]
    verbs = [sql.split()[0] for sql in holding.statements_of(step)]
    assert verbs == ["BEGIN", "INSERT", "INSERT", "UPDATE", "COMMIT"]
    assert holding.held(intake) == 2


def test_places_that_do_not_add_up_are_a_failure_and_no_figure(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unguarded(intake_id: int, **_: Any) -> bool:
        """The guard removed: sells whatever is left, by the constraint's leave."""
        taken = Intake.objects.filter(pk=intake_id)
        return bool(taken.update(capacity=None, places_held=holding.F("places_held") + 1))

    monkeypatch.setattr(places, "hold", unguarded)
    with pytest.raises(BenchFailed, match="3 places: 8 attempts were told yes"):
        racing.measure(course, holding.students(8), places=3, processes=2, rounds=1)


def test_a_process_that_fails_stops_the_run_with_its_traceback(transactional_db: None) -> None:
    def fail() -> list[Any]:
        raise LookupError("nothing here")

    with pytest.raises(BenchFailed, match="LookupError: nothing here"):
        run_together([list, fail])


def test_nobody_starts_before_everybody_is_ready(transactional_db: None, tmp_path: Path) -> None:
    def prepare(number: int) -> list[Callable[[], int]]:
        (tmp_path / str(number)).touch()
        return [count_the_ready]

    def count_the_ready() -> int:
        return len(list(tmp_path.iterdir()))

    run = run_together([partial(prepare, number) for number in range(6)])
    assert run.answers == [6] * 6


@pytest.mark.urls("tests.bench.pages")
def test_the_bare_page_is_thirty_kilobytes_and_three_queries(client: Client, db: None) -> None:
    people = holding.students(301)
    client.force_login(people[0])
    with CaptureQueriesContext(connection) as captured:
        page = client.get("/bench/students/").content
    assert len(captured) == 3
    assert page.count(b"<tr><td>") == 300
    assert 29_000 < len(page) < 32_000


def test_goals_are_met_on_the_dot_and_missed_beyond_it() -> None:
    met = [goal["met"] for goal in figures().as_json()["goals"]]
    assert met == [True] * 7
    slow = Rates([49.0], [100.0])
    worse = figures(
        holding={1: slow, 2: slow},
        race={20: [1.1], 200: [3.1]},
        path=slow,
        reading={"learner's lesson": slow, "visitor's": slow},
        teaching=[Line("import", 1.1, "s", 1.0, "", is_most=True)],
    )
    assert [goal["met"] for goal in worse.as_json()["goals"]] == [False] * 7
    assert worse.table().count("NO") == 7


def test_a_ratio_is_the_median_of_the_rounds_ratios() -> None:
    assert Rates([10.0, 90.0, 30.0], [100.0, 100.0, 40.0]).ratio == 0.75


def test_statements_are_named_by_verb_and_table() -> None:
    assert figures().as_json()["hold_statements"] == [
        "BEGIN",
        "INSERT enrolment_payment",
        "COMMIT",
    ]
