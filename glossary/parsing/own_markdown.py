"""Our own Markdown form, read by its grammar (``glossary.exporting.markdown_form`` writes it)."""

from typing import Any

from django.utils.translation import gettext as _

from glossary.content import TermContent
from glossary.documents import DocumentError
from glossary.exporting.grammar import FIELDS
from glossary.exporting.markdown_form import COMMENT, TAKEAWAYS
from glossary.parsing.drafts import Draft
from glossary.parsing.limits import shown
from glossary.parsing.own_text import own_lines, own_value, set_field


def is_own_markdown(text: str) -> bool:
    """Whether the first line says that this is the form."""
    return text.split("\n", 1)[0].rstrip("\r") == COMMENT


def read_own_markdown(text: str) -> Draft:
    """What the form says. Raises DocumentError, with the line, for what is not of the form."""
    draft = Draft(is_exact=True)
    lines = own_lines(text)
    heads = [index for index, line in enumerate(lines) if line.startswith(("# ", "## "))]
    for index in range(1, heads[0] if heads else len(lines)):
        if lines[index].strip():
            raise DocumentError(
                _("%(text)s stands before the title") % {"text": shown(lines[index])},
                line=index + 1,
            )
    for place, index in enumerate(heads):
        end = heads[place + 1] if place + 1 < len(heads) else len(lines)
        body = lines[index + 1 : end]
        if lines[index].startswith("## "):
            _term(draft, lines[index][3:], body, index + 1)
        elif place == 0:
            draft.title = own_value(lines[index][2:].strip(), index + 1)
            draft.summary = _block(body, index + 2)
        elif lines[index] == TAKEAWAYS:
            _takeaways(draft, body, index + 2)
        else:
            raise DocumentError(
                _("%(text)s is a second title") % {"text": shown(lines[index])}, line=index + 1
            )
    return draft


def _term(draft: Draft, head: str, body: list[str], number: int) -> None:
    term: dict[str, Any] = {"name": own_value(head.strip(), number)}
    start = 0
    while start < len(body) and not body[start].strip():
        start += 1
    while start < len(body) and body[start].startswith("- "):
        label, colon, value = body[start][2:].partition(":")
        if not colon or label not in FIELDS:
            break
        set_field(term, label, own_value(value.strip(), number + 1 + start), number + 1 + start)
        start += 1
    term["definition"] = _block(body[start:], number + 1 + start)
    draft.add(TermContent(**term), number)


def _takeaways(draft: Draft, body: list[str], number: int) -> None:
    for offset, line in enumerate(body):
        if line.startswith("- "):
            draft.takeaways.append(own_value(line[2:].strip(), number + offset))
        elif line.strip():
            raise DocumentError(
                _("%(text)s is no takeaway (- text)") % {"text": shown(line)}, line=number + offset
            )


def _block(lines: list[str], number: int) -> str:
    """A text on lines of its own: as it is, as a quotation, or as a JSON string."""
    start, end = 0, len(lines)
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    block = lines[start:end]
    if block and all(line.startswith(">") for line in block):
        return "\n".join(line[1:].removeprefix(" ") for line in block)
    text = "\n".join(block)
    return own_value(text, number + start) if text.startswith('"') else text
