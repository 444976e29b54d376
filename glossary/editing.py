"""Journeys of writing a glossary: the admin and imports both go this way.

Each keeps what follows from a text (pages, formulas, links elsewhere) in step with it. Links in
other texts are put right by a job, queued in the same transaction.
"""

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from glossary import addresses, versions
from glossary.content import TermContent
from glossary.jobs import defer_relinking
from glossary.models import AlternativeDefinition, Glossary, Passage, Term, Version
from glossary.passages import write_passage
from glossary.relinking import passages_with, relink
from glossary.saving import MAX_SLUG, remove_terms, save_terms, slug_of, unused
from glossary.versions import content_of


class CannotSave(Exception):
    """What was asked for is not possible; ``problems`` are sentences that say why."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(*problems)
        self.problems = tuple(problems)


@transaction.atomic
def save_term(
    term: Term,
    content: TermContent,
    *,
    at: datetime,
    by: Any = None,
    what: Version.What | None = None,
) -> Term:
    """Make ``term`` say ``content``, and keep what it says now as its next version.

    ``term`` brings its place on the site: glossary, address (an empty one is made from the name)
    and whether it is published. The rest is as for ``saving.save_terms``.

    Forms validate first (or ``problems_of``); the database has the last word: IntegrityError for
    a name or an address that the glossary has already.
    """
    glossary = _lock_both(term)
    save_terms(glossary, [(term, content)], at=at, by=by, what=what)
    return term


def check_no_review(glossary: Glossary) -> None:
    """Raise CannotSave where a change has to be a draft first that another person approves."""
    if glossary.needs_review:
        raise CannotSave(
            [
                _("%(glossary)s asks for a review: nothing is published without one.")
                % {"glossary": glossary}
            ]
        )


def problems_of(term: Term, content: TermContent) -> list[str]:
    """Sentences that say why ``term`` cannot say ``content``; none where it can.

    For what comes from no form: an old version, a draft that waited.
    """
    candidate = copy(term)
    versions.take(content, candidate)
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
    glossary = lock(term.glossary)
    for names in remove_terms(glossary, [term], at=at, by=by).values():
        defer_relinking(glossary, names)


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
    others = Term.objects.filter(glossary=term.glossary).exclude(pk=term.pk)
    return unused(slug_of(term.name), set(others.values_list("slug", flat=True)))


def unused_glossary_slug(title: str) -> str:
    """An address made from a glossary's title that no other glossary has."""
    taken = set(Glossary.objects.values_list("slug", flat=True))
    return unused(slugify(title)[:MAX_SLUG] or "glossary", taken)


def _lock_both(term: Term) -> Glossary:
    """Hold the term's glossary, and the one that it comes from, always in the same order."""
    keys = {term.glossary_id}
    if term.pk:
        keys.update(Term.objects.filter(pk=term.pk).values_list("glossary_id", flat=True))
    held = Glossary.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    return next(each for each in held if each.pk == term.glossary_id)


def _locked_alternative(alternative: AlternativeDefinition) -> AlternativeDefinition:
    return (
        AlternativeDefinition.objects.select_for_update(of=("self",))
        .select_related("term__glossary", "term__definition")
        .get(pk=alternative.pk)
    )
