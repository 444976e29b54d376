"""Lists of names, and flags, as one text."""

import json
import re
from collections.abc import Iterable

from glossary.wording import word_set

_TRUE = word_set("yes true 1 y on ✓ x")
_FALSE = word_set("no false 0 n off")


def flag(words: str, *, default: bool) -> bool | None:
    """Yes or no; the default where nothing is said, None where it is neither."""
    said = words.strip().casefold()
    if not said:
        return default
    return True if said in _TRUE else False if said in _FALSE else None


def split_names(words: str) -> tuple[str, ...]:
    """The names of a list: divided by semicolons or lines, else by commas; or JSON's brackets."""
    if words.startswith("["):
        try:
            names = json.loads(words)
        except (ValueError, RecursionError):
            names = None
        if isinstance(names, list) and all(isinstance(name, str) for name in names):
            return tuple(names)
    parts = re.split(r"[;\n]", words)
    if len(parts) == 1:
        parts = words.split(",")
    return unique(" ".join(part.split()).strip("“”\"'.") for part in parts)


def join_names(names: Iterable[str]) -> str:
    """The list that ``split_names`` reads back exactly."""
    known = tuple(names)
    joined = "; ".join(known)
    return joined if split_names(joined) == known else json.dumps(known, ensure_ascii=False)


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """Each name once, regardless of case, without what is empty."""
    by_key: dict[str, str] = {}
    for name in names:
        if name:
            by_key.setdefault(name.casefold(), name)
    return tuple(by_key.values())
