"""Markdown: terms as headings, bold lead-ins, definition lists, tables, or plain entries.

Which of them a document uses is told from the whole of it. Definitions keep their Markdown.
"""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext as _

from glossary.documents import DocumentError, Heading
from glossary.parsing.building import Building
from glossary.parsing.decoding import numbered
from glossary.parsing.drafts import Draft
from glossary.parsing.fields import label_called
from glossary.parsing.intake import take_intake
from glossary.parsing.limits import MAX_NAME, MAX_SUMMARY, check_length
from glossary.parsing.markdown_blocks import Block, blocks_of, cells_of
from glossary.parsing.names import is_name, is_surely_name
from glossary.parsing.rows import Row, find_header, read_rows
from glossary.parsing.separators import divide
from glossary.parsing.text_file import TAKEAWAYS
from glossary.wording import name_key

_LEAD = re.compile(
    r"(?P<mark>\*\*|__)(?=\S)(?P<name>.+?)(?<=\S)(?P=mark)(?P<more>[ \t]*[(\[][^()\[\]\n]*[)\]])?"
    r"[ \t]*(?P<sign>::?|：|[–—−=→-]+(?=\s|$)|\\?\n)?\s*(?P<text>.*)",
    re.DOTALL,
)
_BOLD_LINE = re.compile(r"(\*\*|__)(?=\S)([^\n]+?)(?<=\S)\1[ \t]*:?")
_LABEL = re.compile(r"[ \t]*(?:[-*+][ \t]+)?([*_]{0,3})([A-Za-z][\w /.’-]{0,30}?)(?:\1:|:\1)(.*)")
_SIGNS = re.compile(
    r"^#{1,6} \S|^(?:[-*+] |\d+[.)] )?(?:\*\*[^*\n]+\*\*|__[^_\n]+__)|^:[ \t]+\S"
    r"|^[^\n.:–—]{1,60}\n(?:=|-){3,}[ \t]*$",
    re.MULTILINE,
)
_TABLE = re.compile(r"^[^\n|]*\|[^\n]*\n\|?[ :-]*-[ :|-]*\|[ :|-]*$", re.MULTILINE)
_WIKI = re.compile(r"\[\[(?:[^|\]]*\|)?([^\]]+)\]\]")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_ANCHOR = re.compile(r"\s*\{#[^}]*\}$|<a [^>]*>|</a>")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
# A longer line is no name, no label and no takeaway; some patterns are slow on very long ones.
_LONGEST_LINE = 2_000
_BOLD = 7  # the level of a bold line that stands where a heading might


def looks_like_markdown(text: str) -> bool:
    """Whether a file that does not say so by its name has marks that only Markdown has."""
    return len(_SIGNS.findall(text[:20_000])) >= 2 or _TABLE.search(text[:20_000]) is not None


def read_markdown(text: str) -> Draft:
    """What the file says. Raises DocumentError for what cannot be read."""
    draft = Draft()
    lines = _without_front_matter(draft, list(numbered(text)))
    blocks = blocks_of(lines)
    for block in blocks:
        bold = _BOLD_LINE.fullmatch(block.source) if block.kind == "text" else None
        if bold and label_called(plain(bold[2])) is None:
            block.kind, block.level, block.lines = "heading", _BOLD, [bold[2]]
    _Reader(draft, blocks).read()
    if not draft.entries:
        raise DocumentError(_("there is no entry in it (write “**Term** – text”)"))
    return draft


def plain(markdown: str) -> str:
    """The words of one line, without marks and links."""
    if len(markdown) > _LONGEST_LINE:
        return " ".join(markdown.split())
    words = _ANCHOR.sub("", _LINK.sub(r"\1", _WIKI.sub(r"\1", markdown)))
    for mark in ("***", "**", "__", "*", "_", "`"):
        if len(words) > 2 * len(mark) and words.startswith(mark) and words.endswith(mark):
            words = words[len(mark) : -len(mark)]
    return " ".join(_ESCAPE.sub(r"\1", words.replace("**", "").replace("`", "")).split())


