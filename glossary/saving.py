"""Terms of one glossary stored, one or thousands, with all that follows from what they say.

Queries do not grow with the number of terms (but for pages of rows). Keys are drawn first, so
that what finds the names is made of the terms as they will be, and each text is rendered, linked
and written once.
"""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from glossary import addresses, rows, versions
from glossary.content import TermContent
from glossary.finders import FINDERS
from glossary.importing.progress import Told, counted, tell_nobody
from glossary.jobs import defer_relinking
from glossary.linking import Linker
from glossary.models import Glossary, Import, Passage, Term, Version
from glossary.naming import LinkFacts, concerned_names, stored_facts
from glossary.passages import linker_of, set_glossaries
from glossary.relinking import concerned, relink
from glossary.rendering import render, render_formula, render_line
from glossary.storing import (
    Row,
    find_see_also,
    store_aliases,
    store_definitions,
    store_see_also,
    store_terms,
)
from glossary.wording import name_key

# Addresses are cut here, so that a number still fits behind a taken one.
MAX_SLUG = 190


@transaction.atomic
def save_terms(
    glossary: Glossary,
    pairs: Iterable[tuple[Term, TermContent]],
    *,
    at: datetime,
    by: Any = None,
    what: Version.What | None = None,
    document: Import | None = None,
    told: Told = tell_nobody,
) -> list[Term]:
    """Make each term say its content, and keep that as its next version.

    Each brings its place on the site: an address (an empty one is made from the name) and whether
    it is published. Names in ``see_also`` that no term of the glossary has are left out. ``what``
    is as for ``versions.record``; ``told`` hears how far it has come. Links in other texts that a
    change of names concerns are put right by a job. The glossary, and one that a term comes from,
    are held by whoever calls (``editing.lock``), who read them since.

    IntegrityError where the glossary has a name or an address already.
    """
    found = list(counted(pairs, "Rendering terms", told, make=lambda pair: _row(*pair)))
    if not found:
        return []
    before = stored_facts([row.term.pk for row in found if row.term.pk])
    for row in found:
        # One that was removed while this waited is a term anew: what somebody wrote is not lost.
        row.is_new = row.term.pk not in before
    new = [row for row in found if row.is_new]
    _give_keys([row.term for row in new])
    _give_addresses(glossary, found, before)
    find_see_also(glossary, found)
    after = {row.term.pk: LinkFacts.of(row.term, row.content) for row in found}
    changed = concerned_names(before, after)
    linker = _linker(glossary, found, changed)
    store_definitions(glossary, found, linker, at=at, told=told)
    store_aliases(found)
    store_terms(found, at=at)
    store_see_also(glossary, found)
    contents = {row.term.pk: row.content for row in found}
    versions.record(contents, at=at, by=by, what=what, document=document)
    for key in {glossary.pk, *(facts.glossary_id for facts in before.values())}:
        Glossary(pk=key).note_change(at=at)
    if len(found) > 1:
        _link_others(glossary, changed.get(glossary.pk, ()), found)
    return [row.term for row in found]


@transaction.atomic
def delete_terms(
    glossary: Glossary, terms: Sequence[Term], *, at: datetime, by: Any = None
) -> None:
    """Remove terms of the glossary, their definitions, and the links to them.

    They can be brought back. The glossary is held by whoever calls. The links go from its own
    definitions at once, and from other texts by a job.
    """
    if not terms:
        return
    for names in remove_terms(glossary, terms, at=at, by=by).values():
        defer_relinking(glossary, sorted(names), elsewhere=True)
        _link_others(glossary, names, ())


def remove_terms(
    glossary: Glossary, terms: Sequence[Term], *, at: datetime, by: Any = None
) -> dict[int, set[str]]:
    """Set terms of the glossary aside and remove them; by glossary the names no longer linked.

    The glossary is held by whoever calls, who also sees to the links in the transaction under way.
    """
    definitions = [term.definition_id for term in terms]
    before = stored_facts([term.pk for term in terms])
    going = Term.objects.filter(pk__in=rows.among(before))
    going.hold_to_delete()
    versions.set_aside(terms, at=at, by=by)
    going.delete()
    Passage.objects.filter(pk__in=rows.among(definitions)).delete()
    glossary.note_change(at=at)
    return concerned_names(before, {})


