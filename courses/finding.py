"""One search over terms, lessons and courses, which shows each person what that person may see."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Prefetch, Q
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from courses.access import courses_read_by
from courses.models import Course, CourseQuestion, Lesson, SearchInVain
from courses.moment import MomentRequest
from glossary import searching
from glossary.hits import Hit, term_hits
from glossary.marking import Marker, plain
from glossary.models import Glossary, Passage
from glossary.searching import Kind, Wanted

# So many of each kind beside the others, and so many on a page of one kind alone.
IN_A_GROUP = 6
ON_A_PAGE = 20
# A table that anybody can write to by searching has an end.
MOST_IN_VAIN = 5_000
SHORTEST_IN_VAIN = 2
ONE_SEARCH = timedelta(minutes=1)
KEPT_IN_VAIN = timedelta(days=180)


@dataclass(frozen=True)
class Group:
    """What was found of one kind; ``number`` is of all, of which ``hits`` are on this page."""

    name: str
    heading: str
    number: int
    hits: list[Hit]
    page: int = 1
    pages: int = 1

    @property
    def is_capped(self) -> bool:
        """Whether there may be more than were counted."""
        return self.number >= searching.MOST

    @property
    def has_more(self) -> bool:
        """Whether there are some that are not shown."""
        return self.number > len(self.hits)

    @property
    def previous(self) -> int | None:
        """The page before this one, where there is one."""
        return self.page - 1 if self.page > 1 else None

    @property
    def next(self) -> int | None:
        """The page after this one, where there is one."""
        return self.page + 1 if self.page < self.pages else None


@dataclass(frozen=True)
class Results:
    """What a search found, best first in each group; groups without anything are not there."""

    wanted: Wanted
    groups: list[Group]
    # Nothing has the words that were looked for; the groups hold what is spelt much the same.
    is_alike: bool = False

    @property
    def number(self) -> int:
        """How many were found, of all kinds."""
        return sum(group.number for group in self.groups)

    @property
    def is_capped(self) -> bool:
        """Whether there may be more."""
        return any(group.is_capped for group in self.groups)

    @property
    def is_in_vain(self) -> bool:
        """Whether something was looked for that is not there."""
        return bool(self.wanted.key) and (self.is_alike or not self.groups)


HEADINGS = {"terms": _("Terms"), "lessons": _("Lessons"), "courses": _("Courses")}


def search(typed: str, *, user: User | AnonymousUser, only: str = "", page: int = 1) -> Results:
    """Look for what was ``typed``, in everything that ``user`` may read.

    ``only`` is a key of ``HEADINGS``: then a page of that kind alone. The number of queries does
    not depend on how much is found.
    """
    wanted = Wanted.of(typed)
    if not wanted.key:
        return Results(wanted, [])
    kinds = _kinds(user)
    if only in kinds:
        kinds = {only: kinds[only]}
    found = searching.find(wanted, kinds)
    ids, is_alike = found.ids, found.is_alike
    if "terms" in kinds and not any(ids.values()):
        ids, is_alike = {"terms": searching.nearest(wanted, kinds["terms"])}, True
    marker = Marker([] if is_alike else searching.stems_of(wanted))
    size = ON_A_PAGE if only else IN_A_GROUP
    groups = [
        _group(name, kinds[name], ids[name], marker, page=page, size=size)
        for name in kinds
        if ids.get(name)
    ]
    return Results(wanted, groups, is_alike=is_alike)


def _kinds(user: User | AnonymousUser) -> dict[str, Kind]:
    """What ``user`` may know of, and may read: one condition for all rows."""
    reads = courses_read_by(user)
    courses = Course.objects.filter(Q(is_published=True) | reads)
    read = Course.objects.filter(reads)
    # A learner keeps a course that is no longer sold; what is free there is then not for others.
    lessons = Lesson.objects.filter(
        Q(course__is_published=True) | Q(course__in=read), is_published=True
    )
    texts = lessons.filter(Q(is_free=True) | Q(course__in=read))
    return {
        "terms": searching.terms(),
        "lessons": Kind(lessons, texts=texts),
        "courses": Kind(courses),
    }


def _group(name: str, kind: Kind, ids: list[int], marker: Marker, *, page: int, size: int) -> Group:
    pages = max(1, -(-len(ids) // size))
    page = min(max(1, page), pages)
    shown = ids[(page - 1) * size : page * size]
    rows = _HITS[name](kind, shown, marker)
    hits = [rows[pk] for pk in shown if pk in rows]
    return Group(name, str(HEADINGS[name]), len(ids), hits, page, pages)


def _term_hits(kind: Kind, ids: list[int], marker: Marker) -> dict[int, Hit]:
    return term_hits(kind.rows, ids, marker)


def _lesson_hits(kind: Kind, ids: list[int], marker: Marker) -> dict[int, Hit]:
    rows = kind.rows.filter(pk__in=ids).select_related("course")
    # The text only of those that may be read: of the others nobody sees where the word stands.
    readable = kind.rows if kind.texts is None else kind.texts
    of = Passage.objects.filter(lesson__in=readable.filter(pk__in=ids))
    texts = dict(of.values_list("lesson", "html"))
    return {lesson.pk: _lesson_hit(lesson, texts.get(lesson.pk, ""), marker) for lesson in rows}


def _lesson_hit(lesson: Lesson, html: str, marker: Marker) -> Hit:
    return Hit(
        url=lesson.get_absolute_url(),
        title=marker.mark(lesson.title),
        excerpt=_summary_or_text(lesson.summary, html, marker),
        place=lesson.course.title,
    )


def _summary_or_text(summary: str, html: str, marker: Marker) -> SafeString:
    """The summary, unless it is only in the text that something can be marked."""
    short, in_text = marker.mark(summary), marker.excerpt(plain(html))
    if summary and ("<mark>" in short or "<mark>" not in in_text):
        return short
    return in_text


def _course_hits(kind: Kind, ids: list[int], marker: Marker) -> dict[int, Hit]:
    questions = Prefetch("questions", CourseQuestion.objects.select_related("answer"))
    rows = kind.rows.filter(pk__in=ids).select_related("description").prefetch_related(questions)
    return {course.pk: _course_hit(course, marker) for course in rows}


def _course_hit(course: Course, marker: Marker) -> Hit:
    texts = [course.description.html if course.description else ""]
    for asked in course.questions.all():
        texts += [escape(asked.question), asked.answer.html]
    return Hit(
        url=course.get_absolute_url(),
        title=marker.mark(course.title),
        excerpt=_summary_or_text(course.summary, " ".join(texts), marker),
        place=course.subject,
    )


_HITS: dict[str, Callable[[Kind, list[int], Marker], dict[int, Hit]]] = {
    "terms": _term_hits,
    "lessons": _lesson_hits,
    "courses": _course_hits,
}


def count_in_vain(wanted: Wanted, *, at: datetime, glossary: Glossary | None = None) -> None:
    """Note for staff that somebody looked for something that is not there, and nothing of who.

    ``glossary`` is where they looked it up; None is the search over everything. What may be an
    email address is left out; the same again within a minute counts once, so that typing and
    sending are one search; and when the table is full, nothing new is noted. Nothing is kept in
    the cache: whoever searches for enough nonsense would push out of it what counts the attempts
    to sign in.
    """
    words = wanted.key[:100].strip()
    if len(words) < SHORTEST_IN_VAIN or "@" in wanted.text:
        return
    known = SearchInVain.objects.filter(words=words, glossary=glossary)
    again = known.filter(last_at__lte=at - ONE_SEARCH)
    if again.update(times=F("times") + 1, last_at=at) or known.exists():
        return
    if SearchInVain.objects.count() < MOST_IN_VAIN:
        new = SearchInVain(words=words, glossary=glossary, first_at=at, last_at=at)
        SearchInVain.objects.bulk_create([new], ignore_conflicts=True)


def on_looked_up_in_vain(
    *, request: MomentRequest, wanted: Wanted, glossary: Glossary, **_: Any
) -> None:
    """A glossary says that it has not what somebody looked up in it."""
    if not request.asks_about:
        count_in_vain(wanted, at=request.at, glossary=glossary)


def forget_in_vain(*, at: datetime) -> int:
    """Drop what nobody has looked for again for half a year; how many that were."""
    number, _ = SearchInVain.objects.filter(last_at__lt=at - KEPT_IN_VAIN).delete()
    return number
