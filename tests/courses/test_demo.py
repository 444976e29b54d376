"""The demonstration's content: loaded whole, once, and with every state to be seen."""

from datetime import datetime

import pytest

from courses.demo.loading import load
from courses.models import Course, Intake, LegalPage, Lesson, Provider
from courses.panels import panel_for_glossary
from courses.states import State
from glossary.mapping import map_of
from glossary.models import Glossary, Passage, Term, Version
from tests.courses.making import a_course, london

pytestmark = pytest.mark.django_db

# The turns of a month, of a year and of summer time, and a leap day.
DAYS = ["2026-11-22 20:00", "2026-01-01 00:00", "2027-03-31 23:59", "2028-02-29 12:00"]


def test_everything_is_there_and_nothing_could_not_be_shown() -> None:
    load(at=london("2026-11-22 20:00"))
    assert Provider.current() is not None
    assert LegalPage.objects.count() == len(LegalPage.Slug.values)
    assert Term.objects.public().count() == 41
    deep, statistics = Course.objects.public()
    assert deep.lessons.filter(is_published=True).count() >= 6
    assert statistics.lessons.exists()
    assert not Passage.objects.exclude(problems=[]).exists()
    assert not Term.objects.exclude(problems=[]).exists()
    for lesson in deep.lessons.all():
        assert lesson.passage.mentions.exists(), lesson


def test_definitions_lead_to_terms_that_stand_after_them() -> None:
    load(at=london("2026-11-22 20:00"))
    first = Term.objects.get(name="Deep learning")
    assert "/glossary/deep-learning/" in first.definition.linked_html
    assert first.see_also.exists()


def test_the_demo_has_its_map_and_a_first_version_of_each_term_at_once() -> None:
    load(at=london("2026-11-22 20:00"))
    assert len(map_of(Glossary.objects.get()).places) == 41
    assert Version.objects.count() == 41
    first = Version.objects.get(term__name="Deep learning")
    assert (first.number, first.what) == (1, Version.What.CREATED)
    assert "Neural network" in first.said.see_also


def test_a_second_loading_changes_nothing() -> None:
    load(at=london("2026-11-22 20:00"))
    before = list(Intake.objects.values())
    load(at=london("2027-11-22 20:00"))
    assert list(Intake.objects.values()) == before


def test_a_site_with_content_of_its_own_is_left_alone() -> None:
    a_course()
    load(at=london("2026-11-22 20:00"))
    assert Course.objects.count() == 1
    assert not Glossary.objects.exists()


@pytest.mark.parametrize("day", DAYS)
def test_on_any_day_the_intakes_show_the_states_of_an_intake(day: str) -> None:
    at = london(day)
    load(at=at)
    states = {intake.state_now for intake in Intake.objects.with_state(at=at)}
    # Full and nearly full take people; the demo's own learner fills the first free intake.
    assert states >= set(State) - {State.FULL, State.LAST_PLACES}
    free = [intake for intake in Intake.objects.on_sale(at=at) if intake.from_amount == 0]
    assert free[0].capacity == 1
    assert Lesson.objects.filter(is_free=True).exists()


@pytest.mark.parametrize("day", DAYS)
def test_on_any_day_the_glossary_leads_to_an_intake_at_90_pounds(day: str) -> None:
    at = london(day)
    load(at=at)
    panel = panel_for_glossary(Glossary.objects.get(), at=at)
    assert panel is not None
    assert panel.offered is not None
    assert panel.offered.from_line == "from £90 GBP"
    assert panel.is_open


def test_asked_about_a_day_in_mid_month_the_panel_names_the_month_after() -> None:
    load(at=london("2026-11-22 20:00"))
    asked: datetime = london("2026-04-15 12:00")
    panel = panel_for_glossary(Glossary.objects.get(), at=asked)
    assert panel is not None
    assert panel.offered is not None
    assert panel.offered.line == "May 2026 intake · open enrolment"
