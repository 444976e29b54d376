"""What waits to be paid, as its pages tell of it: until when it is held, and what can be done."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, Q

from accounts.models import User
from courses.calendar import london_date
from courses.models import Intake
from courses.templatetags.dates import clock, deadline
from enrolment.models import Enrolment, Payment


def clock_time(moment: datetime, *, at: datetime) -> str:
    """Until when, with its day where that is not today: ``2:05pm BST on Monday 3 May 2027``."""
    is_today = london_date(moment) == london_date(at)
    return clock(moment) if is_today else deadline(moment)


@dataclass(frozen=True)
class Unfinished:
    """An enrolment, or a move, that waits for its payment at the moment ``at``.

    ``payment`` is the one that is open; None where a place is held and nobody is paying yet.
    """

    enrolment: Enrolment
    payment: Payment | None
    at: datetime

    @property
    def is_move(self) -> bool:
        """Whether a difference is to be paid, for another intake."""
        return self.payment is not None and self.payment.move_id is not None

    @property
    def is_processing(self) -> bool:
        """Whether the bank is carrying out a Direct Debit."""
        return self.payment is not None and self.payment.status == Payment.Status.PROCESSING

    @property
    def is_connecting(self) -> bool:
        """Whether Stripe has not opened its page yet."""
        payment = self.payment
        return payment is not None and not self.is_processing and not payment.session_url

    @property
    def intake(self) -> Intake:
        """What is being paid for."""
        if self.payment and self.payment.move:
            return self.payment.move.to_intake
        return self.enrolment.intake

    @property
    def amount(self) -> int:
        """What is to be paid, in pence."""
        return self.payment.amount if self.payment else self.enrolment.amount

    @property
    def ends_at(self) -> datetime | None:
        """Until when the place is held for somebody who has yet to pay."""
        if self.is_processing:
            return None
        ends = [self.payment.expires_at if self.payment else None]
        ends += [None if self.is_move else self.enrolment.held_until]
        return max((one for one in ends if one), default=None)

    @property
    def until(self) -> str:
        """That time in words; empty once it is over, or where the bank decides."""
        ends = self.ends_at
        return clock_time(ends, at=self.at) if ends and self.at < ends else ""

    @property
    def can_pay(self) -> bool:
        """Whether there is a page to pay on, or one can be opened."""
        return bool(self.until) and not self.is_connecting

    @property
    def changes_soon(self) -> bool:
        """Whether the page should look again in a few seconds."""
        return not self.is_processing


def unfinished_of(student: User, *, at: datetime) -> dict[UUID, Unfinished]:
    """What a person has that waits to be paid, by the enrolment's key; two queries."""
    waits = Q(status=Enrolment.Status.PENDING) | Q(payments__status__in=Payment.OPEN)
    open_ones = Payment.objects.filter(status__in=Payment.OPEN)
    rows: Iterable[Enrolment] = (
        Enrolment.objects.filter(waits, student=student)
        .distinct()
        .select_related("intake__course")
        .prefetch_related(
            Prefetch(
                "payments",
                queryset=open_ones.select_related("move__to_intake__course"),
                to_attr="open_payments",
            )
        )
    )
    return {one.pk: Unfinished(one, next(iter(_open(one)), None), at) for one in rows}


def _open(enrolment: Enrolment) -> list[Payment]:
    found: list[Payment] = enrolment.open_payments  # type: ignore[attr-defined]
    return found
