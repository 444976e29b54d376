"""A document as a PDF of A4 pages: the same bytes whenever it is asked for.

Text is drawn as it is, and never read as reportlab's markup, which people's names must not reach.
The font comes in a package and goes into each PDF; it has Latin, Greek and Cyrillic letters, and
what it has not is shown by Unicode's sign for that, U+FFFD.
"""

import io
import unicodedata
from collections.abc import Iterable
from functools import cache

from fontpkg_noto_serif import ROOT as FONTS
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from courses.templatetags.money import pounds
from enrolment.models import Document
from enrolment.models.document import Kind
from enrolment.templatetags.enrolments import percent

WIDTH, HEIGHT = A4
LEFT, RIGHT = 25 * mm, WIDTH - 25 * mm
TOP, BOTTOM = HEIGHT - 25 * mm, 28 * mm
SECOND_COLUMN = LEFT + 92 * mm
INK, SOFT, HAIRLINE = 0.1, 0.4, 0.75  # shares of white
PLAIN, ITALIC = "document", "document-italic"
MISSING = "\N{REPLACEMENT CHARACTER}"


@cache
def _fonts() -> tuple[TTFont, TTFont]:
    """The two cuts, read once a process; of a variable font reportlab takes the regular weight."""
    files = {PLAIN: "NotoSerif[wdth,wght].ttf", ITALIC: "NotoSerif-Italic[wdth,wght].ttf"}
    made = [TTFont(name, str(FONTS / "files" / file)) for name, file in files.items()]
    for font in made:
        pdfmetrics.registerFont(font)
    return made[0], made[1]


def pdf(document: Document) -> bytes:
    """The document as it was issued, and where it has been replaced, by what."""
    sheet = _Sheet(document)
    sheet.head()
    sheet.parties()
    sheet.table()
    sheet.totals()
    sheet.notes()
    return sheet.finish()


def printable(text: str, font: str = PLAIN) -> str:
    """``text`` in letters that the font has, on one line."""
    known = _fonts()[0 if font == PLAIN else 1].face.charToGlyph
    flat = " ".join(unicodedata.normalize("NFC", text).split())
    seen = (letter for letter in flat if unicodedata.category(letter)[0] != "C")
    return "".join(letter if ord(letter) in known else MISSING for letter in seen)


def wrapped(text: str, *, font: str, size: float, width: float) -> list[str]:
    """``text`` in lines no wider than ``width`` points; a word that is too wide is broken."""
    lines: list[str] = []
    line = ""
    for word in printable(text, font).split():
        longer = f"{line} {word}".strip()
        if pdfmetrics.stringWidth(longer, font, size) <= width:
            line = longer
            continue
        lines += [line] if line else []
        *full, line = _pieces(word, font=font, size=size, width=width)
        lines += full
    return [*lines, line] if line else lines


def _pieces(word: str, *, font: str, size: float, width: float) -> list[str]:
    pieces, piece = [], ""
    for letter in word:
        if piece and pdfmetrics.stringWidth(piece + letter, font, size) > width:
            pieces.append(piece)
            piece = ""
        piece += letter
    return [*pieces, piece]


