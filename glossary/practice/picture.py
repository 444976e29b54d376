"""How well each term is known, and how that changed, in numbers and as lengths to draw."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from glossary.models import Term
from glossary.practice.keeping import Kept, Memories
from glossary.practice.scheduling import MemoryState, Phase

WEEKS = 12
# Of the drawing of the weeks, in units of its own.
HEIGHT, STEP, BAR = 100, 50, 34


@dataclass(frozen=True)
class Row:
    """One term: how likely it comes to mind now, in per cent, and when it is asked again."""

    term: Term
    percent: int
    is_known: bool
    is_due: bool
    due: datetime


@dataclass(frozen=True)
class Week:
    """How many terms were known, and how many were being learnt, at the moment ``at``."""

    at: datetime
    known: int
    learning: int
    # Where its column stands, and how high its two parts are; ``most`` is the highest column.
    place: int = 0
    most: int = 1

    @property
    def known_height(self) -> int:
        """In units of the drawing."""
        return round(HEIGHT * self.known / self.most)

    @property
    def learning_height(self) -> int:
        """In units of the drawing."""
        return round(HEIGHT * (self.known + self.learning) / self.most) - self.known_height

    @property
    def known_top(self) -> int:
        """Where the lower part begins."""
        return HEIGHT - self.known_height

    @property
    def learning_top(self) -> int:
        """Where the upper part begins."""
        return self.known_top - self.learning_height

    @property
    def left(self) -> int:
        """Where the column begins."""
        return self.place * STEP + (STEP - BAR) // 2

    @property
    def middle(self) -> int:
        """Where its date stands."""
        return self.place * STEP + STEP // 2


def weakest_first(kept: dict[int, Kept], *, at: datetime) -> list[tuple[int, float]]:
    """The ids of the terms that were begun, with how likely each comes to mind (0 to 1)."""
    likely = [(term, one.state.retrievability(at)) for term, one in kept.items()]
    return sorted(likely, key=lambda pair: (pair[1], kept[pair[0]].state.stability, pair[0]))


def rows(ids: Iterable[tuple[int, float]], kept: dict[int, Kept], *, at: datetime) -> list[Row]:
    """The terms of one page: one query."""
    wanted = dict(ids)
    terms = Term.objects.select_related("glossary").in_bulk(list(wanted))
    return [
        Row(
            term=terms[term],
            percent=round(100 * likely),
            is_known=kept[term].state.is_known(at),
            is_due=kept[term].state.is_due(at),
            due=kept[term].state.due,
        )
        for term, likely in wanted.items()
        if term in terms
    ]


def weeks(memories: Memories, kept: dict[int, Kept], *, at: datetime) -> list[Week]:
    """The last twelve weeks, the present moment last: one query."""
    moments = [at - timedelta(weeks=back) for back in reversed(range(WEEKS))]
    answers: dict[int, list[tuple[datetime, MemoryState | None]]] = {}
    for term, then, before in memories.answers_since(moments[0]):
        answers.setdefault(term, []).append((then, before))
    counts = {moment: [0, 0] for moment in moments}
    for term, one in kept.items():
        for moment in moments:
            known = _was_known(one, answers.get(term, []), moment)
            if known is not None:
                counts[moment][not known] += 1
    most = max([known + learning for known, learning in counts.values()], default=0)
    return [
        Week(moment, known, learning, place, most or 1)
        for place, (moment, (known, learning)) in enumerate(counts.items())
    ]


def _was_known(
    one: Kept, answers: list[tuple[datetime, MemoryState | None]], moment: datetime
) -> bool | None:
    """Whether a term was known at ``moment``; None where it had not been begun."""
    if moment < one.begun_at:
        return None
    if moment >= one.state.reviewed_at:
        return one.state.is_known(moment)
    next_answer = bisect_right([then for then, _ in answers], moment)
    before = answers[next_answer][1] if next_answer < len(answers) else None
    # Of a visitor only the last answers are kept; what lies before them counts as being learnt.
    return before is not None and before.is_known(moment)


def in_phase(kept: dict[int, Kept], *, at: datetime) -> tuple[int, int, int]:
    """How many are known, how many are due again, how many are still being learnt."""
    states = [one.state for one in kept.values()]
    known = sum(state.is_known(at) for state in states)
    due = sum(state.phase == Phase.REVIEW and state.is_due(at) for state in states)
    return known, due, len(states) - known - due
