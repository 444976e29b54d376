"""What a bank returns after somebody has left, and what only staff can see to."""

import dataclasses
from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from courses.models import Course, Intake
from enrolment import (
    by_hand,
    cancelling,
    deciding,
    disputing,
    giving_up,
    history,
    jobs,
    moving,
    paying,
    payments,
    reconciling,
    settling,
)
from enrolment.disagreements import Kind
from enrolment.lapsing import lapse
from enrolment.models import Dispute, Enrolment, HistoryEntry, Move, Payment, Refund, Voucher
from tests.courses.making import a_price, an_intake
from tests.enrolment.disagreeing import found, repair
from tests.enrolment.disputing import dispute
from tests.enrolment.driving import pay, places, queued, run_jobs
from tests.enrolment.leaving import URLS, a_batch, a_place, begin, buy, net, settle, with_policy
from tests.sandbox.process import Sandbox


@pytest.fixture
def disputed(alice: User, intake: Intake, stand_in: Sandbox) -> Enrolment:
    """Alice's place; her bank has taken the £90 back."""
    enrolment = buy(stand_in, alice, intake.prices.get())
    dispute(stand_in, enrolment.payments.get())
    follow(stand_in)
    run_jobs()
    mail.outbox.clear()
    return enrolment


def follow(stand_in: Sandbox, outcome: str = "") -> str:
    """The bank decides of the newest dispute, if it does, and the site hears of it."""
    made = stand_in.client().v1.disputes.list().data[0].id
    if outcome:
        stand_in.control(f"disputes/{made}/close", outcome=outcome)
    disputing.follow(payments.fetch_dispute(made), at=timezone.now())
    return made


def letters() -> dict[str, str]:
    """What has been written, by the subject."""
    run_jobs()
    return {str(letter.subject): str(letter.body) for letter in mail.outbox}


# Money that a bank returns ----------------------------------------------------------------------


def test_what_was_due_on_cancelling_goes_back_once_the_bank_returns_it(
    disputed: Enrolment, alice: User, stand_in: Sandbox
) -> None:
    cancelling.cancel(disputed, at=timezone.now(), by=alice)
    assert Refund.objects.count() == 0
    follow(stand_in, "won")
    written = letters()
    assert net(disputed) == 0
    assert Refund.objects.get().status == Refund.Status.DONE
    won = written["Dispute won: £90, Alice Archer, Deep learning"]
    assert "£90 goes back to the student" in won
    assert "Your bank has returned the payment" in written["We are sending you £90 back"]
    follow(stand_in)
    assert found() == []
    assert Refund.objects.count() == 1


def test_an_intake_called_off_tells_who_has_a_disputed_payment_the_truth(
    disputed: Enrolment, alices: Client, sam: User, intake: Intake, stand_in: Sandbox
) -> None:
    deciding.call_off(intake, at=timezone.now(), by=sam)
    (body,) = letters().values()
    assert "If it comes back to us, we will send £90 back to you" in body
    assert "You paid nothing" not in body
    page = alices.get(f"/account/enrolments/{disputed.pk}/").text
    assert "if it comes back to us, we will send you what is due" in page
    follow(stand_in, "won")
    run_jobs()
    assert net(disputed) == 0


def test_what_the_bank_gave_the_student_does_not_go_back_twice(
    disputed: Enrolment, alice: User, stand_in: Sandbox
) -> None:
    cancelling.cancel(disputed, at=timezone.now(), by=alice)
    follow(stand_in, "lost")
    run_jobs()
    assert Refund.objects.count() == 0
    assert Kind.OWED not in [one.kind for one in found()]


def test_of_two_disputed_payments_one_lost_takes_nothing_of_what_is_due_of_the_other(
    alice: User, intake: Intake, course: Course, stand_in: Sandbox
) -> None:
    with_policy((0, 50))
    enrolment = buy(stand_in, alice, intake.prices.get())
    june = an_intake(course, "2126-06")
    a_price(june, 12_000)
    begun = moving.move(enrolment, to=june, at=timezone.now(), by=alice, urls=URLS)
    settle(stand_in, begun.payments.get())
    Move.objects.update(percent_then=50)
    long_after = timezone.now() + timedelta(days=30)
    first, second = Payment.objects.order_by("created_at")
    dispute(stand_in, first)
    lost = follow(stand_in)
    dispute(stand_in, second)
    won = follow(stand_in)
    cancelling.cancel(enrolment, at=long_after, by=alice)
    assert [one.owed for one in Payment.objects.order_by("created_at")] == [4500, 1500]
    stand_in.control(f"disputes/{lost}/close", outcome="lost")
    disputing.follow(payments.fetch_dispute(lost), at=long_after)
    stand_in.control(f"disputes/{won}/close", outcome="won")
    disputing.follow(payments.fetch_dispute(won), at=long_after)
    assert [(one.payment, one.amount) for one in Refund.objects.all()] == [(second, 1500)]


