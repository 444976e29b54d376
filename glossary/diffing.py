"""The difference between two texts, word by word, in plain text."""

from difflib import SequenceMatcher

# Texts that share less than this of their words are shown whole, one after the other.
ALIKE = 0.4


def word_diff(before: str, after: str, *, context: int = 4) -> str:
    """As ``… the [-old-] {+new+} word …``: what goes, what comes, and a few words around it.

    Empty where both say the same.
    """
    old, new = before.split(), after.split()
    if old == new:
        return ""
    parts: list[str] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < ALIKE:
        return " ".join(part for part in (_gone(old), _come(new)) if part)
    blocks = matcher.get_opcodes()
    for place, (kind, i1, i2, j1, j2) in enumerate(blocks):
        if kind == "equal":
            is_first, is_last = place == 0, place == len(blocks) - 1
            parts += _shortened(old[i1:i2], context, is_first=is_first, is_last=is_last)
            continue
        parts += [_gone(old[i1:i2]), _come(new[j1:j2])]
    return " ".join(part for part in parts if part)


def line_diff(before: str, after: str) -> list[str]:
    """The lines that go, as ``- line``, and those that come, as ``+ line``."""
    old, new = before.splitlines(), after.splitlines()
    gone = [f"- {line}" for line in old if line not in new]
    come = [f"+ {line}" for line in new if line not in old]
    return [*gone, *come] or ["the same lines in another order"]


def _gone(words: list[str]) -> str:
    return f"[-{' '.join(words)}-]" if words else ""


def _come(words: list[str]) -> str:
    return f"{{+{' '.join(words)}+}}" if words else ""


def _shortened(words: list[str], context: int, *, is_first: bool, is_last: bool) -> list[str]:
    before = [] if is_first else words[:context]
    after = [] if is_last else words[-context:]
    if len(words) <= len(before) + len(after):
        return words
    return [*before, "…", *after]
