"""The difference between two texts, word by word, in plain text."""

from difflib import SequenceMatcher


def word_diff(before: str, after: str, *, context: int = 4) -> str:
    """As ``… the [-old-] {+new+} word …``: what goes, what comes, and a few words around it."""
    old, new = before.split(), after.split()
    parts: list[str] = []
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for place, (kind, i1, i2, j1, j2) in enumerate(blocks):
        if kind == "equal":
            is_first, is_last = place == 0, place == len(blocks) - 1
            parts += _shortened(old[i1:i2], context, is_first=is_first, is_last=is_last)
            continue
        if i2 > i1:
            parts.append(f"[-{' '.join(old[i1:i2])}-]")
        if j2 > j1:
            parts.append(f"{{+{' '.join(new[j1:j2])}+}}")
    return " ".join(parts)


def _shortened(words: list[str], context: int, *, is_first: bool, is_last: bool) -> list[str]:
    before = [] if is_first else words[:context]
    after = [] if is_last else words[-context:]
    if len(words) <= len(before) + len(after):
        return words
    return [*before, "…", *after]
