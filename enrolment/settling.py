"""What a Checkout Session at Stripe means for us. The one place where money makes a learner.

Webhooks, the page a student returns to, and reconciling all end here; running it twice, or from
two processes at once, is harmless. Rows are locked in one order everywhere: enrolment, payment,
move, intake.
"""

import logging
import uuid
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from courses.states import State
from enrolment import consents, documents, history, jobs, moving, payments, places, refunding
from enrolment.checkout import LIVE_CONSTRAINT
from enrolment.lapsing import is_held_on, lapse, let_go, let_move_go
from enrolment.models import Enrolment, Payment

logger = logging.getLogger(__name__)

# A session that Stripe does not know is waited for so long after its hold has ended: a wrong key
# may be put right.
PATIENCE = timedelta(days=1)


def settle(payment: Payment, *, at: datetime) -> None:
    """Ask Stripe about the payment's session and do what follows; not inside a transaction.

    A session that Stripe does not know, a day after nobody could pay it any more, holds no place;
    one whose debit was on its way is left to staff. Raises OutcomeUnknown, CallFailed or
    CallRefused.
    """
    if not payment.session_id:
        return
    try:
        session = payments.fetch_session(payment.session_id)
    except payments.CallRefused:
        is_waited_for = payment.status == Payment.Status.PROCESSING
        if is_waited_for or at < payment.expires_at + PATIENCE:
            raise
        drop_unknown(payment, at=at)
    else:
        settle_session(session, at=at)


@transaction.atomic
def drop_unknown(payment: Payment, *, at: datetime) -> bool:
    """Stripe does not know its session: what it was for is let go; False where it was before."""
    enrolment = Enrolment.objects.locked(pk=payment.enrolment_id)
    locked = Payment.objects.select_for_update().get(pk=payment.pk)
    if not locked.is_open:
        return False
    logger.warning("Stripe does not know the session of payment %s.", payment.reference)
    lapse(locked, enrolment=enrolment, at=at)
    return True


def settle_session(session: payments.CheckoutSession, *, at: datetime) -> None:
    """Do what a session freshly fetched from Stripe asks for; sessions not of ours are ignored."""
    enrolment_id = _enrolment_of(session)
    if enrolment_id is None:
        logger.warning("Stripe's session %s is for no payment of ours.", session.id)
        return
    with transaction.atomic():
        enrolment = Enrolment.objects.locked(pk=enrolment_id)
        payment = _payment_of(session, enrolment, at=at)
        if session.is_paid:
            _money_came(session, payment, enrolment, at=at)
        elif session.is_expired:
            lapse(payment, enrolment=enrolment, at=at)
        elif session.is_processing:
            _money_is_on_its_way(payment, enrolment, at=at)
        elif session.has_failed:
            _money_failed(payment, enrolment, at=at)


def _enrolment_of(session: payments.CheckoutSession) -> uuid.UUID | None:
    try:
        key = uuid.UUID(session.payment_key)
    except ValueError:
        return None
    return Payment.objects.filter(pk=key).values_list("enrolment_id", flat=True).first()


def _payment_of(
    session: payments.CheckoutSession, enrolment: Enrolment, *, at: datetime
) -> Payment:
    """The payment that this session is for, locked.

    A webhook may come before its session was stored, so the payment learns its session here. A
    second session for one payment can be left by a call that failed after it had taken effect; it
    gets a payment of its own, so that money paid into it is on record.
    """
    payment = Payment.objects.select_for_update().get(pk=session.payment_key)
    if payment.session_id is None:
        payment.session_id = session.id
        payment.session_url = session.url
        payment.save(update_fields=["session_id", "session_url"])
    if payment.session_id == session.id:
        return payment
    stray, _ = Payment.objects.select_for_update().get_or_create(
        session_id=session.id,
        defaults={
            "enrolment": enrolment,
            "move_id": payment.move_id,
            "status": Payment.Status.EXPIRED,
            "amount": payment.amount,
            "created_at": at,
            "expires_at": payment.expires_at,
        },
    )
    return stray


def _money_is_on_its_way(payment: Payment, enrolment: Enrolment, *, at: datetime) -> None:
    """A Direct Debit was ordered: the place stays held until the money comes, or does not."""
    if payment.status != Payment.Status.PENDING:
        return
    payment.process()
    history.note(enrolment, history.Kind.PAYMENT_ON_ITS_WAY, at=at, amount=payment.amount)
    jobs.send_mail.defer(kind="awaiting", key=str(payment.pk))


