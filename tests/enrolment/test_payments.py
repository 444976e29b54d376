"""What our one module about Stripe makes of what Stripe says."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from enrolment import payments
from enrolment.payments import CheckoutSession
from tests.sandbox.orders import order
from tests.sandbox.process import Sandbox

STATES = ("is_open", "is_expired", "is_paid", "is_processing", "has_failed")


def a_session(stand_in: Sandbox, outcome: str = "", **changes: Any) -> CheckoutSession:
    """A session that allows cards and debits, and what the student did on its page."""
    changes = {"allowed_payment_method_types": ["card", "bacs_debit"]} | changes
    number = len(stand_in.see("log")["requests"])
    made = payments.create_session(order(**changes), key=f"key-{number}")
    if outcome:
        stand_in.control(f"sessions/{made.id}/pay", outcome=outcome)
    return made


def states(session: CheckoutSession) -> list[str]:
    return [state for state in STATES if getattr(session, state)]


def epoch(at: datetime) -> datetime:
    """A moment before everything that these tests make."""
    return at - timedelta(days=1)


NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    ("outcome", "settled", "expected"),
    [
        ("", "", ["is_open"]),
        ("decline", "", ["is_open"]),
        ("3ds_pending", "", ["is_open"]),
        ("success", "", ["is_paid"]),
        ("bacs", "", ["is_processing"]),
        ("bacs", "success", ["is_paid"]),
        ("bacs", "failure", ["has_failed"]),
    ],
)
def test_a_session_is_in_one_state_whether_fetched_or_listed(
    stand_in: Sandbox, outcome: str, settled: str, expected: list[str]
) -> None:
    made = a_session(stand_in, outcome)
    if settled:
        stand_in.control(f"sessions/{made.id}/settle", outcome=settled)
    fetched = payments.fetch_session(made.id)
    assert states(fetched) == expected
    assert list(payments.list_sessions(since=epoch(NOW))) == [fetched]
    assert payments.find_session("7", since=epoch(NOW)) == fetched
    assert bool(fetched.payment_intent_id) == bool(outcome)


def test_a_list_asks_again_only_about_those_that_await_money(stand_in: Sandbox) -> None:
    a_session(stand_in)
    a_session(stand_in, "success")
    waits = a_session(stand_in, "bacs")
    before = len(stand_in.see("log")["requests"])
    assert len(list(payments.list_sessions(since=epoch(NOW)))) == 3
    asked = [one["path"] for one in stand_in.see("log")["requests"][before:]]
    assert asked == ["/v1/checkout/sessions", f"/v1/checkout/sessions/{waits.id}"]


def test_a_session_says_when_it_ends(stand_in: Sandbox) -> None:
    at = (NOW + timedelta(hours=2)).replace(microsecond=0)
    made = a_session(stand_in, expires_at=int(at.timestamp()))
    assert made.expires_at == at
    assert payments.fetch_session(made.id).expires_at == at


def test_delayed_methods_need_no_more_than_being_allowed(stand_in: Sandbox) -> None:
    made = a_session(stand_in)
    found = stand_in.client().v1.checkout.sessions.retrieve(made.id)
    assert found.payment_method_types == ["card", "bacs_debit"]


def test_an_open_session_is_closed_and_nobody_can_pay_on_it(stand_in: Sandbox) -> None:
    made = a_session(stand_in)
    closed = payments.expire_session(made.id)
    assert states(closed) == ["is_expired"]
    with pytest.raises(ValueError, match="this session is expired, not open"):
        stand_in.control(f"sessions/{made.id}/pay")


def test_closing_twice_is_harmless(stand_in: Sandbox) -> None:
    made = a_session(stand_in)
    assert payments.expire_session(made.id) == payments.expire_session(made.id)
    expired = stand_in.client().v1.events.list({"type": "checkout.session.expired"}).data
    assert len(expired) == 1


def test_a_session_that_ended_by_itself_counts_as_closed(stand_in: Sandbox) -> None:
    made = a_session(stand_in)
    stand_in.control("clock", advance=24 * 60 * 60 + 10)
    assert payments.expire_session(made.id).is_expired


@pytest.mark.parametrize("outcome", ["success", "bacs"])
def test_a_session_that_somebody_paid_on_cannot_be_closed(stand_in: Sandbox, outcome: str) -> None:
    made = a_session(stand_in, outcome)
    with pytest.raises(payments.CallRefused, match="status of `complete`"):
        payments.expire_session(made.id)
    assert not payments.fetch_session(made.id).is_expired


def test_an_unknown_session_cannot_be_closed(stand_in: Sandbox) -> None:
    with pytest.raises(payments.CallRefused, match="No such checkout"):
        payments.expire_session("cs_test_nobody")


@pytest.mark.parametrize("outcome", ["success", "decline", "bacs", ""])
def test_stripe_tells_when_a_card_was_charged_and_no_more(stand_in: Sandbox, outcome: str) -> None:
    made = a_session(stand_in)
    stand_in.control("clock", advance=900)
    charged = datetime.now(UTC) + timedelta(seconds=900)
    if outcome:
        stand_in.control(f"sessions/{made.id}/pay", outcome=outcome)
    stand_in.control("clock", advance=900)
    if outcome == "bacs":
        stand_in.control(f"sessions/{made.id}/settle", outcome="success")
    paid_at = payments.fetch_session(made.id).paid_at
    if outcome == "success":
        assert paid_at is not None
        assert abs(paid_at - charged) < timedelta(seconds=60)
    else:
        assert paid_at is None
    assert [one.paid_at for one in payments.list_sessions(since=epoch(NOW))] == [None]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("action", "error"), [("error", payments.CallFailed), ("drop", payments.OutcomeUnknown)]
)
def test_closing_again_after_a_fault_closes(
    stand_in: Sandbox, when: str, action: str, error: type[payments.PaymentsError]
) -> None:
    made = a_session(stand_in)
    stand_in.control("requests", action=action, when=when, path="*/expire")
    with pytest.raises(error):
        payments.expire_session(made.id)
    assert payments.expire_session(made.id).is_expired


def test_refunds_are_listed_with_those_made_in_the_dashboard(stand_in: Sandbox) -> None:
    session = payments.fetch_session(a_session(stand_in, "success").id)
    ours = payments.create_refund(
        payment_intent_id=session.payment_intent_id, amount=4000, refund_key="r-1", key="k-r-1"
    )
    assert (ours.amount, ours.currency, ours.refund_key) == (4000, "GBP", "r-1")
    assert ours.payment_intent_id == session.payment_intent_id
    stand_in.control("clock", advance=1000)
    stand_in.control(f"sessions/{session.id}/refund", amount=500)
    theirs, again = payments.list_refunds(since=epoch(NOW))
    assert again == ours == payments.fetch_refund(ours.id)
    assert (theirs.amount, theirs.refund_key, theirs.status) == (500, "", "succeeded")
    assert theirs.created_at - ours.created_at >= timedelta(seconds=1000)
    assert list(payments.list_refunds(since=theirs.created_at)) == [theirs]


def test_more_refunds_than_fit_a_page_are_all_listed(stand_in: Sandbox) -> None:
    session = a_session(stand_in, "success")
    for _ in range(payments.PAGE + 1):
        stand_in.control(f"sessions/{session.id}/refund", amount=1)
    assert len({one.id for one in payments.list_refunds(since=epoch(NOW))}) == payments.PAGE + 1


def test_a_dispute_is_followed_from_the_deadline_to_the_end(stand_in: Sandbox) -> None:
    session = payments.fetch_session(a_session(stand_in, "success").id)
    due_by = (NOW + timedelta(days=5)).replace(microsecond=0)
    opened = stand_in.control(
        "disputes",
        session=session.id,
        reason="product_not_received",
        amount=4000,
        due_by=int(due_by.timestamp()),
    )
    dispute = payments.fetch_dispute(opened["id"])
    assert (dispute.status, dispute.reason) == ("needs_response", "product_not_received")
    assert (dispute.amount, dispute.currency) == (4000, "GBP")
    assert dispute.payment_intent_id == session.payment_intent_id
    assert dispute.evidence_due_by == due_by
    assert not dispute.is_refundable
    assert list(payments.list_disputes(since=dispute.created_at)) == [dispute]
    assert list(payments.list_disputes(since=dispute.created_at + timedelta(seconds=1))) == []
    stand_in.control(f"disputes/{dispute.id}/close", outcome="won")
    (closed,) = payments.list_disputes(since=epoch(NOW))
    assert (closed.status, closed.is_refundable) == ("won", True)


def test_a_dispute_that_takes_no_answer_has_no_deadline(stand_in: Sandbox) -> None:
    session = a_session(stand_in, "bacs")
    stand_in.control(f"sessions/{session.id}/settle")
    opened = stand_in.control("disputes", session=session.id, reason="debit_not_authorized")
    dispute = payments.fetch_dispute(opened["id"])
    assert (dispute.status, dispute.evidence_due_by) == ("lost", None)


def test_an_inquiry_can_still_be_refunded(stand_in: Sandbox) -> None:
    session = payments.fetch_session(a_session(stand_in, "inquiry").id)
    (inquiry,) = payments.list_disputes(since=epoch(NOW))
    assert (inquiry.status, inquiry.is_refundable) == ("warning_needs_response", True)
    payments.create_refund(
        payment_intent_id=session.payment_intent_id, amount=9000, refund_key="r-1", key="k-r-1"
    )
    assert payments.fetch_dispute(inquiry.id).status == "warning_closed"


def test_an_unknown_dispute_is_refused(stand_in: Sandbox) -> None:
    with pytest.raises(payments.CallRefused, match="No such dispute"):
        payments.fetch_dispute("du_nobody")


@pytest.mark.parametrize("action", ["error", "drop", "delay"])
def test_every_reading_call_says_when_stripe_is_ill(
    stand_in: Sandbox, action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payments, "TIMEOUT_SECONDS", 0.3)
    payments._client.cache_clear()
    stand_in.control("requests", action=action, seconds=30, count="all")
    expected = payments.CallFailed if action == "error" else payments.OutcomeUnknown
    for call in (
        lambda: payments.fetch_session("cs_test_1"),
        lambda: payments.expire_session("cs_test_1"),
        lambda: payments.fetch_dispute("du_1"),
        lambda: next(payments.list_sessions(since=NOW)),
        lambda: next(payments.list_refunds(since=NOW)),
        lambda: next(payments.list_disputes(since=NOW)),
    ):
        with pytest.raises(expected):
            call()
    stand_in.control("rules/clear")
    assert list(payments.list_disputes(since=NOW)) == []
