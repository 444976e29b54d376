"""What a course's page says at a glance, and of intakes one beside the other."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from courses.contents import LessonRow
from courses.course_page import SIDE_BY_SIDE, Glance
from courses.models import Course
from courses.panels import intakes_to_show
from tests.courses.making import APRIL, a_course, a_lesson, a_price, an_intake

pytestmark = pytest.mark.django_db


def row(minutes: int, *, is_free: bool = False) -> LessonRow:
    return LessonRow(1, 1, "A lesson", "", "/", minutes, "", is_free)


def glance(course: Course) -> Glance:
    return Glance([], intakes_to_show(course, at=APRIL))


@pytest.mark.parametrize(
    ("lessons", "said"),
    [
        ([], {}),
        ([row(1)], {"Lessons": "1", "Reading": "about 1 minute"}),
        ([row(40), row(49)], {"Lessons": "2", "Reading": "about 89 minutes"}),
        ([row(60), row(60)], {"Lessons": "2", "Reading": "about 2 hours"}),
        (
            [row(5, is_free=True), row(5)],
            {"Lessons": "2, 1 of them free to read", "Reading": "about 10 minutes"},
        ),
        (
            [row(5, is_free=True), row(5, is_free=True)],
            {"Lessons": "2, all free to read", "Reading": "about 10 minutes"},
        ),
    ],
)
def test_lessons_are_counted_and_timed(lessons: list[LessonRow], said: dict[str, str]) -> None:
    assert dict(Glance(lessons, []).facts) == said


@pytest.mark.parametrize(
    ("fields", "amount", "said"),
    [
        ({}, 9000, {"Lessons open": "when the intake starts", "Access": "for as long as you like"}),
        (
            {"lessons_open": "at_once", "access_ends_on": date(2027, 5, 3)},
            9000,
            {
                "Lessons open": "as soon as you are enrolled, if you ask for that",
                "Access": "until 3 May 2027",
            },
        ),
        (
            {"lessons_open": "at_once", "capacity": 20, "places_taken": 8},
            0,
            {
                "Places": "12 of 20 places left",
                "Lessons open": "as soon as you are enrolled",
                "Access": "for as long as you like",
            },
        ),
    ],
)
def test_the_next_intake_says_its_places_and_when_it_can_be_read(
    fields: dict[str, Any], amount: int, said: dict[str, str]
) -> None:
    course = a_course()
    a_price(an_intake(course, "2026-05", **fields), amount)
    assert dict(glance(course).facts) == said


def test_nothing_is_promised_of_an_intake_that_cannot_be_joined() -> None:
    course = a_course()
    a_price(an_intake(course, "2026-05", capacity=1, places_taken=1))
    assert glance(course).facts == []


def test_vat_is_said_once_for_all_intakes_or_else_at_each() -> None:
    course = a_course()
    a_price(an_intake(course, "2026-05"))
    a_price(an_intake(course, "2026-06"), 0)
    assert glance(course).vat == "no VAT is charged"
    a_price(an_intake(course, "2026-07"), vat_treatment="exempt")
    assert glance(course).vat == ""


def test_a_year_of_intakes_stands_side_by_side_and_the_rest_can_be_opened(client: Client) -> None:
    course = a_course()
    for number in range(SIDE_BY_SIDE + 2):
        year, month = divmod(number, 12)
        a_price(an_intake(course, f"{2098 + year}-{month + 1:02}"))
    page = client.get("/courses/deep-learning/").content.decode()
    before, later = page.split("<details>", 1)
    assert before.count('class="intake"') == SIDE_BY_SIDE
    assert "2 later intakes" in later
    assert later.count('class="intake"') == 2


def test_what_everybody_asks_is_answered_where_something_is_sold(client: Client) -> None:
    course = a_course()
    a_lesson(course)
    page = client.get("/courses/deep-learning/").content.decode()
    assert "Questions answered" not in page
    a_price(an_intake(course, "2099-05"), 0)
    page = client.get("/courses/deep-learning/").content.decode()
    assert "When your intake starts: May 2099 for the next one." in page
    assert "How do I pay?" not in page
    a_price(an_intake(course, "2099-04"))
    page = client.get("/courses/deep-learning/").content.decode()
    assert "How do I pay?" in page
    assert 'href="/cancellation/"' in page
