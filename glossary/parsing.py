"""Plain-text glossary documents, read into a ``Document``.

The form: a title; entries as ``Term: text`` or ``Term (ABBR): text``, one a line; a line ``Key
takeaways`` with bullets after it; an intake line such as ``May 2026 intake · open enrolment`` and
a price such as ``from £90 GBP``. Byte-order marks, Windows line ends, tabs, no-break spaces and
smart quotes do no harm. What cannot be read is refused with its line, never guessed at.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from glossary.documents import Counts, Document, DocumentError, DocumentTerm, IntakeLine
from glossary.rendering import first_sentence
from glossary.wording import name_key

MAX_BYTES = 5_000_000
MAX_NAME = 200
MAX_WORDS_IN_NAME = 15
MAX_DEFINITION = 20_000
MAX_TAKEAWAY = 2_000
MINIMUM_PRICE = 30  # pence; less cannot be charged, save nothing at all
MAXIMUM_PRICE = 99_999_999  # pence

_BULLET = re.compile(r"[•‣▪●◦·*–-]\s+(.*)")
_ENTRY = re.compile(r"([^:]*?)\s*:\s*(.*)")
_ABBREVIATION = re.compile(r"(.+?)\s*\(([A-Za-z0-9][A-Za-z0-9&./-]{1,14})\)")
_TAKEAWAYS = re.compile(r"(?:key\s+)?takeaways?\s*:?", re.IGNORECASE)
_INTAKE = re.compile(r"(?P<month>.*?)\s+intake\s*(?:[·|,–-]\s*(?P<wording>.*))?", re.IGNORECASE)
_PRICE = re.compile(r"from\s+(?P<price>.*)", re.IGNORECASE)
_POUNDS = re.compile(r"£\s?(\d{1,3}(?:,\d{3}){1,3}|\d{1,9})(?:\.(\d\d))?(?:\s?GBP)?", re.IGNORECASE)
_BUTTON = re.compile(r"enrol(?:l)?(?:\s+now)?", re.IGNORECASE)
_CUT_OFF = re.compile(r"\s*(?:…|\.\.\.)$")
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip


@dataclass(frozen=True)
class _Entry:
    name: str
    abbreviation: str
    text: str
    line: int

    @property
    def is_cut_off(self) -> bool:
        return bool(_CUT_OFF.search(self.text))

    def is_excerpt_of(self, other: "_Entry") -> bool:
        """Whether this is the beginning of the other's text, cut short by an ellipsis."""
        beginning = _words_of(_CUT_OFF.sub("", self.text))
        return self.is_cut_off and self is not other and _words_of(other.text).startswith(beginning)


@dataclass
class _Lines:
    """What each part of the document says, before it is put together."""

    title: str
    entries: list[_Entry]
    takeaways: list[str]
    intake: tuple[int, date, str] | None = None
    price: int | None = None


def read_document(data: bytes) -> Document:
    """The document that a file holds.

    Raises DocumentError, with the line where there is one, for what cannot be read.
    """
    lines = _Reader(_lines(_decode(data))).read()
    terms, counts, doubts = _merge(lines.entries)
    summary, summary_line = _summary(lines)
    return Document(
        title=lines.title,
        summary=summary,
        summary_line=summary_line,
        terms=terms,
        takeaways=tuple(lines.takeaways),
        intake=_intake_line(lines),
        counts=counts,
        doubts=tuple(doubts),
    )


# Lines ---------------------------------------------------------------------------------------


