"""Journeys of writing a glossary: the admin and imports both go this way.

Each keeps what follows from a text (pages, formulas, links elsewhere) in step with it. Links in
other texts are put right by a job, queued in the same transaction.
"""

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Lower
from django.utils.text import slugify

from glossary import addresses, versions
from glossary.content import TermContent
from glossary.jobs import defer_relinking
from glossary.linking import Linker
from glossary.models import (
    Alias,
    AlternativeDefinition,
    Glossary,
    Import,
    Passage,
    Term,
    Version,
)
from glossary.passages import write_passage
from glossary.relinking import passages_with, relink
from glossary.rendering import render, render_formula, render_line
from glossary.versions import content_of
from glossary.wording import name_key

# Addresses are cut here, so that a number still fits behind a taken one.
MAX_SLUG = 190


class CannotSave(Exception):
    """What was asked for is not possible; ``problems`` are sentences that say why."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(*problems)
        self.problems = tuple(problems)


@dataclass(frozen=True)
class LinkFacts:
    """What links to a term depend on."""

    glossary_id: int
    names: frozenset[str]
    slug: str
    is_shown: bool
    matches_case: bool

    @classmethod
    def of(cls, term: Term) -> "LinkFacts | None":
        """As the database has them now; None for a term that is not there yet."""
        stored = Term.objects.filter(pk=term.pk).first() if term.pk else None
        if stored is None:
            return None
        aliases = stored.aliases.values_list("name", flat=True)
        names = {stored.name, stored.abbreviation, *aliases} - {""}
        is_shown = stored.is_published and stored.is_linked
        return cls(stored.glossary_id, frozenset(names), stored.slug, is_shown, stored.matches_case)


@transaction.atomic
def save_term(
    term: Term,
    content: TermContent,
    *,
    at: datetime,
    by: Any = None,
    what: Version.What | None = None,
    document: Import | None = None,
    linker: Linker | None = None,
    is_relinking: bool = True,
) -> Term:
    """Make ``term`` say ``content``, and keep what it says now as its next version.

    ``term`` brings its place on the site: glossary, address (an empty one is made from the name)
    and whether it is published. Formula, caption and opening are worked out, and passages that a
    change of names concerns are re-linked by a job. Names in ``see_also`` that no term of the
    glossary has are left out. An import, which re-links once at its end, passes its own
    ``linker`` and ``is_relinking=False``. ``what`` is as for ``versions.record``.

    Forms validate first (or ``problems_of``); the database has the last word: IntegrityError for
    a name or an address that the glossary has already.
    """
    stored = Term.objects.select_related("glossary").filter(pk=term.pk).first()
    glossary = _lock_both(term.glossary, stored)
    before = LinkFacts.of(term)
    if stored and before is None:
        # It was removed while this waited; what somebody wrote is not lost, but a term anew.
        stored, term.pk, term.definition = None, None, Passage()
        term._state.adding = True
    content = versions.tidied(content)
    take(content, term)
    _write_definition(term, content.definition, glossary, linker)
    term.slug = term.slug or unused_slug(term)
    _set_what_follows(term)
    term.save()
    if stored is None or (stored.glossary_id, stored.slug) != (term.glossary_id, term.slug):
        addresses.term_moved(stored, term)
        term.drafts.update(glossary=glossary)
    _set_aliases(term, content.aliases)
    _set_see_also(term, content.see_also)
    versions.record({term.pk: content_of(term)}, at=at, by=by, what=what, document=document)
    for each in {glossary, stored.glossary if stored else glossary}:
        each.note_change(at=at)
    if is_relinking:
        _relink_if_changed(before, LinkFacts.of(term))
    return term


def check_no_review(glossary: Glossary) -> None:
    """Raise CannotSave where a change has to be a draft first that another person approves."""
    if glossary.needs_review:
        raise CannotSave([f"{glossary} asks for a review: nothing is published without one."])


def take(content: TermContent, term: Term) -> None:
    """Set the term's own columns, in memory."""
    for column in versions.COLUMNS:
        setattr(term, column, getattr(content, column))


def problems_of(term: Term, content: TermContent) -> list[str]:
    """Sentences that say why ``term`` cannot say ``content``; none where it can.

    For what comes from no form: an old version, a draft that waited.
    """
    candidate = copy(term)
    take(content, candidate)
    left_out = {"definition"} if term.slug else {"definition", "slug"}
    found: list[str] = [] if content.definition.strip() else ["There is no definition."]
    try:
        candidate.full_clean(exclude=left_out)
    except ValidationError as error:
        found += error.messages
    return found


@transaction.atomic
def restore(version: Version, *, by: Any, at: datetime) -> Term:
    """Let the term say what this version says, as a version of its own.

    Raises CannotSave where it cannot any more, another term having the name meanwhile, or where
    the glossary asks for a review.
    """
    term = Term.objects.select_related("glossary", "definition").get(pk=version.term_id)
    check_no_review(lock(term.glossary))
    if problems := problems_of(term, version.said):
        raise CannotSave(problems)
    return save_term(term, version.said, at=at, by=by, what=Version.What.RESTORED)


