"""Terms linked in finished HTML: nothing is put in but ``<a class="term" href="…">``.

- Longest match first, whole words; plurals and possessives; hyphen or space; aliases.
- Names without regard to case, abbreviations only in their own.
- The first mention in each section (an h2 or h3 begins one).
- Never in headings, links, code, mathematics, quotations, or words marked ``[…]{-}``.
- Never the term whose own text it is, nor a term that staff took out of linking.

One Aho–Corasick pass over the text finds every name at once, whatever the size of the glossary.
The HTML is what ``glossary.rendering`` made, so its tags are well formed.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape, unescape

import ahocorasick_rs

from glossary.wording import fold, forms, is_abbreviation, word_set

# What is between tags of these is left alone. A class on a span opts its words out.
UNTOUCHED = word_set(
    """
    a code pre math h1 h2 h3 h4 h5 h6 blockquote q kbd samp button
    """
)
UNLINKED_SPAN = 'class="unlinked"'
SECTIONS = frozenset({"h2", "h3"})

_TOKEN = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:[^<>"']|"[^"]*"|'[^']*')*)>|[^<]+|<""")
_UNIT = re.compile(r"&[#a-zA-Z0-9]+;|.", re.DOTALL)
# Between pieces of text, so that no name runs across a tag; folding turns it into a space, and
# nh3 lets no such character into the HTML, so it is put in after folding.
_BREAK = "\x1f"


@dataclass(frozen=True)
class Linkable:
    """A term as the linker needs it. ``names`` are its name, its abbreviation, its aliases."""

    term_id: int
    url: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Linked:
    """HTML with its terms linked, and the ids of all terms that it mentions, linked or not."""

    html: str
    term_ids: frozenset[int]


@dataclass(frozen=True)
class _Form:
    """One way in which a text may use a term; ``exact`` where only that spelling will do."""

    term: Linkable
    exact: str = ""


@dataclass
class _Piece:
    """A token of the HTML: a tag, or text. ``start`` is where linkable text begins in the whole."""

    raw: str
    section: int
    start: int | None = None
    units: Sequence[str] = ""


@dataclass(frozen=True)
class _Match:
    start: int
    end: int
    term: Linkable


class Linker:
    """Links the terms of one glossary. Building it costs; using it does not grow with its size."""

    def __init__(self, terms: Iterable[Linkable]) -> None:
        self._forms: dict[str, list[_Form]] = {}
        # A term's own name goes before another's abbreviation or alias.
        for term, name in _by_precedence(terms):
            self._add(term, name)
        self._patterns = list(self._forms)
        self._automaton = ahocorasick_rs.AhoCorasick(self._patterns, store_patterns=False)

    def _add(self, term: Linkable, name: str) -> None:
        exact = " ".join(name.split()) if is_abbreviation(name) else ""
        for form in forms(name):
            self._forms.setdefault(form, []).append(_Form(term, exact))

    def link(self, html: str, *, own: int | None = None) -> Linked:
        """``html`` with terms linked; ``own`` is the id of the term whose text it is."""
        pieces = _pieces(html)
        text, folded = _linkable_text(pieces)
        matches = self._matches(text, folded, own=own)
        return Linked(
            html=_write(pieces, matches),
            term_ids=frozenset(match.term.term_id for match in matches),
        )

    def _matches(self, text: str, folded: str, *, own: int | None) -> list[_Match]:
        """What is mentioned, from left to right, without overlaps, the longest first."""
        found = self._automaton.find_matches_as_indexes(folded, overlapping=True)
        found.sort(key=lambda match: (match[1], -match[2]))
        matches: list[_Match] = []
        position = 0
        for pattern, start, end in found:
            if start < position or not _is_whole(text, start, end):
                continue
            term = self._meant(self._patterns[pattern], text[start:end])
            if term is None:
                continue
            # The term's own name is passed over as a whole: a shorter name inside it is not meant.
            position = end
            if term.term_id != own:
                matches.append(_Match(start, end, term))
        return matches

    def _meant(self, pattern: str, written: str) -> Linkable | None:
        for form in self._forms[pattern]:
            if not form.exact or _is_in_own_case(written, form.exact):
                return form.term
        return None


