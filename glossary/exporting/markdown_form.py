"""The Markdown form: a heading for each term, labelled lines, then the definition as it is.

A definition whose own lines would be taken for parts of the form stands as a quotation.
"""

import json
import re
from collections.abc import Iterator

from glossary.content import TermContent
from glossary.documents import GlossaryContent
from glossary.exporting.grammar import FIRST_LINE, LABELS, is_plain_block, on_one_line, told

COMMENT = f"<!-- {FIRST_LINE} -->"
TAKEAWAYS = "# Takeaways"
_OF_THE_FORM = re.compile(rf"^[#>]|\A- (?:{'|'.join(LABELS.values())}):", re.MULTILINE)


def as_markdown(content: GlossaryContent) -> bytes:
    """The glossary in the Markdown form, as UTF-8."""
    lines = [COMMENT, "", f"# {on_one_line(content.title)}", "", *_block(content.summary)]
    for term in content.terms:
        lines += _term(term)
    if content.takeaways:
        lines += [TAKEAWAYS, "", *(f"- {on_one_line(text)}" for text in content.takeaways)]
    return ("\n".join(lines).rstrip("\n") + "\n").encode()


def _term(term: TermContent) -> Iterator[str]:
    yield f"## {on_one_line(term.name)}"
    yield ""
    labelled = [
        f"- {label}: {on_one_line(text)}"
        for field, label in LABELS.items()
        if field != "definition" and (text := told(field, term))
    ]
    if labelled:
        yield from labelled
        yield ""
    yield from _block(term.definition)


def _block(text: str) -> list[str]:
    if not text:
        return []
    if not is_plain_block(text):
        return [json.dumps(text, ensure_ascii=False), ""]
    if _OF_THE_FORM.search(text):
        return [*(f"> {line}".rstrip() for line in text.split("\n")), ""]
    return [text, ""]
