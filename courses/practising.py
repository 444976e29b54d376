"""Practice from lessons: the terms that a learner has met in what they read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from courses.access import courses_read_by
from courses.models import Course, Lesson
from glossary.models import Glossary, Mention, Passage, Term, TermQuerySet
from glossary.practice.keeping import Kept, Memories

# So many glossaries that somebody has not begun are offered; the rest are in the list of all.
GLOSSARIES_OFFERED = 12


@dataclass(frozen=True)
class Standing:
    """How a person stands with a course's or a glossary's terms."""

    title: str
    of: Course | Glossary
    total: int
    due: int
    known: int
    begun: int

    @property
    def line(self) -> str:
        """As ``3 due · 12 of 40 known``."""
        numbers = {"due": self.due, "known": self.known, "total": self.total}
        said = {name: intcomma(number) for name, number in numbers.items()}
        if self.due:
            return _("%(due)s due · %(known)s of %(total)s known") % said
        return _("%(known)s of %(total)s known") % said


def terms_met(learner: User, *, course: Course | None = None) -> TermQuerySet:
    """The public terms used in the published lessons that ``learner`` has read."""
    read = _met(learner)
    if course is not None:
        read = read.filter(passage__lesson__course=course)
    return Term.objects.public().filter(pk__in=read.values("term"))


def terms_to_practise(person: User | AnonymousUser, memories: Memories) -> TermQuerySet:
    """Those that ``person`` has begun, and those met in lessons."""
    mine = Q(pk__in=memories.begun())
    if person.is_authenticated:
        mine |= Q(pk__in=_met(person).values("term"))
    return Term.objects.public().filter(mine)


def texts_to_quote(course: Course, *, reads: bool) -> "QuerySet[Passage]":
    """The texts of a course's lessons that somebody may read who ``reads`` the course, or not."""
    lessons = Lesson.objects.filter(course=course, is_published=True)
    return Passage.objects.filter(lesson__in=lessons if reads else lessons.filter(is_free=True))


def by_course(learner: User, kept: dict[int, Kept], *, at: datetime) -> list[Standing]:
    """The courses of which ``learner`` has read a lesson and may see the page.

    Two queries, however many there are.
    """
    pairs: dict[int, set[int]] = {}
    rows = _met(learner).filter(term__in=Term.objects.public())
    for course, term in rows.values_list("passage__lesson__course", "term").distinct():
        pairs.setdefault(course, set()).add(term)
    seen = Course.objects.filter(Q(is_published=True) | courses_read_by(learner))
    courses = seen.filter(pk__in=pairs).order_by("title", "pk")
    return [
        _standing(course, pairs[course.pk], len(pairs[course.pk]), kept, at=at)
        for course in courses
    ]


def by_glossary(memories: Memories, kept: dict[int, Kept], *, at: datetime) -> list[Standing]:
    """The glossaries that were begun, and a few to begin: at most three queries."""
    begun: dict[int, set[int]] = {}
    rows = Term.objects.public().filter(pk__in=memories.begun())
    for glossary, term in rows.values_list("glossary", "pk"):
        begun.setdefault(glossary, set()).add(term)
    published = Glossary.objects.filter(is_published=True).annotate(
        total=Count("terms", filter=Q(terms__is_published=True))
    )
    in_order = published.filter(total__gt=0).order_by("title", "pk")
    found = list(in_order.filter(pk__in=begun)) if begun else []
    found += in_order.exclude(pk__in=begun)[:GLOSSARIES_OFFERED]
    return [
        _standing(glossary, begun.get(glossary.pk, set()), glossary.total, kept, at=at)
        for glossary in found
    ]


def _standing(
    of: Course | Glossary, terms: set[int], total: int, kept: dict[int, Kept], *, at: datetime
) -> Standing:
    states = [kept[term].state for term in terms if term in kept]
    return Standing(
        title=of.title,
        of=of,
        total=total,
        due=sum(state.is_due(at) for state in states),
        known=sum(state.is_known(at) for state in states),
        begun=len(states),
    )


def _met(learner: User) -> "QuerySet[Mention, Mention]":
    """The mentions of terms in published lessons that ``learner`` has read."""
    return Mention.objects.filter(
        passage__lesson__readings__learner=learner, passage__lesson__is_published=True
    )


def due_today(person: Any, *, at: datetime) -> int:
    """How many terms wait for a learner at ``at``: one query."""
    return int(person.memories.public().filter(due__lte=at).count())
