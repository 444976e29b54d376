"""What divides a name from its definition on one line: a colon, a dash, a tab, an arrow."""

import re
from dataclasses import dataclass

from glossary.parsing.names import holds_a_sentence, is_name

# No name is longer than this, so nothing behind it divides one from its definition.
_REACH = 320
# An em dash may touch its words; an en dash has a space on one side at least, a hyphen on both
# (well-known), a colon behind it (10:30, https://).
_SEPARATOR = re.compile(
    r"(?P<colon>::?(?=\s|$)|：)"
    r"|(?P<tab>\t)"
    r"|(?P<dash>(?<=\s)(?:[–—−‒―-]|--+)(?=\s)|[—―]|–(?=\s)|(?<=\s)–)"
    r"|(?P<equals>(?<=\s)(?:=|=>|→|⇒|->)(?=\s))"
    r"|(?P<bar>\|)"
)
_TIGHT_COLON = re.compile(r"(?<=[^\W\d_)])(?P<colon>:)(?=[A-Z“\"])")
_BULLET = re.compile(
    r"(?:[•‣▪●◦·*–—○■□➢➤►✓✔☐▸⁃\uf0b7\uf0a7-]|o(?=\t)|\(?\d{1,4}[.)]|\[[ x]\]|[a-z]\))\s+(.*)"
)


@dataclass(frozen=True, slots=True)
class Division:
    """A line as name and text; ``kind`` is the group of what stands between them."""

    kind: str
    name: str
    text: str


def divide(text: str, preferred: str | None = None) -> Division | None:
    """The line divided where a name may end: at the preferred sign, else at the first one."""
    first = None
    for found in _SEPARATOR.finditer(text, 0, _REACH):
        if preferred is None or found.lastgroup == preferred:
            division = _division(text, found)
            if division:
                return division
        first = first or found
    if first is None:
        first = _TIGHT_COLON.search(text, 0, _REACH)
    return _division(text, first) if first else None


def _division(text: str, found: re.Match[str]) -> Division | None:
    name = text[: found.start()].strip()
    if not is_name(name) or holds_a_sentence(name):
        return None
    rest = text[found.end() :].strip()
    return Division(found.lastgroup or "", name.replace("\t", " "), rest.replace("\t", " "))


def without_bullet(text: str) -> str | None:
    """What follows a bullet or a number; None where the line has neither."""
    if text[:1].isalpha() and text[1:2] not in {")", "\t"}:
        return None
    found = _BULLET.match(text)
    return found[1] if found else None
