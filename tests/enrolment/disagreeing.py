"""What is found to disagree, and repairing it, for tests."""

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import User
from enrolment import checking, reconciling, repairing
from enrolment.checking import Disagreement, Kind
from enrolment.models import (
    HistoryEntry,
)

PAGE = "/admin/enrolment/dispute/reconciliation/"


def soon() -> datetime:
    """Late enough that nothing is in hand any more."""
    return timezone.now() + timedelta(minutes=2)


def found(at: datetime | None = None) -> list[Disagreement]:
    """What the check finds."""
    return checking.check(at=at or soon(), look_back=reconciling.LONG)


def kinds(at: datetime | None = None) -> list[Kind]:
    """Of which kinds that is."""
    return [one.kind for one in found(at)]


def repair(one: Disagreement, *, by: User | None = None, at: datetime | None = None) -> None:
    """Repair it as its button does, twice: the second time is harmless."""
    assert one.repair
    for _ in range(2):
        repairing.repair(one.repair, one.key, at=at or soon(), by=by)


def notes() -> list[tuple[str, str]]:
    """Who put what right, by the history."""
    entries = HistoryEntry.objects.filter(kind=HistoryEntry.Kind.REPAIRED).select_related("by")
    return [(entry.by.name if entry.by else "", entry.reason) for entry in entries]
