"""Disputes: told to staff, followed to the end, and what they mean for money and access."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from django.utils.html import escape
from pytest_django import Settings

from accounts.models import User
from courses.models import Intake, Provider
from courses.templatetags.dates import deadline
from enrolment import cancelling, disputing, payments, reconciling, refunding
from enrolment.models import Dispute, Enrolment, HistoryEntry, Payment, Refund
from tests.courses.making import a_lesson
from tests.enrolment.disputing import dispute, only_dispute, paid, tell
from tests.enrolment.driving import (
    begin_paying,
    deliver,
    events,
    only_enrolment,
    pay,
    queued,
    run_jobs,
)
from tests.sandbox.process import Sandbox

CONSENTS = {"teaching": "on", "digital_content": "on"}


@pytest.fixture
def open_intake(intake: Intake) -> Intake:
    """Its lessons are open as soon as somebody is enrolled."""
    intake.lessons_open = Intake.LessonsOpen.AT_ONCE
    intake.save()
    a_lesson(intake.course)
    return intake


@pytest.fixture
def payment(alices: Client, open_intake: Intake, stand_in: Sandbox) -> Payment:
    """Alice's £90, paid; she reads."""
    made = paid(alices, open_intake, stand_in, **CONSENTS)
    assert may_read(alices)
    mail.outbox.clear()
    return made


def may_read(browser: Client) -> bool:
    """Whether the lesson shows its text."""
    page = browser.get("/courses/deep-learning/lessons/backpropagation/").content.decode()
    return "The secret of the lesson." in page


def kinds(enrolment: Enrolment) -> list[str]:
    """What the history has of disputes, in order."""
    entries = HistoryEntry.objects.filter(enrolment=enrolment, kind__startswith="dispute")
    return list(entries.values_list("kind", flat=True))


def test_a_dispute_is_kept_with_its_deadline_told_to_the_provider_and_closes_the_lessons(
    alices: Client, payment: Payment, stand_in: Sandbox
) -> None:
    dispute(stand_in, payment, reason="product_not_received")
    tell(alices, stand_in, "charge.dispute.created")
    kept = only_dispute()
    assert (kept.payment, kept.amount, kept.outcome) == (payment, 9000, Dispute.Outcome.OPEN)
    assert kept.evidence_due_at is not None
    assert kept.evidence_due_at > timezone.now() + timedelta(days=6)
    assert not may_read(alices)
    assert kinds(only_enrolment()) == ["dispute_opened"]
    (letter,) = mail.outbox
    assert letter.to == ["hello@example.org"]
    assert letter.subject == "£90 disputed: Alice Archer, Deep learning"
    body = str(letter.body)
    assert "The reason given: not received what was paid for." in body
    assert f"{timezone.localtime(kept.evidence_due_at):%-d %B %Y}" in body
    assert "The lessons are closed until this is settled." in body


def test_the_learner_is_told_why_the_lessons_are_closed_and_what_to_do(
    alices: Client, payment: Payment, stand_in: Sandbox
) -> None:
    dispute(stand_in, payment)
    tell(alices, stand_in, "charge.dispute.created")
    page = alices.get(f"/account/enrolments/{payment.enrolment_id}/").content.decode()
    assert "Your lessons are closed" in page
    assert "Your bank has taken back £90 of what you paid" in page
    assert "mailto:hello@example.org" in page
    lesson = alices.get("/courses/deep-learning/lessons/backpropagation/").content.decode()
    assert "Your lessons are closed while a payment is disputed." in lesson
    assert "lessons closed" in alices.get("/account/enrolments/").content.decode()


def test_lessons_stay_open_where_the_provider_set_it_so(
    alices: Client, payment: Payment, stand_in: Sandbox
) -> None:
    Provider.objects.update(suspends_disputed=False)
    dispute(stand_in, payment)
    tell(alices, stand_in, "charge.dispute.created")
    assert only_dispute().is_open
    assert may_read(alices)
    assert "The lessons are closed" not in str(mail.outbox[0].body)


