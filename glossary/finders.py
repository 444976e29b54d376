"""What finds a glossary's terms in a text, kept from one text to the next.

Making it costs what the glossary's size costs; so each process keeps those last used, each until
the glossary's ``names_version`` is another one. A version is never used twice, not even by a
transaction that failed, so what is kept under it is right for as long as it stands.
"""

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from uuid import UUID

from glossary.addresses import terms_under
from glossary.content import TermContent
from glossary.linking import Finder, Linkable
from glossary.models import Alias, Glossary, Term

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
        return self._keep(glossary, make_finder(glossary))

    def make_anew(self, glossary: Glossary, coming: Iterable[tuple[Term, TermContent]]) -> Finder:
        """The one of ``glossary`` as it is once these terms, which have keys, say this.

        For whoever renewed its names in this transaction and stores the terms later in it.
        """
        return self._keep(glossary, make_finder(glossary, coming))

    def _keep(self, glossary: Glossary, made: Finder) -> Finder:
        with self._lock:
            self._finders[glossary.pk] = (glossary.names_version, made)
            self._finders.move_to_end(glossary.pk)
            while len(self._finders) > self._kept:
                self._finders.popitem(last=False)
        return made


FINDERS = Finders()


def make_finder(glossary: Glossary, coming: Iterable[tuple[Term, TermContent]] = ()) -> Finder:
    """What finds the terms that a visitor can follow a link to: two queries.

    What terms of ``coming`` say counts instead of what is stored of them.
    """
    address = terms_under(glossary.slug)
    terms = _stored(glossary, address) | {
        term.pk: _linkable(term, content, address) for term, content in coming
    }
    return Finder(term for _, term in sorted(terms.items()) if term)


def _linkable(term: Term, content: TermContent, address: str) -> Linkable | None:
    if not (term.is_published and content.is_linked):
        return None
    return Linkable(
        term_id=term.pk,
        url=f"{address}{term.slug}/",
        name=content.name,
        abbreviation=content.abbreviation,
        aliases=content.aliases,
        matches_case=content.matches_case,
    )


def _stored(glossary: Glossary, address: str) -> dict[int, Linkable | None]:
    aliases: dict[int, list[str]] = {}
    of_them = Alias.objects.filter(term__glossary=glossary).order_by("pk")
    for term_id, name in of_them.values_list("term_id", "name"):
        aliases.setdefault(term_id, []).append(name)
    terms = glossary.terms.filter(is_published=True, is_linked=True).order_by()
    columns = "pk", "slug", "name", "abbreviation", "matches_case"
    return {
        key: Linkable(
            term_id=key,
            url=f"{address}{slug}/",
            name=name,
            abbreviation=abbreviation,
            aliases=tuple(aliases.get(key, ())),
            matches_case=matches_case,
        )
        for key, slug, name, abbreviation, matches_case in terms.values_list(*columns)
    }
