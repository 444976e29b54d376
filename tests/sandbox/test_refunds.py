"""Refunds, made by the API or in Stripe's dashboard."""

from typing import Any

import pytest
import stripe

from tests.sandbox.browsing import submit, visit
from tests.sandbox.orders import checkout, intent_of
from tests.sandbox.process import Sandbox
from tests.sandbox.receiver import Receiver


@pytest.fixture
def paid(sandbox: Sandbox, client: stripe.StripeClient) -> stripe.PaymentIntent:
    session = checkout(client, 9000)
    sandbox.control(f"sessions/{session.id}/pay")
    return intent_of(client, session.id)


def charge_of(client: stripe.StripeClient, intent: stripe.PaymentIntent) -> stripe.Charge:
    return client.v1.charges.list({"payment_intent": intent.id}).data[0]


def refused(client: stripe.StripeClient, params: Any) -> stripe.InvalidRequestError:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create(params)
    return caught.value


def test_a_whole_refund_returns_what_was_paid(
    client: stripe.StripeClient, paid: stripe.PaymentIntent, receiver: Receiver
) -> None:
    """https://docs.stripe.com/refunds"""
    refund = client.v1.refunds.create({"payment_intent": paid.id, "metadata": {"why": "x"}})
    assert (refund.amount, refund.status, refund.currency) == (9000, "succeeded", "gbp")
    charge = charge_of(client, paid)
    assert (charge.amount_refunded, charge.refunded) == (9000, True)
    receiver.wait_for("charge.refunded", charge.id)
    receiver.wait_for("refund.created", refund.id)


def test_partial_refunds_add_up_and_never_exceed_the_charge(
    client: stripe.StripeClient, paid: stripe.PaymentIntent
) -> None:
    """https://docs.stripe.com/refunds"""
    client.v1.refunds.create({"payment_intent": paid.id, "amount": 4000})
    assert (charge_of(client, paid).amount_refunded, charge_of(client, paid).refunded) == (
        4000,
        False,
    )
    error = refused(client, {"payment_intent": paid.id, "amount": 5001})
    assert error.param == "amount"
    assert error.user_message == (
        "Refund amount (£50.01) is greater than unrefunded amount on charge (£50.00)"
    )
    rest = client.v1.refunds.create({"charge": charge_of(client, paid).id})
    assert rest.amount == 5000
    assert refused(client, {"payment_intent": paid.id}).code == "charge_already_refunded"


@pytest.mark.parametrize(
    "params", [{}, {"payment_intent": "pi_none"}, {"charge": "ch_none"}, {"amount": 5}]
)
def test_a_refund_of_nothing_known_is_refused(client: stripe.StripeClient, params: Any) -> None:
    """https://docs.stripe.com/api/refunds/create"""
    assert refused(client, params).http_status == 400


@pytest.mark.parametrize("amount", [0, -1])
def test_a_refund_is_at_least_a_penny(
    client: stripe.StripeClient, paid: stripe.PaymentIntent, amount: int
) -> None:
    error = refused(client, {"payment_intent": paid.id, "amount": amount})
    assert error.code == "parameter_invalid_integer"