def _without_front_matter(draft: Draft, lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """The facts that some programs put before the text, between two lines of ``---``."""
    if not lines or lines[0][1].rstrip() != "---":
        return lines
    end = next((place for place in range(1, len(lines)) if lines[place][1].rstrip() == "---"), 0)
    for number, line in lines[1:end]:
        key, value = line.partition(":")[::2]
        if key.strip().lower() == "title" and value.strip():
            draft.title = value.strip().strip("\"'")
        elif line.strip():
            draft.leave_out(line.strip(), number, _("facts before the text are not read"))
    return lines[end + 1 :] if end else lines


@dataclass(frozen=True)
class _Lead:
    """A block's beginning as name and text."""

    name: str
    text: str
    is_sure: bool


def _bold_lead(block: Block) -> _Lead | None:
    if block.kind not in {"text", "item"}:
        return None
    found = _LEAD.fullmatch(block.source)
    if not found:
        return None
    inside = found["name"].rstrip()
    name = inside.rstrip(":–—- ").strip()
    is_sure = found["sign"] is not None or name != inside
    if label_called(plain(name)) or not is_name(plain(name)) or "\n" in name:
        return None
    more = plain(found["more"] or "")
    return _Lead(f"{plain(name)} {more}".strip(), found["text"], is_sure)


def _plain_lead(block: Block) -> _Lead | None:
    if block.kind not in {"text", "item"}:
        return None
    found = divide(block.lines[0])
    if found is None or not is_surely_name(plain(found.name)) or label_called(found.name):
        return None
    text = "\n".join([found.text, *block.lines[1:]]).strip()
    return _Lead(plain(found.name), text, is_sure=True) if text else None


class _Reader:
    """Reads the blocks in the way that most of the document is laid out."""

    def __init__(self, draft: Draft, blocks: list[Block]) -> None:
        self._draft = draft
        self._blocks = blocks
        self._building: Building | None = None
        self._in_takeaways = False
        self._has_lists = False
        self._lead = _bold_lead
        self._levels: frozenset[int] = frozenset()
        headings = [block for block in blocks if block.kind == "heading"]
        self._first = headings[0] if headings else None
        self._after = {id(one): other for one, other in pairwise(headings)}
        self._settle()

    def _settle(self) -> None:
        """Decide what the entries are: leads, or headings (and of which levels)."""
        bodies = self._bodies()
        strong = [lead for block in self._blocks if (lead := _bold_lead(block)) and lead.is_sure]
        lists = sum(block.kind == "definition" for block in self._blocks)
        tables = sum(self._is_term_table(block) for block in self._blocks)
        leads = [lead for block in self._blocks if (lead := _plain_lead(block))]
        sections = sum(bodies.values())
        self._has_lists = lists > 0
        is_varied = len({name_key(lead.name) for lead in leads}) * 2 > len(leads)
        if sections > len(strong) + lists and not tables:
            if len(leads) > sections and is_varied:
                self._lead = _plain_lead
            else:
                level = max(bodies, key=lambda level: bodies[level])
                self._levels = frozenset({level})
        elif not strong and not lists and not tables:
            self._lead = _plain_lead

    def _bodies(self) -> Counter[int]:
        """How many headings of each level have a text below them that is no entry."""
        bodies: Counter[int] = Counter()
        for heading, body in pairwise(self._blocks):
            is_title = heading.level == 1 and heading is self._first
            if heading.kind == "heading" and not is_title and body.kind in {"text", "item", "code"}:
                lead = _bold_lead(body)
                is_takeaways = TAKEAWAYS.fullmatch(plain(heading.source))
                bodies[heading.level] += not (lead and lead.is_sure) and not is_takeaways
        return bodies

    @staticmethod
    def _is_term_table(block: Block) -> bool:
        return block.kind == "table" and find_header([_row(block, 0)]) is not None

    def read(self) -> None:
        """Every block, in order."""
        for place, block in enumerate(self._blocks):
            if block.kind == "heading":
                self._heading(place, block)
            elif self._in_takeaways and block.kind in {"item", "text"}:
                self._draft.takeaways.append(plain(" ".join(block.source.split())))
            elif block.kind != "rule":
                self._in_takeaways = False
                self._block(place, block)
        self._finish()

    def _finish(self) -> None:
        if self._building:
            self._building.finish(self._draft)
        self._building = None

    def _begin(self, name: str, block: Block) -> Building:
        self._finish()
        check_length("name", name, MAX_NAME, block.number)
        self._building = Building(name, block.number, is_markdown=True)
        return self._building

    def _heading(self, place: int, block: Block) -> None:
        words = plain(block.source)
        if TAKEAWAYS.fullmatch(words):
            self._finish()
            self._in_takeaways = True
            return
        self._in_takeaways = False
        if self._levels and block.level > max(self._levels) and self._building:
            mark = "#" * block.level if block.level < _BOLD else ""
            source = f"{mark} {block.source}" if mark else f"**{block.source}**"
            self._building.add_text(source, is_new=True)
            return
        self._finish()
        if not words:
            return
        if not self._draft.title and block is self._first and not self._is_term(place):
            check_length("title", words, MAX_NAME, block.number)
            self._draft.title = words
        elif self._is_term(place):
            self._begin(words, block)
        elif name_key(words) != name_key(self._draft.title):
            self._draft.headings.append(Heading(words, block.number))

    def _is_term(self, place: int) -> bool:
        """Whether a heading is a term: of the terms' level, or a shallower one with text alone."""
        block = self._blocks[place]
        if block.level in self._levels:
            return True
        if not self._levels or block.level > max(self._levels) or block is self._first:
            return False
        after = self._after.get(id(block))
        has_body = place + 1 < len(self._blocks) and self._blocks[place + 1].kind != "heading"
        return has_body and (after is None or after.level <= block.level)

    def _block(self, place: int, block: Block) -> None:
        if block.kind == "definition" and self._define(place, block):
            return
        if self._is_before_definition(place, block):
            return
        if not self._levels:
            if self._is_term_table(block):
                self._finish()
                rows = [_row(block, index) for index in range(len(block.lines)) if index != 1]
                read_rows(self._draft, rows, is_markdown=True)
                return
            lead = self._lead(block)
            if lead and (lead.is_sure or self._building is None):
                self._begin(lead.name, block)
                self._add(lead.text, block.number)
                return
        self._continue(block)

    def _is_before_definition(self, place: int, block: Block) -> bool:
        """Whether the block is the name over a definition list's first definition."""
        if self._levels or not self._has_lists or place + 1 == len(self._blocks):
            return False
        return block.kind == "text" and self._blocks[place + 1].kind == "definition"

    def _define(self, place: int, block: Block) -> bool:
        above = self._blocks[place - 1] if place else None
        if self._levels or above is None:
            return False
        if above.kind == "text":
            *before, name = above.lines
            for offset, line in enumerate(before):
                self._continue(Block("text", above.number + offset, [line]))
            self._begin(plain(name), Block("text", above.number + len(before)))
        if self._building is None:
            return False
        self._add(block.source, block.number)
        return True

    def _continue(self, block: Block) -> None:
        if self._building is None:
            self._stray(block)
        elif block.kind == "item":
            self._add_item(block)
        elif block.kind == "text":
            self._add(block.source, block.number)
        else:
            self._building.add_text(block.source, is_new=True)

    def _add(self, source: str, number: int) -> None:
        """Text of the entry, with the labelled lines and the intake in it taken out."""
        kept: list[str] = []
        for offset, line in enumerate(source.split("\n")):
            if self._building is None:
                self._stray(Block("text", number + offset, [line]))
            elif label := _label(line):
                self._building.label(*label)
            elif take_intake(self._draft, number + offset, plain(line)):
                self._flush(kept)
                self._finish()
            else:
                kept.append(line)
        self._flush(kept)

    def _flush(self, kept: list[str]) -> None:
        source = "\n".join(kept).strip("\n")
        if source.strip() and self._building:
            self._building.add_text(source, is_new=True)
        kept.clear()

    def _add_item(self, block: Block) -> None:
        label = _label(block.source)
        if self._building and label and "\n" not in block.source:
            self._building.label(*label)
        elif self._building:
            self._building.add_item(block.source.replace("\n", "\n  "))

    def _stray(self, block: Block) -> None:
        """What belongs to no entry: an introduction, an intake, or nothing that can be read."""
        for offset, line in enumerate(block.lines):
            words = plain(line)
            if not words or take_intake(self._draft, block.number + offset, words):
                continue
            if block.kind == "text" and not self._draft.entries and not self._draft.intake:
                self._draft.summary = f"{self._draft.summary} {words}".strip()
                self._draft.summary_line = self._draft.summary_line or block.number
                check_length("summary", self._draft.summary, MAX_SUMMARY, block.number)
            else:
                advice = _("write “**Term** – text” to make a term of it")
                self._draft.leave_out(words, block.number + offset, advice)


def _label(line: str) -> tuple[str, str] | None:
    found = _LABEL.fullmatch(line) if len(line) <= _LONGEST_LINE else None
    field = label_called(found[2]) if found else None
    if found is None or field is None:
        return None
    text = found[3].strip()
    return field, text if field == "formula" else plain(text)


def _row(block: Block, index: int) -> Row:
    return Row(block.number + index, [plain_cell(cell) for cell in cells_of(block.lines[index])])


def plain_cell(cell: str) -> str:
    """A cell of a table; one that is bold as a whole is a name."""
    return plain(cell) if cell.startswith(("**", "__", "[", "`")) and "\n" not in cell else cell
