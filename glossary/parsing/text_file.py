"""Plain text: a title, entries as people write them, takeaways, an intake line.

Entries stand on one line (``Term: text``, ``Term – text``), with or without bullets and numbers,
or on two; further lines and paragraphs belong to the entry above them. What may be read in two
ways is read in the likelier one and told as a doubt; what cannot be read is quoted in one.
"""

import re

from django.utils.translation import gettext as _

from glossary.documents import DocumentError, Heading
from glossary.parsing.building import Building, guessed
from glossary.parsing.decoding import Line, lines_of
from glossary.parsing.drafts import Draft
from glossary.parsing.fields import is_unsure, label_called
from glossary.parsing.intake import take_intake
from glossary.parsing.limits import MAX_NAME, MAX_SUMMARY, MAX_TAKEAWAY, check_length, shown
from glossary.parsing.names import is_name, is_surely_name, starts_a_sentence
from glossary.parsing.separators import Division, divide, without_bullet
from glossary.parsing.survey import is_prose, survey
from glossary.wording import name_key

TAKEAWAYS = re.compile(r"(?:the\s+)?(?:key\s+|main\s+)?take-?\s?aways?\s*:?", re.IGNORECASE)
_TITLE = re.compile(r"(?:title|glossary)\s*:\s*(.+)", re.IGNORECASE)


def read_text(text: str) -> Draft:
    """What plain text says. Raises DocumentError for what cannot be read."""
    lines = lines_of(text)
    if not lines:
        raise DocumentError(_("the file is empty"))
    return _TextReader(lines).read()


