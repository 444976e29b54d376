"""What a shop asks of Stripe, in the shapes these tests use most."""

from typing import Any

import stripe
from stripe.checkout import Session

RETURN = "http://localhost:8000/return/?session={CHECKOUT_SESSION_ID}"


def order(pence: int = 9000, **changes: Any) -> Any:
    """Return the parameters of a checkout of one line; a change to None leaves one out."""
    price = {"currency": "gbp", "unit_amount": pence, "product_data": {"name": "Deep Learning"}}
    params = {
        "mode": "payment",
        "line_items": [{"price_data": price, "quantity": 1}],
        "metadata": {"payment": "7"},
        "payment_intent_data": {"metadata": {"payment": "7"}},
        "customer_email": "ada@example.com",
        "success_url": RETURN,
        "cancel_url": "http://localhost:8000/courses/deep-learning/",
    }
    return {name: value for name, value in (params | changes).items() if value is not None}


def checkout(client: stripe.StripeClient, pence: int = 9000, **changes: Any) -> Session:
    """Create a session."""
    return client.v1.checkout.sessions.create(order(pence, **changes))


def intent_of(client: stripe.StripeClient, session: str) -> stripe.PaymentIntent:
    """Return a session's payment intent, its charge expanded."""
    params: Any = {"expand": ["payment_intent.latest_charge"]}
    found = client.v1.checkout.sessions.retrieve(session, params).payment_intent
    assert isinstance(found, stripe.PaymentIntent)
    return found
