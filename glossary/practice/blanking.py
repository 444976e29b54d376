"""A term's names taken out of a text that asks for them.

A question must not hold its answer, in whatever case, number or spelling: ``Back-propagation``
goes where ``backpropagation`` is asked for, ``neuronal`` where ``neuron`` is. Better a word too
many than the answer: links, pictures and the addresses of headings go as well, and a formula goes
whole where its letters spell the name.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape, unescape

from django.utils.translation import pgettext

from glossary.models import Term
from glossary.rendering import first_sentence
from glossary.wording import fold, forms, is_abbreviation, word_set

# A name begins a longer word, or stands inside one, only where it is so long: ``gan`` does not
# begin ``organ``, and ``loss`` is not in ``glossary``.
BEGINS_A_WORD = 4  # letters
INSIDE_A_WORD = 6
# What is worth asking as a sentence, in characters.
SENTENCES = range(40, 400)

_TOKEN = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:[^<>"']|"[^"]*"|'[^']*')*)>|[^<]+|<""")
_FORMULA = re.compile(r"<math\b.*?</math>", re.DOTALL)
_UNIT = re.compile(r"&[#a-zA-Z0-9]+;|.", re.DOTALL)
_BLOCK = re.compile(r"</?(?:p|li|ul|ol|div|h\d|blockquote|pre|table|tr|td|th|hr|br)\b[^>]*>")
_HEADING = re.compile(r"<(h\d|pre)\b.*?</\1>", re.DOTALL)
# What may tell a name without saying it.
_TELLING = re.compile(r"<(?:a|img|h\d)\b")
# Within these a word goes on.
INLINE = word_set("a em strong s code span sub sup")


@dataclass(frozen=True)
class _Name:
    letters: str
    # For an abbreviation of two or three capitals: IT is not it.
    exact: str = ""


@dataclass
class _Text:
    """All letters and figures of a text, folded, and where each stands in it."""

    units: list[str] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    word_of: list[int] = field(default_factory=list)
    words: int = 0

    def add(self, unit: str) -> None:
        """One more unit of text: a character, or an entity that stands for one."""
        place, found = len(self.units), _letters(unescape(unit) if len(unit) > 1 else unit)
        self.units.append(unit)
        self.words += not found
        for letter in found:
            self.letters.append(letter)
            self.places.append(place)
            self.word_of.append(self.words)


def names_of(term: Term) -> list[str]:
    """Everything that a term goes by; what stands in brackets counts as a name of its own."""
    names = [term.name, term.abbreviation, *(alias.name for alias in term.aliases.all())]
    parts = [part for name in names for part in re.split(r"[()\[\]]", name)]
    return [name for name in [*names, *parts] if name.strip()]


def blank(html: str, names: Iterable[str]) -> tuple[str, bool]:
    """Finished HTML without the names, and whether there were any."""
    sought = _sought(names)
    if not _TELLING.search(html) and not _may_hold(html, sought):
        return html, False
    with_formulas, formulas, found = _set_formulas_aside(html, sought)
    tokens = [match for match in _TOKEN.finditer(with_formulas) if match[2] not in {"a", "img"}]
    text = _Text()
    starts = []
    for token in tokens:
        starts.append(len(text.units))
        if not token[2]:
            for unit in _UNIT.findall(token[0]):
                text.add(unit)
        elif token[2] not in INLINE:
            text.add(" ")
    gone = _matches(text, sought)
    stops = [*starts[1:], len(text.units)][: len(starts)]
    parts = [
        _written(token, text, range(start, stop), gone)
        for token, start, stop in zip(tokens, starts, stops, strict=True)
    ]
    blanked = re.sub("\x1e(\\d+)\x1e", lambda match: formulas[int(match[1])], "".join(parts))
    return blanked, found or bool(gone)


def sentences_with_gaps(html: str, names: Iterable[str]) -> Iterator[str]:
    """The sentences of finished HTML that use one of the names, blanked, as HTML.

    Headings, listings and whatever has a formula in it are left out.
    """
    wanted = list(names)
    folded = {form for name in wanted for form in forms(name)}
    for block in _BLOCK.split(_HEADING.sub("", html)):
        if "<math" in block or "<code" in block:
            continue
        rest = " ".join(unescape(re.sub(r"<[^>]*>", "", block)).split())
        while rest:
            sentence = first_sentence(rest)
            rest = rest[len(sentence) :].strip()
            if len(sentence) not in SENTENCES or not any(form in fold(sentence) for form in folded):
                continue
            blanked, found = blank(escape(sentence), wanted)
            if found:
                yield blanked


