"""What happened to an enrolment: written down by every journey, told in sentences to staff."""

from datetime import datetime
from typing import Any

from accounts.models import User
from enrolment.models import Enrolment, HistoryEntry

Kind = HistoryEntry.Kind


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
    JSON can keep it: amounts in pence.
    """
    return HistoryEntry.objects.create(
        enrolment=enrolment, kind=kind, at=at, by=by, reason=reason[:300], facts=facts
    )
