"""How a name may stand in running text: folding, plurals, abbreviations.

Folding makes texts comparable character by character: it never changes their length, so that a
place in the folded text is the same place in the text.
"""

import re
import unicodedata
from collections.abc import Callable

from glossary.plurals import plurals, singulars

_SPACES = str.maketrans(dict.fromkeys("-‐‑‒–\xad\xa0\u202f\u2009\t\n\r\x0c\x0b", " "))
_QUOTES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"'})


def word_set(text: str) -> frozenset[str]:
    """A set of words written out as one text."""
    return frozenset(text.split())


def fold_marks(text: str) -> str:
    """Hyphens as spaces, straight quotes, case kept; as many characters as before."""
    return text.translate(_SPACES).translate(_QUOTES)


def fold(text: str) -> str:
    """The same in lower case; as many characters as before."""
    folded = fold_marks(text)
    lowered = folded.lower()
    if len(lowered) != len(folded):
        # A few letters (İ) become two in lower case; they stay as they are.
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in folded)
    # Greek has one S for the end of a word, and lower() looks around to tell.
    return lowered.replace("ς", "σ")


def name_key(name: str) -> str:
    """What two spellings of one name have in common: case, hyphens and spacing do not count."""
    if name.isascii():
        # The same in a fraction of the time, which documents of many thousand terms notice.
        return " ".join(name.lower().replace("-", " ").split())
    return fold(_in_one_spelling(name))


def is_abbreviation(name: str) -> bool:
    """Whether a name is written in capitals, so that only its own case means it (ANN, not Ann)."""
    letters = [character for character in name if character.isalpha()]
    return bool(letters) and " " not in name and all(letter.isupper() for letter in letters)


def forms(name: str) -> tuple[str, ...]:
    """The folded forms in which a text may use ``name``: itself, its plural, its singular.

    A possessive needs no form: the link ends before its apostrophe.
    """
    return _in_both_spellings(name_key(name))


def spellings_of(name: str) -> tuple[str, ...]:
    """The forms of a name whose case counts, in that case, with hyphens and quotes folded."""
    return _in_both_spellings(_in_one_spelling(name))


def is_whole(text: str, start: int, end: int) -> bool:
    """Whether this part of ``text`` (as written) is not part of a longer word.

    A hyphen before it makes it part of a compound with a meaning of its own (self-attention);
    one behind it does not (GAN-based). So do dots and apostrophes inside words (Node.js, can't),
    but for a possessive.
    """
    if _is_in_word(text[start - 1 : start]) or _is_in_word(text[end : end + 1]):
        return False
    if text[start - 1 : start] in _JOINS_BEFORE and _is_in_word(
        text[max(0, start - 2) : start - 1]
    ):
        return False
    joins = text[end : end + 1] in _JOINS_BEHIND and _is_in_word(text[end + 1 : end + 2])
    return not joins or _POSSESSIVE.match(text, end) is not None


_JOINS_BEFORE = frozenset("-‐‑'’.")
_JOINS_BEHIND = frozenset("'’.")
_POSSESSIVE = re.compile(r"['’][sS](?![\w'’])")
# Soft hyphens and the like, which stand in the middle of words and are not seen.
_INVISIBLE = frozenset("\xad\u200c\u200d\u2060")


def _is_in_word(character: str) -> bool:
    """Whether this one character ("" is none) is a letter, a figure, or a mark upon one."""
    if character.isascii():
        return character.isalnum() or character == "_"
    return (
        character.isalnum() or character in _INVISIBLE or unicodedata.category(character)[0] == "M"
    )


def _in_one_spelling(name: str) -> str:
    return " ".join(fold_marks(unicodedata.normalize("NFC", name)).split())


def _in_both_spellings(key: str) -> tuple[str, ...]:
    """Its forms with é as one character, and as an e with a mark upon it: texts have either."""
    if key.isascii():
        return _forms(key)
    return tuple(
        dict.fromkeys(
            unicodedata.normalize(kind, form) for form in _forms(key) for kind in ("NFC", "NFD")
        )
    )


def _forms(key: str) -> tuple[str, ...]:
    if not key:
        return ()
    head, space, rest = key.partition(" of ")
    found = [key, *_with_last_word(key, plurals), *_with_last_word(key, singulars)]
    if space:
        found += [f"{form} of {rest}" for form in _with_last_word(head, plurals)]
        found += [f"{form} of {rest}" for form in _with_last_word(head, singulars)]
    return tuple(dict.fromkeys(found))


def _with_last_word(key: str, change: Callable[[str], list[str]]) -> list[str]:
    before, space, last = key.rpartition(" ")
    return [f"{before}{space}{word}" for word in change(last)]
