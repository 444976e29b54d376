"""What a glossary document says, as read: nothing added, nothing dropped.

``glossary.parsing`` makes a ``Document`` from a file, ``glossary.exporting`` a file from a
``GlossaryContent``; ``glossary.importing`` compares a document with what the site has.
"""

from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from glossary.amounts import money
from glossary.content import TermContent
from glossary.wording import name_key


class DocumentError(Exception):
    """A document that cannot be read: the reason, and the line (from 1) unless it is all of it."""

    def __init__(self, reason: str, *, line: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line

    def located(self, name: str) -> str:
        """As ``FILE, line N: reason``."""
        where = f"{name}, line {self.line}" if self.line else name
        return f"{where}: {self.reason}"


class DoubtKind(StrEnum):
    """What a person is asked to look at."""

    UNREAD = "not read"
    GUESSED = "read by its looks"
    CUT_OFF = "breaks off"
    ABBREVIATION = "abbreviation"
    NEAR = "nearly the same name"
    UNDEFINED = "used, never defined"
    CIRCULAR = "explains itself by itself"
    NOWHERE = "leads nowhere"


@dataclass(frozen=True)
class Doubt:
    """Something in a document that staff should look at."""

    kind: DoubtKind
    sentence: str
    names: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()

    def __str__(self) -> str:
        if not self.lines:
            return self.sentence
        words = ngettext(
            "line %(lines)s: %(sentence)s", "lines %(lines)s: %(sentence)s", len(self.lines)
        )
        lines = _(" and ").join(map(str, self.lines))
        return words % {"lines": lines, "sentence": self.sentence}


@dataclass(frozen=True)
class DocumentTerm:
    """A term of the document with its first definition, and any others it is given there."""

    content: TermContent
    line: int
    # Different definitions of the same name (Markdown), in their order; staff decide.
    others: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.content.name

    @property
    def abbreviation(self) -> str:
        return self.content.abbreviation

    @property
    def definition(self) -> str:
        """Markdown."""
        return self.content.definition

    @property
    def key(self) -> str:
        """What the name is matched by: case, hyphens and spacing do not count."""
        return name_key(self.content.name)

    def as_json(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {**self.content.as_json(), "line": self.line, "others": list(self.others)}


@dataclass(frozen=True)
class Heading:
    """A line that stands over a group of terms. Groups are told, not kept."""

    text: str
    line: int


@dataclass(frozen=True)
class IntakeLine:
    """As ``May 2026 intake · open enrolment`` and ``from £90 GBP`` say: a month, no day."""

    month: date  # its first day
    wording: str
    amount: int | None  # pence, GBP; None where the document names no price
    line: int

    @property
    def label(self) -> str:
        return f"{self.month:%B %Y}"


@dataclass(frozen=True)
class Counts:
    """How the document's entries come to its terms.

    ``entries`` = terms + ``repeats`` + ``excerpts`` + ``conflicting``: every entry is a term, a
    word-for-word repeat of one, an excerpt cut short of one, or another definition of one.
    """

    entries: int
    repeats: int
    excerpts: int
    conflicting: int
    repeated_terms: tuple[str, ...]
    conflicts: tuple[str, ...]


@dataclass(frozen=True)
class GlossaryContent:
    """All that an export holds: what reading it gives back exactly.

    ``summary`` and ``takeaways`` are plain text.
    """

    title: str
    summary: str = ""
    terms: tuple[TermContent, ...] = ()
    takeaways: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """A glossary document."""

    title: str
    summary: str
    summary_line: int | None
    terms: tuple[DocumentTerm, ...]
    takeaways: tuple[str, ...]
    intake: IntakeLine | None
    counts: Counts
    doubts: tuple[Doubt, ...] = ()
    headings: tuple[Heading, ...] = ()
    # The fields of a term (of TermContent) of which silence here means that they are empty.
    speaks_of: frozenset[str] = frozenset()

    @property
    def content(self) -> GlossaryContent:
        """What an export of it holds."""
        terms = tuple(term.content for term in self.terms)
        return GlossaryContent(self.title, self.summary, terms, self.takeaways)

    @property
    def abbreviations(self) -> tuple[str, ...]:
        """Those that the document gives, in its order."""
        return tuple(term.abbreviation for term in self.terms if term.abbreviation)

    def as_json(self) -> dict[str, Any]:
        """What the next import compares with, as JSON can hold it."""
        intake = None
        if self.intake:
            intake = {**asdict(self.intake), "month": self.intake.month.isoformat()}
        return {
            "title": self.title,
            "summary": self.summary,
            "terms": [term.as_json() for term in self.terms],
            "takeaways": list(self.takeaways),
            "intake": intake,
        }


def report_lines(document: Document) -> list[tuple[str, str]]:
    """What was read, as rows of a table: what it is, and how many or which."""
    counts = document.counts
    rows = [
        (_("Title"), document.title),
        (_("Entries"), str(counts.entries)),
        (_("Terms"), str(len(document.terms))),
        (_("Abbreviations"), _counted(document.abbreviations)),
    ]
    if document.headings:
        rows.append((_("Headings"), _counted(tuple(heading.text for heading in document.headings))))
    if counts.excerpts:
        rows.append((_("Cut-off excerpts"), _excerpts(document)))
    if counts.repeats:
        number = len(counts.repeated_terms)
        said = ngettext("%(number)s term, merged", "%(number)s terms, merged", number)
        rows.append((_("Repeated word for word"), said % {"number": number}))
    if counts.conflicts:
        said = _(
            "%(counted)s: defined differently; the first definition counts unless the other "
            "is chosen"
        )
        rows.append((_("Conflicts"), said % {"counted": _counted(counts.conflicts)}))
    takeaways = _("%(number)s, in order") % {"number": len(document.takeaways)}
    rows += [(_("Takeaways"), takeaways), (_("Intake"), _intake(document.intake))]
    rows += [(_("To look at"), str(doubt)) for doubt in document.doubts]
    return rows


def _counted(names: tuple[str, ...]) -> str:
    return f"{len(names)} ({', '.join(names)})" if names else "0"


def _excerpts(document: Document) -> str:
    number = document.counts.excerpts
    if not document.summary:
        return _("%(number)s, merged with the full text") % {"number": number}
    if number == 1:
        return _("1, recognised as the page's summary")
    said = _("%(number)s, one recognised as the page's summary, the rest merged with the full text")
    return said % {"number": number}


def _intake(intake: IntakeLine | None) -> str:
    if intake is None:
        return _("none")
    parts = [intake.label, intake.wording]
    if intake.amount is not None:
        parts.append(_("from %(amount)s") % {"amount": money(intake.amount)})
    return ", ".join(part for part in parts if part)
