"""A receipt, for tests about who it is for."""

from datetime import UTC, datetime, timedelta

from accounts.models import User
from courses.models import Course, Intake
from enrolment import documents
from enrolment.models import Payment
from tests.courses.making import a_course, a_price, an_intake, enrol


def a_paid_receipt(student: User) -> str:
    """The address of the receipt for a place that ``student`` paid."""
    course = Course.objects.filter(slug="deep-learning").first() or a_course()
    intake = an_intake(course, f"2026-{Intake.objects.count() + 1:02d}")
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
    receipt, _ = documents.issue_for_payment(payment, at=now)
    return receipt.get_absolute_url()
