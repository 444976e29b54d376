"""The questions about a course: written by staff with the course, answered on its page."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from courses.models import Course, CourseQuestion
from courses.writing import delete_course, number_questions, save_question, set_glossaries
from glossary.models import Passage
from tests.courses.making import a_course
from tests.glossary.writing import a_glossary, a_term

pytestmark = pytest.mark.django_db

PAGE = "/courses/deep-learning/"


@pytest.fixture
def course() -> Course:
    return a_course()


def ask(course: Course, question: str, answer: str, **fields: Any) -> CourseQuestion:
    return save_question(CourseQuestion(course=course, question=question, **fields), answer=answer)


def test_questions_stand_on_the_courses_page_in_order_with_finished_answers(
    client: Client, course: Course
) -> None:
    ask(course, "Do I need a boat?", "No, *ours* float.")
    ask(course, "Do I get wet?", "<script>alert(1)</script> Yes.")
    page = client.get(PAGE).content.decode()
    assert page.index("Do I need a boat?") < page.index("Do I get wet?")
    assert "<em>ours</em>" in page
    assert "alert(1)</script>" not in page


def test_an_answer_is_linked_to_the_terms_of_the_courses_glossaries(
    client: Client, course: Course
) -> None:
    glossary = a_glossary()
    a_term(glossary, "Keel")
    ask(course, "What is under the boat?", "A keel.")
    assert "/keel/" not in CourseQuestion.objects.get().answer.linked_html
    set_glossaries(course, [glossary])
    assert "/keel/" in CourseQuestion.objects.get().answer.linked_html


def test_a_course_goes_with_its_questions_and_their_answers(course: Course) -> None:
    ask(course, "Do I need a boat?", "No.")
    delete_course(course)
    assert not Passage.objects.exists()


def test_questions_are_numbered_from_one_without_gaps(course: Course) -> None:
    for place in (7, 3, 20):
        ask(course, f"Question {place}", "Yes.", position=place)
    number_questions(course)
    numbered = course.questions.values_list("position", "question")
    assert list(numbered) == [(1, "Question 3"), (2, "Question 7"), (3, "Question 20")]


def form_of(course: Course, *questions: dict[str, Any], initial: int = 0) -> dict[str, Any]:
    """What the course's form in the admin sends."""
    sent: dict[str, Any] = {"title": course.title, "slug": course.slug, "is_published": "on"}
    for name, total in (("glossary_places", 0), ("lessons", 0), ("questions", len(questions))):
        sent |= {f"{name}-TOTAL_FORMS": total, f"{name}-INITIAL_FORMS": 0}
    sent["questions-INITIAL_FORMS"] = initial
    for number, question in enumerate(questions):
        known = {"course": course.pk, "id": "", "position": "", **question}
        sent |= {f"questions-{number}-{name}": value for name, value in known.items()}
    return sent


def test_staff_write_questions_in_the_form_of_the_course(as_sam: Client, course: Course) -> None:
    address = f"/admin/courses/course/{course.pk}/change/"
    first = {"question": "Do I need a boat?", "answer_text": "No."}
    second = {"question": "Do I get wet?", "answer_text": "Yes: $\\undefinedthing$."}
    response = as_sam.post(address, form_of(course, first, second), follow=True)
    assert response.redirect_chain == [("/admin/courses/course/", 302)]
    boat, wet = course.questions.all()
    assert (boat.question, boat.answer.source) == ("Do I need a boat?", "No.")

    # Sorted the other way round, one answered anew.
    boat_again = {**first, "id": boat.pk, "position": 2, "answer_text": "Not at all."}
    wet_again = {**second, "id": wet.pk, "position": 1}
    as_sam.post(address, form_of(course, boat_again, wet_again, initial=2))
    now = [(one.question, one.answer.source) for one in course.questions.all()]
    assert now == [("Do I get wet?", wet.answer.source), ("Do I need a boat?", "Not at all.")]

    # And one taken away, with its answer.
    as_sam.post(address, form_of(course, {**boat_again, "DELETE": "on"}, {**wet_again}, initial=2))
    assert [one.question for one in course.questions.all()] == ["Do I get wet?"]
    assert not Passage.objects.filter(pk=boat.answer_id).exists()


def test_a_question_without_an_answer_is_refused_and_kept_in_the_form(
    as_sam: Client, course: Course
) -> None:
    address = f"/admin/courses/course/{course.pk}/change/"
    sent = form_of(course, {"question": "Do I need a boat?", "answer_text": ""})
    page = as_sam.post(address, sent).content.decode()
    assert "errorlist" in page
    assert "Do I need a boat?" in page
    assert not CourseQuestion.objects.exists()


def test_more_questions_make_the_courses_form_ask_no_more(as_sam: Client, course: Course) -> None:
    address = f"/admin/courses/course/{course.pk}/change/"
    set_glossaries(course, [a_glossary()])
    ask(course, "Do I need a boat?", "No.")
    as_sam.get(address)
    with CaptureQueriesContext(connection) as few:
        as_sam.get(address)
    for number in range(4):
        ask(course, f"Question {number}", "Yes.")
    with CaptureQueriesContext(connection) as many:
        as_sam.get(address)
    assert len(many) == len(few)
