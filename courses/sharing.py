"""Which picture stands beside a link to a page.

Its address has a digest of all that is drawn, so that it is another one when a word changes, and
whoever has a picture may keep it for good. Nothing on it goes out of date by itself: no intake, no
price.
"""

import hashlib
from collections.abc import Callable
from dataclasses import astuple, dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from courses.drawing import HEIGHT, WIDTH, Leaf
from courses.heads import what_is_here
from courses.models import Course, Lesson, Provider
from glossary.addresses import absolute
from glossary.models import Glossary, Term

# Another one when leaves are drawn otherwise.
LOOK = "1"


@dataclass(frozen=True)
class Picture:
    """The picture of one row."""

    kind: str
    key: int
    leaf: Leaf
    width = WIDTH
    height = HEIGHT

    @cached_property
    def digest(self) -> str:
        """Another text for every other picture."""
        said = "\0".join((LOOK, *astuple(self.leaf)))
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    @property
    def path(self) -> str:
        """Where it is."""
        return reverse("picture", args=[self.kind, self.key, self.digest])

    @property
    def address(self) -> str:
        """Where it is, for those elsewhere."""
        return absolute(self.path)

    @property
    def description(self) -> str:
        """What it shows, for those who do not see it."""
        return f"{self.leaf.label}: {self.leaf.headline}"


def _of_course(course: Course) -> tuple[str, str, str]:
    return course.subject or _("Course"), course.title, course.summary


def _of_lesson(lesson: Lesson) -> tuple[str, str, str]:
    return lesson.course.title, lesson.title, lesson.summary


def _of_glossary(glossary: Glossary) -> tuple[str, str, str]:
    return _("Glossary"), glossary.title, glossary.summary


def _of_term(term: Term) -> tuple[str, str, str]:
    name = f"{term.name} ({term.abbreviation})" if term.abbreviation else term.name
    return term.glossary.title, name, term.opening


def _of_provider(provider: Provider) -> tuple[str, str, str]:
    return _("Courses and glossaries"), provider.name, what_is_here()


@dataclass(frozen=True)
class Kind:
    """Pictures of one kind: of which rows, and what is drawn of one."""

    rows: "Callable[[], QuerySet[Any]]"
    says: Callable[[Any], tuple[str, str, str]]


KINDS = {
    "courses": Kind(Course.objects.public, _of_course),
    "lessons": Kind(lambda: Lesson.objects.public().select_related("course"), _of_lesson),
    "glossaries": Kind(lambda: Glossary.objects.filter(is_published=True), _of_glossary),
    "terms": Kind(lambda: Term.objects.public().select_related("glossary"), _of_term),
    "site": Kind(Provider.objects.all, _of_provider),
}
KIND_OF: dict[type[Model], str] = {
    Course: "courses",
    Lesson: "lessons",
    Glossary: "glossaries",
    Term: "terms",
    Provider: "site",
}


def picture_of(row: Any, *, provider: Provider | None) -> Picture:
    """The picture of a course, lesson, glossary, term, or of the provider for the site."""
    return _picture(KIND_OF[row._meta.model], row, provider)


def find(kind: str, key: int) -> Picture | None:
    """The picture of the row with this key, where visitors may see that row: two queries."""
    known = KINDS.get(kind)
    row = known.rows().filter(pk=key).first() if known else None
    return _picture(kind, row, Provider.current()) if row else None


def _picture(kind: str, row: Any, provider: Provider | None) -> Picture:
    foot = f"{provider.name} · {settings.SITE_HOST}" if provider else settings.SITE_HOST
    return Picture(kind, row.pk, Leaf(*KINDS[kind].says(row), foot))
