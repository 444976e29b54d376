"""Which format a file has, by what is in it and by its name."""

from glossary.parsing.decoding import decode
from glossary.parsing.drafts import Draft
from glossary.parsing.text_file import read_text


def read_draft(data: bytes) -> Draft:
    """What the file says, read as what it is."""
    text, doubts = decode(data)
    draft = read_text(text)
    draft.doubts[:0] = doubts
    return draft
