"""Listing a glossary of 5,000 terms: every page of it made anew, and every page from what is kept.

The floor, by turns with it: the same rows fetched from the database, of which nothing is made.
"""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from django.test import Client

from glossary.kept import KEPT
from glossary.listing import order_of
from glossary.models import Glossary, Passage, Term
from tests.bench.starting import BenchFailed

DEFINITION = (
    '<p>What <a class="term" href="/glossary/listed/t1/">another term</a> leaves open, said in a '
    "sentence of about thirty words, as it stands in a glossary, with a comma or two and a second "
    "part that says a little more than anybody asked for.</p>"
)


@dataclass
class Listed:
    """Seconds for all pages, one entry a round."""

    made: list[float] = field(default_factory=list)
    kept: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)

    def medians(self) -> tuple[float, float, float]:
        """Of pages made anew, of pages kept, and of the floor."""
        return median(self.made), median(self.kept), median(self.floor)


def write_glossary(terms: int) -> Glossary:
    """A glossary of so many terms, each of which sees another."""
    glossary = Glossary.objects.create(title="Listed", slug="listed", is_published=True)
    definitions = Passage.objects.bulk_create(
        [Passage(source="x", html=DEFINITION, linked_html=DEFINITION) for _ in range(terms)],
        batch_size=2_000,
    )
    made = Term.objects.bulk_create(
        [
            Term(glossary=glossary, name=_name(place), slug=f"t{place}", definition=definition)
            for place, definition in enumerate(definitions)
        ],
        batch_size=2_000,
    )
    Term.see_also.through.objects.bulk_create(
        [
            Term.see_also.through(from_term=one, to_term=other)
            for one, other in itertools.pairwise(made)
        ],
        batch_size=2_000,
    )
    return glossary


def _name(place: int) -> str:
    """Names that begin with any letter."""
    return f"{chr(ord('A') + place * 7 % 26)}{place:05} of something"


def measure(*, terms: int, rounds: int) -> Listed:
    """Raises BenchFailed where the pages do not show every term once."""
    glossary = write_glossary(terms)
    pages = [f"/glossary/listed/?page={n}" for n in order_of(glossary).pages.page_range]
    found = Listed()
    for _ in range(rounds + 1):
        KEPT.clear()
        found.made.append(_timed(lambda: _visit(pages, terms)))
        found.kept.append(_timed(lambda: _visit(pages, terms)))
        found.floor.append(_timed(lambda: _fetch(glossary)))
    # The first round compiles the templates.
    return Listed(found.made[1:], found.kept[1:], found.floor[1:])


def _timed(action: Callable[[], None]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def _visit(pages: list[str], terms: int) -> None:
    client = Client()
    shown = sum(client.get(page).content.count(b'<article class="entry"') for page in pages)
    if shown != terms:
        raise BenchFailed(f"{shown} of {terms} terms were listed")


def _fetch(glossary: Glossary) -> None:
    rows = glossary.terms.filter(is_published=True).in_order()
    list(rows.values_list("name", "abbreviation", "slug", "definition__linked_html"))
    list(rows.values_list("pk", "see_also__name", "see_also__slug"))
