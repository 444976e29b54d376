"""The terms of one page of a glossary, in full."""

from dataclasses import dataclass

from django.core.paginator import Page
from django.db.models import Prefetch
from django.template.loader import render_to_string
from django.utils.translation import get_language

from glossary import json_ld
from glossary.kept import KEPT, standing
from glossary.listing import by_letter
from glossary.models import Glossary, Term


@dataclass(frozen=True)
class Spread:
    """A page's terms as finished HTML, and the names of its first and its last.

    ``json_ld`` is what the page says of them to search engines.
    """

    html: str
    json_ld: str
    first: str
    last: str

    @property
    def size(self) -> int:
        """In bytes, about."""
        return 2 * (len(self.html) + len(self.json_ld))


def spread_of(glossary: Glossary, page: "Page[int]") -> Spread:
    """The terms whose keys ``page`` has; they are put together once for everybody."""
    key = ("spread", glossary.pk, page.number, get_language(), standing())
    return KEPT.remember(key, lambda: _make(glossary, page), size=lambda spread: spread.size)


def _make(glossary: Glossary, page: "Page[int]") -> Spread:
    rows = Term.objects.filter(pk__in=page.object_list, is_published=True)
    shown = rows.only("name", "abbreviation", "slug", "glossary_id", "definition__linked_html")
    terms = list(shown.select_related("definition").prefetch_related(see_also()))
    for term in terms:
        term.glossary = glossary
    letters = by_letter(terms)
    in_order = [term for _, group in letters for term in group]
    html = render_to_string("glossary/entries.html", {"letters": letters})
    ends = (in_order[0].name, in_order[-1].name) if in_order else ("", "")
    return Spread(html, json_ld.glossary_block(glossary, in_order), *ends)


def see_also() -> Prefetch:
    """The public ones, with what their addresses need."""
    public = Term.objects.public().select_related("glossary").in_order()
    return Prefetch("see_also", public.only("name", "slug", "glossary__slug"))
