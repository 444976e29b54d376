"""Asking to be told: one address, one confirmation, one mail."""

from datetime import timedelta

from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from courses.models import Course
from enrolment import alerts
from enrolment.models import IntakeAlert
from tests.courses.making import a_price, an_intake
from tests.enrolment.driving import run_jobs

ALERTS = "/courses/deep-learning/alerts/"


def ask(client: Client, email: str = "dora@example.org") -> IntakeAlert:
    call_command("createcachetable")
    response = client.post(ALERTS, {"email": email})
    assert "Look in your mail" in response.content.decode()
    return IntakeAlert.objects.get(email=email)


def test_the_address_is_confirmed_by_a_button_behind_the_mails_link(
    client: Client, course: Course
) -> None:
    alert = ask(client)
    run_jobs()
    assert mail.outbox[0].to == ["dora@example.org"]
    assert f"/alerts/{alert.token}/" in str(mail.outbox[0].body)
    client.get(f"/alerts/{alert.token}/")
    alert.refresh_from_db()
    assert alert.confirmed_at is None
    client.post(f"/alerts/{alert.token}/", {"confirm": "yes"})
    alert.refresh_from_db()
    assert alert.confirmed_at


def test_asking_again_sends_no_second_mail(client: Client, course: Course) -> None:
    ask(client)
    client.post(ALERTS, {"email": "Dora@Example.org"})
    run_jobs()
    assert len(mail.outbox) == 1
    assert IntakeAlert.objects.count() == 1


def test_one_mail_goes_out_when_an_intake_opens(client: Client, course: Course) -> None:
    alert = ask(client)
    alerts.confirm(alert, at=timezone.now())
    assert alerts.send_due(at=timezone.now()) == 0
    a_price(an_intake(course, "2126-05"))
    assert [alerts.send_due(at=timezone.now()) for _ in range(2)] == [1, 0]
    run_jobs()
    assert [one.subject for one in mail.outbox][1:] == ["You can join Deep learning now"]


def test_an_address_that_was_not_confirmed_gets_nothing(client: Client, course: Course) -> None:
    ask(client)
    a_price(an_intake(course, "2126-05"))
    assert alerts.send_due(at=timezone.now() + timedelta(days=1)) == 0


def test_an_address_can_be_forgotten(client: Client, course: Course) -> None:
    alert = ask(client)
    client.post(f"/alerts/{alert.token}/", {"forget": "yes"})
    assert not IntakeAlert.objects.exists()


def test_a_flood_of_addresses_is_stopped(client: Client, course: Course) -> None:
    call_command("createcachetable")
    statuses = [
        client.post(ALERTS, {"email": f"person{count}@example.org"}).status_code
        for count in range(22)
    ]
    assert statuses == [200] * 20 + [429] * 2


def test_a_link_with_another_token_is_not_found(client: Client, course: Course) -> None:
    assert client.get("/alerts/somebody-elses/").status_code == 404