def test_what_a_move_would_have_given_back_goes_back_then_too(
    disputed: Enrolment, course: Course, sam: User, stand_in: Sandbox
) -> None:
    june = an_intake(course, "2126-06")
    a_price(june, 6000)
    moving.move(disputed, to=june, at=timezone.now(), by=sam, waive=True)
    assert Refund.objects.count() == 0
    run_jobs()
    follow(stand_in, "won")
    run_jobs()
    assert net(disputed) == 6000
    disputed.refresh_from_db()
    assert disputed.is_enrolled
    assert Payment.objects.get().owed == 0
    written = letters()
    moved = written["Your place in Deep learning: June 2126 intake"]
    assert "if it comes back to us, we will send £30 back to you" in moved
    assert "£0" not in moved


def test_what_staff_give_back_instead_is_their_last_word(
    disputed: Enrolment, alice: User, sam: User, stand_in: Sandbox
) -> None:
    more = Payment.objects.create(
        enrolment=disputed,
        method="elsewhere",
        status="paid",
        amount=1000,
        amount_received=1000,
        created_at=timezone.now(),
        expires_at=timezone.now(),
        paid_at=timezone.now(),
    )
    cancelling.cancel(disputed, at=timezone.now(), by=sam, refund=400, reason="Agreed with her")
    follow(stand_in, "won")
    assert [(one.payment, one.amount) for one in Refund.objects.all()] == [(more, 400)]


def test_what_is_owed_and_was_not_sent_is_found(
    alice: User, intake: Intake, stand_in: Sandbox
) -> None:
    enrolment = buy(stand_in, alice, intake.prices.get())
    cancelling.cancel(enrolment, at=timezone.now(), refund=0, reason="Agreed")
    Payment.objects.update(owed=4000)
    (one,) = found()
    assert one.kind == Kind.OWED
    assert "£40 is due since the bank returned it" in one.what
    repair(one)
    assert [refund.amount for refund in Refund.objects.all()] == [4000]
    run_jobs()
    assert found() == []


# What waits for staff ---------------------------------------------------------------------------


def test_a_refund_that_staff_have_to_pay_is_found_and_told_every_morning(
    alice: User, intake: Intake, stand_in: Sandbox
) -> None:
    enrolment = a_place(alice, intake, timezone.now())
    Payment.objects.update(method="elsewhere", session_id=None)
    cancelling.cancel(enrolment, at=timezone.now(), by=alice)
    (one,) = found()
    assert one.kind == Kind.REFUND_BY_HAND
    assert one.where == f"/admin/enrolment/refund/{Refund.objects.get().pk}/change/"
    mail.outbox.clear()
    jobs.tell_what_is_left.func(0)
    (letter,) = [one for about, one in letters().items() if "to see to" in about]
    assert "Alice Archer" in letter
    assert f"/admin/enrolment/refund/{Refund.objects.get().pk}/change/" in letter
    assert mail.outbox[-1].to == ["hello@example.org"]


def test_nobody_is_written_to_about_what_repairs_itself(
    alice: User, intake: Intake, stand_in: Sandbox
) -> None:
    begin(alice, intake.prices.get())
    Payment.objects.update(session_id=None, created_at=timezone.now() - timedelta(minutes=1))
    assert [one.kind for one in found()] == [Kind.SESSION_UNKNOWN]
    jobs.tell_what_is_left.func(0)
    assert letters() == {}
    assert queued() == []


def test_a_place_left_in_an_intake_that_was_called_off_is_found(
    alice: User, sam: User, intake: Intake, stand_in: Sandbox
) -> None:
    enrolment = buy(stand_in, alice, intake.prices.get())
    Intake.objects.update(cancelled_at=timezone.now())
    assert found() == []
    later = timezone.now() + timedelta(hours=2)
    (one,) = found(later)
    assert one.kind == Kind.CALLED_OFF
    assert reconciling.reconcile(at=later).left == [one]
    repair(one, by=sam, at=later)
    run_jobs()
    enrolment.refresh_from_db()
    assert (enrolment.status, net(enrolment)) == (Enrolment.Status.CANCELLED, 0)
    assert found(later) == []


def test_money_for_a_record_that_was_lost_goes_back_at_a_click(
    alice: User, intake: Intake, sam: User, stand_in: Sandbox
) -> None:
    enrolment = buy(stand_in, alice, intake.prices.get())
    session = Payment.objects.get().session_id
    HistoryEntry.objects.all().delete()
    for payment in Payment.objects.all():
        payment.documents.all().delete()
        payment.delete()
    enrolment.delete()
    Intake.objects.update(places_taken=0)
    intake.prices.update(places_booked=0)
    (one,) = found()
    assert one.kind == Kind.LOST_PAYMENT
    assert f"({session})" in one.what
    repair(one, by=sam)
    assert [refund.amount for refund in stand_in.client().v1.refunds.list().data] == [9000]
    assert found() == []