@transaction.atomic
def delete_term(term: Term, *, at: datetime, by: Any = None) -> None:
    """Remove a term, its definition, and the links to it. It can be brought back."""
    lock(term.glossary).note_change(at=at)
    before = LinkFacts.of(term)
    Term.objects.filter(pk=term.pk).hold_to_delete()
    versions.set_aside([term], at=at, by=by)
    definition = Passage.objects.filter(defines=term).first()
    term.delete()
    if definition:
        definition.delete()
    _relink_if_changed(before, None)


@transaction.atomic
def save_glossary(glossary: Glossary, *, at: datetime, introduction: str | None = None) -> Glossary:
    """Store ``glossary`` and, unless None, its introduction (Markdown; "" for none).

    A new address, or going public or back, concerns every passage that links to its terms. The
    old address leads to the new one for ever.
    """
    before = Glossary.objects.select_for_update().filter(pk=glossary.pk).first()
    glossary.slug = glossary.slug or unused_glossary_slug(glossary.title)
    glossary.save()
    glossary.note_change(at=at)
    if introduction is not None and (introduction or glossary.introduction_id):
        had_none = glossary.introduction_id is None
        glossary.introduction = write_passage(
            glossary.introduction, source=introduction, glossaries=[glossary]
        )
        if had_none:
            glossary.save()
    if before and before.slug != glossary.slug:
        addresses.glossary_moved(before, at=at)
    if before and (before.slug, before.is_published) != (glossary.slug, glossary.is_published):
        defer_relinking(glossary, None)
    return glossary


@transaction.atomic
def delete_glossary(glossary: Glossary) -> None:
    """Remove a glossary with its terms; links to them go from every text at once."""
    lock(glossary)
    glossary.terms.all().hold_to_delete()
    definitions = list(glossary.terms.values_list("definition_id", flat=True))
    introduction = glossary.introduction_id
    concerned = set(passages_with(glossary, None)) - {*definitions, introduction}
    glossary.delete()
    Passage.objects.filter(pk__in=[*definitions, introduction]).delete()
    relink(sorted(concerned))


@transaction.atomic
def adopt(alternative: AlternativeDefinition, *, by: Any, at: datetime) -> AlternativeDefinition:
    """Publish this definition instead of the present one, which stays in the term's history.

    Done again, it does nothing. One that was dismissed may still be adopted. Raises CannotSave
    where the glossary asks for a review.
    """
    alternative = _locked_alternative(alternative)
    if alternative.decision == AlternativeDefinition.Decision.ADOPTED:
        return alternative
    check_no_review(alternative.term.glossary)
    content = replace(content_of(alternative.term), definition=alternative.text)
    save_term(alternative.term, content, at=at, by=by, what=Version.What.ADOPTED)
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


def _lock_both(glossary: Glossary, stored: Term | None) -> Glossary:
    """Hold the glossary, and the one that the term comes from, always in the same order."""
    keys = {glossary.pk, stored.glossary_id if stored else glossary.pk}
    held = Glossary.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    return next(each for each in held if each.pk == glossary.pk)


def _write_definition(term: Term, source: str, glossary: Glossary, linker: Linker | None) -> None:
    passage = term.definition if term.definition_id else Passage()
    # The term's versions keep it.
    passage.skip_history_when_saving = True  # type: ignore[attr-defined]
    term.definition = write_passage(
        passage, source=source, glossaries=[glossary], linker=linker, anchors=False
    )


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
    # What the database takes for a double besides (its lower case is not quite Python's) is none.
    rows = [Alias(term=term, name=name) for name in wanted.values()]
    Alias.objects.bulk_create(rows, ignore_conflicts=True)


def _set_see_also(term: Term, names: Iterable[str]) -> None:
    """Make these the terms of the same glossary that it leads to.

    A name is looked for as it is written, then in any spelling and among other names.
    """
    others = Term.objects.filter(glossary=term.glossary_id).exclude(pk=term.pk)
    wanted = {name.lower(): name_key(name) for name in names}
    found = dict(
        others.annotate(lowered=Lower("name"))
        .filter(lowered__in=wanted)
        .values_list("lowered", "pk")
        if wanted
        else ()
    )
    if missing := {key for name, key in wanted.items() if name not in found}:
        aliases = Alias.objects.filter(term__in=others)
        known = [*aliases.values_list("name", "term_id"), *others.values_list("name", "pk")]
        by_key = {name_key(name): key for name, key in known}
        found |= {key: by_key[key] for key in missing if key in by_key}
    elsewhere = term.see_also.exclude(glossary=term.glossary_id).values_list("pk", flat=True)
    term.see_also.set({*found.values(), *elsewhere})


def _relink_if_changed(before: LinkFacts | None, after: LinkFacts | None) -> None:
    """Have texts linked anew that use a name which the term had, or has, as one to link."""
    if before == after:
        return
    concerned: dict[int, set[str]] = {}
    for facts in (before, after):
        if facts and facts.is_shown:
            concerned.setdefault(facts.glossary_id, set()).update(facts.names)
    for glossary in Glossary.objects.filter(pk__in=concerned).order_by("pk"):
        defer_relinking(glossary, list(concerned[glossary.pk]))


def _locked_alternative(alternative: AlternativeDefinition) -> AlternativeDefinition:
    return (
        AlternativeDefinition.objects.select_for_update(of=("self",))
        .select_related("term__glossary", "term__definition")
        .get(pk=alternative.pk)
    )
