"""A document compared with the site, and brought in.

The comparison is three-way: what the last import brought, what the site has now, what the
document says. So what staff edited, decided or deleted is never overwritten or brought back
unasked. ``plan_import`` only looks; ``apply`` does, in one transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction

from glossary import editing, versions
from glossary.content import TermContent
from glossary.documents import Document, DocumentTerm
from glossary.jobs import defer_relinking
from glossary.models import (
    Alias,
    AlternativeDefinition,
    Glossary,
    ImportedDocument,
    Takeaway,
    Term,
    Version,
)
from glossary.passages import NO_TERMS
from glossary.relinking import relink
from glossary.wording import name_key


class PlanOutdated(Exception):
    """The site changed between the look and the deed; nothing was done. Look again."""


class Change(StrEnum):
    """What the comparison finds of one thing."""

    ADDED = "added"
    CHANGED = "changed"  # the document changed, staff did not
    KEPT = "kept"  # staff changed, the document did not (or its change is decided already)
    CONFLICT = "conflict"  # both changed: the present text stays, staff decide
    SAME = "same"
    GONE = "gone from the document"  # stays on the site
    DELETED = "deleted by staff"  # stays deleted


def compare(*, base: str | None, current: str | None, new: str | None) -> Change:
    """The three-way rule for one text; None is where there is none."""
    if new is None:
        return Change.GONE if current is not None else Change.DELETED
    if current is None:
        return Change.ADDED if base is None else Change.DELETED
    if current == new:
        return Change.SAME
    if base == new:
        return Change.KEPT
    return Change.CHANGED if base == current else Change.CONFLICT


@dataclass(frozen=True)
class TermPlan:
    """What an import does with one term."""

    name: str
    change: Change
    term_id: int | None = None
    before: str = ""
    after: str = ""
    abbreviation: str | None = None  # a new one, None where it stays
    # Definitions that staff are to decide on.
    alternatives: tuple[str, ...] = ()
    line: int | None = None
    note: str = ""

    @property
    def does_something(self) -> bool:
        """Whether applying it would write anything."""
        is_written = self.change in {Change.ADDED, Change.CHANGED}
        return is_written or bool(self.alternatives) or self.abbreviation is not None


@dataclass(frozen=True)
class TextPlan:
    """What an import does with the summary, or with the takeaways (one a line)."""

    change: Change
    before: str = ""
    after: str = ""

    @property
    def does_something(self) -> bool:
        """Whether applying it would write anything."""
        return self.change in {Change.ADDED, Change.CHANGED}


@dataclass(frozen=True)
class Plan:
    """What an import would do to one glossary."""

    document: Document
    slug: str
    title: str
    glossary_id: int | None
    terms: tuple[TermPlan, ...]
    summary: TextPlan
    takeaways: TextPlan
    is_known_document: bool = False
    notes: tuple[str, ...] = field(default=())

    @property
    def is_new(self) -> bool:
        """Whether the glossary is not there yet."""
        return self.glossary_id is None

    @property
    def does_something(self) -> bool:
        """Whether the site would be any different afterwards."""
        parts: Iterable[TermPlan | TextPlan] = (*self.terms, self.summary, self.takeaways)
        return self.is_new or any(part.does_something for part in parts)

    def having(self, change: Change) -> tuple[TermPlan, ...]:
        """The terms with this outcome."""
        return tuple(term for term in self.terms if term.change == change)


def find_glossary(slug: str) -> Glossary | None:
    """The glossary at this address."""
    return Glossary.objects.filter(slug=slug).first()


def plan_import(document: Document, *, slug: str) -> Plan:
    """What importing ``document`` into the glossary at ``slug`` would do. Writes nothing."""
    glossary = find_glossary(slug)
    if glossary is None:
        return _plan_of_new(document, slug)
    base = _Base.of(glossary)
    takeaways = _joined(glossary.takeaways.values_list("text", flat=True))
    return Plan(
        document=document,
        slug=slug,
        title=glossary.title,
        glossary_id=glossary.pk,
        terms=_plan_terms(document, _Current.of(glossary), base),
        summary=_plan_text(base.summary, glossary.summary, document.summary),
        takeaways=_plan_text(base.takeaways, takeaways, _joined(document.takeaways)),
        is_known_document=base.last == document.as_json(),
        notes=() if glossary.is_published else ("The glossary is not published, and stays so.",),
    )


@transaction.atomic
def apply(
    plan: Plan, *, name: str, text: str, at: datetime, by: Any = None
) -> tuple[Glossary, ImportedDocument | None]:
    """Do what ``plan`` says, as one: the glossary, and the record of the document.

    ``name`` and ``text`` are the file's. A document that is known and changes nothing leaves no
    record. Raises PlanOutdated where the site is no longer as it was planned for.
    """
    present = find_glossary(plan.slug)
    if present:
        editing.lock(present)
    if plan_import(plan.document, slug=plan.slug) != plan:
        raise PlanOutdated
    glossary = present or Glossary(title=plan.title, slug=plan.slug, is_published=True)
    if plan.is_new or plan.summary.does_something:
        glossary.summary = plan.summary.after
        editing.save_glossary(glossary, at=at)
    if plan.is_known_document and not plan.does_something:
        return glossary, None
    imported = ImportedDocument.objects.create(
        glossary=glossary,
        name=name[:255],
        text=text,
        content=plan.document.as_json(),
        imported_at=at,
        imported_by=by,
    )
    _apply_terms(plan, glossary, imported)
    if plan.takeaways.does_something:
        _set_takeaways(glossary, plan.document.takeaways)
    return glossary, imported


# What was, what is -----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Base:
    """What imports brought before: of each term, what the last document that had it said."""

    terms: dict[str, dict[str, Any]]
    in_last: frozenset[str]
    summary: str | None
    takeaways: str | None
    last: dict[str, Any] | None

    @classmethod
    def of(cls, glossary: Glossary) -> "_Base":
        contents = list(
            glossary.documents.order_by("imported_at", "pk").values_list("content", flat=True)
        )
        if not contents:
            return cls({}, frozenset(), None, None, None)
        terms = {name_key(term["name"]): term for content in contents for term in content["terms"]}
        last = contents[-1]
        return cls(
            terms=terms,
            in_last=frozenset(name_key(term["name"]) for term in last["terms"]),
            summary=last["summary"],
            takeaways=_joined(last["takeaways"]),
            last=last,
        )

    def definition(self, key: str) -> str | None:
        """The Markdown that an import made of the term's definition."""
        term = self.terms.get(key)
        return term["definition"] if term else None

    def abbreviation(self, key: str) -> str | None:
        term = self.terms.get(key)
        return term["abbreviation"] if term else None


