"""A lesson with all that its page shows, fetched at once.

Besides the session, the person and the provider, one query: a lesson's page is what learners look
at most, and each further trip to the database costs more than what it would bring. What belongs
to the lesson comes as JSON beside its text, in the shape in which it is shown.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import JSONObject
from django.utils import timezone

from accounts.models import User
from courses.access import courses_opened_to
from courses.contents import contents_beside
from courses.models import Course, Lesson
from courses.reading import STILL_READING, read_since
from glossary.addresses import terms_under
from glossary.models import Passage, Term
from glossary.practice.knowing import is_known_to, mark_links
from glossary.prepared import Given, Prepared, a_key, a_moment, a_text, partial_row

LOOKS = {None: "term", True: "term term--known", False: "term term--new"}


@dataclass(frozen=True)
class TermUsed:
    """A term that a lesson uses."""

    name: str
    abbreviation: str
    url: str
    # Whether the learner has shown that they know it; None for visitors.
    is_known: bool | None

    @property
    def look(self) -> str:
        """The classes of a link to it."""
        return LOOKS[self.is_known]


@dataclass(frozen=True)
class TermsUsed:
    """The terms that a lesson takes for granted: those to learn first, each part from A to Z."""

    terms: list[TermUsed]
    # So many are shown; the rest is folded away.
    SHOWN = 8

    @cached_property
    def shown(self) -> list[TermUsed]:
        """Those that everyone sees at once."""
        return self.terms if len(self.terms) <= self.SHOWN + 1 else self.terms[: self.SHOWN]

    @cached_property
    def folded(self) -> list[TermUsed]:
        """The rest; never a single one, for which its place would do as well."""
        return self.terms[len(self.shown) :]

    @property
    def known(self) -> int:
        """How many the learner knows."""
        return sum(term.is_known is True for term in self.terms)

    @property
    def new(self) -> int:
        """How many the learner does not know yet."""
        return sum(term.is_known is False for term in self.terms)


@dataclass(frozen=True)
class LessonPage:
    """A lesson, with its course and text, and what one person sees around it."""

    lesson: Lesson
    # For ``courses.contents.rows_of``.
    contents: list[dict[str, Any]]
    used: TermsUsed
    # Whether a place in an intake opens the course to the person.
    is_opened: bool
    # Whether it is noted that the person reads it just now.
    is_noted: bool
    # Whether the person is signed in, so that links may be marked for them.
    is_personal: bool

    @property
    def text(self) -> str:
        """The lesson's text; for somebody signed in with the links to terms marked."""
        html = self.lesson.passage.linked_html
        if not self.is_personal:
            return html
        return mark_links(html, {term.url for term in self.used.terms if term.is_known})


def lesson_page(
    course: str, lesson: str, user: User | AnonymousUser, *, at: datetime
) -> LessonPage | None:
    """The lesson at this address as ``user`` sees it at the moment ``at``; None where none is.

    Who may see it is not asked here. One query.
    """
    given = {"course": course, "lesson": lesson}
    if user.is_authenticated:
        still = at - STILL_READING
        row = FOR_A_LEARNER.first(
            **given, learner=user.pk, at=at, still_reading=still, now=timezone.now()
        )
    else:
        row = FOR_A_VISITOR.first(**given)
    if row is None:
        return None
    text, facts = row
    known: dict[str, Any] = json.loads(facts)
    return LessonPage(
        lesson=_lesson(known, text),
        contents=known["contents"],
        used=_used(known["terms"]),
        is_opened=known["is_opened"],
        is_noted=known["is_noted"],
        is_personal=user.is_authenticated,
    )


def _query(learner: Given | None) -> "QuerySet[Lesson, tuple[Any, ...]]":
    """The lesson of an address: its text, and everything else as JSON."""
    opened: Exists | Value = Value(value=False)
    noted: Exists | Value = Value(value=False)
    if learner is not None:
        courses = Course.objects.filter(courses_opened_to(learner, at=a_moment("now")))
        opened = Exists(courses.filter(pk=OuterRef("course")))
        lately = read_since(learner, moment=a_moment("still_reading"))
        noted = Exists(lately.filter(lesson=OuterRef("pk")))
    facts = JSONObject(
        lesson=_columns("", LESSON),
        course=_columns("course__", COURSE),
        passage=_columns("passage__", PASSAGE),
        contents=contents_beside(learner),
        terms=ArraySubquery(_terms(learner)),
        is_opened=opened,
        is_noted=noted,
    )
    rows = Lesson.objects.filter(course__slug=a_text("course"), slug=a_text("lesson"))
    return rows.values_list("passage__linked_html", facts)


FOR_A_LEARNER = Prepared(partial(_query, a_key("learner")))
FOR_A_VISITOR = Prepared(partial(_query, None))

# What the page, and whoever it asks, wants to know of each.
LESSON = ("id", "title", "slug", "summary", "is_free", "is_published")
COURSE = ("id", "title", "slug", "is_published")
PASSAGE = ("id", "word_count", "sections")


def _columns(path: str, names: Iterable[str]) -> JSONObject:
    return JSONObject(**{name: f"{path}{name}" for name in names})


def _lesson(known: dict[str, Any], text: str) -> Lesson:
    """The lesson as a model; what was not fetched is fetched when it is asked for."""
    lesson = partial_row(Lesson, known["lesson"])
    lesson.course = partial_row(Course, known["course"])
    lesson.passage = partial_row(Passage, {**known["passage"], "linked_html": text})
    return lesson


def _terms(learner: Given | None) -> "QuerySet[Term, dict[str, Any]]":
    """What the page says of each public term that a lesson uses, from A to Z."""
    is_known: Exists | Value = Value(None)
    if learner is not None:
        is_known = is_known_to(learner, at=a_moment("at"))
    facts = JSONObject(
        name="name",
        abbreviation="abbreviation",
        slug="slug",
        glossary="glossary__slug",
        is_known=is_known,
    )
    used = Term.objects.public().filter(mentions__passage=OuterRef("passage"))
    return used.in_order().values_list(facts, flat=True)


def _used(terms: list[dict[str, Any]]) -> TermsUsed:
    addresses = {slug: terms_under(slug) for slug in {term["glossary"] for term in terms}}
    used = [
        TermUsed(
            name=term["name"],
            abbreviation=term["abbreviation"],
            url=f"{addresses[term['glossary']]}{term['slug']}/",
            is_known=term["is_known"],
        )
        for term in terms
    ]
    return TermsUsed(sorted(used, key=lambda term: term.is_known is True))
