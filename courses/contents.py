"""A course's table of contents, as one person sees it."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from courses.models import Course, Lesson, Reading


@dataclass(frozen=True)
class LessonRow:
    """One line of the contents."""

    number: int
    lesson: Lesson
    # What its mark shows: free, done, locked, or nothing.
    state: str


def lesson_rows(course: Course, user: User | AnonymousUser, *, reads: bool) -> list[LessonRow]:
    """The published lessons of ``course`` in order, without their text: at most two queries.

    ``reads`` is whether ``user`` may read those that are not free.
    """
    lessons = course.lessons.filter(is_published=True).order_by("position")
    light = lessons.select_related("passage").only(
        "course", "position", "title", "slug", "summary", "is_free", "passage__word_count"
    )
    done = _done(course, user)
    return [
        LessonRow(number, lesson, _state(lesson, done=lesson.pk in done, reads=reads))
        for number, lesson in enumerate(light, start=1)
    ]


def neighbours(
    rows: list[LessonRow], lesson: Lesson
) -> tuple[LessonRow | None, LessonRow | None, LessonRow | None]:
    """The rows before, of and after ``lesson``; None where there is none."""
    place = next((i for i, row in enumerate(rows) if row.lesson.pk == lesson.pk), None)
    if place is None:
        return None, None, None
    before = rows[place - 1] if place else None
    after = rows[place + 1] if place + 1 < len(rows) else None
    return before, rows[place], after


def _done(course: Course, user: User | AnonymousUser) -> set[int]:
    if not user.is_authenticated:
        return set()
    readings = Reading.objects.filter(
        learner=user, lesson__course=course, completed_at__isnull=False
    )
    return set(readings.values_list("lesson", flat=True))


def _state(lesson: Lesson, *, done: bool, reads: bool) -> str:
    if done:
        return "done"
    if reads:
        return ""
    return "free" if lesson.is_free else "locked"
