"""Letting a held place go: nobody paid in time, or nobody can."""

from datetime import datetime

from enrolment import jobs, places
from enrolment.models import Enrolment, Payment


def lapse(payment: Payment, *, enrolment: Enrolment, at: datetime) -> None:
    """The payment and its enrolment expire, the student is told, and the place is free.

    Inside the caller's transaction, which has locked the enrolment and then the payment. Nothing
    happens where the payment is no longer pending.
    """
    if payment.status != Payment.Status.PENDING:
        return
    payment.expire()
    if enrolment.is_pending:
        enrolment.expire(at=at)
        jobs.send_mail.defer(kind="expired", key=str(enrolment.pk))
        places.release_held(enrolment.intake_id)
