"""Asking to be told: one address, one confirmation, one mail."""

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses.models import Course
from enrolment import alerts
from enrolment.models import IntakeAlert
from tests.courses.making import a_price, an_intake
from tests.enrolment.driving import queued, run_jobs

ALERTS = "/courses/deep-learning/alerts/"


def ask(client: Client, email: str = "dora@example.org") -> IntakeAlert:
    call_command("createcachetable")
    response = client.post(ALERTS, {"email": email})
    assert "Look in your mail" in response.content.decode()
    return IntakeAlert.objects.get(email=email)


def ask_for(course: Course, email: str = "dora@example.org", *, at: datetime) -> IntakeAlert:
    return alerts.ask(course=course, email=email, at=at)


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


def test_asking_again_within_the_hour_says_the_same_and_sends_nothing(
    client: Client, course: Course
) -> None:
    ask(client)
    first = client.post(ALERTS, {"email": "dora@example.org"}).content
    assert client.post(ALERTS, {"email": "dora@example.org"}).content == first
    assert (
        "Look in your mail" in client.post(ALERTS, {"email": "Dora@Example.org"}).content.decode()
    )
    run_jobs()
    assert len(mail.outbox) == 1
    assert IntakeAlert.objects.count() == 1


def test_asking_again_an_hour_later_sends_another_mail_that_confirms(course: Course) -> None:
    now = timezone.now()
    for minutes in (0, 59, 60, 61, 121):
        alert = ask_for(course, at=now + timedelta(minutes=minutes))
    run_jobs()
    assert [one.to for one in mail.outbox] == [["dora@example.org"]] * 3
    ids = {one.extra_headers["Message-ID"] for one in mail.outbox}
    assert len(ids) == 3
    assert f"<alert_confirm.{alert.pk}.{int(now.timestamp())}@localhost>" in ids


def test_an_address_that_is_confirmed_is_not_asked_again(course: Course) -> None:
    now = timezone.now()
    alerts.confirm(ask_for(course, at=now), at=now)
    ask_for(course, at=now + timedelta(days=1))
    run_jobs()
    assert len(mail.outbox) == 1


def test_a_mail_about_an_address_that_was_forgotten_ends_quietly(course: Course) -> None:
    alerts.forget(ask_for(course, at=timezone.now()))
    assert run_jobs() == 1
    assert mail.outbox == []


def test_the_confirmed_address_of_whoever_is_signed_in_needs_no_mail(
    alices: Client, alice: User, course: Course
) -> None:
    call_command("createcachetable")
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    page = alices.post(ALERTS, {"email": "Alice@example.org"}).content.decode()
    assert "We will write to you" in page
    assert IntakeAlert.objects.get().confirmed_at
    alices.post(ALERTS, {"email": "dora@example.org"})
    assert IntakeAlert.objects.get(email="dora@example.org").confirmed_at is None
    assert [job.args["kind"] for job in queued()] == ["alert_confirm"]


def test_an_address_of_theirs_that_is_not_confirmed_is_asked(
    alices: Client, alice: User, course: Course
) -> None:
    call_command("createcachetable")
    EmailAddress.objects.create(user=alice, email=alice.email, verified=False, primary=True)
    assert "Look in your mail" in alices.post(ALERTS, {"email": alice.email}).content.decode()
    assert IntakeAlert.objects.get().confirmed_at is None


def test_what_could_be_joined_already_is_nothing_to_tell_of(course: Course) -> None:
    now = timezone.now()
    may = an_intake(course, "2126-05", capacity=1)
    a_price(may)
    alerts.confirm(ask_for(course, at=now), at=now)
    assert alerts.send_due(at=now) == 0
    a_price(an_intake(course, "2126-06"))
    assert [alerts.send_due(at=now) for _ in range(2)] == [1, 0]


def test_addresses_are_forgotten_once_told_and_where_nobody_confirms(course: Course) -> None:
    now = timezone.now()
    told = ask_for(course, at=now)
    IntakeAlert.objects.filter(pk=told.pk).update(confirmed_at=now, sent_at=now)
    ask_for(course, "ignored@example.org", at=now)
    waiting = ask_for(course, "waiting@example.org", at=now)
    alerts.confirm(waiting, at=now)
    week = timedelta(days=7)
    assert alerts.forget_old(at=now + week - timedelta(seconds=1)) == 0
    assert alerts.forget_old(at=now + week) == 2
    assert list(IntakeAlert.objects.all()) == [waiting]


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
