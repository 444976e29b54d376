"""Leaving an intake for good: the place is freed, and the refund that was shown is begun."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from courses.models import Intake
from enrolment import freeing, history, jobs, lapsing, offering, refunding
from enrolment.models import Enrolment, Move, Payment
from enrolment.quoting import Quote, quote, quote_for

__all__ = ["NotEnrolled", "Quote", "QuoteChanged", "ReasonMissing", "cancel", "quote"]


class NotEnrolled(Exception):
    """There is no place to cancel; one that is being paid for is given up, not cancelled."""


class QuoteChanged(Exception):
    """The refund is not what was shown any more; ``quote`` is what it is now."""

    def __init__(self, quote: Quote) -> None:
        super().__init__(quote.refund)
        self.quote = quote


class ReasonMissing(Exception):
    """Staff give back something else than the quote says, and did not say why."""


@transaction.atomic
def cancel(
    enrolment: Enrolment,
    *,
    at: datetime,
    by: User | None = None,
    expected: int | None = None,
    refund: int | None = None,
    reason: str = "",
    mail: str | None = "cancelled",
) -> Enrolment:
    """Cancel a place, refund what the quote says, and offer the place on.

    ``expected`` is the refund that was shown, in pence; ``refund`` what staff give back instead,
    which takes a ``reason``. ``by`` is who did it, and ``mail`` the kind of mail that tells the
    student, None where the caller writes one. One that is cancelled already is returned as it is.
    Raises NotEnrolled, QuoteChanged, ReasonMissing or refunding.RefundTooLarge.
    """
    locked = Enrolment.objects.locked(pk=enrolment.pk)
    if locked.status == Enrolment.Status.CANCELLED:
        return locked
    if not locked.is_enrolled:
        raise NotEnrolled
    paid = refunding.used_payments(locked, lock=True)
    now = quote_for(locked, paid, at=at)
    if expected is not None and expected != now.refund:
        raise QuoteChanged(now)
    if refund not in {None, now.refund} and not reason.strip():
        raise ReasonMissing
    back = now.refund if refund is None else refund
    drop_move(locked, at=at)
    # What staff give back instead is their last word.
    owed = now.owed if back == now.refund else 0
    refunding.owe(paid, owed)
    locked.cancel(at=at)
    history.note(
        locked,
        history.Kind.CANCELLED,
        at=at,
        by=by,
        reason=reason.strip(),
        intake=str(locked.intake),
        paid=now.paid,
        refund=back,
        quoted=now.refund,
        why=now.reason,
        owed=owed,
    )
    if mail:
        jobs.send_mail.defer(kind=mail, key=str(locked.pk))
    freeing.free_taken(locked, at=at)
    # Last of all, since credit notes take their numbers here.
    refunding.spread(paid, amount=back, reason=_reason(by, locked, reason), at=at, by=by)
    return locked


def _reason(by: User | None, enrolment: Enrolment, reason: str) -> str:
    cancelled_at = enrolment.intake.cancelled_at
    if cancelled_at and enrolment.ended_at and cancelled_at <= enrolment.ended_at:
        return _("The %(intake)s has been called off") % {"intake": enrolment.intake.label}
    if by and by.pk != enrolment.student_id and reason.strip():
        return reason.strip()
    return _("You cancelled your place in the %(intake)s") % {"intake": enrolment.intake.label}


def drop_move(
    enrolment: Enrolment, *, at: datetime, to: Intake | None = None, mail: str | None = None
) -> None:
    """A move that waits for its payment comes to nothing: its enrolment ends, or goes elsewhere.

    Inside the transaction that has locked the enrolment and its payments. The page at Stripe is
    closed by a job; money that comes all the same is flagged and goes back. With ``to``, only a
    move to that intake; ``mail`` is the kind of mail that tells the student.
    """
    opened = enrolment.payments.filter(move__isnull=False, status__in=Payment.OPEN)
    if to:
        opened = opened.filter(move__to_intake=to)
    for payment in opened.select_related("move"):
        if payment.status == Payment.Status.PENDING:
            payment.expire()
            jobs.close_session.defer(payment_id=str(payment.pk))
        move = Move.objects.select_for_update(of=("self",)).get(payments=payment)
        offering.lock_intakes(move.to_intake_id, enrolment.intake_id)
        lapsing.let_move_go(payment, enrolment, kind=history.Kind.MOVE_DROPPED, mail=mail, at=at)