def test_who_cancels_is_not_said_to_give_money_back(
    alice: User, sam: User, intake: Intake, course: Course, stand_in: Sandbox
) -> None:
    mine = buy(stand_in, alice, intake.prices.get())
    cancelling.cancel(mine, at=timezone.now(), by=alice)
    told = [sentence.text for sentence in history.sentences(mine)]
    assert "£90 goes back: ‘You cancelled your place in the May 2126 intake’." in told
    june = an_intake(course, "2126-06")
    theirs = buy(stand_in, alice, a_price(june))
    cancelling.cancel(theirs, at=timezone.now(), by=sam, refund=1000, reason="Ill")
    told = [sentence.text for sentence in history.sentences(theirs)]
    assert "Sam Staff gave back £10: ‘Ill’." in told


def test_late_money_whose_voucher_is_gone_does_not_blame_the_places(
    alice: User, intake: Intake, stand_in: Sandbox
) -> None:
    voucher = Voucher.objects.create(batch=a_batch(), code="TWENTY")
    payment = begin(alice, intake.prices.get(), voucher=voucher).payments.get()
    pay(stand_in, payment)
    with transaction.atomic():
        lapse(Payment.objects.get(), enrolment=Enrolment.objects.get(), at=timezone.now())
    Voucher.objects.update(is_withdrawn=True)
    settling.settle(Payment.objects.get(), at=timezone.now())
    assert Payment.objects.get().flag == Payment.Flag.GONE
    assert Refund.objects.get().reason == "Paid when the price or voucher was used up"
    assert places(intake) == (0, 0)


# A Direct Debit for a place that is held for longer ---------------------------------------------


def test_a_debit_that_fails_leaves_a_place_that_is_held_for_longer(
    alice: User, sam: User, intake: Intake, stand_in: Sandbox, settings: Settings
) -> None:
    settings.STRIPE_PAYMENT_METHODS = ["card", "bacs_debit"]
    held = by_hand.send_pay_link(
        by_hand.Place(email=alice.email, intake=intake, price=intake.prices.get(), by=sam),
        amount=9000,
        held_until=timezone.now() + timedelta(days=30),
        at=timezone.now(),
    )
    payment = paying.pay_again(held, urls=URLS, at=timezone.now())
    paying.open_session(payment, at=timezone.now())
    pay(stand_in, payment, "bacs")
    stand_in.control(f"sessions/{payment.session_id}/settle", outcome="failure")
    settling.settle(payment, at=timezone.now())
    assert places(intake) == (0, 1)
    held.refresh_from_db()
    assert held.is_pending
    body = letters()["Your bank did not pay for Deep learning"]
    assert "We still hold the place for you" in body
    assert "so we have let the place go" not in body
    settle(stand_in, paying.pay_again(held, urls=URLS, at=timezone.now()))
    held.refresh_from_db()
    assert held.is_enrolled


# Stripe away, and letters that come again -------------------------------------------------------


def test_giving_up_waits_for_stripe_once(alice: User, intake: Intake, stand_in: Sandbox) -> None:
    enrolment = begin(alice, intake.prices.get())
    stand_in.control("requests", path="/v1/*", action="drop", count="all")
    asked = len(stand_in.see("log")["requests"])
    giving_up.give_up(enrolment, by=alice, at=timezone.now())
    assert len(stand_in.see("log")["requests"]) == asked + 1
    assert places(intake) == (0, 0)
    stand_in.control("requests/clear")
    run_jobs()
    session = Payment.objects.get().session_id
    assert session
    assert stand_in.client().v1.checkout.sessions.retrieve(session).status == "expired"


def test_a_letter_that_comes_again_is_not_taken_for_the_first(
    disputed: Enrolment, stand_in: Sandbox
) -> None:
    follow(stand_in, "lost")
    run_jobs()
    Dispute.objects.update(stripe_status="appeal_under_review", outcome="open", closed_at=None)
    won = dataclasses.replace(payments.fetch_dispute(Dispute.objects.get().stripe_id), status="won")
    disputing.follow(won, at=timezone.now() + timedelta(days=9))
    run_jobs()
    letters = [one for one in mail.outbox if one.subject.startswith("Dispute ")]
    assert [letter.subject.split(":")[0] for letter in letters] == ["Dispute lost", "Dispute won"]
    assert len({letter.extra_headers["Message-ID"] for letter in letters}) == 2
