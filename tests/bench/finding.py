"""How long a search takes in the database, with 100,000 terms there.

Each kind of search stands beside its floor, measured by turns with it: the same number of terms
fetched by their keys, which whoever shows them has to do anyway.
"""

import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import accumulate, repeat
from statistics import median
from typing import Any

from django.db import connection

from glossary.models import Alias, Glossary, Passage, Term
from glossary.searching import Wanted, find_terms

# Made-up words share these, so that many names are alike: the harder case.
SYLLABLES = re.findall(
    r"\w+",
    "ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo yu zan ber cin dor fel gan hol "
    "jun kas lem mon nar pol rit san tul vor wen zim bra cle dri flo gru pla spe tro stra the",
)
WORDS = 30_000
DEFINITION_WORDS = 40
BATCH = 2_000
# A name in which two wrong letters leave something to go by.
LONG = 10


@dataclass
class Timings:
    """Seconds in the database, one entry a search."""

    searches: list[float] = field(default_factory=list)
    floors: list[float] = field(default_factory=list)

    @property
    def search(self) -> float:
        """The median search."""
        return median(self.searches)

    @property
    def floor(self) -> float:
        """The median floor."""
        return median(self.floors)


def write_terms(number: int) -> Glossary:
    """A published glossary of ``number`` terms, each with an abbreviation, every third an alias.

    Written past the journeys, which would render and link each definition: a search looks at
    neither.
    """
    chance = random.Random(7)
    words = _different((_word(chance) for _ in range(WORDS * 2)), WORDS)
    phrases = (" ".join(chance.choices(words, k=chance.choice((1, 2, 2, 3)))) for _ in repeat(0))
    names = _different(phrases, number)
    # Few words are frequent and most are rare, as in any language (Zipf).
    frequency = list(accumulate(1 / (place + 20) for place in range(len(words))))
    texts = [
        " ".join([name, "is", *chance.choices(words, cum_weights=frequency, k=DEFINITION_WORDS)])
        for name in names
    ]
    glossary = Glossary.objects.create(title="Everything", slug="everything", is_published=True)
    passages = Passage.objects.bulk_create(
        [Passage(source=text, html=f"<p>{text}.</p>") for text in texts], batch_size=BATCH
    )
    terms = Term.objects.bulk_create(
        [
            Term(
                glossary=glossary,
                name=name,
                slug=f"t{place}",
                abbreviation="".join(word[0] for word in name.split()).upper() + f"{place % 1000}",
                definition=passage,
            )
            for place, (name, passage) in enumerate(zip(names, passages, strict=True))
        ],
        batch_size=BATCH,
    )
    others = [Alias(term=term, name=" ".join(chance.choices(words, k=2))) for term in terms[::3]]
    Alias.objects.bulk_create(others, batch_size=BATCH)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return glossary


def _word(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=chance.choice((2, 3, 3, 4))))


def _different(names: Iterator[str], number: int) -> list[str]:
    found: dict[str, None] = {}
    for name in names:
        found.setdefault(name)
        if len(found) == number:
            break
    return list(found)


def searches(number: int) -> dict[str, list[str]]:
    """So many searches of each kind, for terms that are there."""
    chance = random.Random(11)
    terms = list(
        Term.objects.order_by("pk").select_related("definition").prefetch_related("aliases")
    )
    some = chance.sample(terms, number)
    long = [term for term in terms if len(term.name) > LONG and " " in term.name]
    known_as = [term for term in terms if term.aliases.all()]
    return {
        "one letter": [term.name[0] for term in some],
        "three letters": [term.name[:3] for term in some],
        "six letters": [term.name[:6] for term in some],
        "name": [term.name for term in some],
        "abbreviation": [term.abbreviation.lower() for term in some],
        "alias": [term.aliases.all()[0].name for term in chance.sample(known_as, number)],
        "two words of a definition": [
            " ".join(chance.sample(term.definition.source[:-1].split()[-30:], 2)) for term in some
        ],
        "misspelt": [_misspelt(term.name, chance) for term in chance.sample(long, number)],
        "nothing like it": ["".join(chance.choices("qxzjvwk", k=12)) for _ in some],
    }


def _misspelt(name: str, chance: random.Random) -> str:
    """Two letters wrong, as "gradiant decent"."""
    letters = list(name)
    for place in chance.sample(
        [at for at, letter in enumerate(letters) if letter != " " and at > 1], 2
    ):
        letters[place] = chance.choice("aeiou")
    return "".join(letters)


@contextmanager
def clock() -> Iterator[list[float]]:
    """What the statements in it took, from sending each to having its answer, in seconds."""
    taken: list[float] = []

    def timed(execute: Callable[..., Any], *arguments: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            taken.append(time.perf_counter() - began)

    with connection.execute_wrapper(timed):
        yield taken


def measure(kinds: dict[str, list[str]]) -> dict[str, Timings]:
    """Search for each text, and fetch as many terms by their keys, by turns.

    Of three tries the quickest counts: other programs can only make one slower.
    """
    known = list(Term.objects.order_by("pk").values_list("pk", flat=True)[:20_000])
    chance = random.Random(13)
    found: dict[str, Timings] = {}
    for kind, texts in kinds.items():
        timings = found[kind] = Timings()
        for text in texts:
            wanted = Wanted.of(text)
            number = max(1, len(find_terms(wanted).ids["terms"]))
            some = list(chance.sample(known, number))
            tries = [(_search(wanted), _fetch(some)) for _ in range(3)]
            timings.searches.append(min(search for search, _ in tries))
            timings.floors.append(min(floor for _, floor in tries))
    return found


def _search(wanted: Wanted) -> float:
    with clock() as taken:
        find_terms(wanted)
    return sum(taken)


def _fetch(ids: list[int]) -> float:
    with clock() as taken:
        list(Term.objects.public().filter(pk__in=ids).values_list("pk"))
    return sum(taken)
