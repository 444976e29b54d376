"""An entry put together line by line."""

import re
from typing import Any

from django.utils.translation import gettext as _

from glossary.content import TermContent
from glossary.documents import DoubtKind
from glossary.exporting.lists import split_names, unique
from glossary.parsing.drafts import Draft
from glossary.parsing.limits import MAX_DEFINITION, check_length
from glossary.parsing.names import headword
from glossary.rendering import markdown_from_text

_ADDRESS = re.compile(r"https?://\S+")


class Building:
    """A term while its lines are read: paragraphs, list items, labelled lines.

    Lines are plain text unless ``is_markdown``.
    """

    def __init__(self, words: str, line: int, *, is_markdown: bool = False) -> None:
        self.words = words
        self.line = line
        self.paragraphs: list[str] = []
        self.labels: dict[str, str] = {}
        self._is_markdown = is_markdown
        self._is_list = False
        self._open_label = ""

    def add_text(self, words: str, *, is_new: bool) -> None:
        """A line of the definition: of a paragraph of its own, or of the one above."""
        if self._open_label:
            self.label(self._open_label, words)
        elif self.paragraphs and not is_new:
            self._lengthen(f" {words}")
        elif words:
            self.paragraphs.append(words)
            self._is_list = False

    def add_item(self, words: str) -> None:
        """An item of a list in the definition."""
        item = f"- {words}"
        if self._is_list:
            self._lengthen(f"\n{item}")
        else:
            self.paragraphs.append(item)
        self._is_list = True
        self._open_label = ""

    def _lengthen(self, words: str) -> None:
        self.paragraphs[-1] += words
        check_length("definition", self.paragraphs[-1], MAX_DEFINITION, self.line)

    def label(self, field: str, words: str) -> None:
        """A labelled line; one without words has them on the next line."""
        self._open_label = "" if words else field
        if field == "source" and _ADDRESS.fullmatch(words):
            field = "source_url"
        before = self.labels.get(field)
        self.labels[field] = f"{before}; {words}" if before else words
        check_length("labelled line", self.labels[field], MAX_DEFINITION, self.line)

    @property
    def is_empty(self) -> bool:
        return not self.paragraphs

    @property
    def is_finished(self) -> bool:
        """Whether what was read last ends as a sentence ends."""
        return not self.paragraphs or self.paragraphs[-1].endswith((".", "!", "?", "…", ".”", ")"))

    def finish(self, draft: Draft) -> None:
        """Give the draft the term, or the doubt that it has no definition."""
        if self.is_empty:
            said = "; ".join([self.words, *self.labels.values()])
            draft.leave_out(said, self.line, _("it has no definition: write one behind the name"))
            return
        # Before it is rendered, which takes its time.
        check_length("definition", max(self.paragraphs, key=len), MAX_DEFINITION, self.line)
        draft.add(self.content(), self.line)

    def content(self, definition: str | None = None, **flags: bool) -> TermContent:
        """The term. ``definition`` is Markdown that stands instead of the lines."""
        if definition is None:
            mark = str if self._is_markdown else _markdown
            definition = "\n\n".join(mark(paragraph) for paragraph in self.paragraphs)
        head = headword(self.words)
        if not self.labels and not flags:
            return TermContent(head.name, head.abbreviation, head.aliases, definition)
        fields = labelled(self.labels)
        fields["name"] = head.name
        fields["abbreviation"] = self.labels.get("abbreviation") or head.abbreviation
        fields["aliases"] = unique((*head.aliases, *fields.get("aliases", ())))
        return TermContent(**{**fields, **flags, "definition": definition})


def labelled(labels: dict[str, str]) -> dict[str, Any]:
    """The fields of a TermContent in labelled lines."""
    fields: dict[str, Any] = {name: text for name, text in labels.items() if text}
    for name in ("aliases", "see_also"):
        if name in fields:
            fields[name] = split_names(fields[name])
    if "formula" in fields:
        fields["formula"] = without_dollars(fields["formula"])
    return fields


def without_dollars(formula: str) -> str:
    """LaTeX without the signs around it."""
    inside = formula.strip()
    for opening, closing in (("$$", "$$"), ("$", "$"), (r"\[", r"\]"), (r"\(", r"\)")):
        if inside.startswith(opening) and inside.endswith(closing) and len(inside) > len(opening):
            return inside[len(opening) : -len(closing)].strip()
    return inside


def _markdown(paragraph: str) -> str:
    if not paragraph.startswith("- "):
        return markdown_from_text(paragraph)
    items = (line.removeprefix("- ") for line in paragraph.split("\n"))
    return "\n".join(f"- {markdown_from_text(item)}" for item in items)


def guessed(draft: Draft, sentence: str, line: int, *names: str) -> None:
    """Note what was read by its looks alone."""
    draft.doubt(DoubtKind.GUESSED, sentence, line, *names)
