"""Each way in which Stripe, payments, places and access can disagree: found, repaired, once."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses.models import Course, Intake, Provider
from enrolment import offering, reconciling, settling
from enrolment.checking import Kind
from enrolment.lapsing import lapse
from enrolment.models import (
    Dispute,
    Enrolment,
    Offer,
    Payment,
    StripeEvent,
    WaitingListEntry,
)
from tests.courses.making import a_lesson, a_price, an_intake, enrol
from tests.enrolment.disagreeing import found, kinds, notes, repair, soon
from tests.enrolment.disputing import dispute, only_dispute, paid
from tests.enrolment.driving import (
    begin_paying,
    events,
    only_enrolment,
    pay,
    places,
)
from tests.sandbox.process import Sandbox


@pytest.fixture
def payment(alices: Client, intake: Intake, stand_in: Sandbox) -> Payment:
    """Alice's £90, paid and settled."""
    return paid(alices, intake, stand_in)


@pytest.fixture
def pending(alices: Client, intake: Intake, stand_in: Sandbox) -> Payment:
    """Alice is on Stripe's page."""
    return begin_paying(alices, intake)


def test_where_all_agrees_nothing_is_found(payment: Payment, stand_in: Sandbox) -> None:
    assert found() == []


def test_someone_who_is_paying_is_no_disagreement(pending: Payment) -> None:
    assert found(timezone.now()) == []
    assert found() == []


def test_what_is_in_hand_at_this_moment_is_left_alone(
    pending: Payment, intake: Intake, stand_in: Sandbox
) -> None:
    for session_id in (pending.session_id, None):
        Payment.objects.update(session_id=session_id)
        reconciling.reconcile(at=timezone.now())
        session = stand_in.client().v1.checkout.sessions.retrieve(pending.session_id or "")
        assert session.status == "open"
        assert places(intake) == (0, 1)


# Sessions --------------------------------------------------------------------------------------


def test_money_that_only_stripe_knows_of_enrols(
    pending: Payment, stand_in: Sandbox, sam: User
) -> None:
    pay(stand_in, pending)
    (one,) = found()
    assert one.kind == Kind.PAID_UNNOTICED
    assert "Alice Archer, Deep learning" in one.what
    assert "£90" in one.what
    assert one.where == f"/admin/enrolment/payment/{pending.pk}/change/"
    repair(one, by=sam)
    assert only_enrolment().is_enrolled
    assert notes() == [("Sam Staff", "what Stripe says of the payment was taken over")]
    assert found() == []


def test_what_nobody_asked_for_is_not_said_to_be_done_by_anybody(
    pending: Payment, stand_in: Sandbox
) -> None:
    pay(stand_in, pending)
    assert len(reconciling.reconcile(at=soon()).repaired) == 1
    assert notes() == []


def test_another_amount_at_stripe_is_shown_and_not_touched(
    payment: Payment, sam: User, stand_in: Sandbox
) -> None:
    Payment.objects.update(amount_received=8000, amount=8000)
    Enrolment.objects.update(amount=8000, list_amount=8000)
    (one,) = found()
    assert one.kind == Kind.PAID_DIFFERENTLY
    assert one.repair is None
    assert "we have £80" in one.what
    assert "£90 was paid" in one.what
    assert reconciling.reconcile(at=soon()).left == [one]


def test_a_payment_we_call_paid_and_stripe_does_not_is_shown(
    pending: Payment, stand_in: Sandbox
) -> None:
    now = timezone.now()
    Payment.objects.update(status=Payment.Status.PAID, amount_received=9000, paid_at=now)
    Enrolment.objects.update(status=Enrolment.Status.ENROLLED, enrolled_at=now)
    Intake.objects.update(places_held=0, places_taken=1)
    (one,) = found()
    assert one.kind == Kind.PAID_DIFFERENTLY
    assert "nothing was paid" in one.what


def test_a_session_that_has_expired_frees_the_place(
    pending: Payment, intake: Intake, stand_in: Sandbox
) -> None:
    stand_in.control(f"sessions/{pending.session_id}/expire")
    (one,) = found()
    assert one.kind == Kind.SESSION_OVER
    repair(one)
    assert places(intake) == (0, 0)
    assert found() == []


def test_a_page_that_can_be_paid_for_what_is_over_is_closed(
    pending: Payment, stand_in: Sandbox
) -> None:
    lapse(pending, enrolment=pending.enrolment, at=timezone.now())
    (one,) = found()
    assert one.kind == Kind.SESSION_OPEN
    repair(one)
    session = stand_in.client().v1.checkout.sessions.retrieve(pending.session_id or "")
    assert session.status == "expired"
    assert found() == []


def test_a_session_that_was_never_written_down_is(pending: Payment, stand_in: Sandbox) -> None:
    Payment.objects.update(session_id=None, session_url="")
    (one,) = found()
    assert one.kind == Kind.SESSION_UNKNOWN
    repair(one)
    assert Payment.objects.get().session_id == pending.session_id
    assert found() == []


def test_a_second_session_for_one_payment_is_closed(pending: Payment, stand_in: Sandbox) -> None:
    twin = stand_in.client().v1.checkout.sessions.create(pending.parameters)
    (one,) = found()
    assert (one.kind, one.key) == (Kind.SESSION_OPEN, twin.id)
    repair(one)
    assert found() == []
    assert Payment.objects.get().is_open


def test_a_payment_without_a_session_gets_one(pending: Payment, stand_in: Sandbox) -> None:
    stand_in.control("reset")
    Payment.objects.update(session_id=None, session_url="")
    (one,) = found()
    assert one.kind == Kind.UNOPENED
    repair(one)
    assert Payment.objects.get().session_id
    assert found() == []


# Money in use, and money that is not -----------------------------------------------------------


