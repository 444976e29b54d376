"""The rows of terms that are being saved: ``glossary.saving`` says in which order, and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models.functions import Lower

from glossary import rows, versions
from glossary.content import TermContent
from glossary.importing.progress import Told, counted
from glossary.linking import Linker
from glossary.models import Alias, Glossary, Passage, PassageGlossary, Term
from glossary.passages import set_mentions
from glossary.rendering import Rendered
from glossary.wording import name_key


@dataclass(slots=True)
class Row:
    """A term on its way into the database."""

    term: Term
    content: TermContent
    rendered: Rendered
    is_new: bool = True
    # Keys of the terms that it leads to.
    see_also: frozenset[int] = frozenset()


_TEXT = ("source", "html", "linked_html", "folded", "problems", "word_count", "updated_at")
_TERM = (
    "glossary_id",
    "slug",
    "is_published",
    *versions.COLUMNS,
    "opening",
    "formula_html",
    "formula_caption_html",
    "problems",
    "updated_at",
)


def store_definitions(
    glossary: Glossary, found: Sequence[Row], linker: Linker, *, at: datetime, told: Told
) -> None:
    """Link and write the terms' texts: before the terms, whose triggers look at them."""
    mentioned: list[tuple[int, int]] = []

    def text(row: Row) -> tuple[Any, ...]:
        linked = linker.link(row.rendered.html, own=row.term.pk)
        key = row.term.definition_id
        mentioned.extend((key, term_id) for term_id in linked.term_ids)
        return (
            key,
            row.content.definition,
            row.rendered.html,
            linked.html,
            linked.folded,
            list(row.rendered.problems),
            row.rendered.word_count,
            at,
        )

    new = [row for row in found if row.is_new]
    known = [row for row in found if not row.is_new]
    rows.insert(Passage, ("id", *_TEXT), counted(new, "Linking terms", told, make=text))
    places = [(row.term.definition_id, glossary.pk, 1) for row in new]
    rows.insert(PassageGlossary, ("passage_id", "glossary_id", "position"), places)
    rows.update(Passage, _TEXT, counted(known, "Linking terms", told, make=text))
    set_mentions([row.term.definition_id for row in known], mentioned)


def store_terms(found: Sequence[Row], *, at: datetime) -> None:
    """Write the terms themselves."""
    for row in found:
        row.term.updated_at = at
    new = [row.term for row in found if row.is_new]
    known = [row.term for row in found if not row.is_new]
    columns = "id", "definition_id", *_TERM
    rows.insert(Term, columns, ([getattr(term, name) for name in columns] for term in new))
    rows.update(
        Term, _TERM, ([term.pk, *(getattr(term, name) for name in _TERM)] for term in known)
    )
    for row in found:
        row.term._state.adding = False
        # What was read of its text before is old now.
        row.term._state.fields_cache.pop("definition", None)


def store_aliases(found: Iterable[Row]) -> None:
    """Make the aliases those that the contents name: before new terms, as their texts.

    What the database takes for a double besides (its lower case is not quite Python's) is left
    out, and taken out of the content.
    """
    stored: dict[int, dict[str, int]] = {}
    keys = [row.term.pk for row in found if not row.is_new]
    if keys:
        known = Alias.objects.filter(term__in=rows.among(keys)).order_by()
        for key, term_id, name in known.values_list("pk", "term_id", "name"):
            stored.setdefault(term_id, {})[name] = key
    gone: list[int] = []
    new: list[tuple[int, str]] = []
    for row in found:
        present = stored.get(row.term.pk, {})
        gone += [key for name, key in present.items() if name not in row.content.aliases]
        new += [(row.term.pk, name) for name in row.content.aliases if name not in present]
    if gone:
        Alias.objects.filter(pk__in=rows.among(gone)).delete()
    added = set(rows.insert_unless_there(Alias, ("term_id", "name"), new))
    refused = set(new) - added
    for row in found if refused else ():
        aliases = tuple(name for name in row.content.aliases if (row.term.pk, name) not in refused)
        row.content = replace(row.content, aliases=aliases)


def find_see_also(glossary: Glossary, found: Sequence[Row]) -> None:
    """Find the terms that the contents lead to, and leave out the names that none has.

    A name is looked for as it is written, then in any spelling and among other names.
    """
    if not any(row.content.see_also for row in found):
        return
    wanted = {name for row in found for name in row.content.see_also}
    by_name = _named(glossary, found, wanted)
    for row in found:
        if row.content.see_also:
            leads = {by_name[name] for name in row.content.see_also if name in by_name}
            to = {key: name for key, name in leads if key != row.term.pk}
            row.see_also = frozenset(to)
            row.content = versions.tidied(replace(row.content, see_also=tuple(to.values())))


def _named(
    glossary: Glossary, found: Sequence[Row], wanted: Iterable[str]
) -> dict[str, tuple[int, str]]:
    """The key and the name of the term that each of the wanted names means."""
    names = {row.term.pk: row.content.name for row in found}
    others = (
        Term.objects.filter(glossary=glossary).exclude(pk__in=rows.among(_known(found))).order_by()
    )
    lowered = {name.lower(): name for name in wanted}
    by_spelling = {name.lower(): key for key, name in names.items()}
    if rest := lowered.keys() - by_spelling.keys():
        there = others.annotate(lowered=Lower("name")).filter(lowered__in=rest)
        for pk, name, lower in there.values_list("pk", "name", "lowered"):
            names[pk], by_spelling[lower] = name, pk
    if lowered.keys() - by_spelling.keys():
        aliases = Alias.objects.filter(term__in=others).values_list("name", "term_id")
        own = [(name, row.term.pk) for row in found for name in row.content.aliases]
        there_too = others.values_list("pk", "name")
        names.update(there_too)
        by_key = {name_key(name): key for name, key in (*aliases, *own)}
        by_key |= {name_key(name): key for key, name in names.items()}
        for lower, name in lowered.items():
            if lower not in by_spelling and name_key(name) in by_key:
                by_spelling[lower] = by_key[name_key(name)]
    return {
        name: (key, names[key])
        for name in wanted
        if (key := by_spelling.get(name.lower())) is not None
    }


def _known(found: Iterable[Row]) -> list[int]:
    return [row.term.pk for row in found if not row.is_new]


def store_see_also(glossary: Glossary, found: Sequence[Row]) -> None:
    """Make what leads from these terms to others of the glossary what was found."""
    through: Any = Term.see_also.through
    wanted = {(row.term.pk, key) for row in found for key in row.see_also}
    columns = "from_term_id", "to_term_id", "pk"
    stored: dict[tuple[int, int], int] = {}
    if keys := _known(found):
        leads = through.objects.filter(from_term__in=rows.among(keys), to_term__glossary=glossary)
        stored = {(start, end): key for start, end, key in leads.values_list(*columns)}
    if gone := [key for pair, key in stored.items() if pair not in wanted]:
        through.objects.filter(pk__in=rows.among(gone)).delete()
    rows.insert(through, columns[:2], sorted(wanted - stored.keys()))
