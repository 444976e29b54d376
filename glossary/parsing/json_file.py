"""JSON: our own form, a list of objects, or one object of names and definitions."""

import json
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from glossary.content import TermContent
from glossary.documents import DocumentError
from glossary.exporting.json_form import FORM
from glossary.parsing.drafts import Draft
from glossary.parsing.fields import field_called
from glossary.parsing.limits import shown
from glossary.parsing.rows import Row, read_rows

_LISTS = ("terms", "entries", "glossary", "items", "words", "definitions", "data", "concepts")
_TEXTS = ("title", "name", "glossary", "summary", "description", "form")
_OWN_TEXTS = ("title", "summary")
_TOO_DEEP = gettext_lazy("this JSON is nested too deeply, or holds too long a number")
# Characters; some tenths of a second.
MOST_IN_VAIN = 200_000_000


class _Pairs(list[tuple[str, Any]]):
    """An object with all its pairs: a key that is there twice is an entry that is there twice."""

    def find(self, *keys: str) -> Any:
        """The value of the first of these keys that it has."""
        return next((value for wanted in keys for key, value in self if key == wanted), None)


def read_json(text: str) -> Draft:
    """What the file says. Raises DocumentError for what cannot be read."""
    try:
        said = json.loads(text, object_pairs_hook=_Pairs)
    except json.JSONDecodeError as error:
        reason = _("this is no JSON (%(reason)s); mend it") % {"reason": error.msg.lower()}
        raise DocumentError(reason, line=error.lineno) from error
    except (ValueError, RecursionError) as error:
        raise DocumentError(str(_TOO_DEEP)) from error
    _check_characters(text, said)
    lines = _Lines(text)
    if isinstance(said, _Pairs) and said.find("form") == FORM:
        return _read_own(said, lines)
    draft = Draft()
    entries = said
    if isinstance(said, _Pairs):
        entries = next((found for key in _LISTS if isinstance(found := said.find(key), list)), said)
        if entries is not said:
            _take_frame(draft, said, entries)
    if not isinstance(entries, list):
        raise DocumentError(_("this JSON holds no list of terms and no names with definitions"))
    read_rows(draft, [_header(), *_rows(draft, entries, lines)])
    return draft


def _check_characters(text: str, said: Any) -> None:
    r"""JSON can write half a character (``\ud800``), which no text can hold."""
    if "\\ud" not in text.lower():
        return
    try:
        _written(said).encode()
    except UnicodeEncodeError as error:
        raise DocumentError(_("a text in it holds half a character; write it anew")) from error


class _Lines:
    """Finds the line of a name, going through the file once.

    A name may be written in other ways than are looked for (letters by their numbers). Only so
    many characters are looked through in vain: a file that is written so throughout would be gone
    through once a name.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0
        self._line = 1
        self._in_vain = 0

    def of(self, name: str) -> int:
        """The line on which the name stands next; the last one found where it does not."""
        for written in (json.dumps(name, ensure_ascii=False), json.dumps(name)):
            if self._in_vain > MOST_IN_VAIN:
                break
            place = self._text.find(written, self._place)
            if place >= 0:
                self._line += self._text.count("\n", self._place, place)
                self._place = place
                break
            self._in_vain += len(self._text) - self._place
        return self._line


def _read_own(said: _Pairs, lines: _Lines) -> Draft:
    draft = Draft(is_exact=True)
    terms, takeaways = said.find("terms"), said.find("takeaways")
    texts = [said.find(key) for key in _OWN_TEXTS]
    if not isinstance(terms, list) or not _are_texts(takeaways) or not _are_texts(texts):
        raise DocumentError(_("title, summary, terms or takeaways are not as an export has them"))
    draft.title, draft.summary = texts
    draft.takeaways = list(takeaways)
    for term in terms:
        stored = dict(term) if isinstance(term, _Pairs) else {}
        line = lines.of(stored["name"]) if isinstance(stored.get("name"), str) else lines.of("")
        if not _is_term(stored):
            raise DocumentError(_("a term is not as an export has it; see its fields"), line=line)
        draft.add(TermContent.from_json(stored), line)
    return draft


def _is_term(stored: dict[str, Any]) -> bool:
    for field, example in TermContent("").as_json().items():
        value = stored.get(field, example)
        if type(value) is not type(example) and not (example == [] and value == []):
            return False
        if isinstance(value, list) and not _are_texts(value):
            return False
    return bool(stored.get("name"))


def _are_texts(values: Any) -> bool:
    return type(values) is list and all(isinstance(value, str) for value in values)


def _take_frame(draft: Draft, said: _Pairs, entries: Any) -> None:
    """What stands beside the list of terms."""
    for key, value in said:
        if value is entries:
            continue
        is_text = isinstance(value, str) and key in _TEXTS
        if is_text and key in {"title", "name", "glossary"} and not draft.title:
            draft.title = " ".join(value.split())
        elif is_text and key in {"summary", "description"} and not draft.summary:
            draft.summary = " ".join(value.split())
        elif key == "takeaways" and _are_texts(value):
            draft.takeaways += [" ".join(text.split()) for text in value]
        else:
            draft.leave_out(f"{key}: {_told(value)}", 1, _("it belongs to no term"))


_COLUMNS = (
    "name", "definition", "abbreviation", "aliases", "formula", "formula_caption", "see_also",
    "source", "source_url", "is_linked", "matches_case",
)  # fmt: skip
_HEAD = (
    "term", "definition", "abbreviation", "also known as", "formula", "formula caption",
    "see also", "source", "source address", "linked", "case matters",
)  # fmt: skip


def _header() -> Row:
    return Row(1, _HEAD)


def _rows(draft: Draft, entries: Sequence[Any], lines: _Lines) -> list[Row]:
    rows = []
    for entry in entries:
        if isinstance(entry, tuple):
            name, value = entry
            pairs = _Pairs([("name", name), *(value if isinstance(value, _Pairs) else ())])
            if not isinstance(value, _Pairs):
                pairs.append(("definition", value))
        elif isinstance(entry, _Pairs):
            pairs = entry
        elif type(entry) is list and len(entry) == 2:
            pairs = _Pairs(zip(("name", "definition"), entry, strict=True))
        else:
            draft.leave_out(_told(entry), lines.of(_told(entry)), _("it has no definition"))
            continue
        rows.append(_row(draft, pairs, lines))
    return rows


def _row(draft: Draft, pairs: _Pairs, lines: _Lines) -> Row:
    fields: dict[str, str] = {}
    unread = []
    for key, value in pairs:
        field = field_called(key)
        field = "definition" if field == "markdown" else field
        if field in _COLUMNS and field not in fields:
            fields[field] = _told(value)
        elif value not in (None, "", []):
            unread.append(f"{key}: {_told(value)}")
    if "name" not in fields and "abbreviation" in fields:
        fields["name"] = fields.pop("abbreviation")
    line = lines.of(fields.get("name", ""))
    for words in unread:
        draft.leave_out(
            words,
            line,
            _("it is no part of %(text)s") % {"text": shown(fields.get("name", _("a term")))},
        )
    return Row(line, [fields.get(column, "") for column in _COLUMNS])


def _told(value: Any) -> str:
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list() if _are_texts(value):
            return "; ".join(value)
    return _written(value)


def _written(value: Any) -> str:
    """As JSON. What could just be read may be too deep to be written: a pair counts as two."""
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError as error:
        raise DocumentError(str(_TOO_DEEP)) from error
