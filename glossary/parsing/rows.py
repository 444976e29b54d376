"""Tables: rows of cells, from CSV, XLSX or Markdown, with a header row or without."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from glossary.content import TermContent
from glossary.documents import DocumentError, DoubtKind
from glossary.exporting.cells import fused
from glossary.exporting.grammar import understood
from glossary.exporting.lists import flag
from glossary.parsing.building import Building
from glossary.parsing.drafts import Draft
from glossary.parsing.fields import field_called
from glossary.parsing.limits import MAX_DEFINITION, check_length, shown
from glossary.parsing.separators import without_bullet

# The header row is one of the first that say something; a title may stand above it.
_HEADER_WITHIN = 10
_INVISIBLE = re.compile("[\ufeff\u200b\u200c\u2060\xad]")


@dataclass(frozen=True)
class Row:
    """A row of a table, with the line or row of the document where it begins."""

    number: int
    cells: Sequence[str]

    @property
    def is_empty(self) -> bool:
        return not any(cell.strip() for cell in self.cells)

    @property
    def words(self) -> str:
        """What it says, for a sentence to staff."""
        return " | ".join(" ".join(cell.split()) for cell in self.cells if cell.strip())

    def cell(self, column: int) -> str:
        """The text in a column; "" past the last one."""
        return self.cells[column] if column < len(self.cells) else ""


def find_header(rows: Sequence[Row]) -> int | None:
    """The place of the header row; None where there is none."""
    looked_at = 0
    for place, row in enumerate(rows):
        if row.is_empty:
            continue
        fields = set(_columns(row).values())
        if "name" in fields and fields & {"definition", "markdown"}:
            return place
        looked_at += 1
        if looked_at == _HEADER_WITHIN:
            break
    return None


def _columns(row: Row) -> dict[int, str]:
    """Which field each column of a header row holds: the first of each name."""
    columns: dict[int, str] = {}
    for column, cell in enumerate(row.cells):
        field = field_called(_INVISIBLE.sub("", cell)) if len(cell) < 60 else None
        if field and field not in columns.values():
            columns[column] = field
    if "name" not in columns.values():
        # A list of abbreviations: they are the terms.
        return {
            column: "name" if field == "abbreviation" else field
            for column, field in columns.items()
        }
    return columns


def read_rows(draft: Draft, rows: Sequence[Row], *, is_markdown: bool = False) -> None:
    """Add what the rows say to the draft. Cells are plain text unless ``is_markdown``.

    Raises DocumentError for what cannot be read.
    """
    place = find_header(rows)
    if place is None:
        columns = _guess_columns(draft, rows)
        header = None
    else:
        columns = _columns(rows[place])
        header = rows[place]
        draft.speaks_of = frozenset(columns.values())
        for row in rows[:place]:
            _above_header(draft, row)
    fields = columns.values()
    draft.is_exact = "markdown" in fields and "kind" in fields
    reader = _RowReader(draft, columns, is_markdown=is_markdown or "markdown" in fields)
    for row in rows[0 if place is None else place + 1 :]:
        if not row.is_empty:
            reader.read(row)
    reader.tell_unread_columns(header)


def _above_header(draft: Draft, row: Row) -> None:
    if row.is_empty:
        return
    if not draft.title and sum(bool(cell.strip()) for cell in row.cells) == 1:
        draft.title = row.words
    else:
        draft.leave_out(row.words, row.number, _("it stands above the head of the table"))


def _guess_columns(draft: Draft, rows: Sequence[Row]) -> dict[int, str]:
    """Without a header: names first, and the definition where most of the text is."""
    lengths: Counter[int] = Counter()
    for row in rows:
        for column, cell in enumerate(row.cells):
            lengths[column] += len(cell)
    used = sorted(column for column, length in lengths.items() if length)
    if len(used) < 2:
        raise DocumentError(
            _("this table has one column; put names and definitions in two"), line=1
        )
    definition = max(used[1:], key=lambda column: lengths[column])
    if len(used) > 2:
        draft.doubt(
            DoubtKind.GUESSED,
            _(
                "the table has no head; column %(value)s is read as the terms and column "
                "%(value2)s as their definitions"
            )
            % {"value": used[0] + 1, "value2": definition + 1},
            rows[0].number,
        )
    return {used[0]: "name", definition: "definition"}


class _RowReader:
    """Makes an entry of each row."""

    def __init__(self, draft: Draft, columns: dict[int, str], *, is_markdown: bool) -> None:
        self._draft = draft
        self._columns = columns
        self._is_markdown = is_markdown
        self._unread: dict[int, list[Row]] = {}

    def read(self, row: Row) -> None:
        """Take the row, or tell why it is left out."""
        for column in range(len(row.cells)):
            if column not in self._columns and row.cells[column].strip():
                self._unread.setdefault(column, []).append(row)
        cells = {field: fused(row.cell(column)) for column, field in self._columns.items()}
        if self._draft.is_exact:
            self._read_exactly(row, cells)
        else:
            self._read_loosely(row, {field: _INVISIBLE.sub("", cells[field]) for field in cells})

    def tell_unread_columns(self, header: Row | None) -> None:
        """A doubt for each column that says something and is none of a term's fields."""
        for column, rows in self._unread.items():
            name = header.cell(column).strip() if header else ""
            called = (
                _("the column %(text)s") % {"text": shown(name)}
                if name
                else _("column %(value)s") % {"value": column + 1}
            )
            said = "; ".join(f"“{row.cells[column].strip()}” (line {row.number})" for row in rows)
            self._draft.doubt(
                DoubtKind.UNREAD,
                _("%(called)s is not read: %(value)s")
                % {"called": called, "value": said if len(said) < 4_000 else f"{said[:4_000]}…"},
                rows[0].number,
            )

    def _read_exactly(self, row: Row, cells: dict[str, str]) -> None:
        draft = self._draft
        kind = cells.pop("kind").strip().lower()
        definition = cells.pop("markdown")
        match kind:
            case "glossary":
                draft.title, draft.summary = cells["name"], definition
            case "takeaway":
                draft.takeaways.append(definition)
            case "term" | "":
                fields: dict[str, Any] = {
                    field: understood(field, text)
                    for field, text in cells.items()
                    if text or field == "name"
                }
                fields.pop("definition", None)
                if None in fields.values():
                    raise DocumentError(_("a flag here is neither yes nor no"), line=row.number)
                draft.add(TermContent(**{**fields, "definition": definition}), row.number)
            case _:
                raise DocumentError(
                    _("%(text)s is no kind of row") % {"text": shown(kind)}, line=row.number
                )

    def _read_loosely(self, row: Row, cells: dict[str, str]) -> None:
        name = " ".join(cells.pop("name").split())
        markdown = cells.pop("markdown", "")
        text = cells.pop("definition", "") or markdown
        kept_markdown = text.strip() if self._is_markdown else ""
        if not name or not text.strip():
            lacking = "definition" if name else "name"
            self._draft.leave_out(
                row.words, row.number, _("it has no %(lacking)s: write one") % {"lacking": lacking}
            )
            return
        building = Building(name, row.number)
        for line in [] if kept_markdown else text.splitlines():
            _add_line(building, " ".join(line.split()))
        check_length("definition", text, MAX_DEFINITION, row.number)
        labels = {field: " ".join(cells[field].split()) for field in cells if field != "kind"}
        flags = self._flags(row, labels)
        building.labels = {field: said for field, said in labels.items() if said}
        content = building.content(definition=kept_markdown or None, **flags)
        self._draft.add(content, row.number)

    def _flags(self, row: Row, labels: dict[str, str]) -> dict[str, bool]:
        found = {}
        for field, default in (("is_linked", True), ("matches_case", False)):
            said = labels.pop(field, "")
            meant = flag(said, default=default)
            if meant is None:
                sentence = _("%(text)s is neither yes nor no; it is not taken") % {
                    "text": shown(said)
                }
                self._draft.doubt(DoubtKind.UNREAD, sentence, row.number)
            elif meant != default:
                found[field] = meant
        return found


def _add_line(building: Building, line: str) -> None:
    item = without_bullet(line)
    if item is not None and line[0] in "•-*–·◦▪●":
        building.add_item(item)
    elif line:
        building.add_text(line, is_new=True)
