"""What a person should look at in a document that can be read."""

import re
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from glossary.documents import DocumentTerm, Doubt, DoubtKind
from glossary.parsing.limits import MOST_LISTED, listed
from glossary.parsing.merging import is_cut_off
from glossary.parsing.nearness import near_names
from glossary.wording import forms, name_key, word_set

# A text whose last word is one of these goes on somewhere else.
_UNFINISHED = word_set("a an and are as at by for from in is of on or that the to which with")
_SEE = re.compile(
    r"(?:(?:see(?: also| under)?|same as|synonym (?:of|for)|another (?:name|word) for|cf\.?)\s+)"
    r"[“\"'*_\[]*(.+?)[”\"'*_\]]*\.?",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"(?:(?:a|an|the|to|is|are|this is) )+")
_ARTICLES = re.compile(r"^(?:a|an|the|any|some|one) ")
_IS = re.compile(r"^(?:is|are|means|refers to) (?:(?:a|an|the|any|some|one) )?")
_KIND_OF = re.compile(r"^(?:kind|type|form|sort|way|process|act|method) of ")
_BEGINNING = 200  # characters of a definition
# Where no more definitions than this share end without a stop, one that does is a sign.
_FEW_WITHOUT_END = 0.2
_SENTENCE_SPACES = 4
# In the middle of a sentence: at its beginning any word has a capital.
_PHRASE = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]+(?:[ -][A-Z][a-z]+)+|\b[A-Z]{3,6}\b")
_IN_HOW_MANY = 2  # definitions a phrase is used in before it counts as a term
_MOST_UNDEFINED = 30
_PUNCTUATION = str.maketrans(dict.fromkeys(".,;:!?“”\"'*_()", ""))


def find_doubts(terms: Sequence[DocumentTerm]) -> list[Doubt]:
    """All that is doubtful about the terms as a whole."""
    known = _known_names(terms)
    return [
        *_cut_off(terms),
        *_shared_abbreviations(terms),
        *near_names(terms),
        *_circular(terms, known),
        *_nowhere(terms, known),
        *_undefined(terms, known),
    ]


def _known_names(terms: Sequence[DocumentTerm]) -> dict[str, int]:
    """Every name a term goes by, with the place of its term."""
    known: dict[str, int] = {}
    for index, term in enumerate(terms):
        content = term.content
        known.setdefault(name_key(content.name), index)
        for name in (content.abbreviation, *content.aliases):
            if name:
                known.setdefault(name_key(name), index)
    return known


def _cut_off(terms: Sequence[DocumentTerm]) -> Iterator[Doubt]:
    ends_count = _ends_count(terms)
    for term in terms:
        for text in (term.definition, *term.others):
            last = text.rstrip()[-12:].rpartition(" ")[2]
            is_unfinished = last in _UNFINISHED or last.endswith((",", "("))
            if is_cut_off(text) or is_unfinished or (ends_count and _has_no_end(text)):
                sentence = _("the definition of %(name)s breaks off") % {"name": term.name}
                yield Doubt(DoubtKind.CUT_OFF, sentence, (term.name,), (term.line,))
                break


def _ends_count(terms: Sequence[DocumentTerm]) -> bool:
    """Whether definitions end as sentences do in this document, so that one that does not tells."""
    open_ended = sum(_has_no_end(term.definition) for term in terms)
    return open_ended <= _FEW_WITHOUT_END * len(terms)


def _has_no_end(text: str) -> bool:
    """Whether a text of several words ends in the middle of a sentence, for all one can see."""
    return text.rstrip()[-1:].isalnum() and text.count(" ") >= _SENTENCE_SPACES


def _shared_abbreviations(terms: Sequence[DocumentTerm]) -> Iterator[Doubt]:
    by_abbreviation: dict[str, list[DocumentTerm]] = {}
    for term in terms:
        if term.abbreviation:
            by_abbreviation.setdefault(term.abbreviation, []).append(term)
    for abbreviation, sharing in by_abbreviation.items():
        if len(sharing) > 1:
            names = tuple(term.name for term in sharing)
            sentence = _("%(abbreviation)s is short for %(listed)s") % {
                "abbreviation": abbreviation,
                "listed": listed([f"“{name}”" for name in names]),
            }
            lines = tuple(term.line for term in sharing[:MOST_LISTED])
            yield Doubt(DoubtKind.ABBREVIATION, sentence, names, lines)


