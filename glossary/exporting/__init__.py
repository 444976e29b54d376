"""A glossary written out, in every form that ``glossary.parsing`` reads, and back the same."""

from collections.abc import Callable
from enum import StrEnum

from glossary.documents import GlossaryContent
from glossary.exporting.json_form import as_json_file
from glossary.exporting.markdown_form import as_markdown
from glossary.exporting.tables import as_csv, as_xlsx
from glossary.exporting.text_form import as_text

__all__ = ["Format", "export"]


class Format(StrEnum):
    """What a glossary can be written as; the value is the ending of the file's name."""

    TEXT = "txt"
    MARKDOWN = "md"
    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


_WRITERS: dict[Format, Callable[[GlossaryContent], bytes]] = {
    Format.TEXT: as_text,
    Format.MARKDOWN: as_markdown,
    Format.CSV: as_csv,
    Format.XLSX: as_xlsx,
    Format.JSON: as_json_file,
}


def export(content: GlossaryContent, form: Format) -> bytes:
    """The file. Reading it gives ``content`` back exactly, whatever its texts hold.

    Raises ValueError for a text that no cell of an XLSX file can hold (32,767 characters).
    """
    return _WRITERS[form](content)
