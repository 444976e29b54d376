"""How a plain-text document is laid out, from a look over its lines."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from glossary.parsing.decoding import Line
from glossary.parsing.names import is_surely_name
from glossary.parsing.separators import Division, divide, without_bullet

# As many lines show how a document is laid out, however long it is.
_ENOUGH = 3_000
_ENDS = (".", "!", "?", ";", "…", ")", "”", '"', "’")
_DEFINES = frozenset({"definition", "meaning", "description"})


@dataclass(frozen=True)
class Style:
    """What most entries of the document look like.

    ``separator`` is what stands between name and text. ``is_bulleted`` says that entries have
    bullets or numbers; ``has_pairs`` that a name has a line of its own above its text, with
    ``is_loose`` a blank line between them; ``has_records`` that lines are ``Term: …`` and
    ``Definition: …``; ``is_capitalised`` that names begin with a capital.
    """

    separator: str | None
    is_bulleted: bool
    has_pairs: bool
    is_loose: bool
    has_records: bool
    is_capitalised: bool


def survey(lines: Sequence[Line]) -> Style:
    """The style of the document."""
    seen = _Survey(lines[:_ENOUGH])
    separated = seen.plain.total() + seen.bulleted.total()
    is_bulleted = seen.bulleted.total() > seen.plain.total()
    kinds = (seen.bulleted if is_bulleted else seen.plain).most_common(1)
    return Style(
        separator=kinds[0][0] if kinds else None,
        is_bulleted=is_bulleted,
        # One line under another, with a blank line between, is a title and text as often.
        has_pairs=seen.tight + seen.loose > max(separated, 0 if seen.tight else 1),
        is_loose=seen.loose > seen.tight,
        has_records=seen.records > 0 and seen.records * 3 >= separated,
        is_capitalised=seen.capitalised * 2 > separated,
    )


def is_prose(words: str) -> bool:
    """Whether a line reads like text, not like a name."""
    return words.endswith(_ENDS) or words.count(" ") >= 8 or words[:1].islower()


class _Survey:
    """Counts of what lines look like."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.plain: Counter[str] = Counter()
        self.bulleted: Counter[str] = Counter()
        self.tight = self.loose = self.capitalised = self.records = 0
        divided = [_sure_division(line) for line in lines]
        for index, line in enumerate(lines):
            found = divided[index]
            if found:
                self._count(found, is_bulleted=without_bullet(line.text) is not None)
            elif index + 1 < len(lines) and divided[index + 1] is None:
                self._count_pair(lines[index - 1] if index else None, line, lines[index + 1])

    def _count(self, found: Division, *, is_bulleted: bool) -> None:
        (self.bulleted if is_bulleted else self.plain)[found.kind] += 1
        self.capitalised += not found.name[:1].islower()
        self.records += found.name.lower() in _DEFINES

    def _count_pair(self, before: Line | None, line: Line, after: Line) -> None:
        if not is_surely_name(line.words) or without_bullet(line.text) is not None:
            return
        if line.is_after_blank and not after.is_after_blank:
            self.tight += 1
        elif (before is None or is_prose(before.words)) and is_prose(after.words):
            self.loose += after.is_after_blank
            self.tight += not after.is_after_blank


def _sure_division(line: Line) -> Division | None:
    body = without_bullet(line.text)
    found = divide(line.text if body is None else body)
    return found if found and found.text and is_surely_name(found.name) else None