def _money_failed(payment: Payment, enrolment: Enrolment, *, at: datetime) -> None:
    """The bank refused a Direct Debit: the student is told, and the place is free again.

    One that is held for longer (an offer, a link to pay by) waits for another payment.
    """
    if not payment.is_open:
        return
    payment.fail()
    history.note(enrolment, history.Kind.PAYMENT_FAILED, at=at, amount=payment.amount)
    if payment.move_id:
        let_move_go(payment, enrolment, at=at)
    elif enrolment.is_pending:
        # Of a place that is held for longer more than one may fail; each is another letter.
        jobs.send_mail.defer(kind="payment_failed", key=f"{enrolment.pk}.{payment.pk}")
        if not is_held_on(enrolment, at=at):
            let_go(enrolment, kind=history.Kind.LAPSED, mail=None, at=at)


def _money_came(
    session: payments.CheckoutSession, payment: Payment, enrolment: Enrolment, *, at: datetime
) -> None:
    if payment.is_paid:
        return
    if session.amount != payment.amount or session.currency != payment.currency:
        flag = _turn_away(payment, enrolment, at=at)
    elif payment.move_id:
        flag = moving.complete(payment, enrolment, at=at)
    elif enrolment.is_pending:
        # By its own payment, or by the stray second session of one that is still open.
        flag = _enrol_in_held_place(enrolment, at=at)
    else:
        flag = _enrol_late(enrolment, at=at)
    payment.receive(
        amount=session.amount,
        payment_intent_id=session.payment_intent_id,
        flag=flag,
        at=_came_at(session, payment, at=at),
    )
    kind = history.Kind.PAYMENT_FLAGGED if flag else history.Kind.PAYMENT_RECEIVED
    history.note(enrolment, kind, at=at, amount=session.amount, flag=str(flag))
    documents.issue_for_payment(payment, at=at)
    if flag != Payment.Flag.NONE:
        refunding.begin(
            payment, amount=session.amount, reason=Payment.Flag(flag).label.capitalize(), at=at
        )


def _came_at(session: payments.CheckoutSession, payment: Payment, *, at: datetime) -> datetime:
    """When the money came, by Stripe's clock where it tells: after an outage, not when we looked.

    Never before the payment was begun or after ``at``, whatever the clocks say.
    """
    return min(at, max(payment.created_at, session.paid_at or at))


def _turn_away(payment: Payment, enrolment: Enrolment, *, at: datetime) -> Payment.Flag:
    """Another amount came than was agreed: no contract, and the held place is free again.

    One that is held for longer waits for the right amount.
    """
    if payment.is_open and payment.move_id:
        let_move_go(payment, enrolment, kind=history.Kind.MOVE_DROPPED, mail=None, at=at)
    elif payment.is_open and enrolment.is_pending and not is_held_on(enrolment, at=at):
        let_go(enrolment, kind=history.Kind.LAPSED, mail=None, at=at)
    return Payment.Flag.MISMATCH


def _enrol_in_held_place(enrolment: Enrolment, *, at: datetime) -> Payment.Flag:
    """The student is in, unless staff cancelled the intake while they paid."""
    if places.take_held(enrolment.intake_id, at=at):
        _enrol(enrolment, at=at)
        return Payment.Flag.NONE
    let_go(enrolment, kind=history.Kind.LAPSED, mail=None, at=at)
    return Payment.Flag.ENDED


def _enrol_late(enrolment: Enrolment, *, at: datetime) -> Payment.Flag:
    """Money for a hold that has ended: the place is given if there still is one."""
    if enrolment.status == Enrolment.Status.CANCELLED:
        return Payment.Flag.ENDED
    if enrolment.intake.state(at=at) == State.CANCELLED:
        return Payment.Flag.ENDED
    others = Enrolment.objects.live().filter(
        student_id=enrolment.student_id, intake_id=enrolment.intake_id
    )
    if enrolment.is_enrolled or others.exclude(pk=enrolment.pk).exists():
        return Payment.Flag.TWICE
    try:
        with transaction.atomic():
            # The enrolment first: whoever enrols anew at this moment goes in the same order.
            _enrol(enrolment, at=at)
            flag = _book_again(enrolment, at=at)
            if flag != Payment.Flag.NONE:
                transaction.set_rollback(True)
    except IntegrityError as error:
        if LIVE_CONSTRAINT not in str(error):
            raise
        return Payment.Flag.TWICE  # the student has enrolled anew at this very moment
    return flag


def _book_again(enrolment: Enrolment, *, at: datetime) -> Payment.Flag:
    """Take again all that the hold had given back; why not, where something is gone."""
    if enrolment.voucher_id and not places.use_voucher(enrolment.voucher_id):
        return Payment.Flag.GONE
    if not places.take_late(enrolment.intake_id, at=at):
        return Payment.Flag.FULL
    return Payment.Flag.NONE if places.book_price(enrolment.price_id) else Payment.Flag.GONE


def _enrol(enrolment: Enrolment, *, at: datetime) -> None:
    enrolment.mark_enrolled(waits_until=consents.lessons_wait_until(enrolment, at=at), at=at)
    history.note(enrolment, history.Kind.ENROLLED, at=at)
    jobs.send_mail.defer(kind="enrolled", key=str(enrolment.pk))
