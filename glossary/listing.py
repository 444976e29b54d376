"""Terms in the order of a dictionary, a page at a time."""

import string
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.core.paginator import Page, Paginator

from glossary.kept import KEPT
from glossary.models import Glossary, Term

OTHER = "#"  # where what begins with a figure or a sign stands, after Z
LETTERS = frozenset(string.ascii_letters)
# As many as one scrolls through; most glossaries are one page.
TERMS_ON_A_PAGE = 200
# Of a key and its place in a list, in bytes.
KEY_SIZE = 40


@dataclass(frozen=True)
class RailLetter:
    """A letter of the rail, and where its terms begin; no address where there are none."""

    letter: str
    url: str = ""
    is_current: bool = False


@dataclass(frozen=True)
class Order:
    """The published terms of a glossary, by their keys."""

    keys: list[int]
    # Each letter that has terms, and the place of its first.
    letters: list[tuple[str, int]]

    @property
    def pages(self) -> "Paginator[int]":
        """The keys, a page at a time."""
        return Paginator(self.keys, TERMS_ON_A_PAGE)

    def page_with(self, key: int) -> int:
        """The number of the page on which a term stands. Raises ValueError for no such term."""
        return self.keys.index(key) // TERMS_ON_A_PAGE + 1

    def beside(self, key: int) -> tuple[int | None, int | None]:
        """The keys before and after a term; None where there is none, or no such term."""
        if key not in self.keys:
            return None, None
        place = self.keys.index(key)
        before = self.keys[place - 1] if place else None
        return before, self.keys[place + 1] if place + 1 < len(self.keys) else None

    def rail(self, page: "Page[int] | None") -> list[RailLetter]:
        """A to Z, with the way to where each letter begins from ``page``, or from no page of these.

        After Z the rest, where there is any. Nothing where all stands under one letter.
        """
        if len(self.letters) < 2:
            return []
        places = dict(self.letters)
        here = self._letter_at(page) if page else ""
        number = page.number if page else 0
        return [
            RailLetter(letter, _way(letter, places, number), is_current=letter == here)
            for letter in (*string.ascii_uppercase, *((OTHER,) if OTHER in places else ()))
        ]

    def _letter_at(self, page: "Page[int]") -> str:
        """The letter that a page begins with; of the first page none is marked."""
        if page.number == 1:
            return ""
        last_begun = bisect_right([place for _, place in self.letters], page.start_index() - 1) - 1
        return self.letters[last_begun][0]


def _way(letter: str, places: dict[str, int], here: int) -> str:
    if letter not in places:
        return ""
    number = places[letter] // TERMS_ON_A_PAGE + 1
    anchor = f"#letter-{'other' if letter == OTHER else letter.lower()}"
    return anchor if number == here else f"?page={number}{anchor}"


def sample_rail() -> list[RailLetter]:
    """One for the style guide: some letters without terms, and one that is shown just now."""
    return [
        RailLetter(letter, f"#letter-{letter.lower()}" * (letter in "ABCDGLNORST"), letter == "G")
        for letter in string.ascii_uppercase
    ]


def order_of(glossary: Glossary) -> Order:
    """Its terms in order. One query, and none where they are as they were the last time."""

    def make() -> Order:
        rows = glossary.terms.filter(is_published=True).values_list("pk", "name")
        ordered = sorted((*_place(name), key) for key, name in rows.iterator())
        letters: dict[str, int] = {}
        for place, (_, letter, _, _) in enumerate(ordered):
            letters.setdefault(letter, place)
        return Order([key for *_, key in ordered], list(letters.items()))

    key = ("order", glossary.pk, glossary.revision)
    return KEPT.remember(key, make, size=lambda order: KEY_SIZE * (len(order.keys) + 10))


def by_letter(terms: Iterable[Term]) -> list[tuple[str, list[Term]]]:
    """The terms under their letters, A to Z and then the rest; no letter without terms."""
    ordered = sorted(terms, key=lambda term: (*_place(term.name), term.pk or 0))
    return [(letter, list(group)) for letter, group in groupby(ordered, _letter_of_term)]


def _letter_of_term(term: Term) -> str:
    return letter_of(term.name)


def _place(name: str) -> tuple[bool, str, str]:
    letter = letter_of(name)
    return letter == OTHER, letter, sort_key(name)


def letter_of(name: str) -> str:
    """The letter, A to Z, that a name stands under; an accent does not count."""
    first = name.strip()[:1]
    if not first.isascii():
        first = unicodedata.normalize("NFKD", first)[:1]
    return first.upper() if first in LETTERS else OTHER


def sort_key(name: str) -> str:
    """Without regard to case and accents."""
    if name.isascii():
        return name.lower()
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
