"""CSV, TSV and their relatives with semicolons or bars."""

import csv
import io
from collections import Counter

from django.utils.translation import gettext as _

from glossary.documents import DocumentError
from glossary.parsing.drafts import Draft
from glossary.parsing.limits import MAX_ENTRIES
from glossary.parsing.rows import Row, find_header, read_rows

_DELIMITERS = ",;\t|"
_SAMPLE = 30  # rows


def find_delimiter(text: str) -> str | None:
    """The sign between the cells of a table with a header row; None where there is no such row."""
    sample = "\n".join(text.splitlines()[:_SAMPLE])
    declared = _declared(text)
    for delimiter in (declared,) if declared else _DELIMITERS:
        rows = _sample_rows(sample, delimiter)
        if find_header(rows) is not None:
            return delimiter
    return None


def read_csv(text: str) -> Draft | None:
    """What the table says; None for text that is no table.

    Raises DocumentError for a table that cannot be read.
    """
    delimiter = find_delimiter(text) or _most_even(text)
    if delimiter is None:
        return None
    draft = Draft()
    read_rows(draft, _rows(text, delimiter))
    return draft


def _declared(text: str) -> str | None:
    """As Excel writes it: a first line ``sep=;``."""
    first = text[:10].split("\n", 1)[0].rstrip("\r")
    return first[4] if len(first) == 5 and first.lower().startswith("sep=") else None


def _most_even(text: str) -> str | None:
    """Without a header row: the sign that gives most rows the same number of cells."""
    sample = "\n".join(text.splitlines()[:_SAMPLE])
    best, most = None, 0
    for delimiter in _declared(text) or _DELIMITERS:
        rows = [row for row in _sample_rows(sample, delimiter) if not row.is_empty]
        widths = Counter(len(row.cells) for row in rows)
        for width, count in widths.items():
            if width > 1 and count > most and count * 3 >= len(rows) * 2:
                best, most = delimiter, count
    return best


def _sample_rows(sample: str, delimiter: str) -> list[Row]:
    rows: list[Row] = []
    try:
        for cells in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
            rows.append(Row(len(rows) + 1, cells))
    except csv.Error:
        pass
    return rows


def _rows(text: str, delimiter: str) -> list[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    begun = 1
    try:
        for cells in reader:
            rows.append(Row(begun, cells))
            begun = reader.line_num + 1
            if len(rows) > 2 * MAX_ENTRIES:
                raise DocumentError(_("the table is too long; divide it"), line=begun)
    except csv.Error as error:
        raise DocumentError(
            _(
                "the quotation marks around a cell do not match; close them, "
                "and double those inside"
            ),
            line=begun,
        ) from error
    return rows[1:] if _declared(text) else rows
