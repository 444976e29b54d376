"""One term three ways: what the last import said, what the site says, what the document says.

The rule is applied to each field by itself, so a document that changes the definition and a
member of staff who changed the formula do not get in each other's way. What only staff changed
stays; what only the document changed is taken; what both changed is for staff to decide.
"""

from collections.abc import Collection
from dataclasses import MISSING, dataclass, fields, replace
from enum import StrEnum
from typing import Any

from glossary.content import TermContent


class Change(StrEnum):
    """What the comparison finds of one thing."""

    ADDED = "added"
    CHANGED = "changed"  # the document changed, staff did not
    KEPT = "kept"  # staff changed, the document did not (or its change is decided already)
    CONFLICT = "conflict"  # both changed: the present text stays until staff decide
    SAME = "same"
    GONE = "gone"  # no more in the document; stays on the site
    DELETED = "deleted"  # deleted by staff; stays deleted


def compare(*, base: Any, current: Any, new: Any) -> Change:
    """The three-way rule for one value; None is where there is none."""
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
class Merged:
    """What comes of a term: with the document's word, and with the site's where both changed."""

    change: Change
    taken: TermContent
    kept: TermContent
    # The fields that both changed.
    conflicts: tuple[str, ...] = ()


def merge(
    *, base: TermContent | None, current: TermContent, new: TermContent, speaks_of: Collection[str]
) -> Merged:
    """The three-way rule field by field; the term's name stays as the site writes it.

    ``speaks_of`` are the fields of which the document's silence says that they are empty; of any
    other it says nothing.
    """
    outcomes = {name: _field(name, base, current, new, speaks_of=speaks_of) for name in _UNSAID}
    changed = {name for name, found in outcomes.items() if found == Change.CHANGED}
    conflicts = tuple(name for name, found in outcomes.items() if found == Change.CONFLICT)
    kept = _with(current, new, changed)
    return Merged(
        change=_whole(outcomes.values()),
        taken=_with(kept, new, conflicts),
        kept=kept,
        conflicts=conflicts,
    )


def _field(
    name: str,
    base: TermContent | None,
    current: TermContent,
    new: TermContent,
    *,
    speaks_of: Collection[str],
) -> Change:
    unsaid = _UNSAID[name]
    here, there = getattr(current, name), getattr(new, name)
    if there == unsaid and name not in speaks_of:
        return Change.SAME
    if here == unsaid and (base is None or getattr(base, name) == unsaid):
        # Nobody ever said anything, so nobody is contradicted.
        return Change.SAME if there == unsaid else Change.CHANGED
    before = None if base is None else getattr(base, name)
    return compare(base=before, current=here, new=there)


def _whole(outcomes: Collection[Change]) -> Change:
    for change in (Change.CONFLICT, Change.CHANGED, Change.KEPT):
        if change in outcomes:
            return change
    return Change.SAME


def _with(content: TermContent, new: TermContent, names: Collection[str]) -> TermContent:
    return replace(content, **{name: getattr(new, name) for name in names})


_UNSAID: dict[str, Any] = {
    field.name: field.default for field in fields(TermContent) if field.default is not MISSING
}
