"""Finding rows by what somebody typed: exactly, by its beginning, by its words, by likeness.

The steps go from cheap to dear, and a dear one is taken only where those before it found too
little. Each takes a limited number of candidates from an index before anything is ranked.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from typing import Any

from django.contrib.postgres.search import (
    SearchQuery,
    SearchQueryCombinable,
    SearchRank,
    TrigramSimilarity,
    TrigramWordSimilarity,
)
from django.db import connection, models, transaction
from django.db.models import F, FloatField, Func, IntegerField, Max, TextField, Value
from django.db.models.functions import Cast

from glossary.models import Term
from glossary.wording import forms, name_key

# Longer than any name; what is beyond is not looked for.
MAX_LENGTH = 200
MAX_WORDS = 12
# Of more than this many found in one step, no person looks at the last.
MOST = 100
# With fewer than these, what is merely alike is looked for too.
FEW = 3
# PostgreSQL's similarity, 0 to 1: "gradiant decent" is 0.48 like "gradient descent".
ALIKE = 0.4
# The same of one word within a name: "gradiant" is 0.67 like a word of "gradient descent".
WORD_ALIKE = 0.55
# Names up to so many letters are compared letter by letter: trigrams see little in them.
SHORT = 8
# So many spellings at most are looked up at once.
MOST_SWAPS = 2_000

# What a name has to do with what was typed, the best first.
NAMED, BEGUN, WORDED = range(3)

_Query = SearchQuery | SearchQueryCombinable
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def search_key(text: str) -> str:
    """What is compared: case, hyphens, spacing and accents do not count.

    The SQL function ``glossary_search_key`` says the same.
    """
    plain = unicodedata.normalize("NFKD", name_key(text))
    return " ".join(re.sub("[\u0300-\u036f]", "", plain).split())


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for."""

    text: str

    @classmethod
    def of(cls, typed: str) -> "Wanted":
        """From what was typed, whatever that is: cut, without what no text can hold."""
        printable = "".join(c for c in typed[: MAX_LENGTH * 4] if c.isprintable() or c.isspace())
        return cls(" ".join(printable.split())[:MAX_LENGTH])

    @cached_property
    def key(self) -> str:
        """It as names are compared; "" where there is nothing to look for."""
        return search_key(self.text)

    @cached_property
    def keys(self) -> list[str]:
        """It, its plural and its singular, as names are compared."""
        return list(dict.fromkeys([self.key, *forms(self.key)]))

    @cached_property
    def words(self) -> list[str]:
        """Its words, the last of which may be unfinished."""
        return re.findall(r"\w+", self.key)[:MAX_WORDS]

    @cached_property
    def query(self) -> _Query | None:
        """All its words, as English has them or as they stand; None where there are none.

        A text of letters and figures in quotation marks is all that ``to_tsquery`` gets to see,
        so nothing that is typed is an operator.
        """
        if not self.words:
            return None
        whole = " & ".join(f"'{word}'" for word in self.words)
        # English makes a stem of each word, so the beginning of a word is no stem yet.
        english = SearchQuery(whole, config="english", search_type="raw")
        return english | SearchQuery(f"{whole}:*", config="simple", search_type="raw")


@dataclass(frozen=True)
class Kind:
    """Rows of one kind among which is searched, and where they keep what they are found by.

    ``rows`` are those that the person may know of; of ``texts`` (None: all of them) the person
    may read the whole text. The rest are paths of lookups.
    """

    rows: models.QuerySet[Any]
    texts: models.QuerySet[Any] | None = None
    key: str = "searched__key"
    names: str = "searched__names"
    words: str = "searched__words"


def terms() -> Kind:
    """The public terms."""
    return Kind(Term.objects.public(), key="searched_names__key")


@dataclass(frozen=True)
class Found:
    """Ids by the name of their kind, the best first; whether all of them are merely alike."""

    ids: dict[str, list[int]]
    is_alike: bool = False


def find(wanted: Wanted, kinds: dict[str, Kind]) -> Found:
    """Find among ``kinds``, of each at most ``MOST``, in at most seven queries a kind.

    The best first: so named, then names that begin so, then names with these words, then texts
    with them, by rank; last what is only alike, where nothing is named so and the rest are few.
    """
    if not wanted.key:
        return Found({name: [] for name in kinds})
    ids, is_named = {}, False
    for name, kind in kinds.items():
        ids[name], named = _named(wanted, kind)
        is_named = is_named or named
        if len(ids[name]) < MOST and wanted.query is not None:
            ids[name] = _more(ids[name], _worded(wanted.query, kind))[:MOST]
    number = sum(map(len, ids.values()))
    if is_named or number >= FEW:
        return Found(ids)
    close = {name: _more(ids[name], _alike(wanted, kind)) for name, kind in kinds.items()}
    return Found(close, is_alike=number == 0)


def find_terms(wanted: Wanted) -> Found:
    """The public terms that somebody may mean, as ``terms``."""
    return find(wanted, {"terms": terms()})


def stems_of(wanted: Wanted) -> list[str]:
    """The words looked for, cut to what their other forms share: what is marked in a text.

    English words lose their endings, and those too common to be looked for are left out, unless
    there are no others.
    """
    if not wanted.words:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT unnest(ts_lexize('english_stem', word)) FROM unnest(%s::text[]) word",
            [wanted.words],
        )
        return [stem for (stem,) in cursor.fetchall()] or wanted.words