def test_a_dispute_that_is_won_opens_the_lessons_again(
    alices: Client, payment: Payment, stand_in: Sandbox
) -> None:
    made = dispute(stand_in, payment)
    tell(alices, stand_in, "charge.dispute.created")
    stand_in.control(f"disputes/{made}/close", outcome="won")
    tell(alices, stand_in, "charge.dispute.closed")
    assert only_dispute().outcome == Dispute.Outcome.WON
    assert only_dispute().closed_at is not None
    assert may_read(alices)
    assert kinds(only_enrolment()) == ["dispute_opened", "dispute_won"]
    assert mail.outbox[-1].subject == "Dispute won: £90, Alice Archer, Deep learning"
    assert refunding.refundable(payment) == 9000


def test_a_dispute_that_is_lost_keeps_them_closed_until_staff_decide(
    alices: Client, payment: Payment, stand_in: Sandbox, sam: User
) -> None:
    made = dispute(stand_in, payment)
    tell(alices, stand_in, "charge.dispute.created")
    stand_in.control(f"disputes/{made}/close", outcome="lost")
    tell(alices, stand_in, "charge.dispute.closed")
    assert only_dispute().outcome == Dispute.Outcome.LOST
    assert only_enrolment().is_enrolled
    assert not may_read(alices)
    assert kinds(only_enrolment()) == ["dispute_opened", "dispute_lost"]
    assert "is gone for good" in str(mail.outbox[-1].body)
    page = alices.get(f"/account/enrolments/{payment.enrolment_id}/").content.decode()
    assert "for good. To read on, write to us" in page

    assert disputing.open_lessons_again(only_enrolment(), by=sam, at=timezone.now())
    assert may_read(alices)
    assert not disputing.open_lessons_again(only_enrolment(), by=sam, at=timezone.now())
    assert only_enrolment().entries.get(kind="repaired").by == sam


def test_a_debit_whose_dispute_is_lost_at_once_closes_the_lessons_too(
    alices: Client, open_intake: Intake, stand_in: Sandbox, settings: Settings, sam: User
) -> None:
    """https://docs.stripe.com/payments/bacs-debit#disputed-payments"""
    settings.STRIPE_PAYMENT_METHODS = ["card", "bacs_debit"]
    payment = begin_paying(alices, open_intake, **CONSENTS)
    pay(stand_in, payment, "bacs")
    stand_in.control(f"sessions/{payment.session_id}/settle", outcome="success")
    deliver(alices, events(stand_in, "checkout.session.async_payment_succeeded")[0])
    run_jobs()
    assert may_read(alices)
    dispute(stand_in, payment)
    tell(alices, stand_in, "charge.dispute.created")
    assert only_dispute().outcome == Dispute.Outcome.LOST
    assert not may_read(alices)
    assert disputing.open_lessons_again(only_enrolment(), by=sam, at=timezone.now())
    tell(alices, stand_in, "charge.dispute.closed")
    reconciling.reconcile(at=timezone.now() + timedelta(minutes=2))
    assert may_read(alices)


def test_nobody_opens_the_lessons_while_a_dispute_is_under_way(
    alices: Client, payment: Payment, stand_in: Sandbox, sam: User
) -> None:
    dispute(stand_in, payment)
    tell(alices, stand_in, "charge.dispute.created")
    assert not disputing.open_lessons_again(only_enrolment(), by=sam, at=timezone.now())
    assert not may_read(alices)


def test_nothing_can_go_back_of_what_the_bank_has(
    alices: Client, payment: Payment, stand_in: Sandbox
) -> None:
    made = dispute(stand_in, payment, amount=4000)
    assert refunding.refundable(payment) == 9000
    tell(alices, stand_in, "charge.dispute.created")
    assert refunding.refundable(payment) == 0
    stand_in.control(f"disputes/{made}/close", outcome="lost")
    tell(alices, stand_in, "charge.dispute.closed")
    assert refunding.refundable(payment) == 0


def test_a_refund_of_a_disputed_payment_is_refused_in_words(
    alices: Client, payment: Payment, stand_in: Sandbox, sam: User
) -> None:
    sams = Client()
    sams.force_login(sam)
    address = f"/admin/enrolment/payment/{payment.pk}/refund/"
    assert sams.get(address).status_code == 200
    dispute(stand_in, payment)
    tell(alices, stand_in, "charge.dispute.created")
    for answer in (
        sams.get(address, follow=True),
        sams.post(address, {"left": 9000, "amount": "90", "reason": "Asked"}, follow=True),
    ):
        assert "bank has taken this payment back already" in answer.content.decode()
    assert not Refund.objects.exists()


