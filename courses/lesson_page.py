"""A lesson with all that its page shows, fetched at once.

Besides the session, the person and the provider, one query: a lesson's page is what learners look
at most, and each further trip to the database costs more than what it would bring. What belongs
to the lesson comes as JSON beside its row, in the shape in which it is shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import JSONObject
from django.urls import reverse

from accounts.models import User
from courses import reading
from courses.contents import contents_beside
from courses.models import Lesson
from glossary.models import Term
from glossary.practice.knowing import is_known_to, mark_links

# What the page shows nothing of: most of what there is of a text.
NOT_SHOWN = ("passage__source", "passage__html", "passage__folded", "passage__problems")


@dataclass(frozen=True)
class TermUsed:
    """A term that a lesson uses."""

    name: str
    abbreviation: str
    url: str
    # Whether the learner has shown that they know it; None for visitors.
    is_known: bool | None


@dataclass(frozen=True)
class TermsUsed:
    """The terms that a lesson takes for granted: those to learn first, each part from A to Z."""

    terms: list[TermUsed]
    # So many are shown; the rest is folded away.
    SHOWN = 8

    @property
    def shown(self) -> list[TermUsed]:
        """Those that everyone sees at once."""
        return self.terms if len(self.terms) <= self.SHOWN + 1 else self.terms[: self.SHOWN]

    @property
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
        return len(self.terms) - self.known


def lessons_to_show(user: User | AnonymousUser, *, at: datetime) -> QuerySet[Lesson]:
    """Lessons with their course and text, and what ``user`` sees around it at the moment ``at``.

    Each has ``contents`` (for ``courses.contents.rows_of``), ``terms_used`` (for ``terms_of``)
    and ``is_being_read`` (no need to note that it is read).
    """
    noted: Exists | Value = Value(value=True)
    if user.is_authenticated:
        noted = Exists(reading.being_read(user, at=at).filter(lesson=OuterRef("pk")))
    return (
        Lesson.objects.select_related("course", "passage")
        .defer(*NOT_SHOWN)
        .annotate(
            contents=contents_beside(user),
            terms_used=ArraySubquery(_terms(user, at=at)),
            is_being_read=noted,
        )
    )


def terms_of(facts: Iterable[dict[str, Any]]) -> TermsUsed:
    """The terms that a lesson takes for granted, from what the database said of them."""
    terms = [
        TermUsed(
            name=term["name"],
            abbreviation=term["abbreviation"],
            url=reverse("term_detail", args=[term["glossary"], term["slug"]]),
            is_known=term["is_known"],
        )
        for term in facts
    ]
    return TermsUsed(sorted(terms, key=lambda term: term.is_known is True))


def text_for(html: str, used: TermsUsed, user: User | AnonymousUser) -> str:
    """The lesson's text; for somebody signed in with the links to terms marked."""
    if not user.is_authenticated:
        return html
    return mark_links(html, {term.url for term in used.terms if term.is_known})


def _terms(user: User | AnonymousUser, *, at: datetime) -> "QuerySet[Term, dict[str, Any]]":
    """What the page says of each public term that a lesson uses, from A to Z."""
    is_known = is_known_to(user, at=at) if user.is_authenticated else Value(None)
    facts = JSONObject(
        name="name",
        abbreviation="abbreviation",
        slug="slug",
        glossary="glossary__slug",
        is_known=is_known,
    )
    used = Term.objects.public().filter(mentions__passage=OuterRef("passage"))
    return used.in_order().values_list(facts, flat=True)
