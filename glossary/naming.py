"""What links to terms depend on, and which names a change of it concerns."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from glossary.content import TermContent
from glossary.models import Alias, Term
from glossary.rows import among

# Beyond so many names, looking for each costs more than looking at every passage.
MANY_NAMES = 50


@dataclass(frozen=True)
class LinkFacts:
    """What links to a term depend on."""

    glossary_id: int
    names: frozenset[str]
    slug: str
    is_shown: bool
    matches_case: bool

    @classmethod
    def of(cls, term: Term, content: TermContent) -> "LinkFacts":
        """As they are once the term says this."""
        names = frozenset({content.name, content.abbreviation, *content.aliases} - {""})
        is_shown = term.is_published and content.is_linked
        return cls(term.glossary_id, names, term.slug, is_shown, content.matches_case)


def stored_facts(terms: Collection[int]) -> dict[int, LinkFacts]:
    """As the database has them now, by the terms' keys: two queries, or none for no terms."""
    if not terms:
        return {}
    aliases: dict[int, list[str]] = {}
    for key, name in Alias.objects.filter(term__in=among(terms)).values_list("term_id", "name"):
        aliases.setdefault(key, []).append(name)
    columns = "pk", "glossary_id", "slug", "is_published", "is_linked", "matches_case"
    rows = Term.objects.filter(pk__in=among(terms)).order_by()
    return {
        key: LinkFacts(
            glossary_id,
            frozenset({name, abbreviation, *aliases.get(key, ())} - {""}),
            slug,
            is_published and is_linked,
            matches_case,
        )
        for (
            key,
            glossary_id,
            slug,
            is_published,
            is_linked,
            matches_case,
            name,
            abbreviation,
        ) in rows.values_list(*columns, "name", "abbreviation")
    }


def concerned_names(
    before: Mapping[int, LinkFacts], after: Mapping[int, LinkFacts]
) -> dict[int, set[str]]:
    """By glossary: the names of those terms that texts used, or may use now, as ones to link."""
    found: dict[int, set[str]] = {}
    for key in {**before, **after}:
        if before.get(key) != after.get(key):
            for facts in _shown((before.get(key), after.get(key))):
                found.setdefault(facts.glossary_id, set()).update(facts.names)
    return found


def _shown(facts: Iterable[LinkFacts | None]) -> Iterable[LinkFacts]:
    return (each for each in facts if each and each.is_shown)
