"""CSV and XLSX: a row for the glossary, one for each term, one for each takeaway."""

import csv
import io
from collections.abc import Iterator

from openpyxl import Workbook

from glossary.documents import GlossaryContent
from glossary.exporting.cells import defused, escaped
from glossary.exporting.grammar import LABELS, told

# A column of the name that a reader of ours goes by: texts in it are Markdown already.
HEADER = (
    "Term",
    *(
        label if field != "definition" else "Definition (Markdown)"
        for field, label in LABELS.items()
    ),
    "Kind",
)
_LONGEST_CELL = 32_767  # characters (Microsoft: Excel specifications and limits)
_WIDE = {"A": 28, "D": 80}


def as_csv(content: GlossaryContent) -> bytes:
    """The glossary as CSV, in UTF-8 with the mark that Excel knows it by."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows([HEADER, *_rows(content)])
    return file.getvalue().encode("utf-8-sig")


def as_xlsx(content: GlossaryContent) -> bytes:
    """The glossary as a workbook of one sheet. Raises ValueError for a text too long for a cell."""
    rows = [[escaped(text) for text in row] for row in (HEADER, *_rows(content))]
    for row in rows:
        if max(map(len, row)) > _LONGEST_CELL:
            raise ValueError(f"“{row[0][:60]}” holds a text too long for a spreadsheet's cell")
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Terms")
    sheet.freeze_panes = "A2"
    for column, width in _WIDE.items():
        sheet.column_dimensions[column].width = width
    for row in rows:
        sheet.append([text or None for text in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _rows(content: GlossaryContent) -> Iterator[list[str]]:
    yield _row({"name": content.title, "definition": content.summary}, "glossary")
    for term in content.terms:
        yield _row({"name": term.name, **{field: told(field, term) for field in LABELS}}, "term")
    for takeaway in content.takeaways:
        yield _row({"definition": takeaway}, "takeaway")


def _row(texts: dict[str, str], kind: str) -> list[str]:
    return [*(defused(texts.get(field, "")) for field in ("name", *LABELS)), kind]
