"""Terms linked in finished HTML: nothing is put in but ``<a>``, as a rule ``<a class="term" …>``.

- Longest match first, whole words; plurals and possessives; hyphen or space; aliases.
- Names without regard to case, abbreviations and terms that staff set so only in their own.
- Of two terms with one name, that of the glossary that comes first.
- The first mention in each section (an h2 or h3 begins one).
- Never in headings, links, code, mathematics, quotations, or words marked ``[…]{-}``.
- Never the term whose own text it is, nor a term that staff took out of linking.

Headings that have an address become links to themselves, so that it can be copied.

One pass over the words of a text finds every name of a glossary, whatever its size.
The HTML is what ``glossary.rendering`` made, so its tags are well formed.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape, unescape

from glossary.wording import (
    fold,
    fold_marks,
    forms,
    is_abbreviation,
    is_whole,
    spellings_of,
    word_set,
)

# What is between tags of these is left alone. A class on a span opts its words out.
UNTOUCHED = word_set(
    """
    a code pre math h1 h2 h3 h4 h5 h6 blockquote q kbd samp button
    """
)
UNLINKED_SPAN = 'class="unlinked"'
SECTIONS = frozenset({"h2", "h3"})

_TOKEN = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:[^<>"']|"[^"]*"|'[^']*')*)>|[^<]+|<""")
# Sanitising leaves no class on a link, so this is none but ours.
_OURS = re.compile(r'<a class="term" href="[^"]*">([^<]*)</a>')
# A heading with an address, and one that links to itself already.
_HEADING = re.compile(r'<(h[2-6]) id="([^"]+)">(.+?)</\1>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_ITSELF = re.compile(
    r'(<h[2-6] id="[^"]+">)<a class="itself" href="#[^"]+">(.*?)</a>(?=</h)', re.DOTALL
)
_UNIT = re.compile(r"&[#a-zA-Z0-9]+;|.", re.DOTALL)
# Between pieces of text, so that no name runs across a tag; folding turns it into a space, and
# nh3 lets no such character into the HTML, so it is put in after folding.
_BREAK = "\x1f"


@dataclass(frozen=True)
class Linkable:
    """A term as the linker needs it."""

    term_id: int
    url: str
    name: str
    abbreviation: str = ""
    aliases: tuple[str, ...] = ()
    matches_case: bool = False

    def names(self) -> Iterator[tuple[int, str, bool]]:
        """What it goes by: how near that is to its name (0 is its name), and if its case counts."""
        yield 0, self.name, self.matches_case or is_abbreviation(self.name)
        yield 1, self.abbreviation, True
        for alias in self.aliases:
            yield 2, alias, self.matches_case or is_abbreviation(alias)


@dataclass(frozen=True)
class Linked:
    """HTML with its terms linked, and the ids of all terms that it mentions, linked or not.

    ``folded`` is the text in which terms may be linked, folded; one line a piece. A text that
    mentions a name contains one of the name's ``forms`` in this.
    """

    html: str
    term_ids: frozenset[int]
    folded: str


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


# One way in which a text may use a term: the term, and the spellings that mean it; None is any.
_Use = tuple[Linkable, frozenset[str] | None]
# A word, or one sign that is none. Every whole word or name begins and ends with one of these.
_TOKEN_OF_TEXT = re.compile(r"\w+|[^\w\s]")


def spans_of(folded: str) -> list[tuple[int, int]]:
    """Where each word and each sign of a folded text begins and ends."""
    return [token.span() for token in _TOKEN_OF_TEXT.finditer(folded)]


