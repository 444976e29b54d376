"""Journeys of writing a course: its texts are stored, finished and linked with it."""

from collections.abc import Sequence

from django.db import models, transaction
from django.db.models import Max, Q
from django.utils.text import slugify

from courses.models import Course, CourseGlossary, CourseQuestion, Lesson
from glossary.models import Glossary, Passage
from glossary.passages import set_glossaries as link_to
from glossary.passages import write_passage
from glossary.relinking import relink


@transaction.atomic
def save_course(
    course: Course,
    *,
    description: str | None = None,
    glossaries: Sequence[Glossary] | None = None,
) -> Course:
    """Store ``course`` and, unless None, its description (Markdown; "" for none) and glossaries."""
    course.slug = course.slug or unused_slug(course.title, Course.objects.exclude(pk=course.pk))
    if description is not None and (description or course.description_id):
        chosen = course.glossaries_in_order() if glossaries is None else glossaries
        course.description = write_passage(
            course.description, source=description, glossaries=chosen
        )
    course.save()
    if glossaries is not None:
        set_glossaries(course, glossaries)
    return course


@transaction.atomic
def set_glossaries(course: Course, glossaries: Sequence[Glossary]) -> None:
    """Make these, in this order, the glossaries whose terms the course's texts are linked to.

    Others than before mean other links, so every text of the course is linked anew, at once.
    Raises IntegrityError for one that is named twice.
    """
    Course.objects.select_for_update().get(pk=course.pk)
    if course.glossaries_in_order() == list(glossaries):
        return
    for place in course.glossary_places.all():
        place.delete()
    for position, glossary in enumerate(glossaries, start=1):
        CourseGlossary.objects.create(course=course, glossary=glossary, position=position)
    _link_anew(course, glossaries)


@transaction.atomic
def save_lesson(lesson: Lesson, *, text: str) -> Lesson:
    """Store ``lesson`` with its text (Markdown), linked to the terms of its course's glossaries.

    A lesson without a position goes to the end.
    """
    # One writer of a course's lessons at a time: addresses and positions are unique in it.
    course = Course.objects.select_for_update().get(pk=lesson.course_id)
    others = Lesson.objects.filter(course=course).exclude(pk=lesson.pk)
    if lesson.position is None:
        lesson.position = (others.aggregate(last=Max("position"))["last"] or 0) + 1
    lesson.slug = lesson.slug or unused_slug(lesson.title, others)
    passage = lesson.passage if lesson.passage_id else None
    glossaries = course.glossaries_in_order()
    lesson.passage = write_passage(passage, source=text, glossaries=glossaries)
    lesson.save()
    return lesson


@transaction.atomic
def number_lessons(course: Course, *, first: Lesson | None = None) -> None:
    """Number the lessons 1, 2, 3 … in their order; of two at one position ``first`` is first."""
    lessons = Lesson.objects.select_for_update().filter(course=course)
    chosen = first.pk if first else 0
    ordered = sorted(lessons, key=lambda one: (one.position, one.pk != chosen, one.pk))
    for position, lesson in enumerate(ordered, start=1):
        if lesson.position != position:
            Lesson.objects.filter(pk=lesson.pk).update(position=position)


@transaction.atomic
def delete_lesson(lesson: Lesson) -> None:
    """Remove a lesson and its text."""
    passage = lesson.passage_id
    lesson.delete()
    Passage.objects.filter(pk=passage).delete()


@transaction.atomic
def save_question(question: CourseQuestion, *, answer: str) -> CourseQuestion:
    """Store ``question`` with its answer (Markdown), linked as the course's other texts are.

    A question without a position goes to the end.
    """
    course = Course.objects.select_for_update().get(pk=question.course_id)
    if question.position is None:
        others = course.questions.exclude(pk=question.pk)
        question.position = (others.aggregate(last=Max("position"))["last"] or 0) + 1
    passage = question.answer if question.answer_id else None
    glossaries = course.glossaries_in_order()
    question.answer = write_passage(passage, source=answer, glossaries=glossaries)
    question.save()
    return question


@transaction.atomic
def number_questions(course: Course) -> None:
    """Number the questions 1, 2, 3 … in their order."""
    questions = CourseQuestion.objects.select_for_update().filter(course=course)
    for position, question in enumerate(questions.order_by("position", "pk"), start=1):
        if question.position != position:
            CourseQuestion.objects.filter(pk=question.pk).update(position=position)


@transaction.atomic
def delete_question(question: CourseQuestion) -> None:
    """Remove a question and its answer."""
    passage = question.answer_id
    question.delete()
    Passage.objects.filter(pk=passage).delete()


@transaction.atomic
def delete_course(course: Course) -> None:
    """Remove a course with its lessons, its questions and their texts."""
    passages = [
        *course.lessons.values_list("passage", flat=True),
        *course.questions.values_list("answer", flat=True),
        course.description_id,
    ]
    course.delete()
    Passage.objects.filter(pk__in=[pk for pk in passages if pk]).delete()


def unused_slug(title: str, others: models.QuerySet[Course] | models.QuerySet[Lesson]) -> str:
    """An address made from ``title`` that none of ``others`` has."""
    wanted = slugify(title)[:190] or "untitled"
    taken = set(others.filter(slug__startswith=wanted).values_list("slug", flat=True))
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name


def _link_anew(course: Course, glossaries: Sequence[Glossary]) -> None:
    of_course = Q(lesson__course=course) | Q(describes=course) | Q(answers__course=course)
    texts = Passage.objects.filter(of_course).order_by("pk")
    for passage in texts:
        link_to(passage, glossaries)
    relink(passage.pk for passage in texts)
