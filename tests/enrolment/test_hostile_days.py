"""Money that meets what nobody hoped for: cancelled intakes, lost sessions, refunds sent back."""

import re
from datetime import timedelta

import pytest
import stripe
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses.models import Intake
from enrolment import payments, reconciling, settling
from enrolment.models import Enrolment, Payment, Refund
from tests.enrolment.driving import (
    begin_paying,
    deliver,
    events,
    only_enrolment,
    pay,
    places,
    run_jobs,
)
from tests.sandbox.process import Sandbox


def test_money_for_an_intake_cancelled_meanwhile_goes_back(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    Intake.objects.filter(pk=intake.pk).update(cancelled_at=timezone.now())
    pay(stand_in, payment)
    settling.settle(payment, at=timezone.now())
    run_jobs()
    assert only_enrolment().status == Enrolment.Status.EXPIRED
    assert places(intake) == (0, 0)
    assert Payment.objects.get().flag == Payment.Flag.ENDED
    assert Refund.objects.get().amount == payment.amount
    assert [letter.subject for letter in mail.outbox] == ["We are sending you £90 back"]


def test_an_intake_that_will_be_cancelled_still_sells(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    Intake.objects.filter(pk=intake.pk).update(cancelled_at=timezone.now() + timedelta(days=9))
    payment = begin_paying(alices, intake)
    pay(stand_in, payment)
    settling.settle(payment, at=timezone.now())
    assert only_enrolment().is_enrolled


def test_a_session_that_stripe_does_not_know_holds_no_place_for_ever(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    stand_in.control("reset")
    soon = reconciling.reconcile(at=payment.expires_at + timedelta(hours=1))
    assert len(soon.problems) == 1
    assert places(intake) == (0, 1)
    reconciling.reconcile(at=payment.expires_at + timedelta(hours=25))
    assert only_enrolment().status == Enrolment.Status.EXPIRED
    assert places(intake) == (0, 0)


def test_a_refund_that_fails_after_it_was_done_is_marked_failed(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    Intake.objects.filter(pk=intake.pk).update(cancelled_at=timezone.now())
    pay(stand_in, payment)
    settling.settle(payment, at=timezone.now())
    run_jobs()
    refund = Refund.objects.get()
    assert refund.status == Refund.Status.DONE
    stand_in.control(f"refunds/{refund.stripe_id}", status="failed")
    deliver(alices, events(stand_in, "refund.failed")[0])
    run_jobs()
    refund.refresh_from_db()
    assert (refund.status, refund.done_at) == (Refund.Status.FAILED, None)


def test_one_row_that_cannot_be_settled_does_not_keep_others_waiting(
    alices: Client, bob: User, intake: Intake, stand_in: Sandbox
) -> None:
    first = begin_paying(alices, intake)
    bobs = Client()
    bobs.force_login(bob)
    second = begin_paying(bobs, intake)
    pay(stand_in, first)
    pay(stand_in, second)
    # As a bug might leave it: two are paying, one place is held.
    Intake.objects.filter(pk=intake.pk).update(places_held=1)
    report = reconciling.reconcile(at=timezone.now() + timedelta(minutes=2))
    assert Enrolment.objects.filter(status="enrolled").count() == 1
    assert len(report.problems) >= 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key_says_nothing_about_a_call(
    status: int,
) -> None:
    error = stripe.StripeError("no", http_status=status)
    with pytest.raises(payments.OutcomeUnknown), payments._our_errors():
        raise error


def test_a_link_to_an_alert_always_fits_its_address(alices: Client, intake: Intake) -> None:
    alices.post(f"/courses/{intake.course.slug}/alerts/", {"email": "dora@example.org"})
    run_jobs()
    found = re.search(r"/alerts/[\w-]+/", str(mail.outbox[-1].body))
    assert found
    assert alices.get(found[0]).status_code == 200


def test_a_price_that_changed_while_the_form_was_open_is_asked_about(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    address = f"/courses/{intake.course.slug}/intakes/{intake.slug}/enrol/"
    shown = re.search(r'name="shown" value="([^"]+)"', alices.get(address).content.decode())
    assert shown
    price = intake.prices.get()
    intake.prices.update(amount=12_000)
    answer = alices.post(address, {"price": price.pk, "shown": shown[1]})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "it is now £120" in page
    assert not Enrolment.objects.exists()
    again = re.search(r'name="shown" value="([^"]+)"', page)
    assert again
    assert alices.post(address, {"price": price.pk, "shown": again[1]}).status_code == 302
    assert Payment.objects.get().amount == 12_000
