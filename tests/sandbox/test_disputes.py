"""Disputes from the first question to the bank's last word."""

from typing import Any

import pytest
import stripe

from tests.sandbox.browsing import submit, visit
from tests.sandbox.orders import checkout, intent_of
from tests.sandbox.process import Sandbox
from tests.sandbox.receiver import Receiver

DAY = 24 * 60 * 60


@pytest.fixture
def paid(sandbox: Sandbox, client: stripe.StripeClient) -> str:
    """A session that was paid by card."""
    session = checkout(client, 9000)
    sandbox.control(f"sessions/{session.id}/pay")
    return session.id


def disputed(sandbox: Sandbox, client: stripe.StripeClient, **about: Any) -> stripe.Dispute:
    made = sandbox.control("disputes", **about)
    return client.v1.disputes.retrieve(made["id"])


def told(client: stripe.StripeClient) -> list[str]:
    """What Stripe told of disputes, in the order in which it happened."""
    events = client.v1.events.list({"type": "charge.dispute.*", "limit": 100}).data
    return [event.type.removeprefix("charge.dispute.") for event in reversed(events)]


def refunding(client: stripe.StripeClient, session: str) -> stripe.Refund:
    return client.v1.refunds.create({"payment_intent": intent_of(client, session).id})


def test_a_chargeback_takes_the_money_and_asks_for_evidence(
    sandbox: Sandbox, client: stripe.StripeClient, paid: str, receiver: Receiver
) -> None:
    """https://docs.stripe.com/disputes/how-disputes-work"""
    dispute = disputed(sandbox, client, session=paid, reason="product_not_received")
    assert (dispute.status, dispute.reason) == ("needs_response", "product_not_received")
    assert (dispute.amount, dispute.currency) == (9000, "gbp")
    assert dispute.is_charge_refundable is False
    details = dispute.evidence_details
    assert details.due_by == dispute.created + 9 * DAY
    assert (details.has_evidence, details.submission_count) == (False, 0)
    assert told(client) == ["created", "funds_withdrawn"]
    receiver.wait_for("charge.dispute.funds_withdrawn", dispute.id)


def test_evidence_is_looked_at_and_a_won_dispute_brings_the_money_back(
    sandbox: Sandbox, client: stripe.StripeClient, paid: str
) -> None:
    """https://docs.stripe.com/api/events/types (charge.dispute.*)"""
    identifier = disputed(sandbox, client, session=paid).id
    sandbox.control(f"disputes/{identifier}/respond")
    answered = client.v1.disputes.retrieve(identifier)
    assert answered.status == "under_review"
    assert answered.evidence_details.has_evidence
    assert answered.evidence_details.submission_count == 1
    sandbox.control(f"disputes/{identifier}/close", outcome="won")
    assert client.v1.disputes.retrieve(identifier).status == "won"
    assert told(client) == ["created", "funds_withdrawn", "updated", "closed", "funds_reinstated"]
    assert refunding(client, paid).amount == 9000


def test_a_lost_dispute_leaves_the_money_with_the_customer(
    sandbox: Sandbox, client: stripe.StripeClient, paid: str
) -> None:
    """https://docs.stripe.com/disputes/how-disputes-work"""
    identifier = disputed(sandbox, client, session=paid).id
    sandbox.control(f"disputes/{identifier}/close", outcome="lost")
    assert told(client) == ["created", "funds_withdrawn", "closed"]
    with pytest.raises(stripe.InvalidRequestError) as caught:
        refunding(client, paid)
    assert caught.value.code == "charge_disputed"


def test_an_inquiry_takes_no_money_and_ends_with_a_whole_refund(
    sandbox: Sandbox, client: stripe.StripeClient, paid: str
) -> None:
    """https://docs.stripe.com/disputes (inquiries and retrievals)"""
    inquiry = disputed(sandbox, client, session=paid, inquiry=True)
    assert (inquiry.status, inquiry.is_charge_refundable) == ("warning_needs_response", True)
    assert told(client) == ["created"]
    sandbox.control(f"disputes/{inquiry.id}/respond")
    assert client.v1.disputes.retrieve(inquiry.id).status == "warning_under_review"
    assert refunding(client, paid).status == "succeeded"
    assert client.v1.disputes.retrieve(inquiry.id).status == "warning_closed"
    assert told(client) == ["created", "updated", "closed"]