class Finder:
    """Finds the names of one glossary's terms. Making it costs; using it does not grow with it."""

    def __init__(self, terms: Iterable[Linkable]) -> None:
        found: dict[str, list[tuple[bool, int, int, _Use]]] = {}
        for term in terms:
            for place, name, is_exact in term.names():
                spellings = frozenset(spellings_of(name)) if is_exact else None
                for form in set(map(fold, spellings)) if spellings is not None else forms(name):
                    # What is spelled just so goes before what is spelled in any case, and a
                    # term's own name before another's abbreviation or alias.
                    use = (not is_exact, place, term.term_id, (term, spellings))
                    found.setdefault(form, []).append(use)
        # What a form may mean; for what a form only begins with, nothing.
        self._uses: dict[str, tuple[_Use, ...]] = {}
        beginnings: set[str] = set()
        for form, uses in found.items():
            ends = [end for _, end in spans_of(form)]
            beginnings.add(form[: ends[min(1, len(ends) - 1)]])
            for end in ends[:-1]:
                self._uses.setdefault(form[:end], ())
            self._uses[form] = tuple(use[-1] for use in sorted(uses, key=lambda use: use[:-1]))
        self._filter, self._mask = _filter_of(beginnings)

    def find(
        self, folded: str, spans: Sequence[tuple[int, int]]
    ) -> Iterator[tuple[int, int, tuple[_Use, ...]]]:
        """Every place where a form stands: where it begins, where it ends, what it may mean."""
        may_begin, mask, known = self._filter, self._mask, self._uses
        last = len(spans) - 1
        for first, (start, end) in enumerate(spans):
            word = folded[start:end]
            if may_begin[hash(word) & mask] and (uses := known.get(word)):
                yield start, end, uses
            if first < last:
                pair = folded[start : spans[first + 1][1]]
                if may_begin[hash(pair) & mask]:
                    yield from self._longer(folded, spans, first)

    def _longer(
        self, folded: str, spans: Sequence[tuple[int, int]], first: int
    ) -> Iterator[tuple[int, int, tuple[_Use, ...]]]:
        """The forms of two words and more that stand here."""
        start = spans[first][0]
        for _, end in spans[first + 1 :]:
            uses = self._uses.get(folded[start:end])
            if uses is None:
                return
            if uses:
                yield start, end, uses


def _filter_of(beginnings: set[str]) -> tuple[bytes, int]:
    """Bytes, set where the hash of a form of one word, or of another's first two, leads.

    Nearly every word of a text begins no form. Looking that up in a small table, which stays
    where the processor has it at hand, is what keeps large glossaries as quick as small ones.
    """
    size = 1 << max(10, (8 * len(beginnings)).bit_length())
    marks = bytearray(size)
    for beginning in beginnings:
        marks[hash(beginning) & (size - 1)] = 1
    return bytes(marks), size - 1


def _meant(uses: tuple[_Use, ...], written: str) -> Linkable | None:
    """The term that is meant where a text has it written like this."""
    spelled = fold_marks(written)
    for term, spellings in uses:
        if spellings is None or spelled in spellings:
            return term
    return None


class Linker:
    """Links the terms of some glossaries; of two terms with one name, the first glossary's."""

    def __init__(self, finders: Iterable[Finder]) -> None:
        self._finders = tuple(finders)

    def link(self, html: str, *, own: int | None = None) -> Linked:
        """``html`` with terms linked; ``own`` is the id of the term whose text it is.

        Links that were put in before go first, so that linking twice is linking once.
        """
        pieces = _pieces(_OURS.sub(r"\1", _ITSELF.sub(r"\1\2", html)))
        text, folded = _linkable_text(pieces)
        matches = self._matches(text, folded, own=own)
        return Linked(
            html=link_headings(_write(pieces, matches)),
            term_ids=frozenset(match.term.term_id for match in matches),
            folded=folded.replace(_BREAK, "\n"),
        )

    def _matches(self, text: str, folded: str, *, own: int | None) -> list[_Match]:
        """What is mentioned, from left to right, without overlaps, the longest first."""
        spans = spans_of(folded)
        found = [
            (start, -end, place, uses)
            for place, finder in enumerate(self._finders)
            for start, end, uses in finder.find(folded, spans)
        ]
        found.sort(key=lambda candidate: candidate[:3])
        matches: list[_Match] = []
        position = 0
        for start, minus_end, _, uses in found:
            end = -minus_end
            if start < position or not is_whole(text, start, end):
                continue
            term = _meant(uses, text[start:end])
            if term is None:
                continue
            # The term's own name is passed over as a whole: a shorter name inside it is not meant.
            position = end
            if term.term_id != own:
                matches.append(_Match(start, end, term))
        return matches


def link_headings(html: str) -> str:
    """Each heading with an address as a link to itself; one with links or no words is left so."""
    return _HEADING.sub(_to_itself, html)


def _to_itself(heading: re.Match[str]) -> str:
    level, name, words = heading.groups()
    if "<a " in words or not _TAG.sub("", words).strip():
        return heading[0]
    return f'<{level} id="{name}"><a class="itself" href="#{name}">{words}</a></{level}>'


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
