"""What an import found, stored so that people can look through it and decide."""

import json
from collections.abc import Mapping

from django.db import transaction

from glossary.content import TermContent
from glossary.importing.choosing import choices
from glossary.importing.merging import Change
from glossary.importing.planning import Plan, TermPlan, TextPlan
from glossary.models import Import, ImportEntry

ROWS_AT_ONCE = 2_000
Kind = ImportEntry.Kind


class NotAChoice(Exception):
    """A decision that the entry does not offer."""


@transaction.atomic
def store(record: Import, plan: Plan) -> bool:
    """Make the entries what ``plan`` finds, and say whether they were something else.

    Decisions about what is found just as it was before are kept.
    """
    rows = _rows(record, plan)
    stored = list(record.entries.order_by("position"))
    if [_facts(row) for row in rows] == [_facts(row) for row in stored]:
        return False
    decided = {_facts(row)[1:]: row.choice for row in stored}
    for row in rows:
        row.choice = decided.get(_facts(row)[1:], "")
    record.entries.all().delete()
    ImportEntry.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)
    return True


def decide(record: Import, wanted: Mapping[int, str]) -> int:
    """Store decisions by the entries' keys ("" takes one back); how many were made.

    Raises NotAChoice, and stores none, where one is not offered.
    """
    entries = list(record.entries.filter(pk__in=wanted))
    for entry in entries:
        choice = wanted[entry.pk]
        if choice and choice not in choices(plan_of(entry)):
            raise NotAChoice(f"{entry.name} cannot be decided so.")
        entry.choice = choice
    return ImportEntry.objects.bulk_update(entries, ["choice"])


def decisions(record: Import) -> dict[str, str]:
    """What was decided, by the terms' keys."""
    decided = record.entries.filter(kind=Kind.TERM).exclude(choice="")
    return dict(decided.values_list("key", "choice"))


def plan_of(entry: ImportEntry) -> TermPlan:
    """What was found of the term that an entry is about."""
    return TermPlan(
        key=entry.key,
        name=entry.name,
        change=Change(entry.change),
        term_id=entry.term_id,
        before=_content(entry.before),
        taken=_content(entry.taken),
        kept=_content(entry.kept),
        others=tuple(entry.others),
        doubts=tuple(entry.doubts),
        near_id=entry.near_id,
        line=entry.line,
    )


def _rows(record: Import, plan: Plan) -> list[ImportEntry]:
    texts = [(Kind.SUMMARY, plan.summary), (Kind.TAKEAWAYS, plan.takeaways)]
    rows = [_text_row(kind, text) for kind, text in texts if text.change != Change.SAME]
    rows += [_term_row(term) for term in plan.terms]
    for position, row in enumerate(rows, start=1):
        row.document, row.position = record, position
    return rows


def _text_row(kind: str, text: TextPlan) -> ImportEntry:
    return ImportEntry(
        kind=kind,
        name=Kind(kind).label.capitalize(),
        change=text.change.value,
        before={"text": text.before},
        taken={"text": text.after},
    )


def _term_row(plan: TermPlan) -> ImportEntry:
    return ImportEntry(
        key=plan.key,
        name=plan.name,
        change=plan.change.value,
        term_id=plan.term_id,
        before=_json(plan.before),
        taken=_json(plan.taken),
        kept=_json(plan.kept),
        others=list(plan.others),
        doubts=list(plan.doubts),
        near_id=plan.near_id,
        line=plan.line,
        needs_decision=plan.needs_decision,
    )


def _facts(row: ImportEntry) -> tuple[object, ...]:
    """All that was found, as something that can be a key; the place comes first."""
    # The database gives objects back with their keys in an order of its own.
    said = json.dumps([row.before, row.taken, row.kept, row.others, row.doubts], sort_keys=True)
    return row.position, row.kind, row.key, row.name, row.change, row.term_id, row.near_id, said


def _json(content: TermContent | None) -> dict[str, object] | None:
    return content.as_json() if content else None


def _content(stored: dict[str, object] | None) -> TermContent | None:
    return TermContent.from_json(stored) if stored else None
