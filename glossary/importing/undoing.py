"""An import taken back as a whole.

Every term is again as it was before, and what the import added goes. What somebody changed
since is theirs and stays; it is told before and after.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from glossary import editing
from glossary.content import TermContent
from glossary.importing.applying import set_takeaways
from glossary.models import AlternativeDefinition, Glossary, Import, Term, Version
from glossary.saving import delete_terms, save_terms


@dataclass(frozen=True)
class Undoing:
    """What taking an import back does."""

    # Terms that say again what they said, and those that the import added and that go.
    back: tuple[tuple[Term, TermContent], ...] = ()
    gone: tuple[Term, ...] = ()
    # Names of those that were changed since, and stay as they are.
    staying: tuple[str, ...] = ()
    # "summary" and "takeaways", where they are to be what they were, with that text.
    texts: tuple[tuple[str, str], ...] = ()
    # Whether the glossary, which the import made, is left without a term and goes from view.
    hides_glossary: bool = False


def plan_undoing(record: Import) -> Undoing:
    """What ``undo`` would do. Writes nothing; the queries do not grow with the terms."""
    glossary = record.glossary
    if record.state != Import.State.APPLIED or glossary is None:
        return Undoing()
    written = _written(record)
    last = _last_numbers(written)
    mine = [version for version in written if version.number == last[version.term_id]]
    before = _before(mine)
    gone = tuple(version.term for version in mine if version.number == 1)
    return Undoing(
        back=tuple((v.term, before[v.term_id]) for v in mine if v.term_id in before),
        gone=gone,
        staying=tuple(v.term.name for v in written if v.number != last[v.term_id]),
        texts=tuple(_texts(record, glossary)),
        hides_glossary="is_new" in record.before and glossary.terms.count() == len(gone),
    )


@transaction.atomic
def undo(record: Import, *, at: datetime, by: Any = None) -> Undoing:
    """Take an import back, and say what was done: nothing where it is undone already."""
    record = Import.objects.select_for_update(of=("self",)).get(pk=record.pk)
    if record.state != Import.State.APPLIED or record.glossary is None:
        return Undoing()
    glossary = record.glossary = editing.lock(record.glossary)
    plan = plan_undoing(record)
    save_terms(glossary, plan.back, at=at, by=by, what=Version.What.UNDONE)
    # One that staff published instead is theirs, and its row says who and when.
    alternatives = AlternativeDefinition.objects.filter(document=record)
    alternatives.exclude(decision=AlternativeDefinition.Decision.ADOPTED).delete()
    delete_terms(glossary, plan.gone, at=at, by=by)
    _set_back(glossary, plan, at=at)
    record.state = Import.State.UNDONE
    record.undone_at, record.undone_by = at, by
    record.save(update_fields=["state", "undone_at", "undone_by"])
    return plan


def _written(record: Import) -> list[Version]:
    """The last version that the import wrote of each term that is still there."""
    versions = record.versions.select_related("term__glossary")
    return list(versions.order_by("term_id", "-number").distinct("term_id"))


def _last_numbers(written: Iterable[Version]) -> dict[int, int]:
    rows = Version.objects.filter(term__in=[version.term_id for version in written])
    return dict(rows.order_by().values_list("term_id").annotate(last=Max("number")))


def _before(mine: Iterable[Version]) -> dict[int, TermContent]:
    """What these terms said before the import wrote the version."""
    wanted = {version.term_id: version.number - 1 for version in mine}
    rows = Version.objects.filter(term__in=wanted).values_list("term_id", "number", "content")
    return {
        term_id: TermContent.from_json(content)
        for term_id, number, content in rows
        if number == wanted[term_id]
    }


def _texts(record: Import, glossary: Glossary) -> Iterable[tuple[str, str]]:
    """The texts that are still as the import left them, with what they were."""
    takeaways = "\n".join(glossary.takeaways.values_list("text", flat=True))
    now = {"summary": glossary.summary, "takeaways": takeaways}
    for name, (was, became) in record.before.get("texts", {}).items():
        if now[name] == became:
            yield name, was


def _set_back(glossary: Glossary, plan: Undoing, *, at: datetime) -> None:
    texts = dict(plan.texts)
    if "takeaways" in texts:
        set_takeaways(glossary, texts["takeaways"].splitlines())
    glossary.summary = texts.get("summary", glossary.summary)
    glossary.is_published = glossary.is_published and not plan.hides_glossary
    editing.save_glossary(glossary, at=at)