def test_an_inquiry_closes_nothing_until_it_becomes_a_chargeback(
    alices: Client, payment: Payment, stand_in: Sandbox
) -> None:
    made = dispute(stand_in, payment, inquiry=True)
    tell(alices, stand_in, "charge.dispute.created")
    assert only_dispute().is_inquiry
    assert may_read(alices)
    disputing.refuse_if_disputed(payment)
    assert mail.outbox[-1].subject == "A bank asks about £90: Alice Archer, Deep learning"

    stand_in.control(f"disputes/{made}/escalate")
    tell(alices, stand_in, "charge.dispute.updated")
    assert not may_read(alices)
    assert kinds(only_enrolment()) == ["dispute_opened", "dispute_opened"]
    assert mail.outbox[-1].subject.startswith("The bank has now taken £90 back")


def test_an_inquiry_that_comes_to_nothing_is_closed(
    alices: Client, payment: Payment, stand_in: Sandbox
) -> None:
    made = dispute(stand_in, payment, inquiry=True)
    tell(alices, stand_in, "charge.dispute.created")
    stand_in.control(f"disputes/{made}/close", outcome="warning_closed")
    tell(alices, stand_in, "charge.dispute.closed")
    assert only_dispute().outcome == Dispute.Outcome.WON
    assert mail.outbox[-1].subject == "The bank asks no more: £90, Alice Archer, Deep learning"


def test_webhooks_twice_and_in_the_wrong_order_end_in_the_same_place(
    alices: Client, payment: Payment, stand_in: Sandbox
) -> None:
    made = dispute(stand_in, payment)
    stand_in.control(f"disputes/{made}/close", outcome="won")
    for kind in ("charge.dispute.closed", "charge.dispute.created", "charge.dispute.closed"):
        deliver(alices, events(stand_in, kind)[0])
    run_jobs()
    assert only_dispute().outcome == Dispute.Outcome.WON
    assert may_read(alices)
    assert kinds(only_enrolment()) == ["dispute_opened", "dispute_won"]
    assert len(mail.outbox) == 1


def test_old_news_of_a_dispute_is_not_believed(
    alices: Client, payment: Payment, stand_in: Sandbox
) -> None:
    made = dispute(stand_in, payment)
    old = payments.fetch_dispute(made)
    stand_in.control(f"disputes/{made}/close", outcome="won")
    disputing.follow(payments.fetch_dispute(made), at=timezone.now())
    disputing.follow(old, at=timezone.now())
    assert only_dispute().outcome == Dispute.Outcome.WON
    assert may_read(alices)


def test_a_dispute_that_nobody_told_of_is_found(
    alices: Client, payment: Payment, stand_in: Sandbox
) -> None:
    made = dispute(stand_in, payment)
    later = timezone.now() + timedelta(minutes=2)
    reconciling.reconcile(at=later, look_back=reconciling.SHORTLY)
    assert not may_read(alices)
    stand_in.control(f"disputes/{made}/close", outcome="won")
    reconciling.reconcile(at=later, look_back=reconciling.SHORTLY)
    assert may_read(alices)
    run_jobs()
    assert len(mail.outbox) == 2


def test_the_end_of_a_dispute_from_long_ago_is_found(
    alices: Client, payment: Payment, stand_in: Sandbox
) -> None:
    made = dispute(stand_in, payment)
    tell(alices, stand_in, "charge.dispute.created")
    stand_in.control(f"disputes/{made}/close", outcome="lost")
    reconciling.reconcile(at=timezone.now() + timedelta(days=60))
    assert only_dispute().outcome == Dispute.Outcome.LOST


def test_a_payment_that_is_disputed_before_we_know_of_it_ends_with_closed_lessons(
    alices: Client, open_intake: Intake, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, open_intake, **CONSENTS)
    pay(stand_in, payment, "dispute")
    tell(alices, stand_in, "charge.dispute.created")
    assert not Dispute.objects.exists()
    reconciling.reconcile(at=timezone.now() + timedelta(minutes=2))
    assert only_enrolment().is_enrolled
    assert only_dispute().is_open
    assert not may_read(alices)


