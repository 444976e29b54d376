"""Bacs Direct Debit: submitted now, known to succeed or fail days later."""

from typing import Any

import pytest
import stripe

from tests.sandbox.browsing import submit, visit
from tests.sandbox.orders import checkout, intent_of
from tests.sandbox.process import Sandbox

BOTH = ["card", "bacs_debit"]


def told(client: stripe.StripeClient) -> list[str]:
    """What Stripe told, in the order in which it happened."""
    return [event.type for event in reversed(client.v1.events.list({"limit": 100}).data)]


def test_a_session_that_allows_it_offers_it_on_its_page(client: stripe.StripeClient) -> None:
    """https://docs.stripe.com/changelog/endive/2026-09-30/remove-payment-method-types-checkout-sessions"""
    session = checkout(client, allowed_payment_method_types=BOTH)
    assert session.payment_method_types == BOTH
    page = visit(str(session.url))
    assert "?method=bacs_debit" in page.links
    assert "sort_code" in visit(f"{session.url}?method=bacs_debit").forms["payment"].fields


def test_a_session_for_cards_only_does_not(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    session = checkout(client, allowed_payment_method_types=["card"])
    page = visit(f"{session.url}?method=bacs_debit")
    assert "sort_code" not in page.forms["payment"].fields
    assert "?method=bacs_debit" not in page.links
    form = page.forms["payment"]
    form.fields["method"] = "bacs_debit"
    submit(form, name="Ada", sort_code="10-88-00", account_number="00012345")
    with pytest.raises(ValueError, match="does not offer bacs_debit"):
        sandbox.control(f"sessions/{session.id}/pay", outcome="bacs")
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"


@pytest.mark.parametrize(
    ("currency", "pence", "offered"),
    [("gbp", 100_000_00, BOTH), ("gbp", 100_000_01, ["card"]), ("eur", 9000, ["card"])],
)
def test_it_takes_pounds_up_to_a_hundred_thousand(
    client: stripe.StripeClient, currency: str, pence: int, offered: list[str]
) -> None:
    """https://docs.stripe.com/payments/payment-methods/bacs-debit"""
    price = {"currency": currency, "unit_amount": pence, "product_data": {"name": "Deep Learning"}}
    session = checkout(
        client,
        line_items=[{"price_data": price, "quantity": 1}],
        allowed_payment_method_types=BOTH,
    )
    assert session.payment_method_types == offered


def test_while_it_is_processed_the_session_is_complete_and_unpaid(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    """https://docs.stripe.com/checkout/fulfillment (delayed payment methods)"""
    session = checkout(client, allowed_payment_method_types=BOTH)
    sandbox.control(f"sessions/{session.id}/pay", outcome="bacs")
    found = client.v1.checkout.sessions.retrieve(session.id)
    assert (found.status, found.payment_status, found.url) == ("complete", "unpaid", None)
    assert intent_of(client, session.id).status == "processing"
    assert told(client)[-1] == "checkout.session.completed"
    with pytest.raises(stripe.InvalidRequestError, match="status of `complete`"):
        client.v1.checkout.sessions.expire(session.id)


def test_after_a_failure_only_the_intent_tells(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    """https://docs.stripe.com/payments/paymentintents/lifecycle"""
    session = checkout(client, allowed_payment_method_types=BOTH)
    sandbox.control(f"sessions/{session.id}/pay", outcome="bacs_fail")
    sandbox.control(f"sessions/{session.id}/settle")
    found = client.v1.checkout.sessions.retrieve(session.id)
    assert (found.status, found.payment_status) == ("complete", "unpaid")
    intent = intent_of(client, session.id)
    assert (intent.status, intent.amount_received) == ("requires_payment_method", 0)
    assert intent.last_payment_error is not None
    assert told(client)[-3:] == [
        "charge.failed",
        "payment_intent.payment_failed",
        "checkout.session.async_payment_failed",
    ]


def test_after_a_success_the_session_is_paid(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    """https://docs.stripe.com/checkout/fulfillment (delayed payment methods)"""
    session = checkout(client, allowed_payment_method_types=BOTH)
    sandbox.control(f"sessions/{session.id}/pay", outcome="bacs")
    sandbox.control(f"sessions/{session.id}/settle")
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
    assert told(client)[-3:] == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.async_payment_succeeded",
    ]


def test_a_list_of_sessions_can_show_their_intents(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    """https://docs.stripe.com/api/expanding_objects"""
    failed, untried = (checkout(client, allowed_payment_method_types=BOTH) for _ in "ab")
    sandbox.control(f"sessions/{failed.id}/pay", outcome="bacs_fail")
    sandbox.control(f"sessions/{failed.id}/settle")
    params: Any = {"expand": ["data.payment_intent"]}
    intents = {
        session.id: session.payment_intent
        for session in client.v1.checkout.sessions.list(params).data
    }
    assert intents[untried.id] is None
    assert isinstance(intents[failed.id], stripe.PaymentIntent)
