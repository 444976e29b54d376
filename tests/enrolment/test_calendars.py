"""The days of an intake, as a file for calendars."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from icalendar import Calendar, Event

from accounts.models import User
from courses.models import Intake
from enrolment import calendars
from enrolment.models import Enrolment
from tests.courses.making import a_price, an_intake
from tests.enrolment.driving import run_jobs
from tests.enrolment.leaving import a_place, begin


@pytest.fixture
def dated(intake: Intake) -> Intake:
    """The intake, from 4 to 29 May 2126."""
    intake.starts_on, intake.ends_on = date(2126, 5, 4), date(2126, 5, 29)
    intake.save()
    return intake


@pytest.fixture
def enrolment(alice: User, dated: Intake) -> Enrolment:
    """Alice's."""
    return a_place(alice, dated, timezone.now())


def read(enrolment: Enrolment) -> tuple[str, Event]:
    """The method, and the one event."""
    content = calendars.for_enrolment(Enrolment.objects.get(pk=enrolment.pk))
    assert content is not None
    calendar = Calendar.from_ical(content)
    (event,) = calendar.walk("VEVENT")
    assert isinstance(event, Event)
    return str(calendar["METHOD"]), event


def test_it_goes_from_the_first_day_to_the_last(enrolment: Enrolment) -> None:
    method, event = read(enrolment)
    assert method == "PUBLISH"
    assert event.decoded("dtstart") == date(2126, 5, 4)
    assert event.decoded("dtend") == date(2126, 5, 30)  # the end is not part of it
    assert event["SUMMARY"] == "Deep learning"
    assert event["TRANSP"] == "TRANSPARENT"
    assert event["ORGANIZER"] == "mailto:hello@example.org"


def test_without_a_last_day_it_says_when_it_begins(enrolment: Enrolment) -> None:
    Intake.objects.update(ends_on=None)
    _, event = read(enrolment)
    assert event["SUMMARY"] == "Deep learning begins"
    assert event.decoded("dtend") == date(2126, 5, 5)


def test_an_intake_known_by_its_month_has_no_file(alice: User, intake: Intake) -> None:
    assert calendars.for_enrolment(a_place(alice, intake, timezone.now())) is None


def test_a_day_that_moves_changes_the_entry_that_is_there(enrolment: Enrolment) -> None:
    _, before = read(enrolment)
    intake = Intake.objects.get()
    intake.starts_on = date(2126, 5, 11)
    intake.save()
    intake.history.update(history_date=timezone.now() + timedelta(minutes=5))
    _, after = read(enrolment)
    assert after["UID"] == before["UID"]
    assert int(after.decoded("sequence")) > int(before.decoded("sequence"))
    assert after.decoded("dtstart") == date(2126, 5, 11)


def test_a_move_changes_it_too(enrolment: Enrolment) -> None:
    _, before = read(enrolment)
    june = an_intake(enrolment.intake.course, "2126-06", starts_on=date(2126, 6, 1))
    later = timezone.now() + timedelta(hours=1)
    enrolment.moves.create(
        status="done", from_intake=enrolment.intake, to_intake=june, from_amount=9000,
        list_amount=9000, to_amount=9000, created_at=later, ended_at=later,
    )  # fmt: skip
    enrolment.intake = june
    enrolment.save()
    _, after = read(enrolment)
    assert after["UID"] == before["UID"]
    assert int(after.decoded("sequence")) > int(before.decoded("sequence"))
    assert after.decoded("dtstart") == date(2126, 6, 1)


def test_cancelling_withdraws_it(enrolment: Enrolment) -> None:
    _, before = read(enrolment)
    enrolment.cancel(at=timezone.now() + timedelta(minutes=1))
    method, after = read(enrolment)
    assert (method, after["STATUS"]) == ("CANCEL", "CANCELLED")
    assert after["UID"] == before["UID"]
    assert int(after.decoded("sequence")) > int(before.decoded("sequence"))


def test_an_intake_that_staff_cancel_is_withdrawn(enrolment: Enrolment) -> None:
    Intake.objects.update(cancelled_at=datetime(2126, 4, 1, tzinfo=UTC))
    assert read(enrolment)[0] == "CANCEL"


def test_a_place_that_waits_for_its_payment_has_no_file(alice: User, dated: Intake) -> None:
    assert calendars.for_enrolment(begin_unpaid(alice, dated)) is None


def begin_unpaid(student: User, intake: Intake) -> Enrolment:
    return Enrolment.objects.create(
        student=student,
        intake=intake,
        price_name="Standard",
        list_amount=9000,
        amount=9000,
        vat_treatment="not_registered",
        created_at=timezone.now(),
    )


def test_alice_downloads_it_from_her_page(alices: Client, enrolment: Enrolment) -> None:
    path = f"/account/enrolments/{enrolment.pk}/intake.ics"
    assert path in alices.get(f"/account/enrolments/{enrolment.pk}/").text
    response = alices.get(path)
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="deep-learning-2126-05.ics"'
    assert response.content.startswith(b"BEGIN:VCALENDAR\r\n")


def test_where_no_day_is_known_the_page_offers_none(
    alices: Client, alice: User, intake: Intake
) -> None:
    enrolment = a_place(alice, intake, timezone.now())
    assert "intake.ics" not in alices.get(f"/account/enrolments/{enrolment.pk}/").text
    assert alices.get(f"/account/enrolments/{enrolment.pk}/intake.ics").status_code == 404


def test_the_confirmation_carries_it(alice: User, dated: Intake) -> None:
    begin(alice, a_price(dated, 0, name="Free"))
    run_jobs()
    (message,) = mail.outbox
    (part,) = [
        part for part in message.message().walk() if part.get_content_type() == "text/calendar"
    ]
    assert part.get_param("method") == "PUBLISH"
    assert part.get_filename() == "deep-learning-2126-05.ics"
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert b"DTSTART;VALUE=DATE:21260504" in content
