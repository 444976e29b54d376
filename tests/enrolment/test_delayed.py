"""Bacs Direct Debit: days between the order and the money, which may never come."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from courses.models import Course, Intake
from enrolment import reconciling
from enrolment.disagreements import Disagreement, Kind
from enrolment.models import Enrolment, HistoryEntry, Payment
from tests.courses.making import a_price, an_intake
from tests.enrolment.disagreeing import notes, repair
from tests.enrolment.driving import (
    begin_paying,
    deliver,
    enrol,
    events,
    only_enrolment,
    pay,
    places,
    run_jobs,
)
from tests.sandbox.process import Sandbox


@pytest.fixture(autouse=True)
def both_methods(settings: Settings) -> None:
    settings.STRIPE_PAYMENT_METHODS = ["card", "bacs_debit"]


def ordered(browser: Client, stand_in: Sandbox, intake: Intake) -> Payment:
    """A Direct Debit that the student has ordered on Stripe's page, and come back from it."""
    payment = begin_paying(browser, intake)
    pay(stand_in, payment, "bacs")
    browser.get(f"/account/enrolments/{payment.enrolment_id}/return/")
    payment.refresh_from_db()
    return payment


def decided(stand_in: Sandbox, payment: Payment, outcome: str) -> None:
    """What the bank does, days later; the webhook is not delivered by this."""
    stand_in.control(f"sessions/{payment.session_id}/settle", outcome=outcome)


def test_the_enrol_page_says_that_a_debit_takes_days(alices: Client, intake: Intake) -> None:
    page = alices.get("/courses/deep-learning/intakes/2126-05/enrol/").content.decode()
    assert "You pay by card or Direct Debit<" in page
    assert "takes some working days" in page


def test_cards_only_says_nothing_of_debits(
    alices: Client, intake: Intake, settings: Settings
) -> None:
    settings.STRIPE_PAYMENT_METHODS = ["card"]
    page = alices.get("/courses/deep-learning/intakes/2126-05/enrol/").content.decode()
    assert "You pay by card<" in page
    assert "Debit" not in page


def test_a_debit_that_was_ordered_holds_the_place_and_says_so(
    alices: Client, course: Course, stand_in: Sandbox
) -> None:
    last = an_intake(course, "2126-05", capacity=1)
    a_price(last)
    payment = ordered(alices, stand_in, last)
    assert payment.status == Payment.Status.PROCESSING
    assert places(last) == (0, 1)
    page = alices.get(f"/account/enrolments/{payment.enrolment_id}/").content.decode()
    assert "Your payment is on its way" in page
    assert 'hx-trigger="every 3s"' not in page
    listed = alices.get("/account/enrolments/").content.decode()
    assert "Your bank is carrying out the payment" in listed
    run_jobs()
    [written] = mail.outbox
    assert written.subject == "Your payment for Deep learning is on its way"
    assert "Until the money arrives your place in Deep learning, May 2126 intake, is held" in str(
        written.body
    )


