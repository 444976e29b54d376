"""One term a day to show what a glossary is: the same for everybody, another one tomorrow."""

from dataclasses import dataclass
from datetime import date
from zlib import crc32

from django.db.models import Max, Min, Prefetch, Value
from django.db.models.functions import Lower

from glossary.models import Term

# A definition of more words is said by its first sentence.
MOST_WORDS = 70
FOLLOWING = 1
SEE_ALSO = 4


@dataclass(frozen=True)
class Specimen:
    """A term as it stands in its glossary, with those that follow it there."""

    term: Term
    following: list[Term]

    @property
    def is_short(self) -> bool:
        """Whether its whole definition can stand beside something else."""
        return self.term.definition.word_count <= MOST_WORDS

    @property
    def see_also(self) -> list[Term]:
        """The first few terms to see as well."""
        return list(self.term.see_also.all())[:SEE_ALSO]


def term_of_the_day(*, on: date) -> Specimen | None:
    """The term of the day ``on``; None where nothing is published. At most five queries.

    Drawn by its key: two looks into an index, however many terms there are.
    """
    keys = Term.objects.aggregate(first=Min("pk"), last=Max("pk"))
    if keys["first"] is None:
        return None
    drawn = keys["first"] + crc32(on.isoformat().encode()) % (keys["last"] - keys["first"] + 1)
    others = Prefetch("see_also", Term.objects.public().select_related("glossary").in_order())
    rows = Term.objects.public().exclude(opening="").select_related("glossary", "definition")
    by_key = rows.prefetch_related(others).order_by("pk")
    term = by_key.filter(pk__gte=drawn).first() or by_key.first()
    if term is None:
        return None
    in_order = rows.filter(glossary=term.glossary_id).annotate(place=Lower("name"))
    after = in_order.filter(place__gt=Lower(Value(term.name))).order_by("place", "pk")
    return Specimen(term, list(after[:FOLLOWING]))
