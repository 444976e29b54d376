"""Letting a held place go: nobody paid in time, nobody can, or the student gave it up."""

from datetime import datetime

from accounts.models import User
from enrolment import freeing, history, jobs
from enrolment.models import Enrolment, Move, Payment


def lapse(payment: Payment, *, enrolment: Enrolment, at: datetime) -> None:
    """The payment expires, and what it was for with it; the student is told.

    Inside the caller's transaction, which has locked the enrolment and then the payment. Nothing
    happens where the payment is no longer open. A place that is held for longer than one payment
    (an offer, a link to pay by) waits for the next one.
    """
    if not payment.is_open:
        return
    payment.expire()
    if payment.move_id:
        let_move_go(payment, enrolment, at=at)
    elif enrolment.is_pending and not is_held_on(enrolment, at=at):
        let_go(enrolment, kind=history.Kind.LAPSED, mail="expired", at=at)


def is_held_on(enrolment: Enrolment, *, at: datetime) -> bool:
    """Whether the place is held for longer than one payment, and for another one now."""
    return enrolment.held_until is not None and at < enrolment.held_until


def let_go(
    enrolment: Enrolment,
    *,
    kind: str,
    mail: str | None,
    reason: str = "",
    at: datetime,
    by: User | None = None,
) -> None:
    """The enrolment expires and its place is free; inside the caller's transaction.

    ``kind`` is what the history calls it, ``mail`` what is written to the student, if anything.
    """
    enrolment.expire(at=at)
    history.note(enrolment, kind, at=at, by=by, reason=reason)
    if mail:
        jobs.send_mail.defer(kind=mail, key=str(enrolment.pk))
    freeing.free_held(enrolment.intake_id, enrolment.price_id, enrolment.voucher_id, at=at)


def let_move_go(
    payment: Payment,
    enrolment: Enrolment,
    *,
    kind: str = history.Kind.MOVE_LAPSED,
    mail: str | None = "move_lapsed",
    at: datetime,
    by: User | None = None,
) -> None:
    """The difference was not paid: the learner stays in the old intake, the new place is free.

    ``kind`` is what the history calls it, ``mail`` what is written to the student, if anything.
    """
    move = Move.objects.select_for_update(of=("self",)).get(payments=payment)
    if move.status != Move.Status.PENDING:
        return
    move.end(Move.Status.EXPIRED, at=at)
    history.note(enrolment, kind, at=at, by=by, to=str(move.to_intake))
    if mail:
        jobs.send_mail.defer(kind=mail, key=str(move.pk))
    freeing.free_held(move.to_intake_id, move.to_price_id, at=at)
