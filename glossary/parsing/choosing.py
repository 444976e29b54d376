"""Which format a file has, by what is in it and by its name."""

from pathlib import PurePath

from glossary.parsing.csv_file import find_delimiter, read_csv
from glossary.parsing.decoding import decode
from glossary.parsing.drafts import Draft
from glossary.parsing.json_file import read_json
from glossary.parsing.markdown_file import looks_like_markdown, read_markdown
from glossary.parsing.own_markdown import is_own_markdown, read_own_markdown
from glossary.parsing.own_text import is_own_text, read_own_text
from glossary.parsing.text_file import read_text
from glossary.parsing.xlsx_file import is_zip, read_xlsx

_MARKDOWN = frozenset({".md", ".markdown", ".mdown"})
_TABLES = frozenset({".csv", ".tsv", ".tab"})


def read_draft(data: bytes, name: str) -> Draft:
    """What the file says, read as what it is."""
    if is_zip(data):
        return read_xlsx(data)
    text, doubts = decode(data)
    draft = _read(text, PurePath(name).suffix.lower())
    draft.doubts[:0] = doubts
    return draft


def _read(text: str, ending: str) -> Draft:
    if is_own_text(text):
        return read_own_text(text)
    if is_own_markdown(text):
        return read_own_markdown(text)
    if ending == ".json" or (ending not in _MARKDOWN | _TABLES and text.lstrip()[:1] in {"{", "["}):
        return read_json(text)
    if ending in _MARKDOWN or (ending not in _TABLES and _is_markdown(text)):
        return read_markdown(text)
    is_table = ending in _TABLES or find_delimiter(text) is not None
    if is_table and (draft := read_csv(text)):
        return draft
    return read_text(text)


def _is_markdown(text: str) -> bool:
    """A table with bars is Markdown where it has Markdown's line under its head."""
    return looks_like_markdown(text) and find_delimiter(text) in {None, "|"}
