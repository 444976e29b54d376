"""What goes with a mail about leaving: the documents, and the days for the calendar."""

from datetime import date
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.utils import timezone

from accounts.models import User
from courses.models import Course, Intake
from enrolment import cancelling
from enrolment.models import Payment
from tests.courses.making import a_price, an_intake
from tests.enrolment.driving import run_jobs
from tests.enrolment.leaving import buy, settle
from tests.enrolment.moving_on import go
from tests.sandbox.process import Sandbox


@pytest.fixture
def june(course: Course) -> Intake:
    """In June, from a day that is known."""
    return an_intake(course, "2126-06", starts_on=date(2126, 6, 3), ends_on=date(2126, 6, 20))


def last_letter() -> tuple[str, dict[str, Any]]:
    """The subject of what was written last, and its files by name."""
    run_jobs()
    letter = mail.outbox[-1]
    assert isinstance(letter, EmailMessage)
    files = {
        str(part.get_filename()): part.get_payload(decode=True)
        for part in letter.message().walk()
        if part.get_filename()
    }
    return str(letter.subject), files


@pytest.mark.parametrize(
    ("amount", "names"),
    [
        (7500, {"CN-000001.pdf", "deep-learning-2126-06.ics"}),
        (12_000, {"REC-000002.pdf", "INV-000002.pdf", "deep-learning-2126-06.ics"}),
        (9000, {"deep-learning-2126-06.ics"}),
    ],
)
def test_the_mail_about_a_move_carries_its_documents_and_the_new_days(
    alice: User, intake: Intake, june: Intake, stand_in: Sandbox, amount: int, names: set[str]
) -> None:
    a_price(june, amount)
    enrolment = buy(stand_in, alice, intake.prices.get())
    begun = go(enrolment, june, by=alice)
    for payment in Payment.objects.filter(move=begun):
        settle(stand_in, payment)
    subject, files = last_letter()
    assert subject == "Your place in Deep learning: 3 June 2126 intake"
    assert set(files) == names
    assert b"DTSTART;VALUE=DATE:21260603" in files["deep-learning-2126-06.ics"]


def test_the_mail_about_cancelling_carries_the_credit_note_and_takes_the_days_back(
    alice: User, june: Intake, stand_in: Sandbox
) -> None:
    enrolment = buy(stand_in, alice, a_price(june))
    cancelling.cancel(enrolment, at=timezone.now(), by=alice)
    subject, files = last_letter()
    assert subject == "Your place in Deep learning is cancelled"
    assert set(files) == {"CN-000001.pdf", "deep-learning-2126-06.ics"}
    assert files["CN-000001.pdf"].startswith(b"%PDF-")
    assert b"METHOD:CANCEL" in files["deep-learning-2126-06.ics"]
