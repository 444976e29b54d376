"""Journeys of writing a course: its texts are stored, finished and linked with it."""

from django.db import models, transaction
from django.db.models import Max
from django.utils.text import slugify

from courses.models import Course, Lesson
from glossary.linking import Linker
from glossary.models import Passage
from glossary.passages import linker_for, write_passage


@transaction.atomic
def save_course(course: Course, *, description: str | None = None) -> Course:
    """Store ``course`` and, unless None, its description (Markdown; "" for none).

    Another glossary means other links, so every text of the course is linked anew.
    """
    course.slug = course.slug or unused_slug(course.title, Course.objects.exclude(pk=course.pk))
    known = Course.objects.select_for_update().filter(pk=course.pk).first() if course.pk else None
    if description is not None and (description or course.description_id):
        course.description = write_passage(
            course.description, source=description, glossary=course.glossary
        )
    course.save()
    if known and known.glossary_id != course.glossary_id:
        _link_anew(course)
    return course


@transaction.atomic
def save_lesson(lesson: Lesson, *, text: str, linker: Linker | None = None) -> Lesson:
    """Store ``lesson`` with its text (Markdown), linked to the terms of its course's glossary.

    A lesson without a position goes to the end; whoever writes many passes one ``linker``.
    """
    # One writer of a course's lessons at a time: addresses and positions are unique in it.
    Course.objects.select_for_update().get(pk=lesson.course_id)
    others = Lesson.objects.filter(course=lesson.course_id).exclude(pk=lesson.pk)
    if lesson.position is None:
        lesson.position = (others.aggregate(last=Max("position"))["last"] or 0) + 1
    lesson.slug = lesson.slug or unused_slug(lesson.title, others)
    passage = lesson.passage if lesson.passage_id else None
    lesson.passage = write_passage(
        passage, source=text, glossary=lesson.course.glossary, linker=linker
    )
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
def delete_course(course: Course) -> None:
    """Remove a course with its lessons and their texts."""
    passages = [*course.lessons.values_list("passage", flat=True), course.description_id]
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


def _link_anew(course: Course) -> None:
    linker = linker_for(course.glossary)
    of_lessons = Passage.objects.filter(lesson__course=course)
    for passage in of_lessons.select_for_update(of=("self",)):
        write_passage(passage, source=passage.source, glossary=course.glossary, linker=linker)
    if course.description:
        source = course.description.source
        write_passage(course.description, source=source, glossary=course.glossary, linker=linker)
