"""Looking a word up within one glossary."""

from dataclasses import dataclass

from django.dispatch import Signal

from glossary import searching
from glossary.hits import Hit, term_hits
from glossary.marking import Marker
from glossary.models import Glossary
from glossary.searching import Kind, Wanted

# Sent with ``request``, ``wanted`` and ``glossary`` once somebody has stopped typing what is not
# there: those above keep count of what people look for.
in_vain = Signal()


@dataclass(frozen=True)
class LookedUp:
    """The terms of a glossary that somebody may have meant, the likeliest first."""

    wanted: Wanted
    hits: list[Hit]
    # Nothing has the words that were looked for; the hits are spelt much the same.
    is_alike: bool = False

    @property
    def is_in_vain(self) -> bool:
        """Whether something was looked up that is not there."""
        return bool(self.wanted.key) and (self.is_alike or not self.hits)

    @property
    def is_capped(self) -> bool:
        """Whether there may be more than these."""
        return len(self.hits) >= searching.MOST


def look_up(typed: str, glossary: Glossary) -> LookedUp:
    """Find the published terms of ``glossary`` for what was ``typed``, at most a hundred.

    As the search of the whole site finds terms. The number of queries does not depend on how much
    is found; none where nothing was typed.
    """
    wanted = Wanted.of(typed)
    if not wanted.key:
        return LookedUp(wanted, [])
    terms = glossary.terms.filter(is_published=True)
    kind = Kind(terms, key="searched_names__key")
    found = searching.find(wanted, {"terms": kind})
    ids, is_alike = found.ids["terms"], found.is_alike
    if not ids:
        ids, is_alike = _nearest(wanted, kind), True
    marker = Marker([] if is_alike else searching.stems_of(wanted))
    rows = term_hits(terms, ids, marker)
    return LookedUp(wanted, [rows[key] for key in ids if key in rows], is_alike=is_alike)


def _nearest(wanted: Wanted, kind: Kind) -> list[int]:
    """Where no name has the words and none as a whole is spelt so: names with a word like them."""
    return searching.nearest(wanted, kind) or searching.resembling(wanted, kind)
