"""Rows that mails are written about: for each kind of mail its cases, one after the other.

A case is made just before its mail is, and may be changed by the next.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from courses.models import Course, Intake
from enrolment import consents, history
from enrolment.models import (
    Consent,
    Dispute,
    Enrolment,
    HistoryEntry,
    IntakeAlert,
    Move,
    Offer,
    Payment,
    Refund,
    WaitingListEntry,
)
from tests.courses.making import a_price, an_intake, enrol

Kind = HistoryEntry.Kind
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Case:
    """A kind of mail, the key of what it is about, and which of its cases that is."""

    kind: str
    key: object
    which: str = ""


@dataclass(frozen=True)
class Cast:
    """Which course, who looks after it, and the moment."""

    course: Course
    may: Intake
    june: Intake
    sam: User
    at: datetime


def every_case(cast: Cast) -> Iterator[Case]:
    """Each kind of mail about enrolments but the daily one, which asks Stripe."""
    for journey in (_enrolling, _paying_late, _leaving, _moving, _waiting, _disputes, _staff):
        yield from journey(cast)


def somebody(name: str) -> User:
    """Another student."""
    return User.objects.create_user(f"{name.lower()}@example.org", name=f"{name} Archer")


def _paid(cast: Cast, name: str, **fields: Any) -> Payment:
    """£90 by card for a place in May."""
    at = cast.at
    place = enrol(somebody(name), cast.may, created_at=at, enrolled_at=at, **fields)
    return place.payments.create(
        status=Payment.Status.PAID,
        amount=9000,
        amount_received=9000,
        payment_intent_id=f"pi_{name}",
        created_at=at,
        expires_at=at,
        paid_at=at,
    )


def _held(cast: Cast, name: str) -> Enrolment:
    return enrol(
        somebody(name),
        cast.may,
        status=Enrolment.Status.PENDING,
        created_at=cast.at,
        enrolled_at=None,
        held_until=cast.at + 3 * DAY,
    )


def _enrolling(cast: Cast) -> Iterator[Case]:
    place = _paid(cast, "Ada").enrolment
    yield Case("enrolled", place.pk)
    for kind, wording in consents.wordings().items():
        Consent.objects.create(
            enrolment=place, kind=kind, version=wording.version, wording=wording.text,
            given_at=cast.at,
        )  # fmt: skip
    yield Case("enrolled", place.pk, "consents")
    free = enrol(somebody("Ben"), cast.may, amount=0, created_at=cast.at, enrolled_at=cast.at)
    yield Case("enrolled", free.pk, "free")
    yield Case("enrolled_by_hand", free.pk)
    Intake.objects.filter(pk=cast.may.pk).update(lessons_open=Intake.LessonsOpen.AT_ONCE)
    yield Case("enrolled", free.pk, "at once")
    yield Case("pay_link", _held(cast, "Cora").pk)


def _paying_late(cast: Cast) -> Iterator[Case]:
    place = _held(cast, "Dora")
    debit = place.payments.create(
        status=Payment.Status.PROCESSING, amount=9000, created_at=cast.at, expires_at=cast.at
    )
    yield Case("awaiting", debit.pk)
    yield Case("payment_failed", f"{place.pk}.{debit.pk}", "still held")
    place.expire(at=cast.at)
    yield Case("payment_failed", f"{place.pk}.{debit.pk}", "let go")
    yield Case("expired", place.pk)


def _refunded(payment: Payment, amount: int, at: datetime) -> Refund:
    return payment.refunds.create(amount=amount, reason="The first evening fell out", created_at=at)


def _leaving(cast: Cast) -> Iterator[Case]:
    payment = _paid(cast, "Emma")
    yield Case("refund", _refunded(payment, 2000, cast.at).pk)
    place = payment.enrolment
    place.cancel(at=cast.at)
    answers = (
        (9000, "You cancelled within 14 days, so you get everything back.", "all back"),
        (0, "The course has begun.", "nothing back"),
    )
    for days, (back, why, which) in enumerate(answers, start=1):
        facts: dict[str, Any] = {"refund": back, "quoted": back, "why": why}
        later = cast.at + days * DAY
        history.note(place, Kind.CANCELLED, at=later, by=place.student, **facts)
        yield Case("cancelled", place.pk, which)


def _move(cast: Cast, place: Enrolment, amount: int, **fields: Any) -> Move:
    known: dict[str, Any] = {
        "status": Move.Status.DONE,
        "from_intake": cast.may,
        "to_intake": cast.june,
        "from_amount": 9000,
        "list_amount": amount,
        "to_amount": amount,
        "by": place.student,
        "created_at": cast.at + DAY,
        "ended_at": cast.at + DAY,
    }
    return place.moves.create(**{**known, **fields})


def _moving(cast: Cast) -> Iterator[Case]:
    payment = _paid(cast, "Finn")
    place = payment.enrolment
    dearer = _move(cast, place, 12000, status=Move.Status.PENDING, ended_at=None)
    debit = place.payments.create(
        move=dearer, status="processing", amount=3000, created_at=cast.at, expires_at=cast.at
    )
    yield Case("awaiting", debit.pk, "a move")
    dearer.end(Move.Status.EXPIRED, at=cast.at)
    yield Case("move_lapsed", dearer.pk)
    dearer.end(Move.Status.DONE, at=cast.at)
    yield Case("moved", dearer.pk, "dearer")
    cheaper = _move(cast, place, 7000)
    _refunded(payment, 2000, cast.at + DAY)
    yield Case("moved", cheaper.pk, "cheaper")
    yield Case("moved", _move(cast, place, 9000, by=cast.sam).pk, "by staff")
    free = enrol(somebody("Gwen"), cast.may, amount=0, created_at=cast.at, enrolled_at=cast.at)
    yield Case("moved", _move(cast, free, 9000, from_amount=0).pk, "from a free place")
    Intake.objects.filter(pk=cast.june.pk).update(cancelled_at=cast.at)
    yield Case("move_lapsed", dearer.pk, "called off")
    Intake.objects.filter(pk=cast.june.pk).update(cancelled_at=None)


def _waiting(cast: Cast) -> Iterator[Case]:
    price, entries = cast.may.prices.get(), WaitingListEntry.objects
    first = entries.create(student=somebody("Hana"), intake=cast.may, joined_at=cast.at)
    yield Case("waiting_joined", first.pk, "first")
    entry = entries.create(student=somebody("Ivo"), intake=cast.may, joined_at=cast.at + DAY)
    entry.also.add(cast.june)
    yield Case("waiting_joined", entry.pk, "second")
    offer = Offer.objects.create(
        entry=entry, intake=cast.may, price=price, price_name=price.name, amount=price.amount,
        created_at=cast.at, expires_at=cast.at + 2 * DAY,
    )  # fmt: skip
    yield Case("offer", offer.pk)
    offer.end(Offer.Status.WITHDRAWN, at=cast.at)
    yield Case("offer_over", offer.pk, "withdrawn")
    offer.end(Offer.Status.EXPIRED, at=cast.at)
    yield Case("offer_over", offer.pk, "not taken")
    entry.end(WaitingListEntry.Status.REMOVED, at=cast.at, reason="You asked us to.")
    yield Case("waiting_over", entry.pk, "removed")
    first.end(WaitingListEntry.Status.CLOSED, at=cast.at)
    yield Case("waiting_over", first.pk, "closed")
    alert = IntakeAlert.objects.create(
        course=cast.course, email="jo@example.org", created_at=cast.at
    )
    yield Case("alert_confirm", alert.pk)
    yield Case("alert_open", alert.pk)


def _disputes(cast: Cast) -> Iterator[Case]:
    payment = _paid(cast, "Kim")
    dispute = Dispute.objects.create(
        payment=payment,
        stripe_id="dp_mail",
        stripe_status="warning_needs_response",
        reason="product_not_received",
        amount=9000,
        evidence_due_at=cast.at + 9 * DAY,
        opened_at=cast.at,
    )
    yield Case("dispute_opened", dispute.pk, "inquiry")
    changing = Dispute.objects.filter(pk=dispute.pk)
    changing.update(stripe_status="needs_response")
    yield Case("dispute_opened", dispute.pk, "chargeback")
    yield Case("dispute_escalated", dispute.pk)
    for outcome, status in (("won", "won"), ("lost", "lost"), ("won", "warning_closed")):
        changing.update(outcome=outcome, stripe_status=status, closed_at=cast.at)
        yield Case("dispute_closed", dispute.pk, status.replace("_", " "))


def _staff(cast: Cast) -> Iterator[Case]:
    july = an_intake(
        cast.course,
        f"{cast.may.month.year}-07",
        minimum_places=8,
        places_taken=3,
        capacity=12,
        decide_on=cast.at.date() - DAY,
    )
    a_price(july)
    yield Case("decision_due", july.pk)
    payment = _paid(cast, "Lena")
    place, at = payment.enrolment, cast.at + 3 * DAY
    Intake.objects.filter(pk=cast.may.pk).update(cancelled_at=cast.at)
    told: dict[str, Any] = {"by": cast.sam, "reason": "Our teacher is ill."}
    _move(cast, place, 9000, by=cast.sam, ended_at=at)
    moved = history.note(place, Kind.MOVED, at=at, **told)
    yield Case("intake_called_off", moved.pk, "moved")
    given_up = history.note(place, Kind.GIVEN_UP, at=at + DAY, **told)
    yield Case("intake_called_off", given_up.pk, "not paid yet")
    place.cancel(at=cast.at)
    _refunded(payment, 9000, at + 2 * DAY)
    back = history.note(place, Kind.CANCELLED, at=at + 2 * DAY, **told)
    yield Case("intake_called_off", back.pk, "money back")
