"""XLSX workbooks, within limits: a small file may unpack into a very large one."""

import io
import warnings
import zipfile
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import load_workbook

from glossary.documents import DocumentError, DoubtKind
from glossary.exporting.cells import unescaped
from glossary.parsing.drafts import Draft
from glossary.parsing.limits import MAX_ENTRIES
from glossary.parsing.rows import Row, find_header, read_rows

MAX_UNPACKED = 100_000_000  # bytes
MAX_PARTS = 500
MAX_COLUMNS = 60
MAX_ROWS = MAX_ENTRIES + 1_000
_BROKEN = gettext_lazy(
    "this workbook cannot be read; open it in a spreadsheet and save it anew as .xlsx"
)


def is_zip(data: bytes) -> bool:
    """Whether this is an archive, as every workbook is."""
    return data.startswith(b"PK\x03\x04")


def read_xlsx(data: bytes) -> Draft:
    """What the sheets say. Raises DocumentError for what is no workbook, or is too large."""
    _check(data)
    try:
        sheets = _sheets(data)
    except DocumentError:
        raise
    except Exception as error:
        raise DocumentError(str(_BROKEN)) from error
    return _read(sheets)


def _check(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise DocumentError(str(_BROKEN)) from error
    names = {part.filename for part in parts}
    if "word/document.xml" in names:
        raise DocumentError(_("this is a Word document; save it as plain text (.txt), or paste it"))
    if "xl/workbook.xml" not in names:
        raise DocumentError(_("this is no workbook; save it as .xlsx, .csv or plain text"))
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise DocumentError(_("this workbook is too large; save its terms alone as .csv"))


def _sheets(data: bytes) -> list[tuple[str, list[Row]]]:
    with warnings.catch_warnings():
        # What openpyxl has to say of styles and validations is nobody's concern here.
        warnings.simplefilter("ignore")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        try:
            return [(sheet.title, _rows(sheet)) for sheet in book.worksheets]
        finally:
            book.close()


def _rows(sheet: Any) -> list[Row]:
    # What the file says of its own size is not to be trusted.
    sheet.reset_dimensions()
    rows = []
    for number, cells in enumerate(
        sheet.iter_rows(max_row=MAX_ROWS + 1, max_col=MAX_COLUMNS, values_only=True), start=1
    ):
        if number > MAX_ROWS:
            raise DocumentError(
                _("a sheet has more than %(max_rows)s rows; divide it")
                % {"max_rows": f"{MAX_ROWS:,}"},
                line=number,
            )
        row = Row(number, [_text(value) for value in cells])
        if not row.is_empty:
            rows.append(row)
    return rows


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return unescaped(value)
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime() if (value.hour, value.minute, value.second) == (0, 0, 0):
            return value.date().isoformat()
        case date():
            return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    return str(value)


def _read(sheets: list[tuple[str, list[Row]]]) -> Draft:
    """Every sheet with a header row; without one anywhere, the first that says something."""
    sheets = [(title, rows) for title, rows in sheets if rows]
    if not sheets:
        raise DocumentError(_("this workbook is empty"))
    headed = [place for place, (_, rows) in enumerate(sheets) if find_header(rows) is not None]
    draft = Draft()
    for place, (title, rows) in enumerate(sheets):
        if place in (headed or [0]):
            read_rows(draft, rows)
        else:
            said = "; ".join(row.words for row in rows)
            sentence = _("the sheet “%(title)s” has no head and is not read: “%(value)s”") % {
                "title": title,
                "value": said[:4_000],
            }
            draft.doubt(DoubtKind.UNREAD, sentence, rows[0].number)
    return draft