def _decode(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise DocumentError(f"the file is larger than {MAX_BYTES // 1_000_000} MB")
    if not data.strip():
        raise DocumentError("the file is empty")
    before_nul, nul, _ = data.partition(b"\x00")
    if nul:
        line = before_nul.count(b"\n") + 1
        raise DocumentError("this is no text file (it contains a zero byte)", line=line)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise DocumentError("this is not UTF-8 text", line=line) from error


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Each line that says something, with its number from 1 and its spaces evened out."""
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        if any(ord(character) < 32 and character != "\t" for character in line):
            raise DocumentError("this is no text (it contains a control character)", line=number)
        words = " ".join(line.replace("\ufeff", "").replace("\u200b", "").split())
        if words:
            yield number, words


class _Reader:
    """Goes through the lines once: title, entries, takeaways, intake."""

    def __init__(self, lines: Iterator[tuple[int, str]]) -> None:
        self._rest = lines

    def read(self) -> _Lines:
        number, title = next(self._rest, (1, ""))
        if not title:
            raise DocumentError("the file is empty")
        if _entry(title, number) or _BULLET.fullmatch(title):
            raise DocumentError("the first line must be the title of the glossary", line=number)
        if len(title) > MAX_NAME:
            raise DocumentError(f"the title is longer than {MAX_NAME} characters", line=number)
        read = _Lines(title, [], [])
        take = self._entry
        for number, line in self._rest:
            if take != self._takeaway and _TAKEAWAYS.fullmatch(line):
                take = self._takeaway
            elif not self._take_end(read, number, line) and not take(read, number, line):
                raise DocumentError(
                    self._refusal(line, takeaways=take == self._takeaway), line=number
                )
        if not read.entries:
            raise DocumentError("there is no entry in it (Term: text)")
        return read

    def _entry(self, read: _Lines, number: int, line: str) -> bool:
        if name_key(line) == name_key(read.title):
            return True  # the title again, above the text it heads
        if read.intake or read.price is not None:
            return False
        entry = _entry(line, number)
        if entry:
            read.entries.append(entry)
        return entry is not None

    def _takeaway(self, read: _Lines, number: int, line: str) -> bool:
        bullet = _BULLET.fullmatch(line)
        if not bullet or read.intake or read.price is not None:
            return False
        if len(bullet[1]) > MAX_TAKEAWAY:
            raise DocumentError(
                f"the takeaway is longer than {MAX_TAKEAWAY:,} characters", line=number
            )
        read.takeaways.append(bullet[1])
        return True

    def _take_end(self, read: _Lines, number: int, line: str) -> bool:
        """Take an intake line, a price, or the button under them."""
        if _PRICE.fullmatch(line) and ":" not in line:
            if read.price is not None:
                raise DocumentError("this is a second price", line=number)
            read.price = _price(line, number)
            return True
        if ":" not in line and (intake := _INTAKE.fullmatch(line)) and not _BULLET.fullmatch(line):
            if read.intake:
                raise DocumentError("this is a second intake", line=number)
            read.intake = (number, _month(intake["month"], number), _wording(intake, number))
            return True
        return bool(_BUTTON.fullmatch(line) and (read.intake or read.price is not None))

    @staticmethod
    def _refusal(line: str, *, takeaways: bool) -> str:
        wanted = "no takeaway (• text)" if takeaways else "no entry (Term: text)"
        return f"{_shown(line)} is {wanted}"


def _shown(words: str) -> str:
    """In quotation marks, and cut where they are long."""
    return f"“{words}”" if len(words) <= 60 else f"“{words[:59]}…”"


def _entry(line: str, number: int) -> _Entry | None:
    """The entry on this line; None where it is none."""
    found = _ENTRY.fullmatch(line)
    if not found or _BULLET.fullmatch(line):
        return None
    name, text = found.groups()
    if len(name) > MAX_NAME:
        raise DocumentError(f"the name is longer than {MAX_NAME} characters", line=number)
    if not any(character.isalnum() for character in name) or len(name.split()) > MAX_WORDS_IN_NAME:
        return None
    if not text:
        raise DocumentError(f"“{name}” has no definition", line=number)
    if len(text) > MAX_DEFINITION:
        raise DocumentError(
            f"the definition is longer than {MAX_DEFINITION:,} characters", line=number
        )
    abbreviation = ""
    bracketed = _ABBREVIATION.fullmatch(name)
    if bracketed and sum(character.isupper() for character in bracketed[2]) > 1:
        name, abbreviation = bracketed.groups()
    return _Entry(name, abbreviation, text, number)


def _month(words: str, number: int) -> date:
    parts = words.replace(",", " ").split()
    if len(parts) == 2 and re.fullmatch(r"20\d\d", parts[1]):
        name = parts[0].rstrip(".").lower()
        for month, full in enumerate(_MONTHS, start=1):
            if name == full or (3 <= len(name) <= 4 and full.startswith(name)):
                return date(int(parts[1]), month, 1)
    raise DocumentError(f"{_shown(words)} is no month and year (as in May 2026)", line=number)


def _wording(intake: re.Match[str], number: int) -> str:
    wording = (intake["wording"] or "").strip()
    if wording and wording.lower() != "open enrolment":
        # The site works out an intake's state by itself; what it would contradict is refused.
        raise DocumentError(
            f"{_shown(wording)} is not understood; “open enrolment” is", line=number
        )
    return wording.lower()


def _price(line: str, number: int) -> int:
    """Whole pence."""
    found = _PRICE.fullmatch(line)
    words = found["price"] if found else line
    pounds = _POUNDS.fullmatch(words)
    if not pounds:
        raise DocumentError(f"{_shown(words)} is no price in pounds (as in £90 GBP)", line=number)
    amount = int(pounds[1].replace(",", "")) * 100 + int(pounds[2] or 0)
    if 0 < amount < MINIMUM_PRICE or amount > MAXIMUM_PRICE:
        raise DocumentError(
            f"“{words}” cannot be charged: £0, or £0.30 to £999,999.99", line=number
        )
    return amount


def _intake_line(lines: _Lines) -> IntakeLine | None:
    if lines.intake is None:
        if lines.price is not None:
            raise DocumentError("there is a price, and no intake that it is the price of")
        return None
    number, month, wording = lines.intake
    return IntakeLine(month=month, wording=wording, amount=lines.price, line=number)


# Entries -------------------------------------------------------------------------------------


def _merge(entries: Sequence[_Entry]) -> tuple[tuple[DocumentTerm, ...], Counts, list[str]]:
    """The terms, how the entries came to them, and what is doubtful."""
    by_name: dict[str, list[_Entry]] = {}
    for entry in entries:
        by_name.setdefault(name_key(entry.name), []).append(entry)
    terms: list[DocumentTerm] = []
    doubts: list[str] = []
    repeated: list[str] = []
    excerpts = repeats = 0
    for same_name in by_name.values():
        whole = _without_excerpts(same_name)
        different = _without_repeats(whole)
        excerpts += len(same_name) - len(whole)
        repeats += len(whole) - len(different)
        if len(different) < len(whole):
            repeated.append(different[0].name)
        terms.append(_term(different))
        doubts += _doubts(different)
    conflicts = tuple(term.name for term in terms if term.others)
    counts = Counts(
        entries=len(entries),
        repeats=repeats,
        excerpts=excerpts,
        conflicting=sum(len(term.others) for term in terms),
        repeated_terms=tuple(repeated),
        conflicts=conflicts,
    )
    return tuple(terms), counts, doubts


def _without_excerpts(entries: list[_Entry]) -> list[_Entry]:
    """Those that are not the beginning of another one of the same name, cut short."""
    # Sorted, so that whether one begins so is one look, however many there are.
    whole = sorted(_words_of(entry.text) for entry in entries if not entry.is_cut_off)

    def is_excerpt(entry: _Entry) -> bool:
        beginning = _words_of(_CUT_OFF.sub("", entry.text))
        place = bisect_left(whole, beginning)
        return entry.is_cut_off and place < len(whole) and whole[place].startswith(beginning)

    return [entry for entry in entries if not is_excerpt(entry)]


def _without_repeats(entries: list[_Entry]) -> list[_Entry]:
    first: dict[str, _Entry] = {}
    for entry in entries:
        first.setdefault(_words_of(entry.text), entry)
    return list(first.values())


def _term(entries: list[_Entry]) -> DocumentTerm:
    return DocumentTerm(
        name=entries[0].name,
        abbreviation=next((entry.abbreviation for entry in entries if entry.abbreviation), ""),
        definition=entries[0].text,
        line=entries[0].line,
        others=tuple(entry.text for entry in entries[1:]),
    )


def _doubts(entries: list[_Entry]) -> list[str]:
    doubts = [
        f"line {entry.line}: the definition of {entry.name} breaks off"
        for entry in entries
        if entry.is_cut_off
    ]
    abbreviations = {entry.abbreviation for entry in entries if entry.abbreviation}
    if len(abbreviations) > 1:
        both = " and ".join(sorted(abbreviations))
        doubts.append(f"line {entries[0].line}: {entries[0].name} is abbreviated as {both}")
    return doubts


def _summary(lines: _Lines) -> tuple[str, int | None]:
    """The page's summary and its line: the title's own entry, where it is there as an excerpt too.

    Of an excerpt the whole sentences are used; one that breaks off in its first sentence stands
    for the first sentence of the full text.
    """
    key = name_key(lines.title)
    about_title = [entry for entry in lines.entries if name_key(entry.name) == key]
    for excerpt in about_title:
        for full in about_title:
            if excerpt.is_excerpt_of(full) and not full.is_cut_off:
                return _whole_sentences(full.text, within=excerpt.text), excerpt.line
    return "", None


def _whole_sentences(text: str, *, within: str) -> str:
    """The sentences of ``text`` that end within the excerpt; at least its first."""
    limit = len(_CUT_OFF.sub("", within))
    end = len(first_sentence(text))
    while end < len(text):
        following = first_sentence(text[end:].lstrip())
        next_end = text.index(following, end) + len(following)
        if next_end > limit:
            break
        end = next_end
    return text[:end]


def _words_of(text: str) -> str:
    """What two texts that say the same word for word have in common: quotes may differ."""
    return " ".join(text.translate(_QUOTES).split())


_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-"})
