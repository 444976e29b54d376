"""Every page of courses: who sees what, and at what cost."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from courses.models import Course, Lesson
from enrolment.models import Enrolment
from glossary.models import Glossary
from tests.courses.making import a_course, a_lesson, a_price, a_provider, an_intake, enrol, london

pytestmark = pytest.mark.django_db

LESSON = "/courses/deep-learning/lessons/backpropagation/"
SECRET = "The secret of the lesson."


@pytest.fixture
def course() -> Course:
    a_provider()
    return a_course(summary="From one neuron to many.", outcomes="Read a loss.\n\nDraw a graph.")


@pytest.fixture
def lesson(course: Course) -> Lesson:
    return a_lesson(course, summary="Who is to blame.")


def queries(client: Client, address: str) -> int:
    """How many queries a page costs, the second time it is asked for."""
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def said(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


# Who sees what ---------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/", "/courses/", "/courses/deep-learning/"])
def test_public_pages_are_for_everyone(
    client: Client, as_ada: Client, as_sam: Client, lesson: Lesson, address: str
) -> None:
    for someone in (client, as_ada, as_sam):
        assert "Deep learning" in said(someone, address)


def test_an_empty_site_has_a_home_page_and_a_catalogue(client: Client) -> None:
    assert "No courses yet" in said(client, "/")
    assert "No courses yet" in said(client, "/courses/")


def test_a_locked_lesson_shows_its_teaser_and_gives_away_nothing_else(
    client: Client, as_bob: Client, lesson: Lesson
) -> None:
    a_price(an_intake(lesson.course, "2099-05"))
    glossary = Glossary.objects.create(title="G", slug="g", is_published=True)
    definition = type(lesson.passage).objects.create(source="x")
    term = glossary.terms.create(name="Chain rule", slug="chain-rule", definition=definition)
    lesson.passage.mentions.create(term=term)
    for someone in (client, as_bob):
        page = said(someone, LESSON)
        assert "Who is to blame." in page
        assert 'href="/courses/deep-learning/intakes/2099-05/enrol/"' in page
        assert SECRET not in page
        assert "Chain rule" not in page


def test_a_locked_lesson_leads_to_the_first_that_is_free(client: Client, lesson: Lesson) -> None:
    assert "is free to read" not in said(client, LESSON)
    a_lesson(lesson.course, "a-taste", title="A taste", is_free=True)
    free = '<a href="/courses/deep-learning/lessons/a-taste/">A taste</a> is free to read.'
    assert free in said(client, LESSON)


def test_a_learner_reads_the_lesson(as_ada: Client, ada: User, lesson: Lesson) -> None:
    enrol(ada, an_intake(lesson.course, "2026-01"))
    assert SECRET in said(as_ada, LESSON)


def test_a_learner_of_another_course_does_not(as_bob: Client, bob: User, lesson: Lesson) -> None:
    enrol(bob, an_intake(a_course("another"), "2026-01"))
    assert SECRET not in said(as_bob, LESSON)


def test_somebody_enrolled_is_told_on_which_date_it_opens(
    as_ada: Client, ada: User, lesson: Lesson
) -> None:
    enrol(ada, an_intake(lesson.course, "2099-05"))
    page = said(as_ada, LESSON)
    assert SECRET not in page
    assert "1 May 2099" in page


@pytest.mark.parametrize("status", ["pending", "expired", "cancelled"])
def test_only_an_enrolled_place_opens_lessons(
    as_ada: Client, ada: User, lesson: Lesson, status: str
) -> None:
    ended = None if status == "pending" else london("2026-01-02")
    enrol(ada, an_intake(lesson.course, "2026-01"), status=status, ended_at=ended)
    assert SECRET not in said(as_ada, LESSON)
    assert Enrolment.objects.get().status == status


def test_a_free_lesson_is_for_everyone(client: Client, as_bob: Client, course: Course) -> None:
    a_lesson(course, is_free=True)
    for someone in (client, as_bob):
        assert SECRET in said(someone, LESSON)


def test_staff_read_lessons_and_see_what_is_not_published(
    client: Client, as_ada: Client, as_sam: Client, lesson: Lesson
) -> None:
    Lesson.objects.update(is_published=False)
    assert SECRET in said(as_sam, LESSON)
    for someone in (client, as_ada):
        assert someone.get(LESSON).status_code == 404


def test_a_course_that_is_not_published_is_404_for_all_but_staff_and_its_learners(
    client: Client, as_ada: Client, ada: User, as_bob: Client, as_sam: Client, lesson: Lesson
) -> None:
    enrol(ada, an_intake(lesson.course, "2026-01"))
    Course.objects.update(is_published=False)
    for address in ("/courses/deep-learning/", LESSON):
        assert client.get(address).status_code == 404
        assert as_bob.get(address).status_code == 404
        assert as_ada.get(address).status_code == 200
        assert as_sam.get(address).status_code == 200
    assert "Deep learning" not in said(client, "/courses/")


@pytest.mark.parametrize(
    "address",
    [
        "/courses/nothing/",
        "/courses/deep-learning/lessons/nothing/",
        "/courses/nothing/lessons/backpropagation/",
    ],
)
def test_what_is_not_there_is_404(client: Client, lesson: Lesson, address: str) -> None:
    assert client.get(address).status_code == 404


# What a course's page says ---------------------------------------------------------------------


def test_a_courses_page_says_what_it_is_and_what_it_costs(client: Client, lesson: Lesson) -> None:
    intake = an_intake(lesson.course, "2099-05", capacity=20, places_taken=8)
    a_price(intake)
    a_price(intake, 4500, name="Student", kind="concession")
    a_lesson(lesson.course, "start-here", is_free=True)
    page = said(client, "/courses/deep-learning/")
    assert "Read a loss." in page
    assert "Draw a graph." in page
    assert '<span class="badge badge--free">Free</span>' in page
    assert "12 of 20 places left" in page
    prices = re.sub(r"<[^>]+>|\s+", " ", page[page.index('class="prices"') :])
    assert " ".join(prices.split()).startswith(
        'class="prices"> £45 Student, concession £90 Standard'
    )
    assert page.count("No VAT is charged") == 1
    assert "2, 1 of them free to read" in page
    assert "about 4 minutes" in page
    assert "from £90 GBP" in page
    assert 'id="intake-2099-05"' in page


def test_the_course_page_hides_drafts_and_what_is_over(client: Client, course: Course) -> None:
    an_intake(course, "2099-05", is_published=False)
    an_intake(course, "2020-01")
    cancelled = an_intake(course, "2099-07", cancelled_at=london("2026-01-01"))
    a_price(cancelled)
    page = said(client, "/courses/deep-learning/")
    assert "May 2099" not in page
    assert "January 2020" not in page
    assert "July 2099" in page
    assert "/2099-07/enrol/" not in page


def test_staff_may_ask_about_another_moment_and_nobody_else(
    client: Client, as_sam: Client, course: Course
) -> None:
    a_price(an_intake(course, "2020-05"))
    asked = "/courses/deep-learning/?at=2020-04-15T12:00"
    response = as_sam.get(asked)
    assert "May 2020 intake · open enrolment" in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]
    assert "May 2020 intake" not in said(client, asked)


# What a page costs -----------------------------------------------------------------------------


def more_of_everything(number: int) -> None:
    for index in range(number):
        course = a_course(f"course-{Course.objects.count()}-{index}")
        for lesson in range(3):
            a_lesson(course, f"lesson-{lesson}")
        for month in ("05", "06"):
            a_price(an_intake(course, f"2099-{month}"))


@pytest.mark.parametrize("address", ["/", "/courses/"])
def test_twice_the_courses_cost_no_more_queries(client: Client, address: str) -> None:
    a_provider()
    more_of_everything(2)
    before = queries(client, address)
    more_of_everything(4)
    assert queries(client, address) == before


@pytest.fixture
def fuller(course: Course) -> Callable[[], None]:
    def add() -> None:
        for _ in range(3):
            number = course.lessons.count()
            a_lesson(course, f"more-{number}")
            a_price(an_intake(course, f"{2090 + number}-05"))

    return add


@pytest.mark.parametrize("address", ["/courses/deep-learning/", LESSON])
@pytest.mark.parametrize("who", ["client", "as_ada", "as_bob"])
def test_twice_the_lessons_and_intakes_cost_no_more_queries(
    request: pytest.FixtureRequest,
    ada: User,
    lesson: Lesson,
    fuller: Callable[[], None],
    address: str,
    who: str,
) -> None:
    someone: Client = request.getfixturevalue(who)
    enrol(ada, an_intake(lesson.course, "2026-01"))
    fuller()
    before = queries(someone, address)
    fuller()
    assert queries(someone, address) == before


def test_the_catalogue_is_paged(client: Client) -> None:
    for index in range(25):
        a_course(f"course-{index:02}")
    assert "Course 24" not in said(client, "/courses/")
    assert "Course 24" in said(client, "/courses/?page=2")
    assert said(client, "/courses/?page=nonsense")


# Pages of the site -----------------------------------------------------------------------------


def test_health_is_whether_the_database_answers(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/healthz/").content == b"ok\n"

    def refused(*_args: object) -> None:
        from django.db import OperationalError

        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "cursor", refused)
    assert client.get("/healthz/").status_code == 503
