"""Nothing is lost when Stripe is slow, failing or away, or a process dies between two steps."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses.models import Course, Intake
from enrolment import checkout, payments, reconciling, recounting, settling
from enrolment.checking import Kind
from enrolment.lapsing import lapse
from enrolment.models import Enrolment, Payment, Refund
from tests.courses.making import a_price, an_intake
from tests.enrolment.driving import (
    begin_paying,
    enrol,
    only_enrolment,
    pay,
    places,
    queued,
    run_jobs,
)
from tests.sandbox.process import Sandbox

SESSIONS = "/v1/checkout/sessions"


def later(minutes: float = 2) -> reconciling.Report:
    """Reconcile as the periodic job does, some minutes from now."""
    return reconciling.reconcile(at=timezone.now() + timedelta(minutes=minutes))


def misbehave(stand_in: Sandbox, **rule: object) -> None:
    """Let the stand-in get the next call to open a session wrong."""
    stand_in.control("requests", path=SESSIONS, method="POST", **rule)


def test_a_webhook_that_never_comes_is_made_up_for(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    pay(stand_in, payment)
    assert [one.kind for one in later().repaired] == [Kind.PAID_UNNOTICED]
    run_jobs()
    assert only_enrolment().is_enrolled
    assert len(mail.outbox) == 1
    assert later().is_clean


def test_money_found_after_an_outage_counts_from_the_day_on_which_it_came(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    pay(stand_in, payment)
    found_at = timezone.now() + timedelta(days=1, hours=20)
    reconciling.reconcile(at=found_at)
    payment.refresh_from_db()
    assert payment.paid_at is not None
    assert payment.created_at <= payment.paid_at <= payment.created_at + timedelta(minutes=1)
    enrolment = only_enrolment()
    # The 14 days, the history and the documents are as of when we knew.
    assert enrolment.enrolled_at == found_at
    assert enrolment.entries.get(kind="payment_received").at == found_at
    invoice = payment.documents.get(kind="invoice")
    assert invoice.issued_at == found_at
    assert ("Paid", f"{timezone.localtime(payment.paid_at):%-d %B %Y}") in invoice.facts
    assert reconciling.find(at=found_at + timedelta(minutes=2)).is_clean


@pytest.mark.parametrize("hours", [-5, 5])
def test_whatever_stripes_clock_says_money_came_between_beginning_and_now(
    alices: Client, intake: Intake, stand_in: Sandbox, hours: int
) -> None:
    payment = begin_paying(alices, intake)
    session = replace(
        paid_session(stand_in, payment), paid_at=payment.created_at + timedelta(hours=hours)
    )
    at = timezone.now()
    settling.settle_session(session, at=at)
    payment.refresh_from_db()
    assert payment.paid_at == (payment.created_at if hours < 0 else at)


def paid_session(stand_in: Sandbox, payment: Payment) -> payments.CheckoutSession:
    pay(stand_in, payment)
    return payments.fetch_session(str(payment.session_id))


def test_an_expiry_that_nobody_told_of_frees_the_place(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    stand_in.control(f"sessions/{payment.session_id}/expire")
    later()
    assert only_enrolment().status == Enrolment.Status.EXPIRED
    assert places(intake) == (0, 0)


def test_a_crash_before_the_call_to_stripe_heals(
    alice: User, intake: Intake, stand_in: Sandbox
) -> None:
    order = checkout.Order(
        student=alice,
        intake=intake,
        price=intake.prices.get(),
        return_url="http://localhost:8000/account/enrolments/{enrolment}/return/",
        cancel_url="http://localhost:8000/account/enrolments/{enrolment}/",
    )
    checkout.begin(order, at=timezone.now())
    assert Payment.objects.get().session_id is None
    assert [one.kind for one in later().repaired] == [Kind.UNOPENED]
    assert Payment.objects.get().session_url.startswith(stand_in.url)


def test_a_crash_before_the_session_was_stored_heals_with_the_same_session(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    pay(stand_in, payment)
    Payment.objects.update(session_id=None, session_url="")
    later()
    later()
    assert Payment.objects.get().session_id == payment.session_id
    assert only_enrolment().is_enrolled


def test_a_slow_answer_shows_the_pending_page_and_a_job_carries_on(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    misbehave(stand_in, action="delay", seconds=4, when="after")
    response = enrol(alices, intake)
    enrolment = only_enrolment()
    assert response.url == f"/account/enrolments/{enrolment.pk}/"
    page = alices.get(response.url).content.decode()
    assert "Connecting to Stripe" in page
    assert len(queued("open_session")) == 1
    run_jobs()
    assert Payment.objects.get().session_id
    assert len(stand_in.client().v1.checkout.sessions.list().data) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_definite_failure_leads_to_one_session_all_the_same(
    alices: Client, intake: Intake, stand_in: Sandbox, when: str
) -> None:
    misbehave(stand_in, action="error", when=when)
    enrol(alices, intake)
    run_jobs()
    sessions = stand_in.client().v1.checkout.sessions.list().data
    assert len(sessions) == 1
    assert Payment.objects.get().session_id == sessions[0].id


def test_a_refused_call_frees_the_place_and_says_so(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    misbehave(stand_in, action="drop", when="before")
    enrol(alices, intake)
    Payment.objects.update(parameters={**Payment.objects.get().parameters, "expires_at": 1})
    later()
    assert only_enrolment().status == Enrolment.Status.EXPIRED
    assert places(intake) == (0, 0)


def test_while_stripe_is_away_nothing_is_given_up(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    begin_paying(alices, intake)
    stand_in.control("requests", path="/v1/*", action="drop", count=100)
    report = later()
    assert report.problems
    assert only_enrolment().is_pending
    assert places(intake) == (0, 1)


def test_the_command_says_what_it_could_not_finish(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    begin_paying(alices, intake)
    stand_in.control("requests", path="/v1/*", action="drop", count=100)
    with pytest.raises(CommandError, match="Stripe"):
        call_command("reconcile")


def test_money_for_a_lapsed_hold_gets_the_place_if_one_is_left(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    checkout_expires_here_only(payment)
    pay(stand_in, payment)
    later()
    assert only_enrolment().is_enrolled
    assert places(intake) == (1, 0)
    assert not Refund.objects.exists()


def test_money_for_a_place_that_went_to_another_goes_back(
    alices: Client, course: Course, stand_in: Sandbox, bob: User
) -> None:
    last = an_intake(course, "2126-07", capacity=1)
    a_price(last)
    lapsed = begin_paying(alices, last)
    checkout_expires_here_only(lapsed)
    bobs = Client()
    bobs.force_login(bob)
    taken = begin_paying(bobs, last)
    pay(stand_in, taken)
    bobs.get(f"/account/enrolments/{taken.enrolment_id}/return/")
    pay(stand_in, lapsed)
    later()
    run_jobs()
    lapsed.refresh_from_db()
    assert lapsed.flag == Payment.Flag.FULL
    refund = Refund.objects.get()
    assert refund.status == Refund.Status.DONE
    assert refund.amount == 9000
    assert places(last) == (1, 0)
    assert "We are sending you £90 back" in [one.subject for one in mail.outbox]
    listed = stand_in.client().v1.refunds.list({"payment_intent": lapsed.payment_intent_id})
    assert [one.amount for one in listed.data] == [9000]
    page = alices.get(f"/account/enrolments/{lapsed.enrolment_id}/").content.decode()
    assert "We are sending your money back" in page


def test_late_money_for_a_cancelled_intake_goes_back_and_says_why(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    checkout_expires_here_only(payment)
    Intake.objects.filter(pk=intake.pk).update(cancelled_at=timezone.now())
    pay(stand_in, payment)
    later()
    payment.refresh_from_db()
    assert payment.flag == Payment.Flag.ENDED
    assert Refund.objects.get().amount == 9000
    assert places(intake) == (0, 0)


def test_paying_twice_gives_the_second_payment_back(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    first = begin_paying(alices, intake)
    checkout_expires_here_only(first)
    second = begin_paying(alices, intake)
    pay(stand_in, first)
    pay(stand_in, second)
    alices.get(f"/account/enrolments/{second.enrolment_id}/return/")
    later()
    run_jobs()
    flags = dict(Payment.objects.values_list("pk", "flag"))
    assert flags == {first.pk: Payment.Flag.TWICE, second.pk: Payment.Flag.NONE}
    assert Refund.objects.get().payment == first
    assert places(intake) == (1, 0)


def test_another_amount_than_agreed_is_kept_on_record_and_goes_back(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = paid_another_amount(alices, intake, stand_in)
    run_jobs()
    payment.refresh_from_db()
    assert (payment.flag, payment.amount_received) == (Payment.Flag.MISMATCH, 9000)
    assert Refund.objects.get().amount == 9000
    assert places(intake) == (0, 0)


def test_a_refund_that_fails_at_stripe_for_a_while_is_made_once(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = paid_another_amount(alices, intake, stand_in)
    stand_in.control("requests", path="/v1/refunds", method="POST", action="error", when="after")
    later()
    later()
    payment.refresh_from_db()
    listed = stand_in.client().v1.refunds.list({"payment_intent": payment.payment_intent_id})
    assert len(listed.data) == 1
    assert Refund.objects.get().status == Refund.Status.DONE


def test_counters_that_went_wrong_are_corrected_and_told_of(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    begin_paying(alices, intake)
    Intake.objects.update(places_taken=7, places_held=0)
    corrections = recounting.recount()
    assert [(one.counter, one.before, one.now) for one in corrections] == [
        ("places_taken", 7, 0),
        ("places_held", 0, 1),
    ]
    assert places(intake) == (0, 1)
    assert recounting.recount() == []


def checkout_expires_here_only(payment: Payment) -> None:
    """Our record says the hold lapsed while the session can still be paid."""
    payment.refresh_from_db()
    lapse(payment, enrolment=payment.enrolment, at=timezone.now())


def paid_another_amount(alices: Client, intake: Intake, stand_in: Sandbox) -> Payment:
    """£90 have come where our record says £80: the money cannot be used, and goes back."""
    payment = begin_paying(alices, intake)
    Payment.objects.update(amount=8000)
    pay(stand_in, payment)
    alices.get(f"/account/enrolments/{payment.enrolment_id}/return/")
    return payment
