"""A picture of a page, as it stands beside a link to it: a leaf of a reference book.

1200 by 630 pixels, which those who show such pictures ask for: https://ogp.me (``og:image``).
Letters that the font lacks are left out; the words stand beside the picture as text anyway.
"""

import io
import unicodedata
from dataclasses import dataclass
from functools import cache

from fontpkg_noto_serif import ROOT as FONTS
from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfbase.ttfonts import TTFontFile

WIDTH, HEIGHT = 1200, 630
LEFT, RIGHT = 80, 1120
# As in static/css/tokens.css, in the light.
PAPER, INK, SOFT, HAIRLINE = "#fafaf7", "#161e2f", "#424a5b", "#d5d4cd"
ACCENT, SIGNAL = "#214895", "#fbb322"
FONT = str(FONTS / "files" / "NotoSerif[wdth,wght].ttf")
REGULAR, SEMIBOLD, BOLD = 400, 600, 700
# Sizes of the headline, with how many lines it may take: the first in which it fits.
SIZES = ((104, 1), (84, 2), (66, 2), (54, 3), (44, 3))
TEXT_SIZE, TEXT_LINE = 34, 52
LABEL_SIZE = 24
# Nothing longer is looked at, however long the words are.
MOST = 600
# Few tones do for letters on paper, and make the file small.
TONES = 32


@dataclass(frozen=True)
class Leaf:
    """What is drawn: a label, a headline, the beginning of a text, and whose it is."""

    label: str
    headline: str
    text: str
    foot: str


@cache
def _font(size: int, weight: int) -> ImageFont.FreeTypeFont:
    # The plain layout: the same picture wherever it is drawn.
    font = ImageFont.truetype(FONT, size, layout_engine=ImageFont.Layout.BASIC)
    font.set_variation_by_axes([weight, 100])
    return font


@cache
def _letters() -> frozenset[int]:
    """Those that the font has."""
    return frozenset(TTFontFile(FONT).charToGlyph)


def drawable(text: str) -> str:
    """``text`` on one line, in letters that the font has."""
    flat = " ".join(unicodedata.normalize("NFC", text[:MOST]).split())
    seen = (letter for letter in flat if unicodedata.category(letter)[0] != "C")
    return " ".join("".join(letter for letter in seen if ord(letter) in _letters()).split())


def lines_of(text: str, font: ImageFont.FreeTypeFont, *, width: int, most: int) -> list[str]:
    """``text`` in at most so many lines no wider than ``width``; what is left out shows as "…"."""
    lines: list[str] = []
    line = ""
    for word in _words(text, font, width):
        longer = f"{line} {word}".strip()
        if font.getlength(longer) <= width:
            line = longer
            continue
        lines.append(line)
        line = word
        if len(lines) == most:
            return [*lines[:-1], _shortened(lines[-1], font, width)]
    return [*lines, line] if line else lines


def _words(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """The words; one that is wider than a line in pieces."""
    pieces = []
    for word in text.split():
        piece = ""
        for letter in word if font.getlength(word) > width else [word]:
            if piece and font.getlength(piece + letter) > width:
                pieces.append(piece)
                piece = ""
            piece += letter
        pieces.append(piece)
    return pieces


def _shortened(line: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    while line and font.getlength(f"{line}…") > width:
        line = line[:-1]
    return f"{line.rstrip(' ,;:.–-(')}…"


def png(leaf: Leaf) -> bytes:
    """The leaf as a file."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    _furniture(draw, leaf)
    top = _headline(draw, drawable(leaf.headline) or drawable(leaf.foot))
    _text(draw, drawable(leaf.text), top)
    file = io.BytesIO()
    image.quantize(TONES, method=Image.Quantize.MAXCOVERAGE).save(file, "PNG")
    return file.getvalue()


def _furniture(draw: ImageDraw.ImageDraw, leaf: Leaf) -> None:
    """The thick and the thin rule at the head, the ribbon, the label, and whose book it is."""
    draw.rectangle((LEFT, 60, RIGHT, 67), fill=INK)
    draw.rectangle((LEFT, 73, RIGHT, 74), fill=INK)
    right = RIGHT - 40
    draw.polygon(
        [(right - 44, 0), (right, 0), (right, 150), (right - 22, 128), (right - 44, 150)], SIGNAL
    )
    _spaced(draw, drawable(leaf.label).upper(), 112)
    draw.rectangle((LEFT, 544, RIGHT, 545), fill=HAIRLINE)
    font = _font(28, SEMIBOLD)
    (foot,) = lines_of(drawable(leaf.foot), font, width=RIGHT - LEFT, most=1) or [""]
    draw.text((LEFT, 584), foot, ACCENT, font, anchor="lm")


def _spaced(draw: ImageDraw.ImageDraw, text: str, top: int) -> None:
    """One line of capitals with air between them, cut where the ribbon hangs."""
    font, x = _font(LABEL_SIZE, SEMIBOLD), float(LEFT)
    for letter in text:
        if x > RIGHT - 160:
            draw.text((x, top), "…", ACCENT, font)
            break
        draw.text((x, top), letter, ACCENT, font)
        x += font.getlength(letter) + 3


def _headline(draw: ImageDraw.ImageDraw, text: str) -> int:
    """As large as it fits; says where it ends."""
    for size, most in SIZES:
        font = _font(size, BOLD)
        lines = lines_of(text, font, width=RIGHT - LEFT, most=most)
        if not lines or not lines[-1].endswith("…"):
            break
    top = 168
    for line in lines:
        draw.text((LEFT, top), line, INK, font)
        top += round(size * 1.18)
    return top + round(size * 0.3) + 8


def _text(draw: ImageDraw.ImageDraw, text: str, top: int) -> None:
    """As many lines as there is room for."""
    font, room = _font(TEXT_SIZE, REGULAR), (520 - top) // TEXT_LINE
    if room > 0:
        for line in lines_of(text, font, width=RIGHT - LEFT, most=room):
            draw.text((LEFT, top), line, SOFT, font)
            top += TEXT_LINE