def _circular(terms: Sequence[DocumentTerm], known: dict[str, int]) -> Iterator[Doubt]:
    """A definition that is the name alone, and definitions that send the reader round in a ring."""
    sent_to: dict[int, int] = {}
    for index, term in enumerate(terms):
        text = term.definition
        if _turns_back(term):
            sentence = _("“%(name)s” is explained by itself") % {"name": term.name}
            yield Doubt(DoubtKind.CIRCULAR, sentence, (term.name,), (term.line,))
            continue
        if len(text) > 2 * len(term.name) + 60:
            continue
        said = name_key(text.translate(_PUNCTUATION))
        own = {name_key(name) for name in (term.name, term.abbreviation, *term.content.aliases)}
        if said in own or _ARTICLE.sub("", f"{said} ").strip() in own:
            sentence = _("“%(name)s” is explained by its own name alone") % {"name": term.name}
            yield Doubt(DoubtKind.CIRCULAR, sentence, (term.name,), (term.line,))
        elif pointing := _SEE.fullmatch(text.strip()):
            target = known.get(name_key(pointing[1]))
            if target is None:
                sentence = _("“%(name)s” is explained by “%(value)s”, which is no term here") % {
                    "name": term.name,
                    "value": pointing[1],
                }
                yield Doubt(DoubtKind.NOWHERE, sentence, (term.name, pointing[1]), (term.line,))
            else:
                sent_to[index] = target
    yield from _rings(terms, sent_to)


def _turns_back(term: DocumentTerm) -> bool:
    """Whether a definition begins by saying that the term is the term, or a kind of it.

    "A bend is a bend that …" and "Bend: a kind of bend that …", but not "Bend: in a bend …".
    """
    beginning = term.definition[:_BEGINNING]
    if term.name.lower() not in beginning.lower():
        return False
    name = f"{name_key(term.name)} "
    said = _ARTICLES.sub("", f"{name_key(beginning.translate(_PUNCTUATION))} ", count=1)
    rest = _IS.sub("", said.removeprefix(name), count=1) if said.startswith(name) else said
    genus = _ARTICLES.sub("", _KIND_OF.sub("", rest, count=1), count=1)
    return genus != said and genus.startswith(name)


def _rings(terms: Sequence[DocumentTerm], sent_to: dict[int, int]) -> Iterator[Doubt]:
    done: set[int] = set()
    for start in sent_to:
        path: dict[int, None] = {}
        place: int | None = start
        while place is not None and place not in done and place not in path:
            path[place] = None
            place = sent_to.get(place)
        done.update(path)
        if place in path:
            members = list(path)
            ring = [terms[member] for member in members[members.index(place) :]]
            names = tuple(term.name for term in ring)
            said = listed([f"“{name}”" for name in names], joined=", ")
            sentence = _("%(said)s: explained by one another and by nothing else") % {"said": said}
            lines = tuple(term.line for term in ring[:MOST_LISTED])
            yield Doubt(DoubtKind.CIRCULAR, sentence, names, lines)


def _nowhere(terms: Sequence[DocumentTerm], known: dict[str, int]) -> Iterator[Doubt]:
    for term in terms:
        for name in term.content.see_also:
            if name_key(name) not in known:
                sentence = _("“%(name)s” says to see “%(name2)s”, which is no term here") % {
                    "name": term.name,
                    "name2": name,
                }
                yield Doubt(DoubtKind.NOWHERE, sentence, (term.name, name), (term.line,))


def _undefined(terms: Sequence[DocumentTerm], known: dict[str, int]) -> Iterator[Doubt]:
    """Capitalised phrases and abbreviations that several definitions use and none explains."""
    used: dict[str, list[int]] = {}
    for index, term in enumerate(terms):
        for phrase in set(_PHRASE.findall(term.definition)):
            used.setdefault(phrase, []).append(index)
    found = 0
    for phrase, places in used.items():
        if len(places) < _IN_HOW_MANY or any(form in known for form in forms(phrase)):
            continue
        found += 1
        if found > _MOST_UNDEFINED:
            return
        names = (phrase, *(terms[place].name for place in places[:3]))
        sentence = _("“%(phrase)s” is used in %(count)s definitions and is no term here") % {
            "phrase": phrase,
            "count": len(places),
        }
        lines = tuple(terms[place].line for place in places[:3])
        yield Doubt(DoubtKind.UNDEFINED, sentence, names, lines)
