"""How a name may stand in running text: folding, plurals, abbreviations.

Folding makes texts comparable character by character: it never changes their length, so that a
place in the folded text is the same place in the text.
"""

import re
from collections.abc import Callable

_SPACES = str.maketrans(dict.fromkeys("-‐‑‒–\xad\xa0\u202f\u2009\t\n\r\x0c\x0b", " "))
_QUOTES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"'})


def word_set(text: str) -> frozenset[str]:
    """A set of words written out as one text."""
    return frozenset(text.split())


def fold(text: str) -> str:
    """Lower case, hyphens as spaces, straight quotes; as many characters as before."""
    folded = text.translate(_SPACES).translate(_QUOTES)
    lowered = folded.lower()
    if len(lowered) == len(folded):
        return lowered
    # A few letters (İ) become two in lower case; they stay as they are.
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in folded)


def name_key(name: str) -> str:
    """What two spellings of one name have in common: case, hyphens and spacing do not count."""
    return " ".join(fold(name).split())


def is_abbreviation(name: str) -> bool:
    """Whether a name is written in capitals, so that only its own case means it (ANN, not Ann)."""
    letters = [character for character in name if character.isalpha()]
    return len(letters) > 1 and " " not in name and all(letter.isupper() for letter in letters)


def forms(name: str) -> tuple[str, ...]:
    """The folded forms in which a text may use ``name``: itself, its plural, its singular.

    A possessive needs no form: the link ends before its apostrophe.
    """
    key = name_key(name)
    if not key:
        return ()
    head, space, rest = key.partition(" of ")
    found = [key, *_with_last_word(key, _plurals), *_with_last_word(key, _singulars)]
    if space:
        found += [f"{form} of {rest}" for form in _with_last_word(head, _plurals)]
    return tuple(dict.fromkeys(found))


def _with_last_word(key: str, change: Callable[[str], list[str]]) -> list[str]:
    before, space, last = key.rpartition(" ")
    return [f"{before}{space}{word}" for word in change(last)]


_VOWELS = "aeiou"


def _plurals(word: str) -> list[str]:
    if len(word) < 2 or not word[-1].isalpha():
        return []
    if word.endswith("y") and word[-2] not in _VOWELS:
        return [f"{word[:-1]}ies"]
    if word.endswith("is"):
        return [f"{word[:-2]}es"]
    if word.endswith(("ix", "ex")):
        return [f"{word}es", f"{word[:-2]}ices"]
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return [f"{word}es"]
    return [f"{word}s"]


def _singulars(word: str) -> list[str]:
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return []
    if word.endswith("ies"):
        return [f"{word[:-3]}y"]
    if re.search(r"(?:x|z|ch|sh|ss)es$", word):
        return [word[:-2]]
    return [word[:-1]]
