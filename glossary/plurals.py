"""English plurals of a word, and singulars, for finding a name in running text.

Cautious: a form that might be another word is worse than one that is missing. So what only some
words do (criteria, stimuli, lemmata, leaves) is done for the words listed, and no others.
"""

import re

# Learned and irregular plurals whose ending alone would not tell.
_PAIRS = """
    addendum/addenda alga/algae alumnus/alumni antenna/antennae automaton/automata
    bacillus/bacilli bacterium/bacteria cactus/cacti calf/calves child/children
    continuum/continua corpus/corpora corrigendum/corrigenda criterion/criteria
    curriculum/curricula elf/elves equilibrium/equilibria erratum/errata extremum/extrema
    foot/feet formula/formulae fungus/fungi ganglion/ganglia goose/geese half/halves
    hippocampus/hippocampi hypha/hyphae infimum/infima knife/knives larva/larvae leaf/leaves
    lemma/lemmata life/lives loaf/loaves locus/loci man/men maximum/maxima memorandum/memoranda
    millennium/millennia minimum/minima minutia/minutiae mitochondrion/mitochondria
    modulus/moduli momentum/momenta mouse/mice nebula/nebulae nucleus/nuclei optimum/optima
    ovum/ova phenomenon/phenomena polyhedron/polyhedra quantum/quanta radius/radii
    schema/schemata shelf/shelves spectrum/spectra stigma/stigmata stimulus/stimuli
    stratum/strata substratum/substrata supremum/suprema syllabus/syllabi symposium/symposia
    thesaurus/thesauri thief/thieves tooth/teeth torus/tori vertebra/vertebrae vortex/vortices
    wife/wives wolf/wolves woman/women
"""
_IRREGULAR = dict(pair.split("/") for pair in _PAIRS.split())
_IRREGULAR_BACK = {many: one for one, many in _IRREGULAR.items()}
_BEFORE_ES = re.compile(r"(?:x|z|ch|sh|ss)es$")
# gases, biases, viruses: the plural of a word in -s, where nearly all in -ses are of one in -se.
_FROM_S = re.compile(r"(?:bia|ga|len|atla|canva|[^aeo]u)ses$")
_VOWELS = "aeiou"


def plurals(word: str) -> list[str]:
    """The plurals of a word, whatever it is; [] for what has none (a letter, a figure)."""
    if len(word) < 2 or not word[-1].isalpha():
        return []
    if word[-1].isupper():
        return [f"{word}s", f"{word}es"] if word[-1] in "SXZ" else [f"{word}s"]
    return [*_known(word, _IRREGULAR), *_regular(word)]


def _regular(word: str) -> list[str]:
    if word.endswith("y") and word[-2] not in _VOWELS:
        return [f"{word[:-1]}ies"]
    if word.endswith("is"):
        return [f"{word[:-2]}es"]
    if word.endswith(("ix", "ex")):
        return [f"{word}es", f"{word[:-2]}ices"]
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return [f"{word}es"]
    if word.endswith("o"):
        return [f"{word}s", f"{word}es"]
    return [f"{word}s"]


def singulars(word: str) -> list[str]:
    """What a word may be the plural of; [] for what is none."""
    known = _known(word, _IRREGULAR_BACK)
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return known
    return [*known, *_regular_back(word)]


def _regular_back(word: str) -> list[str]:
    if word.endswith("ies"):
        return [f"{word[:-3]}y"]
    if word.endswith("ices"):
        return [f"{word[:-4]}ix", f"{word[:-4]}ex", word[:-1]]
    if word.endswith(("heses", "lyses")):
        return [f"{word[:-2]}is", word[:-1]]
    if _FROM_S.search(word):
        return [word[:-2], word[:-1]]
    return [word[:-2]] if _BEFORE_ES.search(word) else [word[:-1]]


def _known(word: str, table: dict[str, str]) -> list[str]:
    """The other number of a word of the table, with a capital where it has one."""
    found = table.get(word.lower())
    if found is None:
        return []
    return [found.capitalize() if word[:1].isupper() else found]
