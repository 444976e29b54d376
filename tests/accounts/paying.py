"""A receipt, for tests about who it is for."""

from datetime import UTC, datetime, timedelta

from accounts.models import User
from enrolment.models import Payment
from tests.courses.making import a_course, a_price, an_intake, enrol


def a_paid_receipt(student: User) -> str:
    """The address of the receipt for a place that ``student`` paid."""
    intake = an_intake(a_course())
    a_price(intake)
    now = datetime.now(tz=UTC)
    payment = Payment.objects.create(
        enrolment=enrol(student, intake),
        status=Payment.Status.PAID,
        amount=9000,
        amount_received=9000,
        created_at=now,
        expires_at=now + timedelta(minutes=45),
        paid_at=now,
    )
    return payment.get_absolute_url()
