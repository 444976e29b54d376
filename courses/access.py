"""Which courses and lessons a person may see. Anything else answers 404.

Whether someone may read a lesson is Django's own question, ``user.has_perm``; who answers it is
no business of this application.
"""

from typing import Any

from django.contrib.auth import get_backends
from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet
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
    return _courses_by("courses_read_by", user)


def courses_opened_to(user: User | AnonymousUser) -> Q:
    """A condition on courses: those opened to ``user`` in person, by a place in one of its intakes.

    Part of ``courses_read_by``, and enough for a learner: permissions, which cost queries of their
    own, are left out. Backends answer with a method ``courses_opened_to(user)``.
    """
    return _courses_by("courses_opened_to", user)


def _courses_by(question: str, user: User | AnonymousUser) -> Q:
    """A condition on courses: those that any backend answers ``question`` with."""
    condition = Q(pk__in=[])
    for backend in get_backends():
        if hasattr(backend, question):
            courses: QuerySet[Course] = getattr(backend, question)(user)
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


def lesson_or_404(
    course: str,
    lesson: str,
    user: User | AnonymousUser,
    *,
    rows: QuerySet[Any] | None = None,
) -> tuple[Any, bool]:
    """The lesson, and whether ``user`` reads its course: one query for a learner.

    ``rows`` are lessons with whatever else shall come in that query; without it they bring their
    course and passage. Raises Http404 where the lesson is not published, but for staff, and where
    the course is not, but for staff and its learners.
    """
    if rows is None:
        rows = Lesson.objects.select_related("course", "passage")
    opened = Course.objects.filter(courses_opened_to(user), pk=OuterRef("course"))
    rows = rows.annotate(is_opened=Exists(opened))
    found = get_object_or_404(rows, course__slug=course, slug=lesson)
    reads = found.is_opened or reads_course(user, found.course)
    published = found.is_published and (found.course.is_published or reads)
    if published or _edits(user, "lesson"):
        return found, reads
    raise Http404


def _edits(user: User | AnonymousUser, model: str) -> bool:
    return user.is_authenticated and user.is_staff and user.has_perm(f"courses.view_{model}")
