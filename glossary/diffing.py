"""The difference between two texts, word by word, in plain text."""

from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

# Texts that share less than this of their words are shown whole, one after the other.
ALIKE = 0.4
# How often a word of the one text stands in the other, over all words: finding what they share
# takes time with this, times the number of changes. A definition in plain English as long as one
# may be stays below; one that is a single word a thousand times does not.
MOST_PAIRS = 100_000

_Block = tuple[str, int, int, int, int]


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
    blocks = _blocks(old, new)
    shared = sum(i2 - i1 for kind, i1, i2, _, _ in blocks if kind == "equal")
    if 2 * shared < ALIKE * (len(old) + len(new)):
        return _changed(old, new)
    found: list[Piece] = []
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
    in_old, in_new = set(old), set(new)
    gone = [f"- {line}" for line in old if line not in in_new]
    come = [f"+ {line}" for line in new if line not in in_old]
    return [*gone, *come] or ["the same lines in another order"]


def _blocks(old: list[str], new: list[str]) -> Sequence[_Block]:
    """What stays and what changes, as difflib has it; of texts too alike in their words only what
    they begin and end with."""
    there = Counter(old)
    if sum(number * there[word] for word, number in Counter(new).items()) <= MOST_PAIRS:
        return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    i, j = len(old) - tail, len(new) - tail
    blocks = [
        ("equal", 0, head, 0, head),
        ("replace", head, i, head, j),
        ("equal", i, len(old), j, len(new)),
    ]
    return [block for block in blocks if block[1] < block[2] or block[3] < block[4]]


def _shared(old: list[str], new: list[str]) -> int:
    """How many words both begin with."""
    return next(
        (n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b),
        min(len(old), len(new)),
    )


def _changed(old: list[str], new: list[str]) -> list[Piece]:
    gone = [Piece("gone", " ".join(old))] if old else []
    return [*gone, Piece("come", " ".join(new))] if new else gone


def _shortened(words: list[str], context: int, *, is_first: bool, is_last: bool) -> list[str]:
    before = [] if is_first else words[:context]
    after = [] if is_last else words[-context:]
    if len(words) <= len(before) + len(after):
        return words
    return [*before, "…", *after]
