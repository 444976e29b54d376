"""Two states of a term beside each other, field by field, for people to read."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from glossary.content import TermContent
from glossary.diffing import Piece, pieces

LABELS = {
    "name": _("Name"),
    "abbreviation": _("Abbreviation"),
    "aliases": _("Also known as"),
    "definition": _("Definition"),
    "formula": _("Formula"),
    "formula_caption": _("Formula caption"),
    "see_also": _("See also"),
    "source": _("Source"),
    "source_url": _("Source's address"),
    "is_linked": _("Link in texts"),
    "matches_case": _("Own case only"),
}


@dataclass(frozen=True)
class FieldChange:
    """One field that says something else."""

    label: str
    pieces: list[Piece]


def changes(before: TermContent, after: TermContent) -> list[FieldChange]:
    """The fields that differ, in the order of a term's page, with what goes and what comes.

    A text that differs in its spaces and line breaks alone is shown whole.
    """
    found = []
    for field, label in LABELS.items():
        old, new = getattr(before, field), getattr(after, field)
        if old != new:
            old_text, new_text = _text(old), _text(new)
            shown = pieces(old_text, new_text)
            found.append(FieldChange(str(label), shown or _whole(old_text, new_text)))
    return found


def whole(content: TermContent) -> list[FieldChange]:
    """What a term says, field by field, with nothing to compare it with."""
    said = changes(TermContent(""), content)
    return [
        FieldChange(one.label, [Piece("same", piece.words) for piece in one.pieces]) for one in said
    ]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return " · ".join(value)
    return str(value)


def _whole(old: str, new: str) -> list[Piece]:
    return [Piece("gone", old), Piece("come", new)]
