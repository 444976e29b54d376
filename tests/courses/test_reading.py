"""A learner's way through a course."""

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from courses.models import Course, Lesson, Reading
from courses.reading import (
    Progress,
    complete,
    continue_reading,
    next_lessons,
    progress_of,
    read,
    uncomplete,
)
from tests.courses.making import APRIL, a_course, a_lesson, an_intake, enrol

pytestmark = pytest.mark.django_db

LESSON = "/courses/deep-learning/lessons/one/"
COMPLETION = f"{LESSON}completion/"


@pytest.fixture
def course() -> Course:
    course = a_course()
    for slug in ("one", "two", "three"):
        a_lesson(course, slug)
    return course


@pytest.fixture
def one(course: Course) -> Lesson:
    return course.lessons.get(slug="one")


@pytest.fixture
def learner(ada: User, course: Course) -> User:
    enrol(ada, an_intake(course, "2026-01"))
    return ada


# Journeys --------------------------------------------------------------------------------------


def test_reading_again_moves_only_the_last_time(ada: User, one: Lesson) -> None:
    read(learner=ada, lesson=one, at=APRIL)
    read(learner=ada, lesson=one, at=APRIL + timedelta(hours=1))
    read(learner=ada, lesson=one, at=APRIL)
    reading = Reading.objects.get()
    assert reading.first_read_at == APRIL
    assert reading.last_read_at == APRIL + timedelta(hours=1)
    assert reading.completed_at is None


def test_completing_twice_keeps_the_first_time_and_can_be_taken_back(
    ada: User, one: Lesson
) -> None:
    complete(learner=ada, lesson=one, at=APRIL)
    complete(learner=ada, lesson=one, at=APRIL + timedelta(hours=1))
    assert Reading.objects.get().completed_at == APRIL
    uncomplete(learner=ada, lesson=one)
    uncomplete(learner=ada, lesson=one)
    assert Reading.objects.get().completed_at is None


def test_progress_counts_published_lessons_of_the_learner_alone(
    ada: User, bob: User, course: Course, one: Lesson
) -> None:
    complete(learner=ada, lesson=one, at=APRIL)
    hidden = a_lesson(course, "hidden", is_published=False)
    complete(learner=ada, lesson=hidden, at=APRIL)
    complete(learner=bob, lesson=course.lessons.get(slug="two"), at=APRIL)
    empty = a_course("empty")
    assert progress_of(ada, [course, empty]) == {
        course.pk: Progress(done=1, total=3),
        empty.pk: Progress(done=0, total=0),
    }
    assert not progress_of(ada, [empty])[empty.pk].is_complete


def test_progress_of_ten_courses_is_one_query(
    ada: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    courses = [a_course(f"course-{index}") for index in range(10)]
    for course in courses:
        a_lesson(course)
    with django_assert_num_queries(1):
        assert len(progress_of(ada, courses)) == 10


def test_one_goes_on_with_the_lesson_last_read_and_then_the_next_undone(
    ada: User, course: Course
) -> None:
    one, two, three = course.lessons.order_by("position")
    assert next_lessons(ada, [course]) == {course.pk: one}
    read(learner=ada, lesson=two, at=APRIL)
    assert next_lessons(ada, [course]) == {course.pk: two}
    complete(learner=ada, lesson=two, at=APRIL)
    assert next_lessons(ada, [course]) == {course.pk: three}
    complete(learner=ada, lesson=three, at=APRIL)
    assert next_lessons(ada, [course]) == {course.pk: one}
    complete(learner=ada, lesson=one, at=APRIL)
    assert next_lessons(ada, [course]) == {}


def test_continue_reading_is_in_the_course_last_read_that_is_not_done(
    ada: User, course: Course, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    assert continue_reading(ada) is None
    other = a_lesson(a_course("other"))
    read(learner=ada, lesson=course.lessons.get(slug="one"), at=APRIL)
    complete(learner=ada, lesson=other, at=APRIL + timedelta(days=1))
    with django_assert_max_num_queries(3):
        found = continue_reading(ada)
    assert found == course.lessons.get(slug="one")


# Pages -----------------------------------------------------------------------------------------


def test_opening_a_lesson_notes_it_for_the_learner_alone(
    client: Client, as_ada: Client, learner: User, one: Lesson
) -> None:
    client.get(LESSON)
    as_ada.head(LESSON)
    assert not Reading.objects.exists()
    as_ada.get(LESSON)
    assert Reading.objects.get().learner == learner


def test_a_locked_lesson_is_not_noted_as_read(as_bob: Client, one: Lesson) -> None:
    as_bob.get(LESSON)
    as_bob.post(COMPLETION)
    assert not Reading.objects.exists()


def test_staff_asking_about_another_moment_leave_no_trace(as_sam: Client, one: Lesson) -> None:
    as_sam.get(f"{LESSON}?at=2026-04-15T12:00")
    assert not Reading.objects.exists()


@pytest.mark.parametrize("method", ["delete", "post"])
def test_a_lesson_is_ticked_and_unticked_as_often_as_one_likes(
    as_ada: Client, learner: User, one: Lesson, method: str
) -> None:
    for _ in range(2):
        response = as_ada.post(COMPLETION)
        assert (response.status_code, response.headers["Location"]) == (303, LESSON)
        assert Reading.objects.get().completed_at is not None
    assert "You have marked this lesson as done" in as_ada.get(LESSON).content.decode()
    for _ in range(2):
        if method == "delete":
            response = as_ada.delete(COMPLETION)
        else:
            response = as_ada.post(COMPLETION, {"_method": "delete"})
        assert (response.status_code, response.headers["Location"]) == (303, LESSON)
        assert Reading.objects.get().completed_at is None
    assert "Mark as done" in as_ada.get(LESSON).content.decode()


def test_ticking_needs_a_token_a_method_and_an_account(
    client: Client, ada: User, learner: User, one: Lesson
) -> None:
    response = client.post(COMPLETION)
    assert response.status_code == 302
    assert response.headers["Location"] == f"/account/login/?next={LESSON}"
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada, "django.contrib.auth.backends.ModelBackend")
    assert strict.post(COMPLETION).status_code == 403
    assert strict.delete(COMPLETION).status_code == 403
    assert strict.get(COMPLETION).status_code == 405
    assert not Reading.objects.exists()


def test_a_learner_sees_where_to_go_on_and_what_is_done(
    as_ada: Client, learner: User, course: Course, one: Lesson
) -> None:
    complete(learner=learner, lesson=one, at=APRIL)
    page = as_ada.get("/courses/deep-learning/").content.decode()
    assert "Continue reading" in page
    assert "1 of 3 lessons done" in page
    assert 'href="/courses/deep-learning/lessons/two/">Read on</a>' in page
    assert page.count('aria-label="Done"') == 1


def test_a_lesson_leads_to_the_ones_before_and_after(
    as_ada: Client, learner: User, course: Course
) -> None:
    page = as_ada.get("/courses/deep-learning/lessons/two/").content.decode()
    assert 'rel="prev" href="/courses/deep-learning/lessons/one/"' in page
    assert 'rel="next" href="/courses/deep-learning/lessons/three/"' in page
    assert "Lesson 2 of 3" in page
    assert "2 min to read" in page
