"""Terms in the order of a dictionary."""

import string
import unicodedata
from collections.abc import Iterable
from itertools import groupby

from glossary.models import Term

OTHER = "#"  # where what begins with a figure or a sign stands, after Z


def letter_of(name: str) -> str:
    """The letter, A to Z, that a name stands under; an accent does not count."""
    first = unicodedata.normalize("NFKD", name.strip()[:1])[:1].upper()
    return first if first and first in string.ascii_uppercase else OTHER


def by_letter(terms: Iterable[Term]) -> list[tuple[str, list[Term]]]:
    """The terms under their letters, A to Z and then the rest; no letter without terms."""

    def place(term: Term) -> tuple[bool, str]:
        letter = letter_of(term.name)
        return letter == OTHER, letter

    ordered = sorted(terms, key=lambda term: (place(term), sort_key(term.name)))
    return [(letter, list(group)) for (_, letter), group in groupby(ordered, key=place)]


def sort_key(name: str) -> str:
    """Without regard to case and accents."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