def _by_precedence(terms: Iterable[Linkable]) -> Iterable[tuple[Linkable, str]]:
    ordered = [
        (place, term.term_id, term, name)
        for term in terms
        for place, name in enumerate(term.names)
        if name.strip()
    ]
    ordered.sort(key=lambda entry: (min(entry[0], 2), entry[1]))
    return [(term, name) for _, _, term, name in ordered]


def _is_in_own_case(written: str, abbreviation: str) -> bool:
    """CNN and CNNs are the abbreviation CNN; cnn is not."""
    stem = written[: len(abbreviation)]
    return fold_marks(stem) == fold_marks(abbreviation) and written[len(stem) :] in {"", "s", "es"}


def fold_marks(text: str) -> str:
    """Hyphens and spaces alike, case kept."""
    return re.sub(r"[\s\u00a0‐‑‒–-]", " ", text)


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether the place is not part of a longer word.

    A hyphen before it makes it part of a compound with a meaning of its own (self-attention);
    one behind it does not (GAN-based).
    """
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    if _is_letter(after) or _is_letter(before):
        return False
    joined = before in "-‐‑'’" and start > 1 and _is_letter(text[start - 2])
    return not joined


def _is_letter(character: str) -> bool:
    return character.isalnum() or character == "_"


def _pieces(html: str) -> list[_Piece]:
    """The HTML cut into tags and texts, each text that may be linked with ``start`` set."""
    pieces: list[_Piece] = []
    closed: list[str] = []  # the elements we are in and must leave alone, with what they hold
    section = position = 0
    for token in _TOKEN.finditer(html):
        raw, name = token[0], (token[2] or "").lower()
        piece = _Piece(raw, section)
        pieces.append(piece)
        if name:
            section += name in SECTIONS and not token[1]
            _track(closed, name, closing=bool(token[1]), attributes=token[3])
        elif not closed:
            piece.units = _UNIT.findall(raw) if "&" in raw else raw
            piece.start = position
            position += len(piece.units) + 1
    return pieces


def _track(closed: list[str], name: str, *, closing: bool, attributes: str) -> None:
    """Enter or leave an element that is left alone, and count its like inside it."""
    if closing:
        if closed and closed[-1] == name:
            closed.pop()
    elif (
        name in UNTOUCHED
        or (name == "span" and UNLINKED_SPAN in attributes)
        or (closed and closed[-1] == name)
    ):
        closed.append(name)


def _linkable_text(pieces: list[_Piece]) -> tuple[str, str]:
    """All text that may be linked, in one: as written, and folded. Places agree."""
    texts = [
        "".join(_character(unit) for unit in piece.units)
        if not isinstance(piece.units, str)
        else piece.units
        for piece in pieces
        if piece.start is not None
    ]
    return _BREAK.join(texts), _BREAK.join(map(fold, texts))


def _character(unit: str) -> str:
    """The one character that a unit of HTML stands for."""
    character = unescape(unit)
    return character if len(character) == 1 else "\ufffd"


def _write(pieces: list[_Piece], matches: list[_Match]) -> str:
    """The HTML again, with the first mention of each term in each section linked."""
    parts: list[str] = []
    linked: set[tuple[int, int]] = set()
    waiting = iter(matches)
    match = next(waiting, None)
    for piece in pieces:
        if piece.start is None:
            parts.append(piece.raw)
            continue
        written, stop = 0, piece.start + len(piece.units)
        while match and match.start < stop:
            seen = (piece.section, match.term.term_id)
            if seen not in linked:
                linked.add(seen)
                begin, end = match.start - piece.start, match.end - piece.start
                parts.append("".join(piece.units[written:begin]))
                words = "".join(piece.units[begin:end])
                parts.append(f'<a class="term" href="{escape(match.term.url)}">{words}</a>')
                written = end
            match = next(waiting, None)
        parts.append("".join(piece.units[written:]))
    return "".join(parts)


def words_for_search(html: str) -> str:
    """The text of finished HTML in which terms may be linked, folded; one line a piece.

    A passage that mentions a name contains one of the name's ``forms`` in this.
    """
    return _linkable_text(_pieces(html))[1].replace(_BREAK, "\n")