def test_a_refund_in_part_does_not_end_an_inquiry(
    sandbox: Sandbox, client: stripe.StripeClient, paid: str
) -> None:
    """https://docs.stripe.com/disputes (inquiries and retrievals)"""
    inquiry = disputed(sandbox, client, session=paid, inquiry=True)
    client.v1.refunds.create({"payment_intent": intent_of(client, paid).id, "amount": 100})
    assert client.v1.disputes.retrieve(inquiry.id).status == "warning_needs_response"
    sandbox.control(f"disputes/{inquiry.id}/close", outcome="warning_closed")
    assert client.v1.disputes.retrieve(inquiry.id).status == "warning_closed"


def test_an_inquiry_can_become_a_chargeback(
    sandbox: Sandbox, client: stripe.StripeClient, paid: str
) -> None:
    """https://docs.stripe.com/disputes/how-disputes-work"""
    inquiry = disputed(sandbox, client, session=paid, inquiry=True)
    sandbox.control(f"disputes/{inquiry.id}/escalate")
    dispute = client.v1.disputes.retrieve(inquiry.id)
    assert (dispute.status, dispute.is_charge_refundable) == ("needs_response", False)
    assert told(client) == ["created", "updated", "funds_withdrawn"]


def test_the_dispute_of_a_bank_debit_is_final(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    """https://docs.stripe.com/payments/payment-methods/bacs-debit#disputed-payments"""
    session = checkout(client)
    sandbox.control(f"sessions/{session.id}/pay", outcome="bacs")
    sandbox.control(f"sessions/{session.id}/settle")
    dispute = disputed(sandbox, client, session=session.id, reason="debit_not_authorized")
    assert (dispute.status, dispute.evidence_details.due_by) == ("lost", 0)
    assert told(client) == ["created", "funds_withdrawn", "closed"]


def test_a_dispute_that_nobody_answers_in_time_is_lost(
    sandbox: Sandbox, client: stripe.StripeClient, paid: str
) -> None:
    """https://docs.stripe.com/disputes/responding"""
    identifier = disputed(sandbox, client, session=paid).id
    sandbox.control("clock", advance=9 * DAY - 60)
    assert client.v1.disputes.retrieve(identifier).status == "needs_response"
    sandbox.control("clock", advance=61)
    assert client.v1.disputes.retrieve(identifier).status == "lost"
    assert told(client) == ["created", "funds_withdrawn", "closed"]


@pytest.mark.parametrize("inquiry", [False, True])
def test_one_that_was_answered_waits_for_the_bank(
    sandbox: Sandbox, client: stripe.StripeClient, paid: str, inquiry: bool
) -> None:
    identifier = disputed(sandbox, client, session=paid, inquiry=inquiry).id
    sandbox.control(f"disputes/{identifier}/respond")
    sandbox.control("clock", advance=60 * DAY)
    assert client.v1.disputes.retrieve(identifier).status.endswith("under_review")


def test_the_deadline_for_evidence_can_be_set(
    sandbox: Sandbox, client: stripe.StripeClient, paid: str
) -> None:
    """https://docs.stripe.com/api/disputes/object (evidence_details.due_by, 0 for no answer)"""
    now = sandbox.see("clock")["now"]
    dispute = disputed(sandbox, client, session=paid, due_by=now + 3 * DAY, amount=4000)
    assert (dispute.evidence_details.due_by, dispute.amount) == (now + 3 * DAY, 4000)
    sandbox.control(f"disputes/{dispute.id}/deadline", due_by=now + 20 * DAY)
    sandbox.control("clock", advance=19 * DAY)
    kept = client.v1.disputes.retrieve(dispute.id)
    assert (kept.status, kept.evidence_details.due_by) == ("needs_response", now + 20 * DAY)
    sandbox.control(f"disputes/{dispute.id}/deadline", due_by=0)
    sandbox.control("clock", advance=9 * DAY)
    assert client.v1.disputes.retrieve(dispute.id).status == "needs_response"
    assert told(client) == ["created", "funds_withdrawn", "updated", "updated"]


def test_disputes_are_listed_by_time_and_by_payment(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    """https://docs.stripe.com/api/disputes/list"""
    made = []
    for _ in range(2):
        session = checkout(client)
        sandbox.control(f"sessions/{session.id}/pay", outcome="dispute")
        made.append(intent_of(client, session.id).id)
        sandbox.control("clock", advance=1000)
    late, early = client.v1.disputes.list().data
    assert [early.payment_intent, late.payment_intent] == made
    filters: list[tuple[Any, str]] = [
        ({"created": {"gte": late.created}}, late.id),
        ({"created": {"lt": late.created}}, early.id),
        ({"payment_intent": made[0]}, early.id),
    ]
    for params, expected in filters:
        assert [one.id for one in client.v1.disputes.list(params).data] == [expected], params


@pytest.mark.parametrize(
    ("number", "reason", "status"),
    [
        ("4000000000000259", "fraudulent", "needs_response"),
        ("4000000000002685", "product_not_received", "needs_response"),
        ("4000000000001976", "fraudulent", "warning_needs_response"),
    ],
)
def test_there_are_cards_that_are_disputed_at_once(
    sandbox: Sandbox, client: stripe.StripeClient, number: str, reason: str, status: str
) -> None:
    """https://docs.stripe.com/testing#disputes"""
    session = checkout(client)
    form = visit(str(session.url)).forms["payment"]
    submit(form, number=number, expiry="12/34", cvc="123", name="Ada")
    (dispute,) = client.v1.disputes.list().data
    assert (dispute.reason, dispute.status) == (reason, status)
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


@pytest.mark.parametrize(
    ("step", "values"),
    [
        ("close", {"outcome": "drawn"}),
        ("close", {"outcome": "warning_closed"}),
        ("escalate", {}),
        ("deadline", {}),
        ("deadline", {"due_by": "soon"}),
    ],
)
def test_a_step_that_a_dispute_cannot_take_is_refused(
    sandbox: Sandbox, client: stripe.StripeClient, paid: str, step: str, values: dict[str, Any]
) -> None:
    identifier = disputed(sandbox, client, session=paid).id
    with pytest.raises(ValueError, match=r'400 \{\s+"error": "\w+'):
        sandbox.control(f"disputes/{identifier}/{step}", **values)
    assert client.v1.disputes.retrieve(identifier).status == "needs_response"


def test_what_is_over_takes_no_further_step(
    sandbox: Sandbox, client: stripe.StripeClient, paid: str
) -> None:
    identifier = disputed(sandbox, client, session=paid).id
    sandbox.control(f"disputes/{identifier}/respond")
    with pytest.raises(ValueError, match="submitted already"):
        sandbox.control(f"disputes/{identifier}/respond")
    sandbox.control(f"disputes/{identifier}/close", outcome="won")
    for step in ("respond", "close", "escalate", "deadline"):
        with pytest.raises(ValueError, match="this dispute is won"):
            sandbox.control(f"disputes/{identifier}/{step}", outcome="lost", due_by=1)


@pytest.mark.parametrize(
    "values", [{"reason": "mood"}, {"amount": 9001}, {"amount": 0}, {"amount": "all"}]
)
def test_a_dispute_of_nonsense_is_refused(
    sandbox: Sandbox, client: stripe.StripeClient, paid: str, values: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=r'400 \{\s+"error": "\w+'):
        sandbox.control("disputes", session=paid, **values)
    assert client.v1.disputes.list().data == []
