"""Refunds: never more than came, followed until done, and tried again where they failed."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import User
from courses.models import Intake
from enrolment import cancelling, history, payments, reconciling, recording, refunding
from enrolment.models import Dispute, Document, Enrolment, Payment, Refund
from tests.enrolment.driving import run_jobs
from tests.enrolment.leaving import buy, kinds, net
from tests.sandbox.process import Sandbox


@pytest.fixture
def enrolment(alice: User, intake: Intake, stand_in: Sandbox) -> Enrolment:
    """Alice's, paid for with £90, and told of."""
    made = buy(stand_in, alice, intake.prices.get())
    run_jobs()
    mail.outbox.clear()
    return made


def refund(enrolment: Enrolment, amount: int) -> Refund:
    return refunding.begin(
        enrolment.payments.get(), amount=amount, reason="A session fell through", at=timezone.now()
    )


def at_stripe(stand_in: Sandbox) -> list[tuple[str, int]]:
    found = stand_in.client().v1.refunds.list({"limit": 100}).data
    return sorted((str(one.status), one.amount) for one in found)


@pytest.mark.parametrize("amount", [1, 29, 4500, 9000])
def test_any_part_goes_back_however_small(
    enrolment: Enrolment, stand_in: Sandbox, amount: int
) -> None:
    made = refund(enrolment, amount)
    run_jobs()
    made.refresh_from_db()
    assert made.status == Refund.Status.DONE
    assert at_stripe(stand_in) == [("succeeded", amount)]
    assert kinds(enrolment)[-2:] == ["refund_begun", "refund_done"]
    assert len(mail.outbox) == 1
    assert Document.objects.get(refund=made).amount == amount


def test_no_more_goes_back_than_came(enrolment: Enrolment) -> None:
    refund(enrolment, 5000)
    with pytest.raises(refunding.RefundTooLarge) as refused:
        refund(enrolment, 4001)
    assert refused.value.left == 4000
    refund(enrolment, 4000)
    assert net(enrolment) == 0


def test_what_stripe_delays_is_followed_until_it_is_done(
    enrolment: Enrolment, stand_in: Sandbox
) -> None:
    stand_in.control("refunds", status="pending")
    made = refund(enrolment, 9000)
    run_jobs()
    made.refresh_from_db()
    assert made.status == Refund.Status.PENDING
    assert made.stripe_id
    stand_in.control(f"refunds/{made.stripe_id}", status="succeeded")
    for _ in range(2):
        reconciling.reconcile(at=timezone.now() + timedelta(minutes=1))
    made.refresh_from_db()
    assert made.status == Refund.Status.DONE
    assert kinds(enrolment).count("refund_done") == 1


def test_what_failed_is_tried_again_as_a_new_refund(
    enrolment: Enrolment, stand_in: Sandbox, sam: User
) -> None:
    stand_in.control("refunds", status="failed")
    made = refund(enrolment, 9000)
    run_jobs()
    made.refresh_from_db()
    assert made.status == Refund.Status.FAILED
    assert kinds(enrolment)[-1] == "refund_failed"
    first = made.stripe_id
    refunding.retry(made, at=timezone.now(), by=sam)
    run_jobs()
    made.refresh_from_db()
    assert made.status == Refund.Status.DONE
    assert made.stripe_id != first
    assert at_stripe(stand_in) == [("failed", 9000), ("succeeded", 9000)]
    assert refunding.retry(made, at=timezone.now(), by=sam).attempt == 2
    assert len(mail.outbox) == 1


def test_what_went_back_in_another_way_is_not_tried_again(
    enrolment: Enrolment, stand_in: Sandbox
) -> None:
    stand_in.control("refunds", status="failed")
    made = refund(enrolment, 9000)
    run_jobs()
    refund(enrolment, 100)
    with pytest.raises(refunding.RefundTooLarge):
        refunding.retry(made, at=timezone.now())


def test_what_stripe_cannot_give_back_staff_give_back_themselves(
    enrolment: Enrolment, sam: User, stand_in: Sandbox
) -> None:
    """https://docs.stripe.com/refunds#failed-refunds"""
    stand_in.control("refunds", status="failed")
    made = refund(enrolment, 9000)
    run_jobs()
    made.refresh_from_db()
    refunding.mark_done(made, how="Bank transfer of 3 May", at=timezone.now(), by=sam)
    assert (net(enrolment), kinds(enrolment)[-2:]) == (0, ["refund_failed", "refund_done"])
    assert history.sentences(enrolment)[-1].text == (
        "£90 has gone back (Bank transfer of 3 May), as Sam Staff noted."
    )
    refunding.carry_out(made, at=timezone.now())
    report = reconciling.reconcile(at=timezone.now() + timedelta(minutes=2))
    # That she keeps a place which nothing is paid for is another matter.
    assert ([one.kind for one in report.left], report.problems) == (["not_covered"], [])
    made.refresh_from_db()
    assert made.status == Refund.Status.DONE
    assert Document.objects.filter(kind="credit_note").count() == 1
    refunding.retry(made, at=timezone.now())
    run_jobs()
    assert at_stripe(stand_in) == [("failed", 9000)]