def test_a_place_held_for_nobody_is_freed(pending: Payment, intake: Intake) -> None:
    Payment.objects.update(status=Payment.Status.FAILED, session_id=None)
    Enrolment.objects.update(held_until=timezone.now())
    (one,) = [one for one in found() if one.kind == Kind.HELD_TOO_LONG]
    repair(one)
    assert only_enrolment().status == Enrolment.Status.EXPIRED
    assert places(intake) == (0, 0)


def test_an_offer_past_its_time_ends(bob: User, course: Course, stand_in: Sandbox) -> None:
    full = an_intake(course, "2126-07", capacity=1)
    a_price(full)
    WaitingListEntry.objects.create(student=bob, intake=full, joined_at=timezone.now())
    (offer,) = offering.pass_on(full.pk, at=timezone.now())
    assert found() == []
    later = offer.expires_at + timedelta(minutes=1)
    (one,) = found(later)
    assert one.kind == Kind.OFFER_OVER
    assert "Bob Baker" in one.what
    repair(one, at=later)
    assert Offer.objects.get().status == Offer.Status.EXPIRED
    assert places(full) == (0, 0)


def test_miscounted_places_are_counted_anew(pending: Payment, intake: Intake) -> None:
    Intake.objects.update(places_taken=7)
    intake.prices.update(places_booked=3)
    listed = found()
    assert [one.kind for one in listed] == [Kind.COUNTER, Kind.COUNTER]
    assert "places taken is 7, and the records make it 0" in listed[0].what
    assert listed[0].where == f"/admin/courses/intake/{intake.pk}/change/"
    for one in listed:
        repair(one)
    assert places(intake) == (0, 1)
    assert found() == []


# Access ----------------------------------------------------------------------------------------


def test_lessons_closed_without_a_dispute_are_opened(
    payment: Payment, stand_in: Sandbox, sam: User
) -> None:
    Enrolment.objects.update(suspended_at=timezone.now())
    (one,) = found()
    assert one.kind == Kind.SUSPENDED
    repair(one, by=sam)
    assert only_enrolment().suspended_at is None
    assert notes() == [("Sam Staff", "the lessons are open again")]


def test_lessons_open_during_a_dispute_are_closed_where_the_provider_says_so(
    payment: Payment, stand_in: Sandbox
) -> None:
    dispute(stand_in, payment)
    Provider.objects.update(suspends_disputed=False)
    assert kinds() == [Kind.DISPUTE_BEHIND]
    reconciling.reconcile(at=soon())
    assert only_dispute().is_open
    assert found() == []
    Provider.objects.update(suspends_disputed=True)
    (one,) = found()
    assert one.kind == Kind.NOT_SUSPENDED
    repair(one)
    assert only_enrolment().suspended_at is not None
    assert found() == []


def test_a_lost_dispute_leaves_a_place_that_is_not_paid_for(
    payment: Payment, stand_in: Sandbox, sam: User
) -> None:
    made = dispute(stand_in, payment)
    stand_in.control(f"disputes/{made}/close", outcome="lost")
    report = reconciling.reconcile(at=soon())
    assert [one.kind for one in report.repaired] == [Kind.DISPUTE_BEHIND]
    (left,) = report.left
    assert left.kind == Kind.NOT_COVERED
    assert "£0 is here" in left.what
    assert only_dispute().outcome == Dispute.Outcome.LOST


@pytest.mark.parametrize("status", Enrolment.Status.values)
@pytest.mark.parametrize("is_suspended", [False, True])
def test_only_who_is_enrolled_and_not_suspended_can_read(
    alice: User, intake: Intake, status: str, is_suspended: bool
) -> None:
    now = timezone.now()
    Intake.objects.update(lessons_open=Intake.LessonsOpen.AT_ONCE)
    ended = status in {"expired", "cancelled"}
    enrol(
        alice,
        intake,
        status=status,
        ended_at=now if ended else None,
        suspended_at=now if is_suspended else None,
    )
    lesson = a_lesson(intake.course)
    may_read = alice.has_perm("courses.read_lesson", lesson)
    assert may_read == (status == "enrolled" and not is_suspended)


# Webhooks --------------------------------------------------------------------------------------


def test_a_webhook_left_over_is_worked_on(pending: Payment, stand_in: Sandbox) -> None:
    pay(stand_in, pending)
    event = events(stand_in, "checkout.session.completed")[0]
    StripeEvent.objects.create(
        event_id=event["id"], type=event["type"], payload=event, received_at=timezone.now()
    )
    settling.settle(pending, at=timezone.now())
    (one,) = found()
    assert one.kind == Kind.EVENT_LEFT
    repair(one)
    assert StripeEvent.objects.get().processed_at
    assert found() == []


# How it is asked -------------------------------------------------------------------------------


def test_stripe_is_asked_by_the_hundred_and_not_one_by_one(
    alices: Client, bob: User, carol: User, intake: Intake, stand_in: Sandbox
) -> None:
    begin_paying(alices, intake)
    for student in (bob, carol):
        browser = Client()
        browser.force_login(student)
        begin_paying(browser, intake)
    before = len(stand_in.see("log")["requests"])
    reconciling.reconcile(at=soon(), look_back=reconciling.SHORTLY)
    asked = [one["path"] for one in stand_in.see("log")["requests"][before:]]
    assert asked == ["/v1/checkout/sessions", "/v1/refunds", "/v1/disputes"]


def test_what_is_open_from_before_the_list_is_asked_about_singly(
    pending: Payment, intake: Intake, stand_in: Sandbox
) -> None:
    stand_in.control(f"sessions/{pending.session_id}/expire")
    reconciling.reconcile(at=timezone.now() + timedelta(days=3), look_back=reconciling.SHORTLY)
    assert places(intake) == (0, 0)
