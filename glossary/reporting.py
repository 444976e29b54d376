"""Imports told in plain text: what a document says, and what would be done with it."""

from collections.abc import Iterable, Sequence
from textwrap import shorten

from glossary.comparing import changes
from glossary.content import TermContent
from glossary.diffing import line_diff, marked, word_diff
from glossary.importing.choosing import outcome
from glossary.importing.merging import Change
from glossary.importing.planning import Plan, TermPlan, TextPlan

LEFT = 24
_EXPLAINED = {
    Change.ADDED: "added",
    Change.CHANGED: "changed",
    Change.KEPT: "kept as staff have them",
    Change.CONFLICT: "kept, with another definition for staff to decide on",
    Change.SAME: "the same",
    Change.GONE: "gone from the document, kept on the site",
    Change.DELETED: "deleted by staff, and not brought back",
}


def table(rows: Iterable[Sequence[str]]) -> str:
    """Rows of two columns; a left cell too long for its column has a line to itself."""
    lines = []
    for left, right in rows:
        if len(left) < LEFT:
            lines.append(f"  {left:<{LEFT}}{right}".rstrip())
        else:
            lines += [f"  {left}", f"  {'':<{LEFT}}{right}".rstrip()]
    return "\n".join(lines)


def plan_rows(plan: Plan) -> list[tuple[str, str]]:
    """What the import would do to the glossary, in short."""
    made = "made and published" if plan.is_new else "there already"
    rows = [("Glossary", f"{plan.title} at /glossary/{plan.slug}/, {made}")]
    counts = ((change, len(plan.having(change))) for change in Change)
    rows += [("Terms", f"{count} {_EXPLAINED[change]}") for change, count in counts if count]
    if waiting := sum(len(outcome(term, "").waiting) for term in plan.terms):
        noun = "definition" if waiting == 1 else "definitions"
        rows.append(("For staff to decide", f"{waiting} {noun}"))
    rows.append(("Summary", _text_told(plan.summary)))
    rows.append(("Takeaways", _text_told(plan.takeaways)))
    rows += [("Note", note) for note in plan.notes]
    return rows


def _text_told(text: TextPlan) -> str:
    if not text.after:
        return "none"
    if text.change == Change.CONFLICT:
        return "kept; the document has another"
    return _EXPLAINED[text.change].replace("have them", "have it")


def change_rows(plan: Plan) -> list[tuple[str, str]]:
    """Term by term, what would change on a glossary that is there already."""
    rows = [row for term in plan.terms for row in _term_rows(term)]
    if plan.summary.does_something:
        summary = plan.summary
        rows.append((_mark(summary.change, "Summary"), word_diff(summary.before, summary.after)))
    if plan.takeaways.does_something:
        mark = _mark(plan.takeaways.change, "Takeaways")
        lines = line_diff(plan.takeaways.before, plan.takeaways.after)
        rows += [(mark, line) for line in lines]
    return rows


def _term_rows(term: TermPlan) -> list[tuple[str, str]]:
    """What is done with the term where nobody decides otherwise."""
    found = outcome(term, "")
    rows = []
    if term.change in {Change.GONE, Change.DELETED}:
        rows.append((term.name, _EXPLAINED[term.change]))
    if found.content and term.before:
        rows += _field_rows(term.name, term.before, found.content)
    elif found.content:
        opening = shorten(found.content.definition, 100, placeholder=" …")
        rows.append((_mark(Change.ADDED, term.name), opening))
    rows += [
        (f"? {term.name}", f"to decide: {shorten(text, 100, placeholder=' …')}")
        for text in found.waiting
    ]
    return [*rows, *((term.name, doubt) for doubt in term.doubts)]


def _field_rows(name: str, before: TermContent, after: TermContent) -> list[tuple[str, str]]:
    mark = _mark(Change.CHANGED, name)
    found = changes(before, after)
    return [
        (mark, told if one.label == "Definition" else f"{one.label.lower()}: {told}")
        for one in found
        for told in [marked(one.pieces)]
    ]


def _mark(change: Change, name: str) -> str:
    return f"{'+' if change == Change.ADDED else '~'} {name}"
