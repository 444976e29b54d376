"""A document brought in as one: what was decided is done, or nothing is."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from glossary import editing, versions
from glossary.collecting import uncollected
from glossary.content import TermContent
from glossary.importing.choosing import Outcome, outcome
from glossary.importing.planning import Plan, TermPlan, find_glossary, hold_glossary, is_outdated
from glossary.importing.progress import Told, tell_nobody
from glossary.models import AlternativeDefinition, Glossary, Import, Takeaway, Term, Version
from glossary.rows import among
from glossary.saving import save_terms
from glossary.wording import name_key


class PlanOutdated(Exception):
    """The site changed between the look and the deed; nothing was done. Look again."""


def new_record(plan: Plan, *, name: str, data: bytes, at: datetime, by: Any = None) -> Import:
    """The record of a document that nobody has stored yet; ``name`` and ``data`` are the file's."""
    return Import(slug=plan.slug, name=name[:255], data=data, created_at=at, created_by=by)


@uncollected()
@transaction.atomic
def apply(
    plan: Plan,
    record: Import,
    *,
    at: datetime,
    by: Any = None,
    choices: Mapping[str, str] | None = None,
    told: Told = tell_nobody,
) -> Glossary:
    """Do what ``plan`` says, as one, and store ``record`` as applied.

    ``choices`` are what staff decided, by the terms' keys. A document that is known and changes
    nothing leaves no new record. Raises PlanOutdated where the site is no longer as it was
    planned for.
    """
    present = hold_glossary(plan.slug)
    if is_outdated(plan, present):
        raise PlanOutdated
    if present and record.pk is None and plan.is_known_document and not plan.does_something:
        return present
    glossary = present or Glossary(title=plan.title, slug=plan.slug, is_published=True)
    if plan.is_new or plan.summary.does_something:
        glossary.summary = plan.summary.after
        _save_glossary(glossary, at=at)
    # Also where no term changes: the next plan has this document to compare with.
    glossary.note_change(at=at)
    record.before = _before(plan, is_new=present is None)
    record.glossary = glossary
    record.content = plan.document.as_json()
    record.state, record.applied_at = Import.State.APPLIED, at
    record.save()
    outcomes = [(one, outcome(one, (choices or {}).get(one.key, ""))) for one in plan.terms]
    _write_terms(glossary, outcomes, record, at=at, by=by, told=told)
    if plan.takeaways.does_something:
        set_takeaways(glossary, plan.document.takeaways)
    return glossary


def _save_glossary(glossary: Glossary, *, at: datetime) -> None:
    """Store it; PlanOutdated where somebody has made one at this address in the same moment."""
    try:
        with transaction.atomic():
            editing.save_glossary(glossary, at=at)
    except IntegrityError as error:
        if find_glossary(glossary.slug) is None:
            raise
        raise PlanOutdated from error


def _before(plan: Plan, *, is_new: bool) -> dict[str, Any]:
    """What undoing brings back besides terms: ``{"texts": {name: [before, after]}}``."""
    texts = {"summary": plan.summary, "takeaways": plan.takeaways}
    said = {name: [text.before, text.after] for name, text in texts.items() if text.does_something}
    return {"texts": said, **({"is_new": True} if is_new else {})}


def _write_terms(
    glossary: Glossary,
    outcomes: Iterable[tuple[TermPlan, Outcome]],
    record: Import,
    *,
    at: datetime,
    by: Any,
    told: Told,
) -> None:
    wanted = [pair for pair in outcomes if not pair[1].is_nothing]
    keys = {plan.term_id for plan, _ in wanted} | {found.alias_of for _, found in wanted}
    stored = {
        term.pk: term for term in glossary.terms.filter(pk__in=among(key for key in keys if key))
    }
    terms = [
        stored[key] if (key := found.alias_of or plan.term_id) else Term(glossary=glossary)
        for plan, found in wanted
    ]
    new: list[tuple[Term, TermContent]] = []
    known: dict[int, TermContent] = {}
    for term, (plan, found) in zip(terms, wanted, strict=True):
        if found.content and plan.term_id:
            known[plan.term_id] = found.content
        elif found.content:
            new.append((term, found.content))
    known |= _with_aliases(known, wanted)
    pairs = new + [(stored[key], content) for key, content in known.items()]
    what = Version.What.IMPORTED
    save_terms(glossary, pairs, at=at, by=by, what=what, document=record, told=told)
    offered = zip(terms, (found for _, found in wanted), strict=True)
    _offer(((term, found) for term, found in offered if term.pk), record, at=at, by=by)


def _with_aliases(
    known: Mapping[int, TermContent],
    wanted: Iterable[tuple[TermPlan, Outcome]],
) -> dict[int, TermContent]:
    """What the terms say that get other names by this."""
    names: dict[int, list[str]] = {}
    for plan, found in wanted:
        if found.alias_of:
            names.setdefault(found.alias_of, []).append(plan.name)
    contents = versions.contents_of(Term.objects.filter(pk__in=names)) | {
        key: known[key] for key in names if key in known
    }
    return {
        key: replace(contents[key], aliases=_joined(contents[key].aliases, more))
        for key, more in names.items()
    }


def _joined(aliases: Iterable[str], more: Iterable[str]) -> tuple[str, ...]:
    found = {name_key(name): name for name in (*more, *aliases)}
    return tuple(sorted(found.values(), key=lambda name: (name.casefold(), name)))


def _offer(pairs: Iterable[tuple[Term, Outcome]], record: Import, *, at: datetime, by: Any) -> None:
    """Note the definitions that are for staff to decide, and those that they decided against."""
    decision = AlternativeDefinition.Decision
    dismissed = {"decision": decision.DISMISSED, "decided_at": at, "decided_by": by}
    rows = [
        AlternativeDefinition(term=term, text=text, document=record, **facts)
        for term, found in pairs
        for texts, facts in ((found.waiting, {}), (found.dismissed, dismissed))
        for text in texts
    ]
    AlternativeDefinition.objects.bulk_create(rows)


def set_takeaways(glossary: Glossary, texts: Iterable[str]) -> None:
    """Make the glossary's takeaways these."""
    glossary.takeaways.all().delete()
    numbered = enumerate(texts, start=1)
    Takeaway.objects.bulk_create(
        Takeaway(glossary=glossary, position=position, text=text) for position, text in numbered
    )
