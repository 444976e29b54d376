"""The home page: with nothing, with one of each, with many; and its term of the day."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from courses.front_page import largest_subjects
from courses.panels import starting_next
from glossary.models import Term
from glossary.term_of_the_day import term_of_the_day
from tests.courses.making import APRIL, a_course, a_price, an_intake
from tests.glossary.writing import a_glossary, a_term

pytestmark = pytest.mark.django_db


def home(client: Client) -> str:
    response = client.get("/")
    assert response.status_code == 200
    return response.content.decode()


def test_with_nothing_it_says_what_will_stand_there(client: Client) -> None:
    page = home(client)
    assert "No courses yet" in page
    assert "Glossaries" not in page
    assert "specimen" not in page


def test_a_course_without_an_intake_is_there_with_a_word_on_being_told(client: Client) -> None:
    a_course("knots", summary="Ropes that hold.")
    page = home(client)
    assert "Ropes that hold." in page
    assert "No intake is open just now." in page
    assert "enrol-panel" not in page


def test_one_of_each_is_shown_with_one_primary_action(client: Client) -> None:
    glossary = a_glossary()
    a_term(glossary, "Keel")
    a_price(an_intake(a_course("knots", glossaries=[glossary]), "2099-05"))
    page = home(client)
    assert "May 2099 intake · open enrolment" in page
    assert page.count("button--primary") == 1
    assert page.count('href="/courses/knots/intakes/2099-05/enrol/"') == 2
    assert "entry--specimen" in page
    assert "1 term<" in page


def test_many_courses_are_found_by_their_subjects(client: Client) -> None:
    for index in range(6):
        a_course(f"rope-{index}", subject="Ropes & knots")
    a_course("pots", subject="pottery")
    a_course("odd")
    page = home(client)
    assert 'href="/courses/?subject=Ropes%20%26%20knots"' in page
    subjects, has_more = largest_subjects()
    assert [(one.name, one.number, len(one.courses), one.has_more) for one in subjects] == [
        ("pottery", 1, 1, False),
        ("Ropes & knots", 6, 4, True),
        ("", 1, 1, False),
    ]
    assert not has_more


def test_one_course_shows_several_intakes_and_many_courses_one_each() -> None:
    course = a_course("knots")
    for month in ("2026-05", "2026-06", "2026-07"):
        a_price(an_intake(course, month))
    shown = starting_next(at=APRIL, limit=2)
    assert [one.intake.slug for one in shown] == ["2026-05", "2026-06"]
    a_price(an_intake(a_course("pots"), "2026-09"))
    shown = starting_next(at=APRIL, limit=2)
    assert [(one.intake.course.slug, one.intake.slug) for one in shown] == [
        ("knots", "2026-05"),
        ("pots", "2026-09"),
    ]


def test_the_term_of_the_day_is_the_same_all_day_and_another_on_other_days() -> None:
    glossary = a_glossary()
    for name in ("Boom", "Cleat", "Halyard", "Jib", "Keel", "Luff", "Mast", "Rudder"):
        a_term(glossary, name)
    days = [date(2026, 4, 15) + timedelta(days=number) for number in range(30)]
    drawn = [one.term.name for day in days if (one := term_of_the_day(on=day))]
    again = [one.term.name for day in days if (one := term_of_the_day(on=day))]
    assert drawn == again
    assert len(drawn) == 30
    assert len(set(drawn)) > 3


def test_the_term_of_the_day_is_published_and_comes_with_the_next_in_the_alphabet() -> None:
    hidden = a_glossary("Hidden", slug="hidden", is_published=False)
    a_term(hidden, "Secret")
    glossary = a_glossary()
    a_term(glossary, "Boom")
    a_term(glossary, "rudder")
    a_term(glossary, "Cleat")
    Term.objects.filter(name="Boom").update(is_published=False)
    for number in range(20):
        specimen = term_of_the_day(on=date(2026, 4, 1) + timedelta(days=number))
        assert specimen is not None
        following = [one.name for one in specimen.following]
        assert (specimen.term.name, following) in [("Cleat", ["rudder"]), ("rudder", [])]
    Term.objects.update(is_published=False)
    assert term_of_the_day(on=date(2026, 4, 1)) is None


def test_hundreds_cost_no_more_queries_than_a_few(client: Client) -> None:
    def grow(number: int) -> None:
        for index in range(number):
            name = f"{number}-{index}"
            glossary = a_glossary(f"Glossary {name}", slug=f"glossary-{name}")
            a_term(glossary, f"Term {name}")
            course = a_course(f"course-{name}", subject=f"Subject {index}", glossaries=[glossary])
            a_price(an_intake(course, "2099-05"))

    def cost() -> int:
        home(client)
        with CaptureQueriesContext(connection) as captured:
            home(client)
        return len(captured)

    grow(8)
    before = cost()
    grow(30)
    assert cost() == before
