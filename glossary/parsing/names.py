"""A headword as it stands in a document: its name, its abbreviation, its other names."""

import re
from dataclasses import dataclass

from glossary.exporting.lists import split_names
from glossary.wording import word_set

MAX_WORDS_IN_NAME = 15

_SHORT = r"[A-Za-z0-9][A-Za-z0-9&./-]{1,14}"
_BRACKETED = re.compile(r"(\S.*?)\s*[(\[]([^()\[\]]+)[)\]]")
_AFTER_COMMA = re.compile(rf"(\S.*?)\s*(?:,|/|\s[–—-])\s*({_SHORT})")
_BEFORE_COMMA = re.compile(rf"({_SHORT})\s*(?:,|/|\s[–—-])\s*(\S.*)")
_ALSO = re.compile(
    r"(?:also|aka|a\.k\.a\.|or|also known as|also called|plural|plural form|pl\.|synonyms?|=)"
    r"\s*[:,]?\s+(.+)",
    re.IGNORECASE,
)
_SHORT_ONLY = re.compile(_SHORT)
_QUOTED = re.compile(r"[“\"‘'«](.+)[”\"’'»]")
# Short words before a full stop are abbreviations (vs., St.).
_SENTENCE = re.compile(r"(?:[^\W\d_]{4}\.|[!?])\s+[A-Z]")
# A line that begins with one of these is a sentence that goes on, and no name.
_STARTERS = word_set(
    "it its they them their this these that those he she we you there here for if when while "
    "because and or but so thus hence however where which also in on at by with as see then "
    "note notes example examples e.g. i.e. remember tip nb n.b."
)
_NOTES = word_set("note notes example examples e.g. i.e. remember tip nb n.b. it this")


@dataclass(frozen=True)
class Headword:
    """What stands before the definition."""

    name: str
    abbreviation: str = ""
    aliases: tuple[str, ...] = ()


def is_name(words: str, *, most_words: int = MAX_WORDS_IN_NAME) -> bool:
    """Whether these words may be a name: not too many, with a letter or a figure in them."""
    if words.count(" ") >= most_words or not words:
        return False
    return words[0].isalnum() or any(character.isalnum() for character in words)


def holds_a_sentence(words: str) -> bool:
    """Whether a sentence ends and another begins in these words."""
    return _SENTENCE.search(words) is not None


def is_surely_name(words: str) -> bool:
    """Whether they look like a name and nothing else: few, no sentence, no beginning of one."""
    if not is_name(words, most_words=8) or words[-1] in ".!?,;:…" or holds_a_sentence(words):
        return False
    return words.partition(" ")[0].strip("*_“\"'").lower() not in _STARTERS


def headword(words: str) -> Headword:
    """The name, abbreviation and other names in what stands before a definition."""
    quoted = _QUOTED.fullmatch(words)
    if quoted and not set(quoted[1]) & set('“”"«»'):
        words = quoted[1]
    if words.endswith((")", "]")) and (found := _BRACKETED.fullmatch(words)):
        return _bracketed(words, found[1], found[2].strip())
    if "," in words or "/" in words or " – " in words or " — " in words or " - " in words:
        for pattern, places in ((_AFTER_COMMA, (1, 2)), (_BEFORE_COMMA, (2, 1))):
            divided = pattern.fullmatch(words)
            if divided and _abbreviates(divided[places[1]], divided[places[0]]):
                return Headword(divided[places[0]], divided[places[1]])
    return Headword(words)


def _bracketed(words: str, before: str, inside: str) -> Headword:
    if _SHORT_ONLY.fullmatch(inside) and _capitals(inside) > 1:
        return Headword(before, inside)
    if _SHORT_ONLY.fullmatch(before) and _abbreviates(before, inside):
        return Headword(inside, before)
    also = _ALSO.fullmatch(inside)
    if also and not also[1].lower().startswith("of "):
        main = headword(before)
        return Headword(main.name, main.abbreviation, (*main.aliases, *split_names(also[1])))
    return Headword(words)


def _capitals(words: str) -> int:
    return sum(character.isupper() for character in words)


def _abbreviates(short: str, full: str) -> bool:
    """Whether the letters of ``short`` are those of ``full``, in order, from the first one on."""
    letters = [letter for letter in short.removesuffix("s").lower() if letter.isalnum()]
    if _capitals(short) < 2 or len(full) <= len(short) or not letters:
        return False
    rest = iter(full.lower())
    return full[:1].lower() == letters[0] and all(letter in rest for letter in letters)


def starts_a_sentence(words: str) -> bool:
    """Whether these words begin a remark, not an entry (Note, Example, It)."""
    return words.partition(" ")[0].lower() in _NOTES or words.lower() == "for example"