def test_it_is_held_for_days_whatever_the_hold_of_a_card_would_be(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = ordered(alices, stand_in, intake)
    for days in (1, 3, 6):
        reconciling.reconcile(at=timezone.now() + timedelta(days=days))
    payment.refresh_from_db()
    assert payment.status == Payment.Status.PROCESSING
    assert places(intake) == (0, 1)


@pytest.mark.parametrize("way", ["webhook", "reconcile", "both"])
def test_success_enrols(alices: Client, intake: Intake, stand_in: Sandbox, way: str) -> None:
    payment = ordered(alices, stand_in, intake)
    decided(stand_in, payment, "success")
    if way != "reconcile":
        deliver(alices, events(stand_in, "checkout.session.async_payment_succeeded")[0])
        run_jobs()
    if way != "webhook":
        reconciling.reconcile(at=timezone.now() + timedelta(minutes=1))
        run_jobs()
    assert only_enrolment().is_enrolled
    assert places(intake) == (1, 0)
    assert [one.subject for one in mail.outbox][1:] == [
        "You are enrolled: Deep learning, May 2126 intake"
    ]


def test_a_debit_counts_as_paid_when_its_money_is_known_to_be_there(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = ordered(alices, stand_in, intake)
    decided(stand_in, payment, "success")
    known_at = timezone.now() + timedelta(days=1)
    reconciling.reconcile(at=known_at)
    payment.refresh_from_db()
    assert payment.paid_at == known_at


@pytest.mark.parametrize("way", ["webhook", "reconcile", "both"])
def test_failure_frees_the_place_and_says_so(
    alices: Client, intake: Intake, stand_in: Sandbox, way: str
) -> None:
    payment = ordered(alices, stand_in, intake)
    decided(stand_in, payment, "failure")
    if way != "reconcile":
        deliver(alices, events(stand_in, "checkout.session.async_payment_failed")[0])
        run_jobs()
    if way != "webhook":
        reconciling.reconcile(at=timezone.now() + timedelta(minutes=1))
        run_jobs()
    payment.refresh_from_db()
    assert payment.status == Payment.Status.FAILED
    assert only_enrolment().status == Enrolment.Status.EXPIRED
    assert places(intake) == (0, 0)
    assert [one.subject for one in mail.outbox][1:] == ["Your bank did not pay for Deep learning"]
    kinds = HistoryEntry.objects.order_by("at", "pk").values_list("kind", flat=True)
    assert list(kinds) == ["payment_on_its_way", "payment_failed", "lapsed"]
    page = alices.get(f"/account/enrolments/{payment.enrolment_id}/").content.decode()
    assert "Your bank did not pay" in page
    assert enrol(alices, intake).status_code == 302


def test_what_the_bank_is_carrying_out_cannot_be_given_up(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = ordered(alices, stand_in, intake)
    address = f"/account/enrolments/{payment.enrolment_id}/payment/"
    page = alices.get(address).content.decode()
    assert "Your bank is carrying out the payment" in page
    assert '<button class="button button--danger"' not in page
    page = alices.post(address, {"_method": "delete"}, follow=True).content.decode()
    assert "so it cannot be given up here" in page
    assert places(intake) == (0, 1)


def test_a_debit_ordered_while_stripes_word_was_late_is_not_given_up_either(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    pay(stand_in, payment, "bacs")
    address = f"/account/enrolments/{payment.enrolment_id}/payment/"
    page = alices.post(address, {"_method": "delete"}, follow=True).content.decode()
    assert "so it cannot be given up here" in page
    assert places(intake) == (0, 1)


def test_webhooks_out_of_order_come_to_the_same(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    pay(stand_in, payment, "bacs")
    decided(stand_in, payment, "success")
    deliver(alices, events(stand_in, "checkout.session.async_payment_succeeded")[0])
    run_jobs()
    deliver(alices, events(stand_in, "checkout.session.completed")[0])
    run_jobs()
    assert only_enrolment().is_enrolled
    assert places(intake) == (1, 0)
    assert len(mail.outbox) == 1


def test_a_debit_that_stripe_does_not_know_waits_for_staff_to_free_its_place(
    alices: Client, sam: User, intake: Intake, stand_in: Sandbox
) -> None:
    payment = ordered(alices, stand_in, intake)
    stand_in.control("reset")
    later = payment.expires_at + timedelta(days=9)
    report = reconciling.reconcile(at=later)
    assert report.repaired == []
    (left,) = report.left
    assert "Stripe knows nothing of the debit that the place waits for" in left.what
    alices.get(f"/account/enrolments/{payment.enrolment_id}/return/")
    assert places(intake) == (0, 1)

    repair(left, by=sam, at=later)
    assert places(intake) == (0, 0)
    assert only_enrolment().status == Enrolment.Status.EXPIRED
    assert notes() == [("Sam Staff", "a debit that Stripe does not know was given up")]


def test_a_debit_that_stripe_knows_again_goes_on_being_waited_for(
    alices: Client, sam: User, intake: Intake, stand_in: Sandbox
) -> None:
    payment = ordered(alices, stand_in, intake)
    asked = Disagreement(Kind.HELD_TOO_LONG, "", "", str(payment.pk), repair="stop_waiting")
    repair(asked, by=sam)
    assert places(intake) == (0, 1)
    assert notes() == []