def test_a_dispute_about_somebody_elses_charge_changes_nothing(
    alices: Client, payment: Payment, stand_in: Sandbox
) -> None:
    dispute(stand_in, payment)
    event = events(stand_in, "charge.dispute.created")[0]
    about = {"object": {**event["data"]["object"], "id": "du_of_somebody_else"}}
    deliver(alices, {**event, "id": "evt_else", "data": about})
    run_jobs()
    assert not Dispute.objects.exists()
    assert queued() == []


def test_staff_see_the_deadline_and_may_let_a_learner_read_on(
    alices: Client, payment: Payment, stand_in: Sandbox, sam: User
) -> None:
    made = dispute(stand_in, payment)
    tell(alices, stand_in, "charge.dispute.created")
    sams = Client()
    sams.force_login(sam)
    due_at = only_dispute().evidence_due_at
    assert due_at is not None
    listed = sams.get("/admin/enrolment/dispute/").content.decode()
    assert deadline(due_at) in listed
    assert "Alice Archer" in listed
    shown = sams.get(f"/admin/enrolment/dispute/{only_dispute().pk}/change/").content.decode()
    enrolment = sams.get(f"/admin/enrolment/enrolment/{payment.enrolment_id}/change/")
    assert f"evidence due by {deadline(due_at)}" in enrolment.content.decode()
    agreed = only_enrolment().consents.get(kind="teaching")
    assert escape(agreed.wording) in shown

    stand_in.control(f"disputes/{made}/close", outcome="lost")
    tell(alices, stand_in, "charge.dispute.closed")
    answer = sams.post(
        "/admin/enrolment/dispute/",
        {"action": "open_lessons", "_selected_action": [only_dispute().pk]},
        follow=True,
    )
    assert "Lessons opened again: 1 of 1." in answer.content.decode()
    assert may_read(alices)


def test_of_two_disputed_payments_winning_one_does_not_open_the_lessons(
    alices: Client, payment: Payment, stand_in: Sandbox
) -> None:
    dispute(stand_in, payment)
    tell(alices, stand_in, "charge.dispute.created")
    second = Payment.objects.create(
        enrolment=payment.enrolment,
        status=Payment.Status.PAID,
        amount=1000,
        amount_received=1000,
        payment_intent_id="pi_second",
        created_at=timezone.now(),
        expires_at=timezone.now(),
        paid_at=timezone.now(),
    )
    found = payments.StripeDispute(
        id="du_second",
        status="lost",
        reason="fraudulent",
        amount=1000,
        currency="GBP",
        payment_intent_id="pi_second",
        is_refundable=False,
        evidence_due_by=None,
        created_at=timezone.now(),
    )
    disputing.follow(found, at=timezone.now())
    first = payments.fetch_dispute(payment.disputes.get().stripe_id)
    stand_in.control(f"disputes/{first.id}/close", outcome="won")
    tell(alices, stand_in, "charge.dispute.closed")
    assert payment.disputes.get().outcome == Dispute.Outcome.WON
    assert second.disputes.get().outcome == Dispute.Outcome.LOST
    assert not may_read(alices)


def test_a_quote_says_what_the_bank_has(
    alices: Client, intake: Intake, sam: User, stand_in: Sandbox
) -> None:
    payment = paid(alices, intake, stand_in)
    dispute(stand_in, payment)
    tell(alices, stand_in, "charge.dispute.created")
    address = f"/account/enrolments/{payment.enrolment_id}/cancellation/"
    whole = alices.get(address).text
    assert "Your bank has the money" in whole
    assert "Nothing was paid" not in whole
    Payment.objects.create(
        enrolment=payment.enrolment,
        method="elsewhere",
        status="paid",
        amount=1000,
        amount_received=1000,
        created_at=timezone.now(),
        expires_at=timezone.now(),
        paid_at=timezone.now(),
    )
    partly = cancelling.quote(payment.enrolment, at=timezone.now())
    assert partly.refund == 1000
    assert partly.reason.endswith("of that we cannot give anything back now.")
