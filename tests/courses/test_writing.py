"""Writing a course: links follow the glossary, lessons keep their order."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from courses.models import Course, Intake, Lesson
from courses.writing import (
    delete_course,
    delete_lesson,
    number_lessons,
    save_course,
    save_lesson,
    set_glossaries,
)
from glossary.content import TermContent
from glossary.editing import save_term
from glossary.models import Glossary, Passage, Term
from tests.courses.making import a_course, a_price, an_intake

pytestmark = pytest.mark.django_db
MOMENT = datetime(2026, 4, 15, 12, tzinfo=UTC)


def a_glossary(slug: str, name: str) -> Glossary:
    glossary = Glossary.objects.create(title=slug, slug=slug, is_published=True)
    save_term(Term(glossary=glossary), TermContent(name, definition="A meaning."), at=MOMENT)
    return glossary


def test_another_glossary_links_every_text_of_the_course_anew() -> None:
    first, second = a_glossary("first", "Loss"), a_glossary("second", "Gradient")
    course = save_course(Course(title="Deep Learning"), description="On loss.", glossaries=[first])
    lesson = save_lesson(
        Lesson(course=course, title="One"), text="The loss has a gradient everywhere."
    )
    assert "/glossary/first/loss/" in lesson.passage.linked_html
    set_glossaries(course, [second])
    lesson.passage.refresh_from_db()
    assert "/glossary/second/gradient/" in lesson.passage.linked_html
    assert "/glossary/first/" not in lesson.passage.linked_html
    assert [mention.term.name for mention in lesson.passage.mentions.all()] == ["Gradient"]
    set_glossaries(course, [])
    lesson.passage.refresh_from_db()
    assert "<a " not in lesson.passage.linked_html


def test_lessons_go_to_the_end_and_get_addresses_of_their_own() -> None:
    course = a_course()
    for _ in range(2):
        save_lesson(Lesson(course=course, title="The same title"), text="Text.")
    rows = course.lessons.values_list("position", "slug")
    assert list(rows) == [(1, "the-same-title"), (2, "the-same-title-2")]


def test_numbering_sorts_by_what_staff_typed() -> None:
    course = a_course()
    for title in ("A", "B", "C"):
        save_lesson(Lesson(course=course, title=title), text="Text.")
    course.lessons.filter(title="C").update(position=10)
    course.lessons.filter(title="A").update(position=20)
    number_lessons(course)
    rows = course.lessons.order_by("position").values_list("position", "title")
    assert list(rows) == [(1, "B"), (2, "C"), (3, "A")]


def test_texts_go_with_what_they_belong_to() -> None:
    course = save_course(Course(title="Deep Learning"), description="About it.")
    for title in ("A", "B"):
        save_lesson(Lesson(course=course, title=title), text="Text.")
    delete_lesson(course.lessons.get(title="A"))
    assert Passage.objects.count() == 2
    delete_course(course)
    assert not Passage.objects.exists()


def test_saving_an_intake_never_writes_back_its_counters() -> None:
    intake = an_intake(a_course(), capacity=5)
    Intake.objects.filter(pk=intake.pk).update(places_taken=3, places_held=1)
    intake.is_published = False
    intake.save()
    intake.refresh_from_db()
    assert (intake.places_taken, intake.places_held, intake.is_published) == (3, 1, False)


def test_the_database_refuses_what_must_never_be() -> None:
    intake = an_intake(a_course(), capacity=1)
    with pytest.raises(IntegrityError, match="intake_never_oversold"), transaction.atomic():
        Intake.objects.update(places_taken=1, places_held=1)
    with pytest.raises(IntegrityError, match="price_free_or_chargeable"), transaction.atomic():
        a_price(intake, 29)
    with pytest.raises(IntegrityError, match="price_vat_consistent"), transaction.atomic():
        a_price(intake, vat_treatment="inclusive")
    with pytest.raises(IntegrityError, match="intake_slug_unique"), transaction.atomic():
        an_intake(intake.course)
