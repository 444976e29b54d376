"""A course's table of contents, as one person sees it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import JSONObject
from django.urls import reverse

from accounts.models import User
from courses.models import Course, Lesson, Reading
from courses.models.course import minutes_to_read


@dataclass(frozen=True)
class LessonRow:
    """One line of the contents."""

    number: int
    pk: int
    title: str
    summary: str
    url: str
    minutes: int
    # What its mark shows: free, done, locked, or nothing.
    state: str
    is_free: bool = False


def lesson_rows(course: Course, user: User | AnonymousUser, *, reads: bool) -> list[LessonRow]:
    """The published lessons of ``course`` in order, without their text: one query.

    ``reads`` is whether ``user`` may read those that are not free.
    """
    learner = user if user.is_authenticated else None
    return rows_of(course, _facts(learner).filter(course=course), reads=reads)


def contents_beside(learner: Any) -> ArraySubquery:
    """For a query of lessons: the contents of each one's course, for ``rows_of``.

    ``learner`` is somebody signed in, or an expression that stands for them, or None.
    """
    return ArraySubquery(_facts(learner).filter(course=OuterRef("course")))


def rows_of(course: Course, facts: Iterable[dict[str, Any]], *, reads: bool) -> list[LessonRow]:
    """The lines of the contents of ``course``, from what the database said of its lessons."""
    # Made once and cut: for a long course, making each takes longer than the query.
    address = reverse("lesson_detail", args=[course.slug, "x"]).removesuffix("x/")
    return [
        LessonRow(
            number=number,
            pk=lesson["pk"],
            title=lesson["title"],
            summary=lesson["summary"],
            url=f"{address}{lesson['slug']}/",
            minutes=minutes_to_read(lesson["words"]),
            state=_state(lesson, reads=reads),
            is_free=lesson["is_free"],
        )
        for number, lesson in enumerate(facts, start=1)
    ]


def neighbours(
    rows: list[LessonRow], lesson: Lesson
) -> tuple[LessonRow | None, LessonRow | None, LessonRow | None]:
    """The rows before, of and after ``lesson``; None where there is none."""
    place = next((i for i, row in enumerate(rows) if row.pk == lesson.pk), None)
    if place is None:
        return None, None, None
    before = rows[place - 1] if place else None
    after = rows[place + 1] if place + 1 < len(rows) else None
    return before, rows[place], after


def _facts(learner: Any) -> "QuerySet[Lesson, dict[str, Any]]":
    """What the contents say of each published lesson, in order, and whether it is done."""
    done: Exists | Value = Value(value=False)
    if learner is not None:
        mine = Reading.objects.filter(learner=learner, completed_at__isnull=False)
        done = Exists(mine.filter(lesson=OuterRef("pk")))
    facts = JSONObject(
        pk="pk",
        title="title",
        slug="slug",
        summary="summary",
        is_free="is_free",
        words="passage__word_count",
        is_done=done,
    )
    published = Lesson.objects.filter(is_published=True).order_by("position")
    return published.values_list(facts, flat=True)


def _state(lesson: dict[str, Any], *, reads: bool) -> str:
    if lesson["is_done"]:
        return "done"
    if reads:
        return ""
    return "free" if lesson["is_free"] else "locked"
