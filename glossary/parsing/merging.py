"""Entries become terms: repeats, excerpts cut short, and definitions that differ."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from glossary.documents import Counts, DocumentTerm, Doubt, DoubtKind
from glossary.parsing.drafts import Draft, Entry
from glossary.parsing.fields import merged
from glossary.parsing.limits import MOST_LISTED, check_term, listed
from glossary.rendering import first_sentence
from glossary.wording import name_key

_ELLIPSES = ("…", "...")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-"})


def merge(draft: Draft) -> tuple[tuple[DocumentTerm, ...], Counts, list[Doubt]]:
    """The terms, how the entries came to them, and what is doubtful about that."""
    by_name: dict[str, list[Entry]] = {}
    for entry in draft.entries:
        name = entry.content.name
        by_name.setdefault(name.lower() if draft.is_exact else name_key(name), []).append(entry)
    terms: list[DocumentTerm] = []
    doubts: list[Doubt] = []
    repeated: list[str] = []
    excerpts = repeats = 0
    for same_name in by_name.values():
        if len(same_name) == 1:
            terms.append(DocumentTerm(same_name[0].content, same_name[0].line))
            continue
        whole = _without_excerpts(same_name)
        different = _without_repeats(whole)
        excerpts += len(same_name) - len(whole)
        repeats += len(whole) - len(different)
        if len(different) < len(whole):
            repeated.append(different[0].content.name)
        terms.append(_term(different, same_name))
        doubts += _doubts(same_name)
    counts = Counts(
        entries=len(draft.entries),
        repeats=repeats,
        excerpts=excerpts,
        conflicting=sum(len(term.others) for term in terms),
        repeated_terms=tuple(repeated),
        conflicts=tuple(term.name for term in terms if term.others),
    )
    return tuple(terms), counts, doubts


def summary(draft: Draft) -> tuple[str, int | None]:
    """The page's summary and its line: the title's own entry, where it is there as an excerpt too.

    Of an excerpt the whole sentences are used; one that breaks off in its first sentence stands
    for the first sentence of the full text. Without an excerpt it is the text under the title.
    """
    key = name_key(draft.title)
    about_title = [entry for entry in draft.entries if name_key(entry.content.name) == key]
    excerpt = _first_excerpt(about_title)
    if excerpt is None:
        return draft.summary, draft.summary_line
    if draft.summary and draft.summary_line:
        advice = _("the page has another summary already")
        draft.leave_out(draft.summary, draft.summary_line, advice)
    text = excerpt.content.definition
    texts = (entry.content.definition for entry in about_title)
    whole = next(whole for whole in texts if not is_cut_off(whole) and _begins(text, whole))
    return _whole_sentences(whole, within=text), excerpt.line


def _first_excerpt(entries: list[Entry]) -> Entry | None:
    kept = {id(entry) for entry in _without_excerpts(entries)}
    return next((entry for entry in entries if id(entry) not in kept), None)


def _begins(excerpt: str, whole: str) -> bool:
    return words_of(whole).startswith(words_of(_without_ellipsis(excerpt)))


def is_cut_off(text: str) -> bool:
    """Whether a text ends in an ellipsis."""
    return text.endswith(_ELLIPSES)


def _without_ellipsis(text: str) -> str:
    ellipsis = next((each for each in _ELLIPSES if text.endswith(each)), "")
    return text.removesuffix(ellipsis).rstrip() if ellipsis else text


def words_of(text: str) -> str:
    """What two texts that say the same word for word have in common: quotes may differ."""
    return " ".join(text.translate(_QUOTES).split())


def _without_excerpts(entries: list[Entry]) -> list[Entry]:
    """Those that are not the beginning of another one of the same name, cut short."""
    # Sorted, so that whether one begins so is one look, however many there are.
    texts = (entry.content.definition for entry in entries)
    whole = sorted(words_of(text) for text in texts if not is_cut_off(text))

    def is_excerpt(entry: Entry) -> bool:
        text = entry.content.definition
        beginning = words_of(_without_ellipsis(text))
        place = bisect_left(whole, beginning)
        return is_cut_off(text) and place < len(whole) and whole[place].startswith(beginning)

    return [entry for entry in entries if not is_excerpt(entry)]


def _without_repeats(entries: list[Entry]) -> list[Entry]:
    first: dict[str, Entry] = {}
    for entry in entries:
        first.setdefault(words_of(entry.content.definition), entry)
    return list(first.values())


def _term(different: list[Entry], all_of_name: list[Entry]) -> DocumentTerm:
    """The first entry with whatever else the others say of the term."""
    content = different[0].content
    for entry in all_of_name:
        found = merged(content, entry.content)
        if found:
            content = replace(content, **found)  # type: ignore[arg-type]
            check_term(content, entry.line)
    others = tuple(entry.content.definition for entry in different[1:])
    return DocumentTerm(content, different[0].line, others)


def _doubts(entries: Sequence[Entry]) -> list[Doubt]:
    """What several entries of one name disagree on beside the definition."""
    first = entries[0]
    doubts = []
    spellings = {entry.content.name: entry.line for entry in reversed(entries)}
    if len(spellings) > 1:
        names = tuple(sorted(spellings, key=lambda name: spellings[name]))
        said = listed([f"“{name}”" for name in names])
        lines = tuple(sorted(set(spellings.values()))[:MOST_LISTED])
        doubts.append(
            Doubt(DoubtKind.NEAR, _("%(said)s are read as one term") % {"said": said}, names, lines)
        )
    for field, told in (
        ("abbreviation", _("%(name)s is abbreviated as %(both)s; only the first is taken")),
        ("formula", _("%(name)s has the formulas %(both)s; only the first is taken")),
        (
            "formula_caption",
            _("%(name)s has the formula captions %(both)s; only the first is taken"),
        ),
        ("source", _("%(name)s has the sources %(both)s; only the first is taken")),
        ("source_url", _("%(name)s has the sources' addresses %(both)s; only the first is taken")),
    ):
        values = {getattr(entry.content, field) for entry in entries} - {""}
        if len(values) > 1:
            both = listed(sorted(values))
            kind = DoubtKind.ABBREVIATION if field == "abbreviation" else DoubtKind.GUESSED
            sentence = told % {"name": first.content.name, "both": both}
            doubts.append(Doubt(kind, sentence, (first.content.name,), (first.line,)))
    return doubts


def _whole_sentences(text: str, *, within: str) -> str:
    """The sentences of ``text`` that end within the excerpt; at least its first."""
    limit = len(_without_ellipsis(within))
    end = len(first_sentence(text))
    while end < len(text):
        following = first_sentence(text[end:].lstrip())
        next_end = text.index(following, end) + len(following)
        if next_end > limit:
            break
        end = next_end
    return text[:end]
