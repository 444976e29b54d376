"""What is asked next: what is due, the longest overdue first, and then a few new terms a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from glossary.models import Term, TermQuerySet
from glossary.practice.keeping import Memories
from glossary.practice.scheduling import Phase, day_start

NEW_A_DAY = 20
# Rather than wait for a term that comes back in minutes, ask it when nothing else is left.
EARLY = timedelta(minutes=20)


@dataclass(frozen=True)
class Queue:
    """The cards of a set of terms, as ids in the order in which they are asked."""

    due: list[int]
    new: list[int]
    # In steps of minutes, not due yet: asked when nothing else is left.
    early: list[int]
    # When the next of the rest comes back; None where nothing has been begun.
    next_at: datetime | None
    # Whether there are new terms which wait for another day, or for an account.
    has_more: bool
    is_full: bool

    def in_turn(self, wanted: int | None = None) -> list[int]:
        """The terms to ask, the next one first: ``wanted`` where it is among them."""
        waiting = [*self.due, *self.new, *self.early]
        return sorted(waiting, key=lambda term: term != wanted)

    @property
    def left(self) -> int:
        """How many are asked before this is over for now."""
        return len(self.due) + len(self.new)


def queue_of(terms: TermQuerySet, memories: Memories, *, at: datetime) -> Queue:
    """The queue of a person for these terms: at most four queries, however many terms."""
    soon = memories.until(terms, until=at + EARLY)
    room = room_for_new(memories, at=at)
    new = unpractised(terms, memories, most=room + 1)
    return Queue(
        due=[term for term, due, _ in soon if due <= at],
        new=new[:room],
        early=[term for term, due, phase in soon if due > at and phase != Phase.REVIEW],
        next_at=memories.next_at(terms, after=at),
        has_more=len(new) > room,
        is_full=memories.room == 0,
    )


def room_for_new(memories: Memories, *, at: datetime) -> int:
    """How many new terms may still be begun on the day that ``at`` is in."""
    today = NEW_A_DAY - memories.begun_since(day_start(at))
    in_all = memories.room
    return max(0, today if in_all is None else min(today, in_all))


def unpractised(terms: TermQuerySet, memories: Memories, *, most: int) -> list[int]:
    """The first ``most`` of the terms that have not been begun, in the order they were written."""
    rest = terms.exclude(pk__in=memories.begun()).order_by("pk")
    return list(rest.values_list("pk", flat=True)[:most])


def term_to_ask(terms: TermQuerySet, queue: Queue, wanted: int | None = None) -> Term | None:
    """The next term with all that its card shows; None where nothing is left to ask.

    One that was taken away since the queue was read is passed over.
    """
    rows = terms.select_related("glossary", "definition").prefetch_related("aliases")
    found = (rows.filter(pk=term_id).first() for term_id in queue.in_turn(wanted))
    return next((term for term in found if term), None)
