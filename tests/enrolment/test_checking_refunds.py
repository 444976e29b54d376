"""Money that came, and what went back of it: where Stripe and our records disagree."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses.models import Intake
from enrolment import reconciling, refunding, repairing
from enrolment.checking import Kind
from enrolment.models import (
    Enrolment,
    Payment,
    Refund,
)
from tests.enrolment.disagreeing import found, notes, repair, soon
from tests.enrolment.disputing import paid
from tests.enrolment.driving import (
    begin_paying,
    run_jobs,
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
    assert "£90 was agreed, and £80 is here" in one.what
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