class _Sheet:
    """Where the pen is on the page, and what it writes."""

    def __init__(self, document: Document) -> None:
        _fonts()
        self.document = document
        self.y = TOP
        self.buffer = io.BytesIO()
        # Invariant: no time of printing and no random mark, so the same document is the same file.
        self.canvas = Canvas(
            self.buffer,
            pagesize=A4,
            invariant=1,
            lang="en-GB",
            initialFontName=PLAIN,  # type: ignore[arg-type]  # a name, whatever the stubs say
        )
        self.canvas.setTitle(f"{document.title} {document.reference}")
        self.canvas.setAuthor(document.seller.get("name", ""))
        self.canvas.setSubject(document.lines[0]["description"] if document.lines else "")
        self.canvas.setCreator("Termtime")

    def write(
        self, text: str, x: float, *, size: float = 10, font: str = PLAIN, soft: bool = False
    ) -> None:
        """One line from ``x``, at the pen's height."""
        self.canvas.setFont(font, size)
        self.canvas.setFillGray(SOFT if soft else INK)
        self.canvas.drawString(x, self.y, printable(text, font))

    def write_to(self, text: str, x: float, *, size: float = 10, soft: bool = False) -> None:
        """One line that ends at ``x``, as amounts do."""
        width = pdfmetrics.stringWidth(printable(text), PLAIN, size)
        self.write(text, x - width, size=size, soft=soft)

    def down(self, points: float) -> None:
        """Move the pen down; at the foot of a page, on to the next."""
        self.y -= points
        if self.y < BOTTOM:
            self.new_page()

    def new_page(self) -> None:
        """Finish this page and go on at the top of another."""
        self.foot()
        self.canvas.showPage()
        self.y = TOP

    def rule(self, *, start: float = LEFT, double: bool = False) -> None:
        """A line from ``start`` across the page, at the pen's height."""
        self.canvas.setStrokeGray(INK if double else HAIRLINE)
        self.canvas.setLineWidth(0.6)
        for offset in (0, 2) if double else (0,):
            self.canvas.line(start, self.y - offset, RIGHT, self.y - offset)

    def block(
        self, lines: Iterable[str], x: float, *, width: float, size: float = 10, soft: bool = False
    ) -> None:
        """Paragraphs below each other from ``x``."""
        for line in lines:
            for piece in wrapped(line, font=PLAIN, size=size, width=width):
                self.write(piece, x, size=size, soft=soft)
                self.down(size * 1.42)

    def head(self) -> None:
        """What it is, beside who issued it."""
        self.y -= 14
        self.write(self.document.title, LEFT, size=24)
        self.y += 12
        self.block(self.document.seller_lines, SECOND_COLUMN, width=RIGHT - SECOND_COLUMN, size=9)
        self.y = min(self.y, TOP - 30)
        self.down(4)
        self.rule(double=True)
        self.down(26)

    def parties(self) -> None:
        """Whom it is made out to, beside what identifies it."""
        top, page = self.y, self.canvas.getPageNumber()
        self.write(
            "Received from" if self.document.kind == Kind.RECEIPT else "To",
            LEFT,
            size=8.5,
            soft=True,
        )
        self.down(14)
        self.block(self.document.buyer_lines, LEFT, width=SECOND_COLUMN - LEFT - 8 * mm)
        below = self.y
        if self.canvas.getPageNumber() == page:
            self.y = top
        for name, value in self.document.facts:
            self.write(name, SECOND_COLUMN, size=8.5, soft=True)
            self.down(13)
            self.block([value], SECOND_COLUMN, width=RIGHT - SECOND_COLUMN)
            self.down(3)
        self.y = min(self.y, below)
        self.down(16)

    def table(self) -> None:
        """What was paid for, a line each."""
        columns = [("Amount", RIGHT)]
        if self.document.has_vat:
            columns = [
                ("Without VAT", RIGHT),
                ("VAT rate", RIGHT - 25 * mm),
                ("Unit price", RIGHT - 44 * mm),
                ("Quantity", RIGHT - 68 * mm),
            ]
        self.write("Description", LEFT, size=8.5, soft=True)
        for name, x in columns:
            self.write_to(name, x, size=8.5, soft=True)
        self.down(6)
        self.rule()
        self.down(16)
        width = columns[-1][1] - LEFT - 18 * mm
        for line in self.document.lines:
            values = [pounds(line["amount"])]
            if self.document.has_vat:
                net = pounds(line["net"])  # also of the unit: each line is one place
                values = [net, percent(self.document.vat_rate), net, "1"]
            for value, (_, x) in zip(values, columns, strict=True):
                self.write_to(value, x)
            self.block([line["description"]], LEFT, width=width)
            self.block([line["detail"]], LEFT, width=width, size=9, soft=True)
            self.down(2)
        self.rule()
        self.down(18)

    def totals(self) -> None:
        """The sum, with the VAT in it where there is any."""
        document = self.document
        if document.has_vat:
            self.sum("Total without VAT", pounds(document.net))
            self.sum(f"VAT at {percent(document.vat_rate)}", pounds(document.vat_amount))
            self.rule(start=SECOND_COLUMN)
            self.down(17)
        self.sum(document.total_name, pounds(document.amount), size=13)
        self.down(14)

    def sum(self, name: str, value: str, *, size: float = 10) -> None:
        """One line of the totals."""
        self.write(name, SECOND_COLUMN, size=size)
        self.write_to(value, RIGHT, size=size)
        self.down(size * 1.7)

    def notes(self) -> None:
        """The sentences below, and what has taken this document's place."""
        said = [*self.document.notes]
        if replacement := self.document.replacement:
            said.append(f"Replaced by {replacement.reference}.")
        self.block(said, LEFT, width=RIGHT - LEFT, size=9.5)

    def foot(self) -> None:
        """The number and the page, at the bottom of each."""
        self.y = 18 * mm
        self.write(f"{self.document.title} {self.document.reference}", LEFT, size=8, soft=True)
        self.write_to(f"Page {self.canvas.getPageNumber()}", RIGHT, size=8, soft=True)

    def finish(self) -> bytes:
        """The file."""
        self.foot()
        self.canvas.save()
        return self.buffer.getvalue()
