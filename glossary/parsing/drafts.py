"""What a reader finds in a file, before repeats are merged and doubts looked for."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from glossary.content import TermContent
from glossary.documents import DocumentError, Doubt, DoubtKind, Heading
from glossary.parsing.limits import MAX_ENTRIES, check_term


@dataclass(frozen=True)
class Entry:
    """A term as one place of the document has it."""

    content: TermContent
    line: int


@dataclass
class Draft:
    """What each part of the document says.

    ``is_exact`` marks our own forms, in which nothing was guessed: names that differ in more than
    case are different terms there, and the summary is the one that is written.
    """

    title: str = ""
    summary: str = ""
    summary_line: int | None = None
    entries: list[Entry] = field(default_factory=list)
    takeaways: list[str] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    intake: tuple[int, date, str] | None = None
    price: tuple[int, int] | None = None  # line, pence
    is_exact: bool = False
    # The fields of a term that have a place of their own, where an empty place says something.
    speaks_of: Collection[str] = ()

    def add(self, content: TermContent, line: int) -> None:
        """Take an entry. Raises DocumentError for what is too long, or too many."""
        if len(self.entries) == MAX_ENTRIES:
            raise DocumentError(
                _("there are more than %(max_entries)s entries; divide the document")
                % {"max_entries": f"{MAX_ENTRIES:,}"},
                line=line,
            )
        check_term(content, line)
        self.entries.append(Entry(content, line))

    def doubt(self, kind: DoubtKind, sentence: str, line: int, *names: str) -> None:
        """Note what a person should look at."""
        self.doubts.append(Doubt(kind, sentence, names, (line,)))

    def leave_out(self, text: str, line: int, advice: str) -> None:
        """Quote what is not read, whole, and say what to do."""
        self.doubt(
            DoubtKind.UNREAD,
            _("“%(text)s” is left out; %(advice)s") % {"text": text, "advice": advice},
            line,
        )
