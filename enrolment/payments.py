"""Stripe, as far as we use it: the only module of the site that imports ``stripe``.

It returns frozen dataclasses and raises the errors below. The outcome of a call is one of three
things, and the difference matters to money: it was refused (nothing happened), it failed at
Stripe (that key will keep failing), or nobody knows (ask again with the same key).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from math import isfinite
from typing import Any

import stripe
from django.conf import settings

TIMEOUT_SECONDS = 2.0


class PaymentsError(Exception):
    """Something went wrong between Stripe and us."""


class OutcomeUnknown(PaymentsError):
    """No answer in time, or none that tells: the call may have taken effect."""


class CallFailed(PaymentsError):
    """Stripe answered 5xx. It replays that answer for the same key, so a new key is needed."""


class CallRefused(PaymentsError):
    """Stripe answered 4xx: nothing happened, and repeating it will not help."""


class ForgedWebhook(PaymentsError):
    """The signature is missing, wrong or stale, or the body cannot be decoded."""


@dataclass(frozen=True)
class CheckoutSession:
    """A Checkout Session as Stripe knows it. Amounts in pence."""

    id: str
    url: str
    is_expired: bool
    is_paid: bool
    amount: int
    currency: str
    payment_key: str
    payment_intent_id: str


@dataclass(frozen=True)
class WebhookEvent:
    """A verified webhook."""

    id: str
    type: str
    payload: dict[str, Any]


@dataclass(frozen=True)
class StripeRefund:
    """A refund as Stripe knows it; ``status`` is Stripe's word, such as ``pending``."""

    id: str
    status: str
    refund_key: str


@cache
def _client() -> stripe.StripeClient:
    addresses: Any = {"api": settings.STRIPE_API_BASE} if settings.STRIPE_API_BASE else None
    return stripe.StripeClient(
        settings.STRIPE_SECRET_KEY,
        base_addresses=addresses,
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
    )


@contextmanager
def _our_errors() -> Iterator[None]:
    try:
        yield
    except stripe.APIConnectionError as error:
        raise OutcomeUnknown(str(error)) from error
    except stripe.StripeError as error:
        status = error.http_status or 0
        # 401, 403: our key is wrong, which says nothing about the call. 409: a call with this
        # idempotency key is still under way. 429: too many calls, try later.
        if status in {0, 401, 403, 409, 429}:
            raise OutcomeUnknown(str(error)) from error
        if status >= 500:
            raise CallFailed(str(error)) from error
        raise CallRefused(str(error)) from error


def _session(found: Any) -> CheckoutSession:
    metadata = found.metadata.to_dict() if found.metadata else {}
    intent = found.payment_intent
    return CheckoutSession(
        id=found.id,
        url=found.url or "",
        is_expired=found.status == "expired",
        is_paid=found.status == "complete" and found.payment_status == "paid",
        amount=found.amount_total or 0,
        currency=(found.currency or "").upper(),
        payment_key=metadata.get("payment", ""),
        payment_intent_id=intent if isinstance(intent, str) else getattr(intent, "id", ""),
    )


def create_session(parameters: dict[str, Any], *, key: str) -> CheckoutSession:
    """Open a Checkout Session; the same ``key`` and parameters always give the same one.

    Raises OutcomeUnknown, CallFailed or CallRefused.
    """
    with _our_errors():
        return _session(
            _client().v1.checkout.sessions.create(
                params=parameters,  # type: ignore[arg-type]
                options={"idempotency_key": key},
            )
        )


def fetch_session(session_id: str) -> CheckoutSession:
    """The session as it is now.

    Raises OutcomeUnknown, CallFailed or CallRefused.
    """
    with _our_errors():
        return _session(_client().v1.checkout.sessions.retrieve(session_id))


def list_sessions(*, since: datetime) -> Iterator[CheckoutSession]:
    """Every session created at or after ``since``, the newest first.

    Raises OutcomeUnknown, CallFailed or CallRefused, between any two pages.
    """
    with _our_errors():
        created: Any = {"gte": int(since.timestamp())}
        page = _client().v1.checkout.sessions.list({"created": created, "limit": 100})
        for found in page.auto_paging_iter():
            yield _session(found)


def find_session(payment_key: str, *, since: datetime) -> CheckoutSession | None:
    """The session made for one of our payments, if there is one.

    Raises OutcomeUnknown, CallFailed or CallRefused.
    """
    return _first(list_sessions(since=since), lambda session: session.payment_key == payment_key)


def _first(
    sessions: Iterator[CheckoutSession], fits: Callable[[CheckoutSession], bool]
) -> CheckoutSession | None:
    return next((session for session in sessions if fits(session)), None)


def read_webhook(body: bytes, signature: str) -> WebhookEvent:
    """Verify a webhook's signature and age, and read it.

    Raises ForgedWebhook. Source: Stripe's documentation, "Verify webhook signatures manually".
    """
    try:
        event = _client().construct_event(body, signature, settings.STRIPE_WEBHOOK_SECRET)
        return _event(_storable(event.to_dict()))
    # A body or header that is no JSON, no UTF-8, no pairs, or lacks a field raises any of these.
    except (stripe.SignatureVerificationError, ValueError, KeyError, IndexError) as error:
        raise ForgedWebhook(str(error)) from error
    except (AttributeError, TypeError, RecursionError) as error:
        raise ForgedWebhook("The body is not an event.") from error


def _event(payload: dict[str, Any]) -> WebhookEvent:
    event_id, kind, about = payload["id"], payload["type"], payload["data"]["object"]
    texts = isinstance(event_id, str) and isinstance(kind, str) and isinstance(about, dict)
    if not texts or not 0 < len(event_id) <= 255 or not 0 < len(kind) <= 100:
        raise TypeError
    return WebhookEvent(id=event_id, type=kind, payload=payload)


def _storable(value: Any) -> Any:
    """``value`` as PostgreSQL's JSON can hold it: no zero bytes, no half characters, no NaN."""
    if isinstance(value, dict):
        return {_storable(key): _storable(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_storable(one) for one in value]
    if isinstance(value, str):
        whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return whole.replace("\x00", "\ufffd")
    return None if isinstance(value, float) and not isfinite(value) else value


def create_refund(
    *, payment_intent_id: str, amount: int, refund_key: str, key: str
) -> StripeRefund:
    """Send ``amount`` pence of a payment back.

    Raises OutcomeUnknown, CallFailed or CallRefused.
    """
    with _our_errors():
        made = _client().v1.refunds.create(
            params={
                "payment_intent": payment_intent_id,
                "amount": amount,
                "metadata": {"refund": refund_key},
            },
            options={"idempotency_key": key},
        )
        return _refund(made)


def fetch_refund(stripe_id: str) -> StripeRefund:
    """The refund as it is now.

    Raises OutcomeUnknown, CallFailed or CallRefused.
    """
    with _our_errors():
        return _refund(_client().v1.refunds.retrieve(stripe_id))


def find_refund(*, payment_intent_id: str, refund_key: str) -> StripeRefund | None:
    """The refund made for one of ours, if there is one.

    Raises OutcomeUnknown, CallFailed or CallRefused.
    """
    with _our_errors():
        page = _client().v1.refunds.list({"payment_intent": payment_intent_id, "limit": 100})
        refunds = (_refund(found) for found in page.auto_paging_iter())
        return next((found for found in refunds if found.refund_key == refund_key), None)


def _refund(found: Any) -> StripeRefund:
    metadata = found.metadata.to_dict() if found.metadata else {}
    return StripeRefund(
        id=found.id, status=found.status or "pending", refund_key=metadata.get("refund", "")
    )
