"""Payments that are not done: resumed, given up, or found paid after all."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from courses.models import Course, Intake
from enrolment import giving_up, paying, payments, reconciling
from enrolment.models import Enrolment, HistoryEntry, Payment
from enrolment.unfinished import clock_time
from tests.courses.making import a_price, an_intake, london
from tests.enrolment.driving import (
    begin_paying,
    deliver,
    enrol,
    events,
    only_enrolment,
    pay,
    places,
    queued,
    run_jobs,
)
from tests.enrolment.leaving import buy
from tests.sandbox.process import Sandbox

# A port on which nothing answers.
NOWHERE = "http://127.0.0.1:9"


def session_status(stand_in: Sandbox, payment: Payment) -> str:
    found = stand_in.client().v1.checkout.sessions.retrieve(str(payment.session_id))
    return str(found.status)


def give_up(browser: Client, enrolment_id: object) -> str:
    """Press the button; what the page says then."""
    address = f"/account/enrolments/{enrolment_id}/payment/"
    response = browser.post(address, {"_method": "delete"}, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def turn_to(settings: Settings, address: str) -> None:
    """The site talks to ``address`` in Stripe's place; ``stand_in`` undoes it."""
    settings.STRIPE_API_BASE = address
    payments._client.cache_clear()


# What the pages say -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "now", "words"),
    [
        ("2026-04-15 14:05", "2026-04-15 13:20", "2:05pm BST"),
        ("2026-04-16 00:05", "2026-04-15 23:20", "12:05am BST on Thursday 16 April 2026"),
        ("2026-12-01 09:00", "2026-04-15 12:00", "9am GMT on Tuesday 1 December 2026"),
    ],
)
def test_a_time_has_its_date_where_that_is_not_todays(moment: str, now: str, words: str) -> None:
    assert clock_time(london(moment), at=london(now)) == words


@pytest.mark.parametrize("address", ["/account/enrolments/", "/account/enrolments/{}/"])
def test_the_pages_say_until_when_the_place_is_held(
    alices: Client, intake: Intake, stand_in: Sandbox, address: str
) -> None:
    payment = begin_paying(alices, intake)
    page = alices.get(address.format(payment.enrolment_id)).content.decode()
    until = clock_time(payment.expires_at, at=timezone.now())
    assert f"until {until}" in page
    assert f"/account/enrolments/{payment.enrolment_id}/payment/" in page


