"""The words of our own text and Markdown forms, and how a value stands in them.

Both forms say in their first line what they are; a reader goes by the grammar and guesses at
nothing. A value stands as it is where that is exact, and else as a JSON string, so that a space
at its end or a control character comes back too.
"""

import json

from glossary.content import TermContent
from glossary.exporting.lists import flag, join_names, split_names

FIRST_LINE = "Termtime glossary, form 1"
# In the order in which they are written; the definition stands between the first three and the
# rest in the text form, behind them all in the Markdown form.
LABELS = {
    "abbreviation": "Abbreviation",
    "aliases": "Also known as",
    "definition": "Definition",
    "formula": "Formula",
    "formula_caption": "Formula caption",
    "see_also": "See also",
    "source": "Source",
    "source_url": "Source address",
    "is_linked": "Linked",
    "matches_case": "Case matters",
}
FIELDS = {label: field for field, label in LABELS.items()}


def told(field: str, content: TermContent) -> str:
    """A field as text; "" where it says nothing beyond the ordinary."""
    value = getattr(content, field)
    if field in {"aliases", "see_also"}:
        return join_names(value) if value else ""
    if field == "is_linked":
        return "" if value else "no"
    if field == "matches_case":
        return "yes" if value else ""
    text: str = value
    return text


def understood(field: str, text: str) -> object:
    """What ``told`` was given; None for a flag that is neither yes nor no."""
    if field in {"aliases", "see_also"}:
        return split_names(text)
    if field in {"is_linked", "matches_case"}:
        return flag(text, default=field == "is_linked")
    return text


def on_one_line(text: str) -> str:
    """A value behind a label or in a heading."""
    is_plain = text.isprintable() and text == text.strip() and not text.startswith('"')
    return text if is_plain and text else json.dumps(text, ensure_ascii=False)


def is_plain_block(text: str) -> bool:
    """Whether the lines of a value may stand as they are."""
    lines = text.split("\n")
    return (
        bool(lines[0] and lines[-1])
        and not text.startswith('"')
        and all(line == line.rstrip() and line.replace("\t", "").isprintable() for line in lines)
    )


def value_of(text: str) -> str:
    """The value that stands there. Raises ValueError for a broken JSON string."""
    if not text.startswith('"'):
        return text
    value = json.loads(text)
    if not isinstance(value, str):
        raise ValueError("no text")  # noqa: TRY004 - one error for all that is no JSON string
    return value
