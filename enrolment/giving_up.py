"""Giving up a place, or a move, that has not been paid for: by the student, before its time."""

import enum
import logging
from datetime import datetime

from django.db import transaction

from accounts.models import User
from enrolment import history, jobs, payments, settling
from enrolment.lapsing import let_go, let_move_go
from enrolment.models import Enrolment, Payment
from enrolment.paying import CLOCKS_DIFFER_BY

logger = logging.getLogger(__name__)


class OnItsWay(Exception):
    """A Direct Debit has been ordered: the bank is on it, and nobody can call it back here."""


class Outcome(enum.Enum):
    """What came of giving up."""

    PLACE_FREE = "the place is free"
    MOVE_OFF = "the move is off, the learner stays"
    PAID = "the money had come, and it was settled instead"
    NOTHING = "nothing waited to be paid"


def give_up(enrolment: Enrolment, *, by: User, at: datetime) -> Outcome:
    """Free the place that waits for its payment, or that of a move; not inside a transaction.

    Stripe is asked first whether the money has come; then it settles, and nothing is given up.
    Where Stripe is away the place is free all the same, and a job closes the payment's page.
    Raises OnItsWay.
    """
    waiting = enrolment.payments.filter(status__in=Payment.OPEN).first()
    answered = _ask_stripe(waiting, at=at) if waiting else False
    outcome = _free(enrolment, by=by, at=at)
    # Waiting for Stripe a second time would only keep the student: the job closes the page.
    if waiting and answered and outcome is not Outcome.NOTHING:
        try:
            close_session(waiting, at=at)
        except payments.PaymentsError as error:
            logger.warning("The page of payment %s is closed later: %s", waiting.reference, error)
    if waiting and Payment.objects.filter(pk=waiting.pk, status=Payment.Status.PAID).exists():
        return Outcome.PAID
    return outcome


def _ask_stripe(payment: Payment, *, at: datetime) -> bool:
    """Whether Stripe gave an answer."""
    try:
        settling.settle(payment, at=at)
    except payments.PaymentsError as error:
        logger.warning("Stripe did not tell of payment %s: %s", payment.reference, error)
        return False
    return True


@transaction.atomic
def _free(enrolment: Enrolment, *, by: User, at: datetime) -> Outcome:
    """Let the place go, and queue the closing of its page."""
    locked = Enrolment.objects.locked(pk=enrolment.pk)
    payment = (
        locked.payments.select_for_update(of=("self",)).filter(status__in=Payment.OPEN).first()
    )
    if payment and payment.status == Payment.Status.PROCESSING:
        raise OnItsWay
    if payment:
        payment.expire()
        jobs.close_session.defer(payment_id=str(payment.pk))
    if payment and payment.move_id:
        let_move_go(payment, locked, kind=history.Kind.MOVE_DROPPED, mail=None, at=at, by=by)
        return Outcome.MOVE_OFF
    if not locked.is_pending:
        return Outcome.NOTHING
    let_go(locked, kind=history.Kind.GIVEN_UP, mail=None, at=at, by=by)
    return Outcome.PLACE_FREE


def close_session(payment: Payment, *, at: datetime) -> None:
    """Close the page of a payment that is not wanted any more, so that nobody pays on it.

    Safe to repeat. Where somebody has paid meanwhile, the money is settled as late money is: the
    place is given if there still is one, else it goes back. Raises OutcomeUnknown or CallFailed
    where another try may succeed later.
    """
    session_id = payment.session_id or _made_unnoticed(payment)
    if not session_id:
        return
    try:
        payments.expire_session(session_id)
    except payments.CallRefused:
        _settle(session_id, payment, at=at)


def _made_unnoticed(payment: Payment) -> str:
    """The session that a call made whose answer never came, if there is one."""
    since = payment.created_at - CLOCKS_DIFFER_BY
    found = payments.find_session(str(payment.pk), since=since)
    return found.id if found else ""


def _settle(session_id: str, payment: Payment, *, at: datetime) -> None:
    try:
        session = payments.fetch_session(session_id)
    except payments.CallRefused:
        logger.exception("Stripe does not know the session of payment %s.", payment.reference)
    else:
        settling.settle_session(session, at=at)