def test_the_list_costs_no_more_for_more_unfinished_payments(
    alices: Client,
    course: Course,
    stand_in: Sandbox,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for month in ("2126-05", "2126-06"):
        made = an_intake(course, month)
        a_price(made)
        begin_paying(alices, made)
    alices.get("/account/enrolments/")
    with CaptureQueriesContext(connection) as captured:
        alices.get("/account/enrolments/")
    for_two = len(captured)
    for month in ("2126-07", "2126-08", "2126-09"):
        made = an_intake(course, month)
        a_price(made)
        begin_paying(alices, made)
    with django_assert_max_num_queries(for_two):
        alices.get("/account/enrolments/")


def test_an_unfinished_payment_is_resumed_on_the_same_page_of_stripe(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    address = f"/account/enrolments/{payment.enrolment_id}/payment/"
    assert "Continue to payment" in alices.get(address).content.decode()
    assert alices.post(address).url == payment.session_url
    assert Payment.objects.count() == 1


def test_one_that_stripe_had_not_opened_is_opened(
    alices: Client, intake: Intake, stand_in: Sandbox, settings: Settings
) -> None:
    turn_to(settings, NOWHERE)
    payment = begin_paying(alices, intake)
    assert payment.session_id is None
    turn_to(settings, stand_in.url)
    resumed = alices.post(f"/account/enrolments/{payment.enrolment_id}/payment/")
    assert resumed.url.startswith(stand_in.url)


# Giving up --------------------------------------------------------------------------------------


def test_giving_up_frees_the_place_closes_the_page_and_sends_no_mail(
    alices: Client, alice: User, course: Course, stand_in: Sandbox
) -> None:
    last = an_intake(course, "2126-05", capacity=1)
    price = a_price(last, places_limit=1)
    payment = begin_paying(alices, last)
    page = give_up(alices, payment.enrolment_id)
    assert "You have given up this place" in page
    assert places(last) == (0, 0)
    price.refresh_from_db()
    assert price.places_booked == 0
    assert session_status(stand_in, payment) == "expired"
    entry = HistoryEntry.objects.get()
    assert (entry.kind, entry.by) == ("given_up", alice)
    # What Stripe tells of it, and the job that would have closed the page, change nothing more.
    deliver(alices, events(stand_in, "checkout.session.expired")[0])
    run_jobs()
    assert mail.outbox == []
    assert HistoryEntry.objects.count() == 1
    assert enrol(alices, last).status_code == 302


def test_giving_up_twice_is_giving_up_once(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    give_up(alices, payment.enrolment_id)
    assert "There was nothing to give up any more." in give_up(alices, payment.enrolment_id)
    assert places(intake) == (0, 0)
    assert HistoryEntry.objects.count() == 1


def test_an_http_delete_gives_up_as_well(alices: Client, intake: Intake, stand_in: Sandbox) -> None:
    payment = begin_paying(alices, intake)
    assert alices.delete(f"/account/enrolments/{payment.enrolment_id}/payment/").status_code == 302
    assert places(intake) == (0, 0)


def test_nobody_gives_up_anothers_place(
    alices: Client, intake: Intake, bob: User, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    others = Client()
    others.force_login(bob)
    address = f"/account/enrolments/{payment.enrolment_id}/payment/"
    assert others.get(address).status_code == 404
    assert others.post(address, {"_method": "delete"}).status_code == 404
    assert others.post(address).status_code == 404
    assert places(intake) == (0, 1)


def test_what_was_just_paid_is_settled_instead_and_said_so(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    pay(stand_in, payment)
    page = give_up(alices, payment.enrolment_id)
    assert "Your payment had just gone through" in page
    assert "You are enrolled" in page
    assert places(intake) == (1, 0)


def test_with_stripe_away_the_place_is_free_at_once_and_the_page_closed_later(
    alices: Client, intake: Intake, stand_in: Sandbox, settings: Settings
) -> None:
    payment = begin_paying(alices, intake)
    turn_to(settings, NOWHERE)
    assert "You have given up this place" in give_up(alices, payment.enrolment_id)
    assert places(intake) == (0, 0)
    assert session_status(stand_in, payment) == "open"
    turn_to(settings, stand_in.url)
    assert [job.task_name.rpartition(".")[2] for job in queued()] == ["close_session"]
    run_jobs()
    assert session_status(stand_in, payment) == "expired"


def test_what_is_paid_while_stripe_was_away_is_settled_by_the_job(
    alices: Client, intake: Intake, stand_in: Sandbox, settings: Settings
) -> None:
    payment = begin_paying(alices, intake)
    turn_to(settings, NOWHERE)
    give_up(alices, payment.enrolment_id)
    turn_to(settings, stand_in.url)
    pay(stand_in, payment)
    run_jobs()
    # The place was still there, so the money gets what it was for.
    assert only_enrolment().is_enrolled
    assert places(intake) == (1, 0)


def test_a_page_that_stripe_opens_after_giving_up_is_closed(
    alices: Client,
    alice: User,
    intake: Intake,
    stand_in: Sandbox,
    settings: Settings,
) -> None:
    turn_to(settings, NOWHERE)
    payment = begin_paying(alices, intake)
    turn_to(settings, stand_in.url)
    # The call to Stripe was under way when the place was given up.
    stale = Payment.objects.get(pk=payment.pk)
    giving_up.give_up(payment.enrolment, by=alice, at=timezone.now())
    opened = paying.open_session(stale, at=timezone.now())
    assert session_status(stand_in, opened) == "open"
    run_jobs()
    assert session_status(stand_in, opened) == "expired"


def test_the_place_passes_on_to_whoever_comes_next(
    alices: Client, course: Course, bob: User, stand_in: Sandbox
) -> None:
    last = an_intake(course, "2126-05", capacity=1)
    a_price(last)
    payment = begin_paying(alices, last)
    others = Client()
    others.force_login(bob)
    assert enrol(others, last).status_code == 409
    give_up(alices, payment.enrolment_id)
    assert enrol(others, last).status_code == 302


# Places held for longer than one payment --------------------------------------------------------


def held(student: User, intake: Intake, **fields: Any) -> Enrolment:
    """A place that staff keep for a student who has yet to pay, as a link to pay by does."""
    now = timezone.now()
    price = intake.prices.get()
    made = Enrolment.objects.create(
        student=student, intake=intake, price=price, price_name=price.name, list_amount=9000,
        amount=9000, vat_treatment="not_registered", created_at=now,
        **{"held_until": now + timedelta(days=3), **fields},
    )  # fmt: skip
    Intake.objects.filter(pk=intake.pk).update(places_held=1)
    intake.prices.update(places_booked=1)
    return made


def test_a_held_place_is_paid_for_with_one_press_and_again_when_that_came_to_nothing(
    alices: Client, alice: User, intake: Intake, stand_in: Sandbox
) -> None:
    enrolment = held(alice, intake)
    assert enrolment.held_until
    page = alices.get(f"/account/enrolments/{enrolment.pk}/").content.decode()
    assert f"until {clock_time(enrolment.held_until, at=timezone.now())}" in page
    assert "Pay now" in page
    address = f"/account/enrolments/{enrolment.pk}/payment/"
    assert alices.post(address).url.startswith(stand_in.url)
    first = Payment.objects.get()
    stand_in.control(f"sessions/{first.session_id}/expire")
    alices.get(f"/account/enrolments/{enrolment.pk}/return/")
    assert places(intake) == (0, 1)
    assert "Pay now" in alices.get(f"/account/enrolments/{enrolment.pk}/").content.decode()
    assert alices.post(address).url.startswith(stand_in.url)
    second = Payment.objects.latest("created_at")
    pay(stand_in, second)
    alices.get(f"/account/enrolments/{enrolment.pk}/return/")
    assert places(intake) == (1, 0)


def test_a_held_place_that_nobody_is_paying_for_is_given_up(
    alices: Client, alice: User, intake: Intake, stand_in: Sandbox
) -> None:
    enrolment = held(alice, intake)
    assert "You have given up this place" in give_up(alices, enrolment.pk)
    assert places(intake) == (0, 0)


def test_after_its_time_a_held_place_cannot_be_paid_for(
    alices: Client, alice: User, intake: Intake, stand_in: Sandbox
) -> None:
    enrolment = held(alice, intake, held_until=timezone.now() - timedelta(minutes=1))
    address = f"/account/enrolments/{enrolment.pk}/payment/"
    page = alices.post(address, follow=True).content.decode()
    assert "There is nothing to pay for this place just now." in page
    assert not Payment.objects.exists()
    reconciling.reconcile(at=timezone.now())
    assert places(intake) == (0, 0)


def test_past_its_time_the_page_promises_nothing(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    with time_machine.travel(payment.expires_at + timedelta(minutes=1), tick=False):
        page = alices.get(f"/account/enrolments/{payment.enrolment_id}/").content.decode()
    assert "The time to pay is over." in page
    assert "We hold your place until" not in page


def test_reconciling_leaves_a_page_open_that_somebody_has_only_just_been_sent_to(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    reconciling.reconcile(at=timezone.now(), look_back=reconciling.SHORTLY)
    assert session_status(stand_in, payment) == "open"
    assert places(intake) == (0, 1)


# Moves that wait for the difference to be paid --------------------------------------------------


def test_a_move_is_given_up_and_the_learner_stays(
    alices: Client, alice: User, course: Course, intake: Intake, stand_in: Sandbox
) -> None:
    june = an_intake(course, "2126-06", capacity=1)
    a_price(june, 12_000)
    enrolment = buy(stand_in, alice, intake.prices.get())
    run_jobs()
    mail.outbox.clear()
    alices.post(f"/account/enrolments/{enrolment.pk}/move/", {"to": f"{june.pk}:3000"})
    payment = Payment.objects.get(move__isnull=False)
    page = alices.get(f"/account/enrolments/{enrolment.pk}/").content.decode()
    assert "Your move waits for its payment" in page
    assert "the difference of £30" in page
    assert (
        "Stay where you are"
        in alices.get(f"/account/enrolments/{enrolment.pk}/payment/").content.decode()
    )
    assert "You stay in your intake." in give_up(alices, enrolment.pk)
    assert (places(intake), places(june)) == ((1, 0), (0, 0))
    enrolment.refresh_from_db()
    assert (enrolment.intake, enrolment.is_enrolled) == (intake, True)
    assert session_status(stand_in, payment) == "expired"
    run_jobs()
    assert mail.outbox == []
