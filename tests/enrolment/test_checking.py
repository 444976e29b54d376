"""Each way in which Stripe, payments, places and access can disagree: found, repaired, once."""

from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses.models import Course, Intake, Provider
from enrolment import checking, offering, reconciling, recounting, refunding, repairing, settling
from enrolment.checking import Disagreement, Kind
from enrolment.lapsing import lapse
from enrolment.models import (
    Dispute,
    Enrolment,
    HistoryEntry,
    Offer,
    Payment,
    Refund,
    StripeEvent,
    WaitingListEntry,
)
from tests.courses.making import a_lesson, a_price, an_intake, enrol
from tests.enrolment.disputing import dispute, only_dispute, paid
from tests.enrolment.driving import (
    begin_paying,
    events,
    only_enrolment,
    pay,
    places,
    run_jobs,
)
from tests.sandbox.process import Sandbox

PAGE = "/admin/enrolment/dispute/reconciliation/"


def soon() -> datetime:
    """Late enough that nothing is in hand any more."""
    return timezone.now() + timedelta(minutes=2)


def found(at: datetime | None = None) -> list[Disagreement]:
    """What the check finds."""
    return checking.check(at=at or soon(), look_back=reconciling.LONG)


def kinds(at: datetime | None = None) -> list[Kind]:
    """Of which kinds that is."""
    return [one.kind for one in found(at)]


def repair(one: Disagreement, *, by: User | None = None, at: datetime | None = None) -> None:
    """Repair it as its button does, twice: the second time is harmless."""
    assert one.repair
    for _ in range(2):
        repairing.repair(one.repair, one.key, at=at or soon(), by=by)


def notes() -> list[tuple[str, str]]:
    """Who put what right, by the history."""
    entries = HistoryEntry.objects.filter(kind=HistoryEntry.Kind.REPAIRED).select_related("by")
    return [(entry.by.name if entry.by else "", entry.reason) for entry in entries]


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


def test_money_for_a_payment_that_was_lost_is_shown(pending: Payment, stand_in: Sandbox) -> None:
    pay(stand_in, pending)
    HistoryEntry.objects.all().delete()
    Payment.objects.all().delete()
    Enrolment.objects.all().delete()
    recounting.recount()
    (one,) = found()
    assert (one.kind, one.repair) == (Kind.LOST_PAYMENT, None)
    assert str(pending.session_id) in one.what


# Money in use, and money that is not -----------------------------------------------------------


def test_money_that_bought_no_place_goes_back_when_staff_say_so(
    payment: Payment, intake: Intake, stand_in: Sandbox, sam: User
) -> None:
    Enrolment.objects.update(status=Enrolment.Status.EXPIRED, ended_at=timezone.now())
    Intake.objects.update(places_taken=0)
    intake.prices.update(places_booked=0)
    (one,) = found()
    assert one.kind == Kind.PAID_NOWHERE
    assert reconciling.reconcile(at=soon()).left == [one]
    repair(one, by=sam)
    run_jobs()
    payment.refresh_from_db()
    assert payment.flag == Payment.Flag.ENDED
    assert Refund.objects.get().amount == 9000
    assert found() == []


def test_flagged_money_without_a_refund_goes_back(
    payment: Payment, intake: Intake, stand_in: Sandbox
) -> None:
    Payment.objects.update(flag=Payment.Flag.TWICE)
    Enrolment.objects.update(amount=0, list_amount=0)
    (one,) = found()
    assert one.kind == Kind.FLAGGED_KEPT
    repair(one)
    run_jobs()
    assert Refund.objects.get().amount == 9000
    assert found() == []


def test_a_refund_made_at_stripe_is_written_down_with_its_mail(
    payment: Payment, stand_in: Sandbox, sam: User
) -> None:
    stand_in.control(f"sessions/{payment.session_id}/refund", amount=2500)
    (one,) = found()
    assert one.kind == Kind.REFUND_UNKNOWN
    assert "£25 of" in one.what
    repair(one, by=sam)
    run_jobs()
    refund = Refund.objects.get()
    assert (refund.amount, refund.status, refund.by) == (2500, Refund.Status.DONE, None)
    assert len(stand_in.client().v1.refunds.list().data) == 1
    assert [one.kind for one in found()] == [Kind.NOT_COVERED]


