"""What was looked for, marked in the text that it was found in.

The text is escaped before anything is marked, so a mark is all the HTML that comes out.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from html import unescape

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from glossary.wording import fold

# How much of a long text is shown, in characters.
EXCERPT = 220
# A stem this short would mark every other word, so only the very word counts.
SHORT_STEM = 3

_MATHEMATICS = re.compile(r"<math\b.*?</math>", re.DOTALL)
_TAGS = re.compile(r"<[^>]*>")


def plain(html: str) -> str:
    """The words of finished HTML, without its mathematics."""
    without = _TAGS.sub(" ", _MATHEMATICS.sub(" … ", html))
    return re.sub(r" (?=[.,;:!?)])", "", " ".join(unescape(without).split()))


class Marker:
    """Marks the words that begin with one of ``stems``, which are folded as names are."""

    def __init__(self, stems: Collection[str]) -> None:
        found = [_pattern(stem) for stem in sorted(stems, key=len, reverse=True) if stem]
        self._words = re.compile(rf"(?<!\w)(?:{'|'.join(found)})") if found else None

    def mark(self, text: str) -> SafeString:
        """``text`` as HTML, with a ``<mark>`` around each of these words."""
        parts, written = [], 0
        for start, end in self._places(text):
            parts += [escape(text[written:start]), "<mark>", escape(text[start:end]), "</mark>"]
            written = end
        parts.append(escape(text[written:]))
        # Two words of one name are one mark.
        return mark_safe("".join(parts).replace("</mark> <mark>", " "))  # noqa: S308 - escaped

    def excerpt(self, text: str) -> SafeString:
        """The part of ``text`` that has these words, marked; its beginning where none has."""
        first = next((start for start, _ in self._places(text)), 0)
        start = 0 if first < EXCERPT // 2 else text.rfind(" ", 0, first - EXCERPT // 4) + 1
        end = start + EXCERPT
        if end < len(text):
            end = max(text.rfind(" ", start, end), start + EXCERPT // 2)
        before, after = "… " if start else "", " …" if end < len(text) else ""
        return self.mark(f"{before}{text[start:end].rstrip()}{after}")

    def _places(self, text: str) -> Iterator[tuple[int, int]]:
        if self._words is not None:
            for match in self._words.finditer(_folded(text)):
                yield match.span()


def _pattern(stem: str) -> str:
    if len(stem) < SHORT_STEM:
        return rf"{re.escape(stem)}(?!\w)"
    # English stems end in i where the word may end in y: "happi" of "happy".
    ending = rf"{re.escape(stem[:-1])}[iy]" if stem.endswith("i") else re.escape(stem)
    return rf"{ending}\w*"


def _folded(text: str) -> str:
    """Without case and accents, as many characters as before."""
    folded = fold(text)
    if folded.isascii():
        return folded
    return "".join(unicodedata.normalize("NFKD", character)[0] for character in folded)
