"""The difference between two texts, word by word, in plain text."""

from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

# Texts that share less than this of their words are shown whole, one after the other.
ALIKE = 0.4


class Piece(NamedTuple):
    """Words that stay, go or come, as one line of text."""

    kind: Literal["same", "gone", "come"]
    words: str


def pieces(before: str, after: str, *, context: int = 4) -> list[Piece]:
    """What goes, what comes, and a few words around it; … stands for what is left out.

    None where both say the same.
    """
    old, new = before.split(), after.split()
    if old == new:
        return []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < ALIKE:
        return _changed(old, new)
    found: list[Piece] = []
    blocks = matcher.get_opcodes()
    for place, (kind, i1, i2, j1, j2) in enumerate(blocks):
        if kind == "equal":
            is_first, is_last = place == 0, place == len(blocks) - 1
            kept = _shortened(old[i1:i2], context, is_first=is_first, is_last=is_last)
            found += [Piece("same", " ".join(kept))] if kept else []
        else:
            found += _changed(old[i1:i2], new[j1:j2])
    return found


def word_diff(before: str, after: str, *, context: int = 4) -> str:
    """``pieces`` as one text: ``… the [-old-] {+new+} word …``; empty where both say the same."""
    return marked(pieces(before, after, context=context))


def marked(found: Iterable[Piece]) -> str:
    """Pieces as one text."""
    marks = {"same": "{}", "gone": "[-{}-]", "come": "{{+{}+}}"}
    return " ".join(marks[piece.kind].format(piece.words) for piece in found)


def line_diff(before: str, after: str) -> list[str]:
    """The lines that go, as ``- line``, and those that come, as ``+ line``."""
    old, new = before.splitlines(), after.splitlines()
    gone = [f"- {line}" for line in old if line not in new]
    come = [f"+ {line}" for line in new if line not in old]
    return [*gone, *come] or ["the same lines in another order"]


def _changed(old: list[str], new: list[str]) -> list[Piece]:
    gone = [Piece("gone", " ".join(old))] if old else []
    return [*gone, Piece("come", " ".join(new))] if new else gone


def _shortened(words: list[str], context: int, *, is_first: bool, is_last: bool) -> list[str]:
    before = [] if is_first else words[:context]
    after = [] if is_last else words[-context:]
    if len(words) <= len(before) + len(after):
        return words
    return [*before, "…", *after]
