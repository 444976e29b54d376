"""What a search found, as pages show it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.safestring import SafeString

from glossary.marking import Marker, plain
from glossary.models import Term


@dataclass(frozen=True)
class Hit:
    """One thing that was found. ``title`` and ``excerpt`` are finished HTML with marks."""

    url: str
    title: SafeString
    excerpt: SafeString
    # Where it belongs: a glossary, a course, a subject.
    place: str = ""
    abbreviation: SafeString | None = None
    # Another name, by which it was found.
    alias: SafeString | None = None


def term_hits(terms: "QuerySet[Term]", ids: Iterable[int], marker: Marker) -> dict[int, Hit]:
    """Those of ``terms`` with these keys, by key: two queries, however many they are."""
    rows = terms.filter(pk__in=list(ids)).select_related("glossary", "definition")
    return {term.pk: _term_hit(term, marker) for term in rows.prefetch_related("aliases")}


def _term_hit(term: Term, marker: Marker) -> Hit:
    named = marker.mark(term.name)
    others = [marker.mark(alias.name) for alias in term.aliases.all()]
    return Hit(
        url=term.get_absolute_url(),
        title=named,
        excerpt=marker.excerpt(plain(term.definition.html)),
        place=term.glossary.title,
        abbreviation=marker.mark(term.abbreviation) if term.abbreviation else None,
        alias=next((other for other in others if "<mark>" in other), None)
        if "<mark>" not in named
        else None,
    )
