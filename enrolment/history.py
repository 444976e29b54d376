"""What happened to an enrolment: written down by every journey, told in sentences to staff."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import User
from enrolment import telling
from enrolment.models import Enrolment, HistoryEntry

Kind = HistoryEntry.Kind

# What staff begin, the entry tells; any other enrolment began with the student taking a place.
BEGUN_BY_STAFF = frozenset({Kind.ENROLLED_BY_HAND, Kind.PAY_LINK_SENT})


@dataclass(frozen=True)
class Sentence:
    """One thing that happened, in words that tell who did it and why.

    ``who`` is empty where nobody did it, ``reason`` where none was given.
    """

    when: datetime
    text: str
    who: str = ""
    reason: str = ""


def note(
    enrolment: Enrolment,
    kind: str,
    *,
    at: datetime,
    by: User | None = None,
    reason: str = "",
    **facts: Any,
) -> HistoryEntry:
    """Write down that something happened; inside the transaction in which it does.

    ``by`` is who did it, None where nobody did. ``facts`` are what a sentence about it needs, as
    JSON can keep it: amounts in pence. ``enrolment.telling`` says which it looks for.
    """
    return HistoryEntry.objects.create(
        enrolment=enrolment, kind=kind, at=at, by=by, reason=reason[:300], facts=facts
    )


def sentences(enrolment: Enrolment) -> list[Sentence]:
    """Everything that happened to an enrolment, the oldest first: one query.

    The student is fetched with the enrolment, or costs another.
    """
    entries = sorted(enrolment.entries.select_related("by"), key=_in_order)
    student = enrolment.student.get_full_name()
    told = [
        Sentence(
            entry.at,
            telling.tell(entry, student=student),
            entry.by.get_full_name() if entry.by else "",
            entry.reason,
        )
        for entry in entries
    ]
    if any(entry.kind in BEGUN_BY_STAFF for entry in entries):
        return told
    moved = next((entry.facts for entry in entries if entry.kind == Kind.MOVED), None)
    return [Sentence(enrolment.created_at, telling.begin(enrolment, moved=moved)), *told]


def _in_order(entry: HistoryEntry) -> tuple[datetime, int, int]:
    """By time; of what was written in one transaction, the money is told before what it did."""
    first = {Kind.PAYMENT_RECEIVED: 1, **dict.fromkeys(BEGUN_BY_STAFF, 0)}
    return entry.at, first.get(Kind(entry.kind), 2), entry.pk
