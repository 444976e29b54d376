"""What finds a glossary's terms in a text, kept from one text to the next.

Making it costs what the glossary's size costs; so each process keeps those last used, each until
the glossary's ``names_version`` is another one. A version is never used twice, not even by a
transaction that failed, so what is kept under it is right for as long as it stands.
"""

from collections import OrderedDict
from threading import Lock
from uuid import UUID

from glossary.addresses import terms_under
from glossary.linking import Finder, Linkable
from glossary.models import Alias, Glossary

# How many glossaries a process keeps. One of 10,000 terms takes some megabytes.
KEPT = 16


class Finders:
    """The finders last used, by glossary. Safe to share between threads."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._finders: OrderedDict[int, tuple[UUID, Finder]] = OrderedDict()
        self._lock = Lock()

    def finder_for(self, glossary: Glossary) -> Finder:
        """The one of ``glossary``, which was read in this transaction.

        The terms are read after the version was, so they are never older than it says.
        """
        with self._lock:
            version, finder = self._finders.get(glossary.pk, (None, None))
            if finder and version == glossary.names_version:
                self._finders.move_to_end(glossary.pk)
                return finder
        made = make_finder(glossary)
        with self._lock:
            self._finders[glossary.pk] = (glossary.names_version, made)
            self._finders.move_to_end(glossary.pk)
            while len(self._finders) > self._kept:
                self._finders.popitem(last=False)
        return made


FINDERS = Finders()


def make_finder(glossary: Glossary) -> Finder:
    """What finds the terms that a visitor can follow a link to: two queries."""
    terms = list(
        glossary.terms.filter(is_published=True, is_linked=True)
        .order_by("pk")
        .only("pk", "name", "abbreviation", "slug", "matches_case", "glossary")
    )
    aliases: dict[int, list[str]] = {}
    of_them = Alias.objects.filter(term__glossary=glossary).order_by("pk")
    for term_id, name in of_them.values_list("term_id", "name"):
        aliases.setdefault(term_id, []).append(name)
    address = terms_under(glossary.slug)
    return Finder(
        Linkable(
            term_id=term.pk,
            url=f"{address}{term.slug}/",
            name=term.name,
            abbreviation=term.abbreviation,
            aliases=tuple(aliases.get(term.pk, ())),
            matches_case=term.matches_case,
        )
        for term in terms
    )