class _TextReader:
    """Goes through the lines once."""

    def __init__(self, lines: list[Line]) -> None:
        self._lines = lines
        self._style = survey(lines)
        self._draft = Draft()
        self._building: Building | None = None
        self._indent = 0  # of the entry that is being built
        self._in_takeaways = self._has_bullets = False
        self._title_key = ""

    def read(self) -> Draft:
        """The whole document."""
        start = self._take_title()
        for index in range(start, len(self._lines)):
            self._take(index)
        self._finish()
        if not self._draft.entries:
            line = self._lines[start - 1 if start else 0].number
            raise DocumentError(_("there is no entry in it (write “Term: text”)"), line=line)
        return self._draft

    def _take_title(self) -> int:
        """The number of lines that the title takes."""
        line = self._lines[0]
        named = _TITLE.fullmatch(line.words)
        title = named[1] if named else line.words
        if not named and self._may_begin(0):
            return 0
        check_length("title", title, MAX_NAME, line.number)
        self._draft.title, self._title_key = title, name_key(title)
        return 1

    def _may_begin(self, index: int) -> bool:
        """Whether the first line is no title."""
        line = self._lines[index]
        if without_bullet(line.text) is not None or TAKEAWAYS.fullmatch(line.words):
            return True
        return self._division(index) is not None or self._is_pair(index)

    def _take(self, index: int) -> None:
        line = self._lines[index]
        body = without_bullet(line.text)
        if body is None:
            if line.text[-1:] in "sS:yY" and TAKEAWAYS.fullmatch(line.words):
                self._finish()
                self._in_takeaways, self._has_bullets = True, False
                return
            if take_intake(self._draft, line.number, line.words):
                self._finish()
                self._in_takeaways = False
                return
        if self._in_takeaways and self._takeaway(index, line, body):
            return
        self._in_takeaways = False
        if not (self._label(line, body) or self._entry(index, line, body)):
            self._other(index, line, body)

    # Entries -----------------------------------------------------------------------------------

    def _division(self, index: int) -> Division | None:
        line = self._lines[index]
        body = without_bullet(line.text)
        return divide(line.text if body is None else body, self._style.separator)

    def _divides(self, index: int) -> bool:
        """Whether the line is an entry of its own, or an item."""
        is_item = without_bullet(self._lines[index].text) is not None
        return is_item or self._division(index) is not None

    def _entry(self, index: int, line: Line, body: str | None) -> bool:
        if self._style.has_pairs and self._is_pair(index):
            self._begin(line.words, line)
            return True
        found = self._division(index)
        if found is None or self._is_title(line):
            return False
        if self._style.has_records and self._record(found, line):
            return True
        if not self._is_entry(found, line, body):
            return False
        if not found.text and not self._goes_on(index):
            return False
        if self._style.separator not in {None, found.kind} or self._style.has_pairs:
            guessed(
                self._draft,
                _("%(text)s is read as a term, though most terms are written otherwise")
                % {"text": shown(found.name)},
                line.number,
                found.name,
            )
        self._begin(found.name, line).add_text(found.text, is_new=True)
        return True

    def _is_entry(self, found: Division, line: Line, body: str | None) -> bool:
        """Whether a line that could be divided is an entry, not part of the text above it."""
        above = self._building
        is_usual = found.kind == self._style.separator and not self._style.has_pairs
        if above is None or above.is_empty:
            return above is None and (is_usual or is_surely_name(found.name))
        if (body is not None) != self._style.is_bulleted and (body is not None or not is_usual):
            return False
        if line.indent > self._indent + 1 and not line.is_after_blank:
            return False
        if not (line.is_after_blank or above.is_finished or body is not None):
            # A line wrapped in the middle of a sentence.
            is_small = found.name[:1].islower()
            return is_usual and not (is_small and self._style.is_capitalised)
        if starts_a_sentence(found.name):
            guessed(
                self._draft,
                _("%(text)s is read as part of “%(words)s”")
                % {"text": shown(line.words), "words": above.words},
                line.number,
                above.words,
            )
            return False
        return is_usual or (is_surely_name(found.name) and line.is_after_blank)

    def _goes_on(self, index: int) -> bool:
        """Whether the next line is the text of a name that has none on its own line."""
        if index + 1 == len(self._lines):
            return False
        after = self._lines[index + 1]
        return self._division(index + 1) is None and (
            not after.is_after_blank or is_prose(after.words)
        )

    def _is_pair(self, index: int) -> bool:
        """Whether a name stands here with its text on the next line."""
        line = self._lines[index]
        if index + 1 == len(self._lines) or without_bullet(line.text) is not None:
            return False
        after = self._lines[index + 1]
        if not self._style.has_pairs and self._divides(index + 1):
            return False
        if not is_surely_name(line.words) or not (line.is_after_blank or self._is_above_finished()):
            return False
        if after.is_after_blank:
            return self._style.is_loose and is_prose(after.words)
        return line.is_after_blank or is_prose(after.words)

    def _is_above_finished(self) -> bool:
        return self._building is None or (
            not self._building.is_empty and self._building.is_finished
        )

    def _record(self, found: Division, line: Line) -> bool:
        """A line ``Term: …`` or ``Definition: …``."""
        match found.name.lower():
            case "term" | "word" | "name" | "headword":
                self._begin(found.text, line)
            case "definition" | "meaning" | "description" if self._building:
                self._building.add_text(found.text, is_new=True)
            case _:
                return False
        return True

    def _is_title(self, line: Line) -> bool:
        """Whether this is the title again, above the text it heads."""
        is_as_long = abs(len(line.text) - len(self._draft.title)) < 10
        return is_as_long and name_key(line.words) == self._title_key

    def _begin(self, words: str, line: Line) -> Building:
        self._finish()
        check_length("name", words, MAX_NAME, line.number)
        self._building = Building(words, line.number)
        self._indent = line.indent
        return self._building

    def _finish(self) -> None:
        if self._building:
            self._building.finish(self._draft)
        self._building = None

    def _label(self, line: Line, body: str | None) -> bool:
        """A line such as ``See also: …``, which belongs to the entry above it."""
        words = line.words if body is None else body
        label, colon, text = words.partition(":")
        field = label_called(label) if colon and self._building else None
        if field is None or self._building is None:
            return False
        is_sentence = (text.count(" ") > 6 and text.endswith(".")) or name_key(label) in name_key(
            text
        )
        if is_unsure(label) and line.is_after_blank and is_sentence:
            return False
        self._building.label(field, text.strip())
        return True

    # Everything else ---------------------------------------------------------------------------

    def _takeaway(self, index: int, line: Line, body: str | None) -> bool:
        """A takeaway, or a further line of one; False where the takeaways have ended."""
        takeaways = self._draft.takeaways
        if body is not None:
            self._has_bullets = True
            takeaways.append(body.replace("\t", " "))
        elif takeaways and self._has_bullets:
            if line.is_after_blank:
                return False
            takeaways[-1] += f" {line.words}"
        elif takeaways and line.is_after_blank and self._division(index):
            return False
        else:
            takeaways.append(line.words)
        check_length("takeaway", takeaways[-1], MAX_TAKEAWAY, line.number)
        return True

    def _other(self, index: int, line: Line, body: str | None) -> None:
        if self._is_title(line):
            return
        above = self._building
        if body is not None and above:
            above.add_item(body.replace("\t", " "))
        elif self._is_heading(index, line, body):
            self._finish()
            self._draft.headings.append(Heading(line.words.rstrip(": "), line.number))
        elif above is None:
            self._introduce(line)
        elif self._looks_like_pair(index):
            guessed(
                self._draft,
                _("%(text)s is read as a term") % {"text": shown(line.words)},
                line.number,
                line.words,
            )
            self._begin(line.words, line)
        else:
            above.add_text(line.words, is_new=line.is_after_blank)

    def _is_heading(self, index: int, line: Line, body: str | None) -> bool:
        """Whether a short line stands over other entries."""
        words = line.words.rstrip(": ")
        if body is not None or words[-1:] in set(".!?,;…") or not is_name(words, most_words=8):
            return False
        if not (line.is_after_blank or self._is_above_finished()):
            return False
        if index + 1 == len(self._lines):
            return False
        return self._divides(index + 1) or self._is_pair(index + 1)

    def _looks_like_pair(self, index: int) -> bool:
        line = self._lines[index]
        return line.is_after_blank and self._is_pair(index)

    def _introduce(self, line: Line) -> None:
        """Text before the first entry is the summary; elsewhere it belongs to nothing."""
        draft = self._draft
        if draft.entries or draft.intake or not is_prose(line.words):
            draft.leave_out(line.words, line.number, _("write “Term: text” to make a term of it"))
        elif draft.summary:
            draft.summary += f" {line.words}"
            check_length("text under the title", draft.summary, MAX_SUMMARY, line.number)
        else:
            draft.summary, draft.summary_line = line.words, line.number
