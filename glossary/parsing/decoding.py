"""Bytes to text, and text to lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from glossary.documents import DocumentError, Doubt, DoubtKind
from glossary.parsing.limits import MAX_BYTES, shown

_MARKED = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    # Before UTF-16, whose mark is the first half of this one.
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_REFUSED = (
    (b"%PDF", gettext_lazy("this is a PDF; copy its text and paste it, or save it as plain text")),
    (b"{\\rtf", gettext_lazy("this is a rich-text file; save it as plain text (.txt)")),
    (
        b"\xd0\xcf\x11\xe0",
        gettext_lazy("this is an old Word or Excel file; save it as plain text (.txt) or .xlsx"),
    ),
    (b"\x89PNG", gettext_lazy("this is a picture; type its text, or copy it and paste it")),
    (b"\xff\xd8\xff", gettext_lazy("this is a picture; type its text, or copy it and paste it")),
)
_HTML = re.compile(rb"\s*(?:<!doctype html|<html|<head|<body)", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|\r|\n")
# Line breaks of word processors inside a line, as Word's “manual line break”.
_SOFT_BREAK = re.compile("[\x0b\x0c\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
# What has no width: marks of byte order and direction, and places where a word may break.
_INVISIBLE = re.compile("[\ufeff\u200b\u200c\u2060\xad\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that says something, its spaces evened out; tabs between words are kept."""

    number: int
    text: str
    indent: int
    is_after_blank: bool

    @property
    def words(self) -> str:
        """The text without tabs."""
        return self.text.replace("\t", " ")


def check_size(data: bytes) -> None:
    """Raise DocumentError for a file that is empty or too large."""
    if len(data) > MAX_BYTES:
        raise DocumentError(
            _("the file is larger than %(value)s MB; divide the document")
            % {"value": MAX_BYTES // 1_000_000}
        )
    if not data.strip():
        raise DocumentError(_("the file is empty"))


def decode(data: bytes) -> tuple[str, list[Doubt]]:
    """The text of a file, and a doubt where its encoding had to be guessed.

    Raises DocumentError for what is no text.
    """
    for mark, what in _REFUSED:
        if data.startswith(mark):
            raise DocumentError(str(what), line=1)
    if _HTML.match(data):
        raise DocumentError(_("this is a web page; copy its text and paste it"), line=1)
    for mark, encoding in _MARKED:
        if data.startswith(mark):
            return _decoded(data, encoding), []
    before_nul = data.partition(b"\x00")[0]
    if len(before_nul) < len(data):
        line = before_nul.count(b"\n") + 1
        raise DocumentError(
            _("this is no text file (it contains a zero byte); save it as UTF-8 text"), line=line
        )
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError as error:
        return _as_windows_text(data, data[: error.start].count(b"\n") + 1)


def _decoded(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise DocumentError(
            _("this is not whole %(encoding)s text; save it anew")
            % {"encoding": encoding[:6].upper()}
        ) from error
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        raise DocumentError(_("this is no text file (it contains a zero byte)"), line=line)
    return text


def _as_windows_text(data: bytes, line: int) -> tuple[str, list[Doubt]]:
    """Excel's and Notepad's older files."""
    try:
        text = data.decode("windows-1252")
    except UnicodeDecodeError as error:
        raise DocumentError(_("this is not UTF-8 text; save it as UTF-8"), line=line) from error
    if _CONTROL.search(text):
        raise DocumentError(_("this is not UTF-8 text; save it as UTF-8"), line=line)
    words = " ".join(_LINE_END.split(text)[line - 1].split())
    sentence = _("%(text)s is not UTF-8 and was read as Windows text; see that it reads right") % {
        "text": shown(words)
    }
    return text, [Doubt(DoubtKind.GUESSED, sentence, (), (line,))]


def numbered(text: str) -> Iterator[tuple[int, str]]:
    """Each line with its number from 1, without what has no width.

    Raises DocumentError for a control character, which no text has.
    """
    is_plain = text.isascii()
    has_control = _CONTROL.search(text) is not None
    for number, line in enumerate(_LINE_END.split(text), start=1):
        if has_control and _CONTROL.search(line):
            raise DocumentError(
                _("this is no text (it contains a control character); remove it"), line=number
            )
        yield number, line if is_plain else _INVISIBLE.sub("", line)


def lines_of(text: str) -> list[Line]:
    """The lines that say something."""
    lines: list[Line] = []
    is_after_blank = True
    has_soft_breaks = _SOFT_BREAK.search(text) is not None
    for number, whole in numbered(text):
        for part in _SOFT_BREAK.split(whole) if has_soft_breaks else (whole,):
            words = _evened(part)
            if words:
                indent = len(part) - len(part.lstrip())
                lines.append(Line(number, words, indent, is_after_blank))
            is_after_blank = not words
    return lines


def _evened(line: str) -> str:
    if "\t" not in line:
        return " ".join(line.split())
    parts = (" ".join(part.split()) for part in line.split("\t"))
    return "\t".join(part for part in parts if part)