def test_what_went_back_in_another_way_is_not_marked_as_given_back(
    enrolment: Enrolment, sam: User, stand_in: Sandbox
) -> None:
    stand_in.control("refunds", status="failed")
    made = refund(enrolment, 9000)
    run_jobs()
    refund(enrolment, 100)
    with pytest.raises(refunding.RefundTooLarge):
        refunding.mark_done(made, how="Cheque", at=timezone.now(), by=sam)
    made.refresh_from_db()
    assert made.status == Refund.Status.FAILED


def test_a_refund_that_failed_is_not_counted_against_who_cancels(
    enrolment: Enrolment, stand_in: Sandbox
) -> None:
    stand_in.control("refunds", status="failed")
    made = refund(enrolment, 2000)
    Enrolment.objects.filter(pk=enrolment.pk).update(amount=7000, list_amount=7000)
    run_jobs()
    enrolment.refresh_from_db()
    quote = cancelling.quote(enrolment, at=timezone.now())
    assert (quote.paid, quote.refund) == (7000, 7000)
    cancelling.cancel(enrolment, at=timezone.now(), expected=7000)
    refunding.retry(made, at=timezone.now())
    run_jobs()
    assert net(enrolment) == 0


@pytest.mark.parametrize("action", ["error", "drop"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_refund_is_made_once_whatever_goes_wrong_at_stripe(
    enrolment: Enrolment, stand_in: Sandbox, action: str, when: str
) -> None:
    made = refund(enrolment, 9000)
    stand_in.control("requests", action=action, when=when, path="/v1/refunds", method="POST")
    for minutes in (1, 2, 3):
        reconciling.reconcile(at=timezone.now() + timedelta(minutes=minutes))
    made.refresh_from_db()
    assert made.status == Refund.Status.DONE
    assert at_stripe(stand_in) == [("succeeded", 9000)]


def test_what_was_paid_elsewhere_is_done_when_staff_say_so(
    enrolment: Enrolment, sam: User, stand_in: Sandbox
) -> None:
    Payment.objects.update(method=Payment.Method.ELSEWHERE, session_id=None)
    made = refund(enrolment, 9000)
    run_jobs()
    reconciling.reconcile(at=timezone.now() + timedelta(minutes=1))
    made.refresh_from_db()
    assert made.status == Refund.Status.PENDING
    for _ in range(2):
        refunding.mark_done(made, how="Bank transfer", at=timezone.now(), by=sam)
    made.refresh_from_db()
    assert made.status == Refund.Status.DONE
    assert kinds(enrolment).count("refund_done") == 1
    assert at_stripe(stand_in) == []


def test_a_refund_whose_answer_was_lost_is_not_made_again_when_stripe_forgot_its_key(
    enrolment: Enrolment, stand_in: Sandbox
) -> None:
    made = refund(enrolment, 2000)
    # Stripe carried it out, we died, and a day later Stripe knows the key no more.
    payments.create_refund(
        payment_intent_id=made.payment.payment_intent_id,
        amount=2000,
        refund_key=str(made.pk),
        key="the key of that call",
    )
    refunding.carry_out(made, at=timezone.now() + timedelta(days=2))
    made.refresh_from_db()
    assert made.status == Refund.Status.DONE
    assert at_stripe(stand_in) == [("succeeded", 2000)]


def test_a_refund_made_at_stripe_is_written_down_though_a_dispute_came_after_it(
    enrolment: Enrolment, stand_in: Sandbox
) -> None:
    payment = enrolment.payments.get()
    made = payments.create_refund(
        payment_intent_id=payment.payment_intent_id, amount=2000, refund_key="", key="by hand"
    )
    Dispute.objects.create(
        payment=payment,
        stripe_id="du_1",
        stripe_status="needs_response",
        amount=7000,
        opened_at=timezone.now(),
    )
    assert refunding.refundable(payment) == 0
    written = recording.record_refund(made, at=timezone.now())
    assert written
    assert (written.stripe_id, written.amount) == (made.id, 2000)
    assert recording.record_refund(made, at=timezone.now()) is None
    assert net(enrolment) == 7000
