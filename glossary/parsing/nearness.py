"""Names that are nearly the same: one look each, however many there are.

No name is compared with all others. Names that differ in one letter have a text in common that
is one letter shorter than the longer of them (W. Garbe, “Symmetric delete”), so each name is
looked up by itself without each of its letters in turn.

That takes a look a letter. What would take more looks than ``MOST_LOOKS`` in all, the longest
names of a document that is all names, is not looked at for misspellings.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from glossary.documents import DocumentTerm, Doubt, DoubtKind
from glossary.plurals import singulars
from glossary.wording import is_abbreviation, name_key

# Shorter names differ in one letter and mean different things (bias, bits; port, post).
_SHORTEST = 7
# Of two letters, initials say nothing.
_SHORTEST_INITIALS = 3
# As many as 100,000 names of usual length take; a second or two.
MOST_LOOKS = 2_000_000
_APART = re.compile(r"[\W_]+")


def near_names(terms: Sequence[DocumentTerm]) -> list[Doubt]:
    """A doubt for each two terms whose names hardly differ."""
    keys = [name_key(term.name) for term in terms]
    found: dict[tuple[int, int], str] = {}
    for first, second, why in (
        *_squeezed(keys),
        *_plurals(keys),
        *_short_for(terms, keys),
        *_misspelt(keys),
    ):
        if first != second:
            found.setdefault((min(first, second), max(first, second)), why)
    return [_doubt(terms[first], terms[second], why) for (first, second), why in found.items()]


def _doubt(first: DocumentTerm, second: DocumentTerm, why: str) -> Doubt:
    sentence = _("“%(name)s” and “%(name2)s” %(why)s") % {
        "name": first.name,
        "name2": second.name,
        "why": why,
    }
    names = (first.name, second.name)
    return Doubt(DoubtKind.NEAR, sentence, names, (first.line, second.line))


def _squeezed(keys: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """The same letters, put together otherwise (on-line and online)."""
    by_letters: dict[str, int] = {}
    for index, key in enumerate(keys):
        letters = key.replace(" ", "") if key.isascii() and key.isalpha() else _APART.sub("", key)
        if letters and by_letters.setdefault(letters, index) != index:
            yield (
                by_letters[letters],
                index,
                _("differ in a space, a hyphen, a mark or in case alone"),
            )


def _plurals(keys: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    by_key = {key: index for index, key in enumerate(keys)}
    for index, key in enumerate(keys):
        before, space, last = key.rpartition(" ")
        for singular in singulars(last):
            one = by_key.get(f"{before}{space}{singular}")
            if one is not None:
                yield one, index, _("are singular and plural of one word")


def _short_for(
    terms: Sequence[DocumentTerm], keys: Sequence[str]
) -> Iterator[tuple[int, int, str]]:
    """An entry whose name is the abbreviation, the initials or another name of a second one."""
    called: dict[str, tuple[int, str]] = {}
    for index, term in enumerate(terms):
        content = term.content
        if content.abbreviation:
            called.setdefault(name_key(content.abbreviation), (index, _("its abbreviation")))
        for alias in content.aliases:
            called.setdefault(name_key(alias), (index, _("another name for it")))
    by_initials: dict[str, int] = {}
    for index, key in enumerate(keys):
        if key.count(" ") + 1 >= _SHORTEST_INITIALS:
            by_initials.setdefault("".join(word[0] for word in key.split()), index)
    for index, key in enumerate(keys):
        if key in called and called[key][0] != index:
            full, what = called[key]
            yield full, index, _("may be one term: the second name is %(what)s") % {"what": what}
        elif key in by_initials and is_abbreviation(terms[index].name):
            yield by_initials[key], index, _("may be one term: the second name is its initials")


def _misspelt(keys: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """The shortest first: only those of one length, or one letter longer, have to be kept."""
    of_length: dict[int, list[int]] = defaultdict(list)
    for index, key in enumerate(keys):
        if len(key) >= _SHORTEST:
            of_length[len(key)].append(index)
    found: list[tuple[int, int]] = []
    looks = 0
    for length in sorted(of_length):
        # By their hashes, which take a quarter of the room; whoever is found is looked at again.
        first_with = {hash(keys[index]): index for index in of_length.get(length - 1, ())}
        for index in of_length[length]:
            looks += length
            if looks > MOST_LOOKS:
                break
            key = keys[index]
            others = {
                first_with.setdefault(hash(key[:place] + key[place + 1 :]), index)
                for place in range(length)
            }
            found += [(other, index) for other in others if _is_slip(keys[other], key)]
    return ((one, other, _("differ in one letter")) for one, other in sorted(found))


def _is_slip(first: str, second: str) -> bool:
    """Whether one letter is missing, added, replaced or changed places; figures count as meant."""
    start = 0
    shortest = min(len(first), len(second))
    while start < shortest and first[start] == second[start]:
        start += 1
    end = 0
    while end < shortest - start and first[-1 - end] == second[-1 - end]:
        end += 1
    one, other = first[start : len(first) - end], second[start : len(second) - end]
    is_close = max(len(one), len(other)) == 1 or (len(one) == 2 and one == other[::-1])
    # “k means” and “c means”, “type a” and “type b” are meant to differ.
    is_word = any(
        len(key[: start + 1].split(" ")[-1] + key[start + 1 :].split(" ")[0]) < 4
        for key in (first, second)
    )
    return is_close and not is_word and not any(c.isdigit() for c in one + other)
