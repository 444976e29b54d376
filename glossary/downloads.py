"""A glossary to take away: the public terms as JSON or CSV.

Both are written from the terms' content; a spreadsheet finds no formula in the CSV.
"""

import csv
import json
from collections.abc import Iterable
from dataclasses import fields, replace
from io import StringIO
from typing import Any

from glossary.content import TermContent
from glossary.models import Glossary
from glossary.spreadsheets import plain
from glossary.versions import contents_of

# Goes up when the same terms are written another way, so that nobody keeps the old.
SHAPE = 1
COLUMNS = tuple(field.name for field in fields(TermContent))
BETWEEN = "; "


def public_contents(glossary: Glossary) -> list[TermContent]:
    """What the published terms say, from A to Z; none of it names one that is not published."""
    terms = list(glossary.terms.filter(is_published=True).in_order())
    names = {term.name for term in terms}
    contents = contents_of(terms)
    return [_without_hidden(contents[term.pk], names) for term in terms]


def as_json(glossary: Glossary) -> str:
    """The glossary with its terms."""
    says = {
        "title": glossary.title,
        "summary": glossary.summary,
        "takeaways": list(glossary.takeaways.values_list("text", flat=True)),
        "terms": [content.as_json() for content in public_contents(glossary)],
    }
    return json.dumps(says, ensure_ascii=False, indent=2)


def as_csv(glossary: Glossary) -> str:
    """A line for each term, several names in one cell; begins with the mark for UTF-8."""
    written = StringIO("\ufeff")
    written.seek(0, 2)
    rows = csv.writer(written)
    rows.writerow(COLUMNS)
    for content in public_contents(glossary):
        rows.writerow(_cell(value) for value in content.as_json().values())
    return written.getvalue()


def _without_hidden(content: TermContent, names: Iterable[str]) -> TermContent:
    return replace(content, see_also=tuple(name for name in content.see_also if name in names))


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain(BETWEEN.join(value) if isinstance(value, list) else value)