@dataclass(frozen=True)
class _Current:
    """The glossary's terms by every name they go by, and the definitions besides theirs."""

    by_name: dict[str, Term]
    by_other_name: dict[str, Term]
    alternatives: dict[int, frozenset[str]]

    @classmethod
    def of(cls, glossary: Glossary) -> "_Current":
        terms = list(glossary.terms.select_related("definition").order_by("pk"))
        by_id = {term.pk: term for term in terms}
        other: dict[str, Term] = {}
        # A term that staff renamed is found by the name it was imported with.
        aliases = Alias.objects.filter(term__in=by_id).values_list("term_id", "name")
        for term_id, name in (*versions.past_names(by_id), *aliases):
            other.setdefault(name_key(name), by_id[term_id])
        texts: dict[int, set[str]] = {}
        besides = AlternativeDefinition.objects.filter(term__in=by_id)
        for term_id, text in besides.values_list("term_id", "text"):
            texts.setdefault(term_id, set()).add(text)
        return cls(
            by_name={name_key(term.name): term for term in terms},
            by_other_name=other,
            alternatives={term_id: frozenset(found) for term_id, found in texts.items()},
        )

    def find(self, key: str) -> Term | None:
        return self.by_name.get(key) or self.by_other_name.get(key)


# Planning --------------------------------------------------------------------------------------


def _plan_of_new(document: Document, slug: str) -> Plan:
    return Plan(
        document=document,
        slug=slug,
        title=document.title,
        glossary_id=None,
        terms=tuple(_added(term) for term in document.terms),
        summary=_plan_text(None, "", document.summary),
        takeaways=_plan_text(None, "", _joined(document.takeaways)),
    )


