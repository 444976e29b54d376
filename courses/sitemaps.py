"""Every address that is to be found, and when what stands there changed last.

By https://www.sitemaps.org/protocol.html: an index of files, each with up to 50,000 addresses. Here
a file has those of 10,000 keys that follow each other. So it is read from the key's own index,
wherever it begins, and a row stays in its file for good. Rows come as values, never as models.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from django.db.models import DateTimeField, F, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Greatest
from django.urls import reverse

from courses.models import Course, CourseQuestion, Intake, LegalPage, Lesson, Price
from glossary.addresses import absolute, terms_under
from glossary.models import Glossary, Term

KEYS = 10_000
OPENING = '<?xml version="1.0" encoding="UTF-8"?>\n'
NAMES = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
# A path, and when what stands there changed last where rows say so.
Place = tuple[str, datetime | None]
Rows = QuerySet[Any, Any]


@dataclass(frozen=True)
class Section:
    """Addresses of one kind."""

    # The rows that have some, each with the moment ``changed``.
    rows: Callable[[], Rows]
    # Their columns that addresses are made of, and how.
    columns: tuple[str, ...]
    places: Callable[[Iterable[tuple[Any, ...]]], Iterator[Place]]

    def files(self) -> list[tuple[int, datetime]]:
        """The number of each file with rows, and when one of them changed last: one query."""
        by_file = self.rows().order_by().annotate(file=F("pk") / KEYS).values("file")
        last = by_file.annotate(last=Max("changed")).order_by("file")
        return list(last.values_list("file", "last"))

    def file(self, number: int) -> list[Place]:
        """The addresses in a file, none where there is no such file: one query."""
        rows = self.rows().filter(pk__gte=number * KEYS, pk__lt=(number + 1) * KEYS)
        return list(self.places(rows.order_by("pk").values_list(*self.columns)))


def _courses() -> Rows:
    """Each with the last change of what its page says: of it, its questions, intakes, prices."""
    last = []
    for rows, path in (
        (CourseQuestion.history, "course"),
        (Intake.history, "course"),
        (Price.history, "intake__course"),
    ):
        of_course = rows.filter(**{path: OuterRef("pk")}).order_by().values(path)
        at = of_course.annotate(at=Max("history_date")).values("at")
        last.append(Subquery(at, DateTimeField()))
    return Course.objects.public().annotate(changed=Greatest("updated_at", *last))


def _places_of_courses(rows: Iterable[tuple[Any, ...]]) -> Iterator[Place]:
    for slug, changed in rows:
        yield reverse("course_detail", args=[slug]), changed
        yield reverse("course_terms", args=[slug]), None


def _places_of_lessons(rows: Iterable[tuple[Any, ...]]) -> Iterator[Place]:
    for course, slug, changed in rows:
        yield reverse("lesson_detail", args=[course, slug]), changed


def _places_of_glossaries(rows: Iterable[tuple[Any, ...]]) -> Iterator[Place]:
    for slug, changed, drawn_at in rows:
        yield reverse("glossary_detail", args=[slug]), changed
        if drawn_at:
            yield reverse("glossary_map", args=[slug]), drawn_at


def _places_of_terms(rows: Iterable[tuple[Any, ...]]) -> Iterator[Place]:
    under: dict[str, str] = {}
    for glossary, slug, changed in rows:
        if glossary not in under:
            under[glossary] = terms_under(glossary)
        yield f"{under[glossary]}{slug}/", changed


def _places_of_legal_pages(rows: Iterable[tuple[Any, ...]]) -> Iterator[Place]:
    for slug, changed in rows:
        yield reverse("legal_page", args=[slug]), changed


SECTIONS = {
    "courses": Section(_courses, ("slug", "changed"), _places_of_courses),
    "lessons": Section(
        lambda: Lesson.objects.public().annotate(changed=F("updated_at")),
        ("course__slug", "slug", "changed"),
        _places_of_lessons,
    ),
    "glossaries": Section(
        lambda: Glossary.objects.filter(is_published=True).annotate(changed=F("changed_at")),
        ("slug", "changed", "map__drawn_at"),
        _places_of_glossaries,
    ),
    "terms": Section(
        lambda: Term.objects.public().annotate(changed=F("updated_at")),
        ("glossary__slug", "slug", "changed"),
        _places_of_terms,
    ),
    "legal": Section(
        lambda: LegalPage.objects.annotate(changed=F("updated_at")),
        ("slug", "changed"),
        _places_of_legal_pages,
    ),
}
# There once, and put together from everything else, so that no row says when they changed.
ALONE = ("home", "course_list", "glossary_list")


def index() -> str:
    """The index of all files: a query a section."""
    entries = [_entry("sitemap", (reverse("sitemap_pages"), None))]
    for name, section in SECTIONS.items():
        for number, changed in section.files():
            path = reverse("sitemap_section", args=[name, number])
            entries.append(_entry("sitemap", (path, changed)))
    return _document("sitemapindex", entries)


def pages() -> str:
    """The file of the pages that are there once. Asks for no row."""
    return urlset((reverse(name), None) for name in ALONE)


def urlset(places: Iterable[Place]) -> str:
    """A file with these addresses."""
    return _document("urlset", [_entry("url", place) for place in places])


def _entry(name: str, place: Place) -> str:
    path, changed = place
    said = f"<loc>{escape(absolute(path))}</loc>"
    if changed:
        said += f"<lastmod>{changed.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</lastmod>"
    return f"<{name}>{said}</{name}>"


def _document(name: str, entries: list[str]) -> str:
    return "\n".join([f"{OPENING}<{name} {NAMES}>", *entries, f"</{name}>\n"])
