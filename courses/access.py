"""Which courses and lessons a person may see. Anything else answers 404.

Whether someone may read a lesson is Django's own question, ``user.has_perm``; who answers it is
no business of this application.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_backends
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import User
from courses.models import Course, Lesson


def reads_course(user: User | AnonymousUser, course: Course) -> bool:
    """Whether ``user`` may read the lessons of ``course`` that are not free."""
    # Access is given to a course as a whole, so any lesson of it can stand for all.
    return user.is_authenticated and user.has_perm("courses.read_lesson", Lesson(course=course))


def courses_read_by(user: User | AnonymousUser) -> Q:
    """A condition on courses: those whose lessons ``user`` may read. For lists; asks for no row.

    Whichever backend answers ``has_perm`` for one lesson answers for all courses at once with a
    method ``courses_read_by(user)``; as with ``has_perm``, one that says yes is enough.
    """
    return _any_of(
        backend.courses_read_by(user)
        for backend in get_backends()
        if hasattr(backend, "courses_read_by")
    )


def courses_opened_to(learner: Any, *, at: Any) -> Q:
    """A condition on courses: those opened to ``learner`` in person, by a place in an intake.

    A part of ``courses_read_by`` that is enough for learners, and leaves out permissions, which
    cost queries of their own. Both may be expressions, so that the query can be prepared. Answered
    by a backend's method of this name.
    """
    return _any_of(
        backend.courses_opened_to(learner, at=at)
        for backend in get_backends()
        if hasattr(backend, "courses_opened_to")
    )


def _any_of(answers: Iterable[QuerySet[Course]]) -> Q:
    condition = Q(pk__in=[])
    for courses in answers:
        condition |= Q(pk__in=courses.values("pk"))
    return condition


def sells_to(user: User | AnonymousUser, course: Course, *, reads: bool) -> bool:
    """Whether the ways into ``course`` are shown to ``user``, who ``reads`` it already or not.

    Staff see what visitors see.
    """
    return course.is_published and (not reads or (user.is_authenticated and user.is_staff))


def course_or_404(slug: str, user: User | AnonymousUser) -> Course:
    """The course, where it is published or ``user`` has a claim to it.

    Its learners keep a course that is no longer sold; staff see one that is not sold yet. Raises
    Http404 for everyone else.
    """
    course = get_object_or_404(Course.objects.select_related("description"), slug=slug)
    if course.is_published or _edits(user, "course") or reads_course(user, course):
        return course
    raise Http404


def lesson_or_404(course: str, lesson: str, user: User | AnonymousUser) -> tuple[Lesson, bool]:
    """The lesson, and whether ``user`` reads its course (asked once).

    Raises Http404 as ``reads_or_404`` does.
    """
    rows = Lesson.objects.select_related("course", "passage")
    found = get_object_or_404(rows, course__slug=course, slug=lesson)
    return found, reads_or_404(found, user)


def reads_or_404(lesson: Lesson, user: User | AnonymousUser, *, is_opened: bool = False) -> bool:
    """Whether ``user`` reads the course of ``lesson``; ``is_opened`` where that is known already.

    Raises Http404 where the lesson is not published, but for staff, and where the course is not,
    but for staff and its learners.
    """
    reads = is_opened or reads_course(user, lesson.course)
    published = lesson.is_published and (lesson.course.is_published or reads)
    if published or _edits(user, "lesson"):
        return reads
    raise Http404


def _edits(user: User | AnonymousUser, model: str) -> bool:
    return user.is_authenticated and user.is_staff and user.has_perm(f"courses.view_{model}")