def test_the_schedule_writes_refunds_down_that_nobody_told_of(
    payment: Payment, stand_in: Sandbox
) -> None:
    stand_in.control(f"sessions/{payment.session_id}/refund", amount=2500)
    reconciling.reconcile(at=soon(), look_back=reconciling.SHORTLY)
    run_jobs()
    assert Refund.objects.get().status == Refund.Status.DONE


def test_a_refund_that_was_never_asked_for_is(payment: Payment, stand_in: Sandbox) -> None:
    refunding.begin(payment, amount=1000, reason="Goodwill", at=timezone.now())
    (one,) = [one for one in found() if one.kind == Kind.REFUND_BEHIND]
    repair(one)
    assert Refund.objects.get().status == Refund.Status.DONE
    assert [made.amount for made in stand_in.client().v1.refunds.list().data] == [1000]


def test_a_refund_that_stripe_sees_otherwise_is_followed(
    payment: Payment, stand_in: Sandbox, sam: User
) -> None:
    refunding.begin(payment, amount=1000, reason="Goodwill", at=timezone.now(), by=sam)
    run_jobs()
    Refund.objects.update(status=Refund.Status.PENDING, done_at=None)
    (one,) = found()
    assert one.kind == Kind.REFUND_BEHIND
    repair(one, by=sam)
    assert Refund.objects.get().status == Refund.Status.DONE
    assert notes() == [("Sam Staff", "what Stripe says of the refund was taken over")]


def test_a_refund_that_stripe_has_not_is_shown(
    payment: Payment, stand_in: Sandbox, sam: User
) -> None:
    refunding.begin(payment, amount=1000, reason="Goodwill", at=timezone.now(), by=sam)
    run_jobs()
    Refund.objects.update(stripe_id="re_of_nobody")
    listed = {one.kind: one for one in found()}
    assert listed[Kind.REFUND_MISSING].repair is None


def test_a_failed_refund_is_tried_again_or_left(
    payment: Payment, stand_in: Sandbox, sam: User
) -> None:
    stand_in.control("refunds", status="failed")
    refunding.begin(payment, amount=1000, reason="Goodwill", at=timezone.now(), by=sam)
    run_jobs()
    (one,) = found()
    assert (one.kind, one.may_stay) == (Kind.REFUND_FAILED, True)
    assert reconciling.reconcile(at=soon()).left == [one]
    repair(one, by=sam)
    run_jobs()
    assert Refund.objects.get().status == Refund.Status.DONE
    assert found() == []


def test_a_place_that_is_not_paid_for_is_shown_until_staff_leave_it_so(
    payment: Payment, stand_in: Sandbox, sam: User
) -> None:
    refunding.begin(payment, amount=1000, reason="Nobody knows", at=timezone.now())
    run_jobs()
    (one,) = found()
    assert one.kind == Kind.NOT_COVERED
    assert "£90 were agreed, and £80 are here" in one.what
    repairing.leave(one.mark, payment.enrolment_id, by=sam, at=timezone.now())
    repairing.leave(one.mark, payment.enrolment_id, by=sam, at=timezone.now())
    assert notes() == [("Sam Staff", "it stays as it is")]
    assert found() == []


def test_what_staff_gave_back_on_purpose_is_no_disagreement(
    payment: Payment, stand_in: Sandbox, sam: User
) -> None:
    refunding.begin(payment, amount=1000, reason="Goodwill", at=timezone.now(), by=sam)
    run_jobs()
    assert found() == []


# Places ----------------------------------------------------------------------------------------


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
    assert "places taken is 7, and 0 are counted" in listed[0].what
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
    assert "£0 are here" in left.what
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


