"""Our own text form, read by its grammar (``glossary.exporting.text_form`` writes it)."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from glossary.content import TermContent
from glossary.documents import DocumentError
from glossary.exporting.grammar import FIELDS, FIRST_LINE, understood, value_of
from glossary.parsing.drafts import Draft
from glossary.parsing.limits import shown


def is_own_text(text: str) -> bool:
    """Whether the first line says that this is the form."""
    return text.split("\n", 1)[0].rstrip("\r") == FIRST_LINE


def own_lines(text: str) -> list[str]:
    """The lines of a form of ours, also where another system changed how all of them end."""
    if text.split("\n", 1)[0].endswith("\r"):
        text = text.replace("\r\n", "\n")
    return text.split("\n")


def read_own_text(text: str) -> Draft:
    """What the form says. Raises DocumentError, with the line, for what is not of the form."""
    draft = Draft(is_exact=True)
    term: dict[str, Any] = {}
    begun = 0
    for number, label, value in _values(own_lines(text)):
        if label in {"Term", "Takeaway"} and term:
            draft.add(TermContent(**term), begun)
            term = {}
        if label == "Title":
            draft.title = value
        elif label == "Summary":
            draft.summary = value
        elif label == "Takeaway":
            draft.takeaways.append(value)
        elif label == "Term":
            term, begun = {"name": value}, number
        else:
            set_field(term, label, value, number)
    if term:
        draft.add(TermContent(**term), begun)
    return draft


def set_field(term: dict[str, Any], label: str, value: str, number: int) -> None:
    """Give the term what a labelled line says. Raises DocumentError for what it cannot be given."""
    field = FIELDS.get(label)
    if field is None:
        known = ", ".join(FIELDS)
        raise DocumentError(
            _("%(text)s is no label; there are %(known)s") % {"text": shown(label), "known": known},
            line=number,
        )
    if not term:
        raise DocumentError(
            _("“%(label)s” stands before the first term") % {"label": label}, line=number
        )
    if field in term:
        raise DocumentError(
            _("this is a second “%(label)s”; keep one") % {"label": label}, line=number
        )
    understanding = understood(field, value)
    if understanding is None:
        raise DocumentError(
            _("%(text)s is neither yes nor no") % {"text": shown(value)}, line=number
        )
    term[field] = understanding


def own_value(text: str, number: int) -> str:
    """The value on a line. Raises DocumentError for a broken one."""
    try:
        return value_of(text)
    except (ValueError, RecursionError) as error:
        raise DocumentError(
            _("%(text)s lacks its closing mark") % {"text": shown(text)}, line=number
        ) from error


def _values(lines: list[str]) -> Iterator[tuple[int, str, str]]:
    """Each label with its line and value."""
    index = 1
    while index < len(lines):
        number, line = index + 1, lines[index]
        index += 1
        if not line.strip():
            continue
        label, colon, rest = line.partition(":")
        if not colon or line[0].isspace():
            raise DocumentError(
                _("%(text)s has no label; see the export") % {"text": shown(line.strip())},
                line=number,
            )
        if rest.strip():
            yield number, label, own_value(rest.strip(), number)
            continue
        block = []
        while index < len(lines) and (not lines[index].strip() or lines[index][:2] == "  "):
            block.append(lines[index][2:])
            index += 1
        yield number, label, "\n".join(block).rstrip("\n")
