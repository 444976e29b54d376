"""Markdown cut into its blocks, each with its line and its source as it stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t](.*))?")
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})[ \t]*")
_RULE = re.compile(r" {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})")
_ITEM = re.compile(r" {0,3}(?:[-*+•]|\d{1,9}[.)])[ \t]+(?=\S)")
# Nothing is given back (``*+``): a long line of spaces would be divided in every way.
_DELIMITERS = re.compile(r"[ \t]*+\|?(?:[ \t]*+:?-++:?[ \t]*+\|)*[ \t]*+:?-++:?[ \t]*+\|?[ \t]*+")
_DEFINES = re.compile(r" {0,3}:[ \t]+")


@dataclass
class Block:
    """``kind`` is heading, text, item, definition, table, code or rule."""

    kind: str
    number: int
    lines: list[str] = field(default_factory=list)
    level: int = 0

    @property
    def source(self) -> str:
        """The Markdown."""
        return "\n".join(self.lines).rstrip()

    @property
    def words(self) -> str:
        """What it says on one line."""
        return " ".join(self.source.split())


def blocks_of(lines: list[tuple[int, str]]) -> list[Block]:
    """The blocks, in order. Marks of items and definitions are taken off."""
    return list(_Cutter(lines).cut())


class _Cutter:
    def __init__(self, lines: list[tuple[int, str]]) -> None:
        self._lines = lines
        self._at = 0

    def cut(self) -> Iterator[Block]:
        while self._at < len(self._lines):
            number, line = self._lines[self._at]
            if not line.strip():
                self._at += 1
            elif _FENCE.match(line):
                yield self._code(number, line)
            elif heading := _HEADING.fullmatch(line):
                self._at += 1
                yield Block("heading", number, [_heading(heading[2] or "")], len(heading[1]))
            elif _RULE.fullmatch(line):
                self._at += 1
                yield Block("rule", number, [line])
            elif self._is_table():
                yield self._table(number)
            elif mark := _ITEM.match(line) or _DEFINES.match(line):
                kind = "definition" if line.lstrip().startswith(":") else "item"
                yield self._indented(kind, number, line, mark.end())
            else:
                yield self._text(number)

    def _line(self, at: int) -> str:
        return self._lines[at][1] if at < len(self._lines) else ""

    def _code(self, number: int, line: str) -> Block:
        found = _FENCE.match(line)
        closing = found[1] if found else "```"
        block = Block("code", number, [line])
        self._at += 1
        while self._at < len(self._lines):
            line = self._line(self._at)
            block.lines.append(line)
            self._at += 1
            if line.strip().startswith(closing) and not line.strip().strip(closing[0]):
                break
        return block

    def _is_table(self) -> bool:
        below = self._line(self._at + 1)
        is_delimited = "-" in below and "|" in below and _DELIMITERS.fullmatch(below) is not None
        return "|" in self._line(self._at) and is_delimited

    def _table(self, number: int) -> Block:
        block = Block("table", number)
        while self._line(self._at).strip() and "|" in self._line(self._at):
            block.lines.append(self._line(self._at))
            self._at += 1
        return block

    def _indented(self, kind: str, number: int, line: str, width: int) -> Block:
        """An item or a definition: its own line, and what is indented or wrapped below it."""
        block = Block(kind, number, [line[width:]])
        self._at += 1
        while self._at < len(self._lines):
            line = self._line(self._at)
            if not line.strip():
                if not self._line(self._at + 1).startswith(("  ", "\t")):
                    break
            elif not line.startswith(("  ", "\t")) and (
                self._begins_block(line) or not block.lines[-1].strip()
            ):
                break
            indent = len(line) - len(line.lstrip(" \t"))
            block.lines.append(line[min(indent, width) :])
            self._at += 1
        return block

    def _text(self, number: int) -> Block:
        block = Block("text", number, [self._line(self._at)])
        self._at += 1
        while (line := self._line(self._at)).strip():
            underline = _UNDERLINE.fullmatch(line)
            if underline:
                self._at += 1
                return Block("heading", number, [block.words], 1 if underline[1][0] == "=" else 2)
            if self._begins_block(line) or self._is_table():
                break
            block.lines.append(line)
            self._at += 1
        return block

    def _begins_block(self, line: str) -> bool:
        return any(pattern.match(line) for pattern in (_ITEM, _DEFINES, _FENCE)) or bool(
            _HEADING.fullmatch(line) or _RULE.fullmatch(line)
        )


def _heading(words: str) -> str:
    """A heading's words without the signs that may close it."""
    words = words.strip(" \t")
    open_end = words.rstrip("#")
    return open_end.rstrip(" \t") if open_end.endswith((" ", "\t")) else words


def cells_of(line: str) -> list[str]:
    """The cells of a table's row; a bar after a backslash is no border."""
    inside = line.strip().removeprefix("|")
    if inside.endswith("|") and not inside.endswith("\\|"):
        inside = inside[:-1]
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", inside)]
