"""Journeys of writing a glossary: the admin and imports both go this way.

Each keeps what follows from a text (pages, formulas, links elsewhere) in step with it. Links in
other texts are put right by a job, queued in the same transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from glossary.jobs import defer_relinking
from glossary.linking import Linker
from glossary.models import Alias, AlternativeDefinition, Glossary, Passage, Term
from glossary.passages import write_passage
from glossary.rendering import markdown_from_text, render, render_formula, render_line
from glossary.wording import name_key

# Addresses are cut here, so that a number still fits behind a taken one.
MAX_SLUG = 190


@dataclass(frozen=True)
class LinkFacts:
    """What links to a term depend on."""

    names: frozenset[str]
    slug: str
    is_shown: bool

    @classmethod
    def of(cls, term: Term) -> "LinkFacts | None":
        """As the database has them now; None for a term that is not there yet."""
        stored = Term.objects.filter(pk=term.pk).first() if term.pk else None
        if stored is None:
            return None
        aliases = stored.aliases.values_list("name", flat=True)
        names = {stored.name, stored.abbreviation, *aliases} - {""}
        return cls(frozenset(names), stored.slug, stored.is_published and stored.is_linked)


@transaction.atomic
def save_term(
    term: Term,
    *,
    definition: str,
    aliases: Iterable[str] | None = None,
    linker: Linker | None = None,
    is_relinking: bool = True,
) -> Term:
    """Store ``term`` with its definition (Markdown) and, unless None, its aliases.

    Formula, caption and opening are worked out, an empty address is made from the name, and
    passages that a change of names concerns are re-linked by a job. An import, which re-links
    once at its end, passes its own ``linker`` and ``is_relinking=False``.

    Forms validate first; the database has the last word: IntegrityError for a name or an address
    that the glossary has already.
    """
    glossary = lock(term.glossary)
    before = LinkFacts.of(term)
    passage = term.definition if term.definition_id else None
    term.definition = write_passage(
        passage, source=definition, glossary=glossary, linker=linker, anchors=False
    )
    term.slug = term.slug or unused_slug(term)
    _set_what_follows(term)
    term.save()
    if aliases is not None:
        _set_aliases(term, aliases)
    if is_relinking:
        _relink_if_changed(glossary, before, LinkFacts.of(term))
    return term


@transaction.atomic
def delete_term(term: Term) -> None:
    """Remove a term, its definition, and the links to it."""
    glossary = lock(term.glossary)
    before = LinkFacts.of(term)
    definition = Passage.objects.filter(defines=term).first()
    term.delete()
    if definition:
        definition.delete()
    _relink_if_changed(glossary, before, None)


@transaction.atomic
def save_glossary(glossary: Glossary, *, introduction: str | None = None) -> Glossary:
    """Store ``glossary`` and, unless None, its introduction (Markdown; "" for none).

    A new address, or going public or back, concerns every passage that links to its terms.
    """
    before = Glossary.objects.filter(pk=glossary.pk).first() if glossary.pk else None
    glossary.slug = glossary.slug or unused_glossary_slug(glossary.title)
    glossary.save()
    if introduction is not None and (introduction or glossary.introduction_id):
        had_none = glossary.introduction_id is None
        glossary.introduction = write_passage(
            glossary.introduction, source=introduction, glossary=glossary
        )
        if had_none:
            glossary.save()
    if before and (before.slug, before.is_published) != (glossary.slug, glossary.is_published):
        defer_relinking(glossary, None)
    return glossary


@transaction.atomic
def delete_glossary(glossary: Glossary) -> None:
    """Remove a glossary with its terms; links to them go from every text at once."""
    lock(glossary)
    definitions = list(glossary.terms.values_list("definition_id", flat=True))
    linked_in = Passage.objects.filter(glossary=glossary).exclude(pk__in=definitions)
    for passage in linked_in.select_for_update():
        Passage.objects.filter(pk=passage.pk).update(linked_html=passage.html)
    introduction = glossary.introduction_id
    glossary.delete()
    Passage.objects.filter(pk__in=[*definitions, introduction]).delete()


@transaction.atomic
def adopt(alternative: AlternativeDefinition, *, by: Any, at: datetime) -> AlternativeDefinition:
    """Publish this definition instead of the present one, which stays in the term's history.

    Done again, it does nothing. One that was dismissed may still be adopted.
    """
    alternative = _locked_alternative(alternative)
    if alternative.decision == AlternativeDefinition.Decision.ADOPTED:
        return alternative
    save_term(alternative.term, definition=markdown_from_text(alternative.text))
    return alternative.decide(AlternativeDefinition.Decision.ADOPTED, by=by, at=at)


@transaction.atomic
def dismiss(alternative: AlternativeDefinition, *, by: Any, at: datetime) -> AlternativeDefinition:
    """Leave the published definition as it is, for good: no import brings this text back.

    Does nothing to one that is decided already.
    """
    alternative = _locked_alternative(alternative)
    if alternative.decision != AlternativeDefinition.Decision.WAITING:
        return alternative
    return alternative.decide(AlternativeDefinition.Decision.DISMISSED, by=by, at=at)


def lock(glossary: Glossary) -> Glossary:
    """The glossary, held until the transaction ends: one writer of its terms at a time."""
    return Glossary.objects.select_for_update().get(pk=glossary.pk)


def unused_slug(term: Term) -> str:
    """An address made from the term's name that no other term of its glossary has."""
    taken = set(
        Term.objects.filter(glossary=term.glossary)
        .exclude(pk=term.pk)
        .values_list("slug", flat=True)
    )
    return _unused(slugify(term.name)[:MAX_SLUG] or "term", taken)


def unused_glossary_slug(title: str) -> str:
    """An address made from a glossary's title that no other glossary has."""
    taken = set(Glossary.objects.values_list("slug", flat=True))
    return _unused(slugify(title)[:MAX_SLUG] or "glossary", taken)


def _unused(wanted: str, taken: set[str]) -> str:
    slug, number = wanted, 1
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    return slug


def _set_what_follows(term: Term) -> None:
    term.opening = render(term.definition.source, anchors=False).opening
    term.formula_html, problem = render_formula(term.formula)
    term.formula_caption_html, problems = render_line(term.formula_caption)
    term.problems = [*([problem] if problem else []), *problems]


def _set_aliases(term: Term, names: Iterable[str]) -> None:
    """Make the term's aliases these; its own name and doubles are left out."""
    wanted: dict[str, str] = {}
    for name in (" ".join(name.split()) for name in names):
        if name and name_key(name) != name_key(term.name) and name != term.abbreviation:
            wanted.setdefault(name.lower(), name)
    for alias in term.aliases.all():
        if wanted.get(alias.name.lower()) == alias.name:
            del wanted[alias.name.lower()]
        else:
            alias.delete()
    Alias.objects.bulk_create([Alias(term=term, name=name) for name in wanted.values()])


def _relink_if_changed(
    glossary: Glossary, before: LinkFacts | None, after: LinkFacts | None
) -> None:
    if before == after:
        return
    facts: Sequence[LinkFacts] = [each for each in (before, after) if each]
    if any(each.is_shown for each in facts):
        defer_relinking(glossary, list(frozenset().union(*(each.names for each in facts))))


def _locked_alternative(alternative: AlternativeDefinition) -> AlternativeDefinition:
    return (
        AlternativeDefinition.objects.select_for_update(of=("self",))
        .select_related("term__glossary", "term__definition")
        .get(pk=alternative.pk)
    )