def nearest(wanted: Wanted, kind: Kind) -> list[int]:
    """What has at least one of the words in its name, where nothing has them all; the ids."""
    some = [word for word in wanted.words if len(word) > 2]
    if not some:
        return []
    query = SearchQuery(
        " | ".join(f"'{word}'" for word in some), config="english", search_type="raw"
    )
    ranked = (
        kind.rows.order_by()
        .filter(**{kind.names: query})
        .annotate(rank=SearchRank(F(kind.names), query))
    )
    found = sorted(ranked.values_list("rank", "pk")[:MOST], key=lambda row: (-row[0], row[1]))
    return [pk for _, pk in found[: FEW * 2]]


def resembling(wanted: Wanted, kind: Kind) -> list[int]:
    """What has a word in its name that is spelt much as what was typed; the ids, likest first.

    For few rows: as "gradiant" in a glossary with "gradient descent".
    """
    likeness = TrigramWordSimilarity(wanted.key, kind.key)
    rows = kind.rows.order_by().values("pk")
    found = rows.annotate(likeness=Max(likeness, output_field=FloatField()))
    likest = found.filter(likeness__gte=WORD_ALIKE).order_by("-likeness", "pk")
    return [row["pk"] for row in likest[: FEW * 2]]


def _named(wanted: Wanted, kind: Kind) -> tuple[list[int], bool]:
    """Those with this name, then those whose names begin so, then those with all the words.

    And whether there are any of the first two.
    """
    key = F(kind.key)
    exact = kind.rows.filter(**{f"{kind.key}__in": wanted.keys}).order_by()
    begins = kind.rows.filter(**{f"{kind.key}__startswith": wanted.key}).order_by(kind.key)
    steps = [_graded(exact, NAMED, Value(0), key), _graded(begins, BEGUN, Value(0), key)]
    if wanted.query is not None:
        worded = kind.rows.filter(**{kind.names: wanted.query}).order_by()
        # The fewer words a name has besides, the more it is about these.
        number = Func(kind.names, function="length", output_field=IntegerField())
        steps.append(_graded(worded, WORDED, number, Value("")))
    found = sorted(steps[0].union(*steps[1:], all=True), key=lambda row: (*row[1:], row[0]))
    is_named = bool(found) and found[0][1] < WORDED
    return list(dict.fromkeys(row[0] for row in found)), is_named


def _graded(rows: models.QuerySet[Any], grade: int, number: Any, key: Any) -> models.QuerySet[Any]:
    graded = rows.annotate(
        grade=Value(grade, IntegerField()), number=number, by=Cast(key, TextField())
    )
    return graded.values_list("pk", "grade", "number", "by")[:MOST]


def _worded(query: _Query, kind: Kind) -> list[int]:
    """Those with all the words anywhere, by rank among the first candidates."""
    rows = kind.rows if kind.texts is None else kind.texts
    candidates = rows.order_by().filter(**{kind.words: query})
    ranked = candidates.annotate(rank=SearchRank(F(kind.words), query))
    some = ranked.values_list("rank", "pk")[:MOST]
    return [pk for _, pk in sorted(some, key=lambda row: (-row[0], row[1]))]


def _alike(wanted: Wanted, kind: Kind) -> list[int]:
    """Those whose names are spelt much the same, the likest first."""
    slips: list[int] = []
    if near := _slips(wanted.key):
        slipped = kind.rows.filter(**{f"{kind.key}__in": near}).order_by(kind.key)
        slips = list(slipped.values_list("pk", flat=True)[: FEW * 4])
    with transaction.atomic(), connection.cursor() as cursor:
        # The operator that the index serves takes its threshold from here.
        cursor.execute("SET LOCAL pg_trgm.similarity_threshold = %s", [ALIKE])
        likest = (
            kind.rows.order_by()
            .filter(**{f"{kind.key}__trigram_similar": wanted.key})
            .values("pk")
            .annotate(
                likeness=Max(TrigramSimilarity(kind.key, wanted.key), output_field=FloatField())
            )
            .order_by("-likeness", "pk")
        )
        return _more(slips, [row["pk"] for row in likest[: FEW * 4]])


def _slips(key: str) -> list[str]:
    """What ``key`` is a slip of a finger away from: any in a short one, else letters swapped."""
    if not 3 <= len(key) <= SHORT:
        return sorted(_swaps(key))
    halves = [(key[:place], key[place:]) for place in range(len(key) + 1)]
    swapped = {a + b[1] + b[0] + b[2:] for a, b in halves if len(b) > 1}
    missing = {a + letter + b for a, b in halves for letter in _LETTERS}
    wrong = {a + letter + b[1:] for a, b in halves if b for letter in _LETTERS}
    doubled = {a + b[1:] for a, b in halves if b}
    return sorted(swapped | missing | wrong | doubled)


def _swaps(key: str) -> set[str]:
    """``key`` with two neighbouring letters of some of its words swapped, in one each.

    Trigrams see little in that: "piont of sial" is 0.27 like "point of sail". Nothing where that
    would be too many.
    """
    words = [
        [word, *(word[:n] + word[n + 1] + word[n] + word[n + 2 :] for n in range(len(word) - 1))]
        for word in key.split()
    ]
    if prod(map(len, words)) > MOST_SWAPS:
        return set()
    return {" ".join(chosen) for chosen in product(*words)} - {key}


def _more(ids: list[int], others: Iterable[int]) -> list[int]:
    return list(dict.fromkeys([*ids, *others]))