def test_what_was_never_paid_cannot_be_refunded(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    session = checkout(client)
    sandbox.control(f"sessions/{session.id}/pay", outcome="decline")
    intent = intent_of(client, session.id)
    error = refused(client, {"payment_intent": intent.id})
    assert "does not have a successful charge" in (error.user_message or "")


def test_a_refund_can_start_pending_and_succeed(
    sandbox: Sandbox,
    client: stripe.StripeClient,
    paid: stripe.PaymentIntent,
    receiver: Receiver,
) -> None:
    """https://docs.stripe.com/changelog/basil/2025-04-30/refund-pending-reason"""
    sandbox.control("refunds", status="pending")
    refund = client.v1.refunds.create({"payment_intent": paid.id})
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    assert charge_of(client, paid).amount_refunded == 9000
    sandbox.control(f"refunds/{refund.id}", status="succeeded")
    receiver.wait_for("refund.updated", refund.id)
    assert client.v1.refunds.retrieve(refund.id).status == "succeeded"


@pytest.mark.parametrize("start", ["pending", "succeeded"])
def test_a_refund_that_fails_gives_the_money_back_to_the_seller(
    sandbox: Sandbox,
    client: stripe.StripeClient,
    paid: stripe.PaymentIntent,
    receiver: Receiver,
    start: str,
) -> None:
    """https://docs.stripe.com/refunds#failed-refunds"""
    sandbox.control("refunds", status=start)
    refund = client.v1.refunds.create({"payment_intent": paid.id, "amount": 4000})
    sandbox.control(f"refunds/{refund.id}", status="failed")
    receiver.wait_for("refund.failed", refund.id)
    found = client.v1.refunds.retrieve(refund.id)
    assert found.status == "failed"
    assert found.failure_reason
    assert charge_of(client, paid).amount_refunded == 0
    assert client.v1.refunds.create({"payment_intent": paid.id}).amount == 9000


def test_the_next_refunds_can_be_told_to_fail(
    sandbox: Sandbox, client: stripe.StripeClient, paid: stripe.PaymentIntent
) -> None:
    sandbox.control("refunds", status="failed", count=2)
    made = [client.v1.refunds.create({"payment_intent": paid.id, "amount": 10}) for _ in range(3)]
    assert [refund.status for refund in made] == ["failed", "failed", "succeeded"]


@pytest.mark.parametrize(
    ("number", "first", "later"),
    [("4000000000007726", "pending", "succeeded"), ("4000000000005126", "succeeded", "failed")],
)
def test_there_are_cards_whose_refunds_change_later(
    sandbox: Sandbox, client: stripe.StripeClient, number: str, first: str, later: str
) -> None:
    """https://docs.stripe.com/testing#refunds"""
    session = checkout(client)
    form = visit(str(session.url)).forms["payment"]
    submit(form, number=number, expiry="12/34", cvc="123", name="Ada")
    refund = client.v1.refunds.create({"payment_intent": intent_of(client, session.id).id})
    assert refund.status == first
    sandbox.control("clock", advance=10)
    assert client.v1.refunds.retrieve(refund.id).status == later


def test_refunds_are_listed_by_payment_and_included_in_a_charge(
    client: stripe.StripeClient, paid: stripe.PaymentIntent
) -> None:
    made = [client.v1.refunds.create({"payment_intent": paid.id, "amount": 10}).id for _ in "ab"]
    listed = client.v1.refunds.list({"payment_intent": paid.id}).data
    assert [refund.id for refund in listed] == made[::-1]
    charge = client.v1.charges.retrieve(listed[0].charge, {"expand": ["refunds"]})  # type: ignore[arg-type]
    assert charge.refunds is not None
    assert len(charge.refunds.data) == 2


def test_a_refund_is_idempotent(client: stripe.StripeClient, paid: stripe.PaymentIntent) -> None:
    """https://docs.stripe.com/api/idempotent_requests"""
    options: Any = {"idempotency_key": "refund-1"}
    params: Any = {"payment_intent": paid.id, "amount": 4000}
    made = {client.v1.refunds.create(params, options).id for _ in range(3)}
    assert len(made) == 1
    assert charge_of(client, paid).amount_refunded == 4000


def test_a_refund_in_the_dashboard_has_none_of_our_metadata(
    sandbox: Sandbox, client: stripe.StripeClient, paid: stripe.PaymentIntent, receiver: Receiver
) -> None:
    """https://docs.stripe.com/changelog/acacia/2024-10-28/refund-webhook-update"""
    session = client.v1.checkout.sessions.list({"payment_intent": paid.id}).data[0].id
    made = sandbox.control(f"sessions/{session}/refund", amount=4000)
    refund = client.v1.refunds.retrieve(made["id"])
    assert (refund.amount, refund.status, refund.payment_intent) == (4000, "succeeded", paid.id)
    assert refund.metadata is not None
    assert refund.metadata.to_dict() == {}
    receiver.wait_for("refund.created", refund.id)
    receiver.wait_for("charge.refunded", charge_of(client, paid).id)
    (event,) = client.v1.events.list({"type": "refund.created"}).data
    assert event.request is not None
    assert (event.request.id, event.request.idempotency_key) == (None, None)
    assert sandbox.control(f"sessions/{session}/refund")["amount"] == 5000


def test_the_dashboard_refunds_no_more_than_there_is(
    sandbox: Sandbox, client: stripe.StripeClient, paid: stripe.PaymentIntent
) -> None:
    """https://docs.stripe.com/refunds"""
    session = client.v1.checkout.sessions.list({"payment_intent": paid.id}).data[0].id
    with pytest.raises(ValueError, match="greater than unrefunded amount"):
        sandbox.control(f"sessions/{session}/refund", amount=9001)
    with pytest.raises(ValueError, match="has no payment"):
        sandbox.control(f"sessions/{checkout(client).id}/refund")


def test_a_pending_refund_can_be_cancelled_in_the_dashboard(
    sandbox: Sandbox, client: stripe.StripeClient, paid: stripe.PaymentIntent, receiver: Receiver
) -> None:
    """https://docs.stripe.com/api/refunds/object (status, failure_reason)"""
    sandbox.control("refunds", status="pending")
    refund = client.v1.refunds.create({"payment_intent": paid.id})
    sandbox.control(f"refunds/{refund.id}", status="canceled")
    receiver.wait_for("refund.updated", refund.id)
    found = client.v1.refunds.retrieve(refund.id)
    assert (found.status, found.failure_reason) == ("canceled", "merchant_request")
    assert charge_of(client, paid).amount_refunded == 0
    with pytest.raises(ValueError, match="this refund is canceled"):
        sandbox.control(f"refunds/{refund.id}", status="succeeded")


def test_refunds_are_listed_by_time(
    sandbox: Sandbox, client: stripe.StripeClient, paid: stripe.PaymentIntent
) -> None:
    """https://docs.stripe.com/api/refunds/list"""
    early = client.v1.refunds.create({"payment_intent": paid.id, "amount": 10})
    sandbox.control("clock", advance=1000)
    late = client.v1.refunds.create({"payment_intent": paid.id, "amount": 20})
    assert [r.id for r in client.v1.refunds.list({"created": {"gte": late.created}})] == [late.id]
    assert [r.id for r in client.v1.refunds.list({"created": {"lt": late.created}})] == [early.id]
