"""What a story has come to, in words that do not depend on keys and moments.

A story in which something died has to come to the same as one in which nothing did: nothing lost,
nothing doubled, nothing stuck.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from courses.models import CourseGlossary, Intake, Price
from enrolment.models import (
    BillingDetails,
    Dispute,
    Document,
    Enrolment,
    HistoryEntry,
    IntakeAlert,
    Move,
    Offer,
    Payment,
    Refund,
    Voucher,
    WaitingListEntry,
)
from glossary.models import Import, ImportEntry, Takeaway, Term, Version
from tests.any_order import letters

Outcome = Counter[tuple[Any, ...]]
# What is told of each row; of a moment, whether there is any.
TOLD = {
    Enrolment: (
        "student__email", "intake__slug", "status", "list_amount", "amount", "suspended_at",
    ),
    Payment: ("enrolment__student__email", "method", "status", "flag", "amount", "amount_received"),
    Refund: ("payment__enrolment__student__email", "status", "amount", "note"),
    Move: ("enrolment__student__email", "from_intake__slug", "to_intake__slug", "status"),
    Dispute: ("payment__enrolment__student__email", "outcome", "amount"),
    Document: ("kind", "number", "amount"),
    BillingDetails: ("enrolment__student__email", "company"),
    HistoryEntry: ("enrolment__student__email", "kind", "by__email"),
    WaitingListEntry: ("student__email", "intake__slug", "status"),
    Offer: ("entry__student__email", "intake__slug", "status", "amount"),
    IntakeAlert: ("email", "confirmed_at", "sent_at"),
    Intake: ("slug", "places_taken", "places_held", "decision", "decision_asked_at"),
    Price: ("intake__slug", "name", "places_booked"),
    Voucher: ("code", "times_used"),
    Import: ("name", "state", "message"),
    ImportEntry: ("name", "change", "choice"),
    Term: ("name", "slug", "abbreviation", "definition__linked_html"),
    Version: ("term__name", "number", "what", "by__email"),
    Takeaway: ("glossary__slug", "position", "text"),
    CourseGlossary: ("course__slug", "glossary__slug"),
}  # fmt: skip


def outcome() -> Outcome:
    """Everything that has come of a story."""
    return Counter(_rows())


def _rows() -> Iterator[tuple[Any, ...]]:
    for model, fields in TOLD.items():
        for row in model.objects.values_list(*fields):
            told = ("some time" if isinstance(value, datetime) else value for value in row)
            yield model.__name__, *told
    for (kind, _), times in letters.queued().items():
        yield from [("mail", kind)] * times


def difference(found: Outcome, expected: Outcome) -> str:
    """What is missing and what is too much; empty where they are the same."""
    told = [f"lost: {row}" for row in sorted((expected - found).elements(), key=str)]
    told += [f"too much: {row}" for row in sorted((found - expected).elements(), key=str)]
    return "\n".join(told)