def _plan_terms(document: Document, current: _Current, base: _Base) -> tuple[TermPlan, ...]:
    plans = [_plan_term(term, current, base) for term in document.terms]
    in_document = {term.key for term in document.terms}
    for key in base.in_last - in_document:
        term = current.find(key)
        name = base.terms[key]["name"]
        change = Change.GONE if term else Change.DELETED
        plans.append(TermPlan(term.name if term else name, change, term.pk if term else None))
    return tuple(plans)


def _added(term: DocumentTerm) -> TermPlan:
    return TermPlan(
        name=term.name,
        change=Change.ADDED,
        after=term.definition,
        abbreviation=term.abbreviation or None,
        alternatives=term.others,
        line=term.line,
    )


def _plan_term(term: DocumentTerm, current: _Current, base: _Base) -> TermPlan:
    row = current.find(term.key)
    after = term.definition
    before = row.definition.source if row else None
    change = compare(base=base.definition(term.key), current=before, new=after)
    if row is None:
        return _added(term) if change == Change.ADDED else TermPlan(term.name, change)
    known = current.alternatives.get(row.pk, frozenset())
    offered = term.others if change != Change.CONFLICT else (term.definition, *term.others)
    new = [text for text in offered if text not in known and text != before]
    if change == Change.CONFLICT and term.definition in known:
        change = Change.KEPT  # staff were asked already
    abbreviation, note = _plan_abbreviation(term, row, base)
    change = Change.CHANGED if abbreviation is not None and change == Change.SAME else change
    return TermPlan(
        name=row.name,
        change=change,
        term_id=row.pk,
        before=before or "",
        after=after,
        abbreviation=abbreviation,
        alternatives=tuple(new),
        line=term.line,
        note=note,
    )


def _plan_abbreviation(term: DocumentTerm, row: Term, base: _Base) -> tuple[str | None, str]:
    """The new abbreviation, None where it stays, and what staff should know of it."""
    match compare(
        base=base.abbreviation(term.key), current=row.abbreviation, new=term.abbreviation
    ):
        case Change.CHANGED:
            return term.abbreviation, ""
        case Change.CONFLICT if term.abbreviation:
            return None, f"abbreviated as {term.abbreviation} in the document, which is not taken"
    return None, ""


def _plan_text(base: str | None, current: str, new: str) -> TextPlan:
    """A text that is empty on the site and was never imported is one that is not there."""
    if not new:
        return TextPlan(Change.SAME, current, current)
    is_absent = not current and base in {None, ""}
    change = compare(base=base, current=None if is_absent else current, new=new)
    if is_absent:
        change = Change.ADDED
    return TextPlan(change, current, new)


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(lines)


# Doing -----------------------------------------------------------------------------------------


def _apply_terms(plan: Plan, glossary: Glossary, imported: ImportedDocument) -> None:
    is_writing = False
    for planned in plan.terms:
        if not planned.does_something:
            continue
        term = _write_term(planned, glossary, imported)
        is_writing = is_writing or planned.change in {Change.ADDED, Change.CHANGED}
        AlternativeDefinition.objects.bulk_create(
            AlternativeDefinition(term=term, text=text, document=imported)
            for text in planned.alternatives
        )
    if is_writing:
        # The glossary's own pages are right at once; texts elsewhere follow in a job.
        defer_relinking(glossary, None)
        relink(glossary.terms.values_list("definition_id", flat=True))


def _write_term(planned: TermPlan, glossary: Glossary, imported: ImportedDocument) -> Term:
    term, content = Term(glossary=glossary), TermContent(planned.name)
    if planned.term_id is not None:
        term = Term.objects.select_related("definition", "glossary").get(pk=planned.term_id)
        content = versions.content_of(term)
    is_text_new = planned.change in {Change.ADDED, Change.CHANGED}
    if not is_text_new and planned.abbreviation is None:
        return term
    if planned.abbreviation is not None:
        content = replace(content, abbreviation=planned.abbreviation)
    if is_text_new:
        content = replace(content, definition=planned.after)
    return editing.save_term(
        term,
        content,
        at=imported.imported_at,
        by=imported.imported_by,
        what=Version.What.IMPORTED,
        document=imported,
        linker=NO_TERMS,
        is_relinking=False,
    )


def _set_takeaways(glossary: Glossary, texts: Iterable[str]) -> None:
    glossary.takeaways.all().delete()
    numbered = enumerate(texts, start=1)
    Takeaway.objects.bulk_create(
        Takeaway(glossary=glossary, position=position, text=text) for position, text in numbered
    )
