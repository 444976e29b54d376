"""A learner's way through a course: what was read, what is done, and where to go on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.db.models.functions import Greatest

from accounts.models import User
from courses.models import Course, Lesson, Reading

# Who reloads a page, or comes back to it from a term, is still reading it.
STILL_READING = timedelta(minutes=5)


@dataclass(frozen=True)
class Progress:
    """How many of a course's published lessons a learner has done."""

    done: int = 0
    total: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether there were lessons and all are done."""
        return 0 < self.total == self.done


def read(*, learner: User, lesson: Lesson, at: datetime) -> None:
    """Note that ``learner`` looked at ``lesson`` at the moment ``at``."""
    again = Reading.objects.filter(learner=learner, lesson=lesson).update(
        last_read_at=Greatest("last_read_at", at)
    )
    if not again:
        _begin(learner, lesson, at)


def read_since(learner: Any, *, moment: Any) -> QuerySet[Reading]:
    """The reading of the lesson that ``learner`` read last, where that was after ``moment``.

    No lesson but the last: coming back to one from another is worth noting at once, so that the
    place to go on is always right. Both may be expressions.
    """
    last = Reading.objects.filter(learner=learner).order_by("-last_read_at", "-pk")[:1]
    return Reading.objects.filter(pk__in=last.values("pk"), last_read_at__gt=moment)


def complete(*, learner: User, lesson: Lesson, at: datetime) -> None:
    """Tick ``lesson`` as done. Nothing changes where it was done already."""
    _begin(learner, lesson, at)
    Reading.objects.filter(learner=learner, lesson=lesson, completed_at=None).update(
        completed_at=at
    )


def uncomplete(*, learner: User, lesson: Lesson) -> None:
    """Take the tick away. Nothing changes where there was none."""
    Reading.objects.filter(learner=learner, lesson=lesson).update(completed_at=None)


def _begin(learner: User, lesson: Lesson, at: datetime) -> None:
    # Two tabs opened at once are one reading; the database says which came first.
    reading = Reading(learner=learner, lesson=lesson, first_read_at=at, last_read_at=at)
    Reading.objects.bulk_create([reading], ignore_conflicts=True)


def progress_of(learner: User, courses: Iterable[Course]) -> dict[int, Progress]:
    """Progress by course id, for every one of ``courses``: one query however many there are."""
    wanted = [course.pk for course in courses]
    done = Reading.objects.filter(
        lesson=OuterRef("pk"), learner=learner, completed_at__isnull=False
    )
    rows = (
        Lesson.objects.filter(course__in=wanted, is_published=True)
        .order_by()
        .values("course")
        .annotate(total=Count("pk"), done=Count("pk", filter=Exists(done)))
        .values_list("course", "done", "total")
    )
    found = {course: Progress(done, total) for course, done, total in rows}
    return {course: found.get(course, Progress()) for course in wanted}


def next_lessons(learner: User, courses: Iterable[Course]) -> dict[int, Lesson]:
    """The lesson to go on with in each of ``courses``, by course id; none where all are done.

    The one last read, unless it is done; then the first after it that is not, and then the first
    of all that is not. Two queries however many courses there are.
    """
    wanted = list(courses)
    lessons: dict[int, list[Lesson]] = {course.pk: [] for course in wanted}
    for lesson in (
        Lesson.objects.filter(course__in=wanted, is_published=True)
        .select_related("course")
        .order_by("course_id", "position")
    ):
        lessons[lesson.course_id].append(lesson)
    readings = {
        reading.lesson_id: reading
        for reading in Reading.objects.filter(learner=learner, lesson__course__in=wanted)
    }
    chosen = {course: _go_on(rows, readings) for course, rows in lessons.items()}
    return {course: lesson for course, lesson in chosen.items() if lesson}


def _go_on(lessons: list[Lesson], readings: dict[int, Reading]) -> Lesson | None:
    undone = [
        lesson
        for lesson in lessons
        if lesson.pk not in readings or readings[lesson.pk].completed_at is None
    ]
    opened = [lesson for lesson in lessons if lesson.pk in readings]
    if not opened:
        return undone[0] if undone else None
    last = max(opened, key=lambda lesson: readings[lesson.pk].last_read_at)
    following = [lesson for lesson in undone if lesson.position >= last.position]
    return next(iter(following or undone), None)


def continue_reading(learner: User) -> Lesson | None:
    """The lesson to go on with in the course last read that still has one; None where none has.

    At most three queries however many courses there are.
    """
    latest: dict[int, Course] = {}
    rows = Reading.objects.filter(learner=learner, lesson__course__is_published=True)
    for reading in rows.select_related("lesson__course").order_by("-last_read_at"):
        latest.setdefault(reading.lesson.course_id, reading.lesson.course)
    if not latest:
        return None
    chosen = next_lessons(learner, latest.values())
    return next((chosen[course] for course in latest if course in chosen), None)