def _link_others(glossary: Glossary, names: Collection[str], but: Iterable[Row]) -> None:
    """Link the glossary's definitions that use one of the names, but for those of these rows."""
    if names:
        texts = concerned(glossary, sorted(names)).filter(defines__glossary=glossary)
        written = {row.term.definition_id for row in but}
        relink(set(texts.values_list("pk", flat=True)) - written)


def _row(term: Term, content: TermContent) -> Row:
    content = _sound(content)
    versions.take(content, term)
    rendered = render(content.definition, anchors=False)
    term.opening = rendered.opening
    term.formula_html, problem = render_formula(term.formula)
    term.formula_caption_html, problems = render_line(term.formula_caption)
    term.problems = [*([problem] if problem else []), *problems]
    return Row(term, content, rendered)


def _sound(content: TermContent) -> TermContent:
    """Tidied, and with no alias that is its own name or there already."""
    if not content.aliases:
        return versions.tidied(content)
    aliases: dict[str, str] = {}
    for name in (" ".join(name.split()) for name in content.aliases):
        if name and name_key(name) != name_key(content.name) and name != content.abbreviation:
            aliases.setdefault(name.lower(), name)
    return versions.tidied(replace(content, aliases=tuple(aliases.values())))


# Keys, addresses and links -----------------------------------------------------------------------


def _give_keys(terms: Sequence[Term]) -> None:
    keys = rows.new_keys(Term, len(terms)), rows.new_keys(Passage, len(terms))
    for term, key, definition in zip(terms, *keys, strict=True):
        term.pk, term.definition_id = key, definition


def _give_addresses(
    glossary: Glossary, found: Iterable[Row], before: Mapping[int, LinkFacts]
) -> None:
    """Make an address for each term without one, and write down which ones are left and taken."""
    nameless = [row.term for row in found if not row.term.slug]
    if nameless:
        taken = set(glossary.terms.values_list("slug", flat=True))
        taken.update(row.term.slug for row in found)
        last: dict[str, int] = {}
        for term in nameless:
            term.slug = unused(slug_of(term.name), taken, last)
            taken.add(term.slug)
    moved = []
    for row in found:
        facts = before.get(row.term.pk)
        if facts and (facts.glossary_id, facts.slug) != (row.term.glossary_id, row.term.slug):
            moved.append(row.term)
    new = [row.term.slug for row in found if row.is_new]
    if new:
        addresses.terms_added(glossary, new)
    stored = Term.objects.select_related("glossary").in_bulk([term.pk for term in moved])
    for term in moved:
        addresses.term_moved(stored[term.pk], term)
        if stored[term.pk].glossary_id != glossary.pk:
            term.drafts.update(glossary=glossary)
            set_glossaries(Passage(pk=term.definition_id), [glossary])


def slug_of(name: str) -> str:
    """The address that a term of this name would like."""
    return slugify(name)[:MAX_SLUG] or "term"


def unused(wanted: str, taken: Container[str], last: dict[str, int] | None = None) -> str:
    """``wanted``, numbered where it is taken; ``last`` remembers the last number of each."""
    last = {} if last is None else last
    slug, number = wanted, last.get(wanted, 1)
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    last[wanted] = number
    return slug


def _linker(
    glossary: Glossary, found: Sequence[Row], changed: Mapping[int, Collection[str]]
) -> Linker:
    """What links these terms' texts. Texts that use names which changed are queued."""
    # A term's names do not count in its own text; so one alone is linked by what is at hand, and
    # nobody waits until it is made anew.
    alone = linker_of([glossary]) if len(found) == 1 else None
    for key, names in sorted(changed.items()):
        each = glossary if key == glossary.pk else Glossary(pk=key)
        defer_relinking(each, sorted(names), elsewhere=alone is None)
    if alone:
        return alone
    if glossary.pk in changed and glossary.is_published:
        FINDERS.make_anew(glossary, ((row.term, row.content) for row in found))
    return linker_of([glossary])
