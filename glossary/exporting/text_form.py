"""The text form: ``Label: value``, longer values on lines of their own, two spaces in."""

from collections.abc import Iterator

from glossary.content import TermContent
from glossary.documents import GlossaryContent
from glossary.exporting.grammar import FIRST_LINE, LABELS, is_plain_block, on_one_line, told


def as_text(content: GlossaryContent) -> bytes:
    """The glossary in the text form, as UTF-8."""
    lines = [FIRST_LINE, "", *_labelled("Title", content.title)]
    if content.summary:
        lines += _labelled("Summary", content.summary)
    for term in content.terms:
        lines += ["", *_term(term)]
    lines.append("")
    for takeaway in content.takeaways:
        lines += _labelled("Takeaway", takeaway)
    return ("\n".join(lines).rstrip("\n") + "\n").encode()


def _term(term: TermContent) -> Iterator[str]:
    yield from _labelled("Term", term.name)
    for field, label in LABELS.items():
        text = told(field, term)
        if text:
            yield from _labelled(label, text)


def _labelled(label: str, text: str) -> list[str]:
    if "\n" in text and is_plain_block(text):
        return [f"{label}:", *(f"  {line}" if line else "" for line in text.split("\n"))]
    return [f"{label}: {on_one_line(text)}"]