def _letters(text: str) -> str:
    """Its letters and figures, without case and accents."""
    if len(text) == 1 and text.isascii():  # nearly every character of nearly every text
        return text.lower() if text.isalnum() else ""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if letter.isalnum())


def _sought(names: Iterable[str]) -> list[_Name]:
    found = {}
    for name in names:
        is_short = is_abbreviation(name) and len(_letters(name)) < BEGINS_A_WORD
        for form in forms(name):
            letters = _letters(form)
            if letters and is_short:
                for plural in ("", "s"):
                    found[letters + plural] = _Name(letters + plural, exact=name.strip())
            elif letters:
                found[letters] = _Name(letters)
    return sorted(found.values(), key=lambda name: -len(name.letters))


def _may_hold(html: str, sought: list[_Name]) -> bool:
    """Whether any of the names could be in the text; most definitions hold no name of theirs."""
    letters = _letters(unescape(re.sub(r"<[^>]*>", "", html)))
    return any(name.letters in letters for name in sought)


def _set_formulas_aside(html: str, sought: list[_Name]) -> tuple[str, list[str], bool]:
    """The HTML with marks in place of its formulas, the formulas, and whether one was a name."""
    formulas: list[str] = []
    found = False

    def aside(match: re.Match[str]) -> str:
        nonlocal found
        letters = _letters(unescape(re.sub(r"<[^>]*>", "", match[0])))
        tells = any(
            name.letters in letters for name in sought if len(name.letters) >= BEGINS_A_WORD
        ) or any(name.letters == letters for name in sought)
        found = found or tells
        formulas.append(_gap() if tells else match[0])
        return f"\x1e{len(formulas) - 1}\x1e"

    return _FORMULA.sub(aside, html.replace("\x1e", "")), formulas, found


def _matches(text: _Text, sought: list[_Name]) -> dict[int, bool]:
    """The places that go, each with whether a gap begins there."""
    letters = "".join(text.letters)
    gone: dict[int, bool] = {}
    for name in sought:
        start = letters.find(name.letters)
        while start >= 0:
            stop = start + len(name.letters)
            if _counts(text, name, start, stop):
                _take(text, start, stop, gone)
            start = letters.find(name.letters, start + 1)
    return gone


def _counts(text: _Text, name: _Name, start: int, stop: int) -> bool:
    words, length = text.word_of, stop - start
    begins = start == 0 or words[start - 1] != words[start]
    ends = stop == len(words) or words[stop - 1] != words[stop]
    if name.exact:
        written = "".join(text.units[text.places[start] : text.places[stop - 1] + 1])
        return begins and ends and unescape(written).rstrip("s") == name.exact.rstrip("s")
    if begins:
        # Of a longer word at its end enough must be said: ``halyards`` is not in ``halyard so``.
        return ends or words[start:stop].count(words[stop - 1]) >= BEGINS_A_WORD
    return length >= INSIDE_A_WORD and words[start] == words[stop - 1]


def _take(text: _Text, start: int, stop: int, gone: dict[int, bool]) -> None:
    """Take out the words from ``start`` to ``stop``, as one gap."""
    # Words go whole, so a name that comes again in the same word has nothing left to take: to walk
    # to that word's ends each time would cost the square of its length.
    if text.places[start] in gone:
        return
    while start and text.word_of[start - 1] == text.word_of[start]:
        start -= 1
    while stop < len(text.word_of) and text.word_of[stop] == text.word_of[stop - 1]:
        stop += 1
    first, last = text.places[start], text.places[stop - 1]
    for place in range(first, last + 1):
        gone[place] = place == first


def _written(token: re.Match[str], text: _Text, places: range, gone: dict[int, bool]) -> str:
    if token[2]:
        # No address of a heading: it spells the heading.
        return f"<{token[1]}{token[2]}>" if token[2][0] == "h" else token[0]
    return "".join(
        (_gap() if gone[place] else "") if place in gone else text.units[place] for place in places
    )


def _gap() -> str:
    """What stands where a name has gone: a line to see, and a word to hear."""
    said = escape(pgettext("where a word is left out", "gap"))
    return f'<span class="gap"><span class="visually-hidden">{said}</span></span>'