def test_the_command_lists_and_repairs_what_the_page_shows(
    payment: Payment, intake: Intake, stand_in: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    Intake.objects.update(places_taken=4)
    with pytest.raises(CommandError, match="1 thing is left"):
        call_command("reconcile", "--check")
    assert "Places miscounted: Deep learning, May 2126 intake" in capsys.readouterr().out
    assert places(intake) == (4, 0)
    call_command("reconcile")
    assert places(intake) == (1, 0)
    assert "Repaired: Deep learning" in capsys.readouterr().out


# The page --------------------------------------------------------------------------------------


@pytest.fixture
def sams(sam: User) -> Client:
    """Sam's browser, signed in."""
    browser = Client()
    browser.force_login(sam)
    return browser


def test_the_page_shows_what_disagrees_and_repairs_it_at_a_click(
    payment: Payment, intake: Intake, stand_in: Sandbox, sams: Client
) -> None:
    stand_in.control(f"sessions/{payment.session_id}/refund", amount=2500)
    page = sams.get(PAGE).content.decode()
    assert "Refunded at Stripe, and not here" in page
    assert "Write it down" in page
    stripe_id = stand_in.client().v1.refunds.list().data[0].id
    answer = sams.post(PAGE, {"repair": "record_refund", "key": stripe_id}, follow=True)
    assert "Done." in answer.content.decode()
    assert Refund.objects.get().stripe_id == stripe_id
    assert notes() == [("Sam Staff", "a refund made at Stripe was written down")]


def test_everything_safe_is_repaired_by_one_button(
    payment: Payment, intake: Intake, stand_in: Sandbox, sams: Client
) -> None:
    Intake.objects.update(places_taken=4)
    assert "Repair all that is safe" in sams.get(PAGE).content.decode()
    answer = sams.post(PAGE, {"all": "1"}, follow=True).content.decode()
    assert "1 repaired." in answer
    assert "Nothing disagrees." in answer
    assert places(intake) == (1, 0)


def test_what_may_stay_is_left_by_a_button(
    payment: Payment, stand_in: Sandbox, sams: Client
) -> None:
    refunding.begin(payment, amount=1000, reason="Nobody knows", at=timezone.now())
    run_jobs()
    mark = f"not_covered:{payment.enrolment_id}"
    assert mark in sams.get(PAGE).content.decode()
    answer = sams.post(PAGE, {"leave": mark}, follow=True).content.decode()
    assert "Nothing disagrees." in answer
    assert notes() == [("Sam Staff", "it stays as it is")]
    sams.post(PAGE, {"leave": "not_covered:nonsense"})
    assert len(notes()) == 1


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"repair": "nonsense", "key": "1"},
        {"repair": "settle", "key": "cs_of_nobody"},
        {"repair": "give_up", "key": "no-uuid"},
        {"repair": "recount", "key": "intake:x"},
        {"repair": "recount", "key": "intake:999"},
        {"repair": "recount", "key": "user:1"},
        {"repair": "process_event", "key": "\x00"},
        {"repair": "let_go", "key": "1" * 255},
        {"leave": "x"},
    ],
)
def test_the_page_takes_whatever_is_sent(
    payment: Payment, stand_in: Sandbox, sams: Client, sent: dict[str, str]
) -> None:
    answer = sams.post(PAGE, sent, follow=True)
    assert answer.status_code == 200
    assert only_enrolment().is_enrolled


def test_the_page_is_for_those_who_may_reconcile(
    alices: Client, payment: Payment, stand_in: Sandbox, bob: User
) -> None:
    assert alices.get(PAGE).status_code == 302
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    bobs = Client()
    bobs.force_login(bob)
    assert bobs.get(PAGE).status_code == 403
    assert bobs.post(PAGE, {"all": "1"}).status_code == 403


def test_where_stripe_is_away_the_page_says_so_and_shows_the_rest(
    payment: Payment, intake: Intake, stand_in: Sandbox, sams: Client
) -> None:
    Intake.objects.update(places_taken=4)
    stand_in.control("requests", path="/v1/*", action="drop", count="all")
    page = sams.get(PAGE).content.decode()
    assert "Not everything could be checked." in page
    assert "could not be listed" in page
    assert "Places miscounted" in page
    sams.post(PAGE, {"all": "1"})
    assert places(intake) == (1, 0)
