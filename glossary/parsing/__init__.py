"""Glossary documents, read into a ``Document``: one module a format, the common steps one each.

``choosing`` tells the formats apart; ``text_file``, ``markdown_file``, ``csv_file``,
``xlsx_file`` and ``json_file`` read one each into a ``Draft``; ``merging`` makes terms of its
entries, ``doubts`` finds what a person should look at. What cannot be read is refused with its
line or quoted in a doubt, never dropped.
"""

import dataclasses
from pathlib import PurePath

from django.utils.translation import gettext as _

from glossary.collecting import uncollected
from glossary.content import TermContent
from glossary.documents import Document, DocumentError, DoubtKind
from glossary.parsing.choosing import read_draft
from glossary.parsing.decoding import check_size
from glossary.parsing.doubts import find_doubts
from glossary.parsing.drafts import Draft
from glossary.parsing.intake import intake_line
from glossary.parsing.limits import (
    MAX_BYTES,
    MAX_NAME,
    MAX_SUMMARY,
    MAX_TAKEAWAY,
    check_length,
)
from glossary.parsing.merging import merge, summary

__all__ = ["MAX_BYTES", "read_document"]

_FIELDS = frozenset(field.name for field in dataclasses.fields(TermContent))


@uncollected()
def read_document(data: bytes, name: str = "") -> Document:
    """The document that a file holds. ``name`` is the file's, "" for pasted text.

    Raises DocumentError, with the line where there is one, for what cannot be read.
    """
    check_size(data)
    draft = read_draft(data, name)
    if not draft.entries and not draft.is_exact:
        raise DocumentError(_("there is no entry in it (write “Term: text”)"))
    _set_title(draft, name)
    terms, counts, doubts = merge(draft)
    words, line = (draft.summary, None) if draft.is_exact else summary(draft)
    check_length("title", draft.title, MAX_NAME, None)
    check_length("summary", words, MAX_SUMMARY, line)
    for text in draft.takeaways:
        check_length("takeaway", text, MAX_TAKEAWAY, None)
    found = [*draft.doubts, *doubts, *find_doubts(terms)]
    return Document(
        title=draft.title,
        summary=words,
        summary_line=line,
        terms=terms,
        takeaways=tuple(draft.takeaways),
        intake=intake_line(draft),
        counts=counts,
        doubts=tuple(found),
        headings=tuple(draft.headings),
        speaks_of=_FIELDS if draft.is_exact else frozenset(draft.speaks_of) & _FIELDS,
    )


def _set_title(draft: Draft, name: str) -> None:
    """Without a title, the file's name is one."""
    if draft.title or draft.is_exact:
        return
    stem = " ".join(PurePath(name).stem.replace("_", " ").replace("-", " ").split())
    draft.title = (stem[:1].upper() + stem[1:MAX_NAME]) or "Glossary"
    draft.doubt(
        DoubtKind.GUESSED,
        _("the document has no title; it is called “%(title)s”") % {"title": draft.title},
        draft.entries[0].line,
    )
