"""The map of a glossary: terms as places, see-also and mentions in definitions as lines.

The layout is worked out in a job and kept; the same terms and lines always give the same map.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import F, QuerySet, Subquery
from django.utils.text import Truncator

from glossary.models import Glossary, GlossaryMap, Mention, Term

# More would be a tangle; the rest is reached from term to term.
MOST_PLACES = 60
# The drawing's own units, which are nobody's pixels.
WIDE, HIGH = 1600, 1000
ROUNDS = 150
# A name stands below its place. So many letters of it, each about so wide; so high is the whole.
LABEL_LETTERS, LETTER, LABEL = 28, 10, 46
# Enough for sixty names of that length; most maps need a tenth.
ROUNDS_APART = 600
Line = tuple[int, int]
Places = dict[int, tuple[float, float]]


@dataclass(frozen=True)
class Place:
    """A term on a map, with the terms beside it; ``x`` is up to ``WIDE``, ``y`` to ``HIGH``."""

    term: Term
    x: float
    y: float
    beside: list[Term]

    @property
    def label(self) -> str:
        """Its name, cut to what there is room for."""
        return Truncator(self.term.name).chars(LABEL_LETTERS)


@dataclass(frozen=True)
class Map:
    """What a page draws."""

    places: list[Place]
    # From x, y to x, y.
    lines: list[tuple[float, float, float, float]]
    # Of a term: how many stand beside it that there is no room for.
    left_out: int = 0


def lines_from(terms: QuerySet[Term]) -> set[Line]:
    """The lines from ``terms`` to any, each once, with the smaller id first: two queries."""
    rows = terms.order_by()
    pairs = [
        *rows.filter(definition__mentions__isnull=False).values_list(
            "pk", "definition__mentions__term"
        ),
        *rows.filter(see_also__isnull=False).values_list("pk", "see_also"),
    ]
    return {(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]}


def lines_between(terms: Container[int], lines: Iterable[Line]) -> set[Line]:
    """Those of ``lines`` that join two of ``terms``."""
    return {(one, other) for one, other in lines if one in terms and other in terms}


def outdated() -> QuerySet[Glossary]:
    """The published glossaries that may have changed since their maps were drawn, or have none."""
    return Glossary.objects.filter(is_published=True).exclude(map__revision=F("revision"))


def forget(glossary: Glossary) -> None:
    """Have the map looked at again: definitions were linked anew."""
    GlossaryMap.objects.filter(glossary=glossary).update(revision=None)


@transaction.atomic
def draw(glossary: Glossary, *, at: datetime) -> bool:
    """Work out the map anew where something it shows has changed; whether it had."""
    # Deleted since somebody made a list of what to draw, it keeps nobody from drawing the rest.
    if not Glossary.objects.filter(pk=glossary.pk).exists():
        return False
    # The revision is read, and the row held, before anything that is drawn: what changes from
    # here on makes another revision, or waits to say that the map is to be forgotten.
    revision = Glossary.objects.filter(pk=glossary.pk).values("revision")
    GlossaryMap.objects.get_or_create(glossary=glossary, defaults={"drawn_at": at})
    GlossaryMap.objects.filter(glossary=glossary).update(revision=Subquery(revision))
    rows = Term.objects.public().filter(glossary=glossary)
    terms = dict(rows.values_list("pk", "name"))
    lines = sorted(lines_between(terms, lines_from(rows)))
    drawn_from = sha256(repr((sorted(terms.items()), lines)).encode()).hexdigest()
    if GlossaryMap.objects.filter(glossary=glossary, drawn_from=drawn_from).exists():
        return False
    degree = Counter(term for line in lines for term in line)
    shown = sorted(terms, key=lambda term: (-degree[term], term))[:MOST_PLACES]
    kept = sorted(lines_between(set(shown), lines))
    places = set_apart(lay_out(shown, kept), {term: terms[term] for term in shown})
    GlossaryMap.objects.filter(glossary=glossary).update(
        places=[[term, round(x), round(y)] for term, (x, y) in places.items()],
        lines=kept,
        term_count=len(terms),
        drawn_from=drawn_from,
        drawn_at=at,
    )
    return True


def lay_out(terms: list[int], lines: list[Line]) -> Places:
    """Places on the drawing by springs along lines and repulsion between all.

    Fruchterman and Reingold, "Graph drawing by force-directed placement" (1991), from a spiral and
    without chance. Takes time with the square of the number of terms.
    """
    # The golden angle spreads any number of points evenly.
    places = {
        term: (
            math.sqrt(n + 0.5) * math.cos(n * 2.39996),
            math.sqrt(n + 0.5) * math.sin(n * 2.39996),
        )
        for n, term in enumerate(terms)
    }
    ideal = 1.7
    for turn in range(ROUNDS):
        forces = {term: [-x * 0.05, -y * 0.05] for term, (x, y) in places.items()}
        for n, one in enumerate(terms):
            for other in terms[:n]:
                dx, dy = places[one][0] - places[other][0], places[one][1] - places[other][1]
                push = ideal**2 / max(dx * dx + dy * dy, 0.01)
                _add(forces, one, other, dx * push, dy * push)
        for one, other in lines:
            dx, dy = places[one][0] - places[other][0], places[one][1] - places[other][1]
            pull = -math.hypot(dx, dy) / ideal
            _add(forces, one, other, dx * pull, dy * pull)
        most = 1.0 * (1 - turn / ROUNDS)
        for term, (fx, fy) in forces.items():
            step = min(1.0, most / max(math.hypot(fx, fy), 0.001))
            places[term] = (places[term][0] + fx * step, places[term][1] + fy * step)
    return _to_size(places)


def _add(forces: dict[int, list[float]], one: int, other: int, x: float, y: float) -> None:
    forces[one][0] += x
    forces[one][1] += y
    forces[other][0] -= x
    forces[other][1] -= y


def set_apart(places: Places, names: dict[int, str]) -> Places:
    """The same places, moved as little as it takes until no name lies on another.

    Two that overlap share the way that they have to go, up and down or across, whichever is less.
    """
    half = {term: min(len(names[term]), LABEL_LETTERS) * LETTER / 2 + 6 for term in places}
    moved = {term: _within(*place, half[term]) for term, place in places.items()}
    terms = list(moved)
    for _ in range(ROUNDS_APART):
        is_settled = True
        for n, one in enumerate(terms):
            for other in terms[:n]:
                (x1, y1), (x2, y2) = moved[one], moved[other]
                across = half[one] + half[other] - abs(x1 - x2)
                down = LABEL - abs(y1 - y2)
                # Places are rounded when they are kept.
                if across <= 1 or down <= 1:
                    continue
                is_settled = False
                x = 0.0 if down <= across else math.copysign(across / 2, x1 - x2)
                y = math.copysign(down / 2, y1 - y2) if down <= across else 0.0
                moved[one] = _within(x1 + x, y1 + y, half[one])
                moved[other] = _within(x2 - x, y2 - y, half[other])
        if is_settled:
            break
    return moved


def _within(x: float, y: float, half: float) -> tuple[float, float]:
    """The place, or the nearest where a name of twice ``half`` is whole."""
    return min(max(x, half), WIDE - half), min(max(y, 14), HIGH - 36)


def _to_size(places: Places) -> Places:
    if not places:
        return {}
    lows = [min(place[axis] for place in places.values()) for axis in (0, 1)]
    highs = [max(place[axis] for place in places.values()) for axis in (0, 1)]
    spans = [max(high - low, 0.001) for low, high in zip(lows, highs, strict=True)]
    # Room for names at the edges.
    return {
        term: (
            100 + (x - lows[0]) / spans[0] * (WIDE - 200) if len(places) > 1 else WIDE / 2,
            50 + (y - lows[1]) / spans[1] * (HIGH - 100) if len(places) > 1 else HIGH / 2,
        )
        for term, (x, y) in places.items()
    }


def map_of(glossary: Glossary) -> Map:
    """The map as it was drawn last, with what is public now; empty before the first time."""
    drawn = GlossaryMap.objects.filter(glossary=glossary).first()
    if drawn is None:
        return Map([], [])
    places = {term: (float(x), float(y)) for term, x, y in drawn.places}
    return _map(places, {(one, other) for one, other in drawn.lines})


def map_around(term: Term) -> Map:
    """``term`` in the middle and the terms beside it around it."""
    public = Term.objects.public()
    beside = public.filter(pk__in=_ids_beside(term), glossary=term.glossary_id)
    names = dict(beside.in_order().values_list("pk", "name"))
    ring = list(names)[: MOST_PLACES // 2]
    places = {term.pk: (WIDE / 2, HIGH / 2)}
    for n, other in enumerate(ring):
        angle = 2 * math.pi * n / len(ring) - math.pi / 2
        # Names of neighbours would overlap on one ring, so every other stands further in.
        reach = 0.42 if n % 2 or len(ring) < 9 else 0.26
        places[other] = (
            WIDE / 2 + WIDE * reach * math.cos(angle),
            HIGH / 2 + HIGH * 1.05 * reach * math.sin(angle),
        )
    places = set_apart(places, {**names, term.pk: term.name})
    lines = lines_from(Term.objects.filter(pk__in=places))
    return _map(places, lines_between(places, lines), left_out=len(names) - len(ring))


def _ids_beside(term: Term) -> set[int]:
    """The ids of what a line joins to ``term``: four queries, each of which has an index."""
    ways = (
        term.see_also.values_list("pk"),
        Term.objects.filter(see_also=term).values_list("pk"),
        Mention.objects.filter(passage=term.definition_id).values_list("term"),
        Term.objects.filter(definition__mentions__term=term).values_list("pk"),
    )
    return {key for way in ways for (key,) in way.order_by()} - {term.pk}


def _map(places: Places, lines: set[Line], left_out: int = 0) -> Map:
    rows = Term.objects.public().filter(pk__in=places).select_related("glossary").in_order()
    terms = {term.pk: term for term in rows}
    kept = sorted((one, other) for one, other in lines if one in terms and other in terms)
    beside: dict[int, list[Term]] = defaultdict(list)
    for one, other in kept:
        beside[one].append(terms[other])
        beside[other].append(terms[one])
    for near in beside.values():
        near.sort(key=lambda term: term.name.lower())
    shown = [Place(term, *places[pk], beside[pk]) for pk, term in terms.items()]
    return Map(shown, [(*places[one], *places[other]) for one, other in kept], left_out)
