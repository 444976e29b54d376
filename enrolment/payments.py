"""Stripe, as far as we use it: the only module of the site that imports ``stripe``.

It returns frozen dataclasses and raises the errors below. The outcome of a call is one of three
things, and the difference matters to money: it was refused (nothing happened), it failed at
Stripe (that key will keep failing), or nobody knows (ask again with the same key).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import stripe
from django.conf import settings

from enrolment.storable import storable

TIMEOUT_SECONDS = 2.0
PAGE = 100
#: Where a payment intent of a completed session stands once its delayed payment has failed:
#: https://docs.stripe.com/payments/paymentintents/lifecycle
FAILED = frozenset({"requires_payment_method", "canceled"})


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
    """A Checkout Session as Stripe knows it. Amounts in pence; ``expires_at`` is aware.

    At most one of ``is_open``, ``is_expired``, ``is_paid``, ``is_processing`` and ``has_failed``
    is true. With a delayed method such as Bacs Direct Debit a session is complete when the
    debit was submitted, and unpaid: that is ``is_processing``. When the debit fails, Stripe
    sends ``checkout.session.async_payment_failed`` and leaves the session complete and unpaid
    for good; only its payment intent goes from ``processing`` back to
    ``requires_payment_method`` (or is cancelled). There ``has_failed`` looks.

    ``paid_at`` is when a card was charged. It is None where the session was listed and not fetched,
    and for a debit, whose charge is made when it is submitted, days before the money comes.

    Source: Stripe's documentation, https://docs.stripe.com/checkout/fulfillment (delayed
    payment methods), https://docs.stripe.com/payments/paymentintents/lifecycle,
    https://docs.stripe.com/api/checkout/sessions/object (``payment_intent``) and
    https://docs.stripe.com/api/charges/object (``created``).
    """

    id: str
    url: str
    is_open: bool
    is_expired: bool
    is_paid: bool
    is_processing: bool
    has_failed: bool
    amount: int
    currency: str
    payment_key: str
    payment_intent_id: str
    expires_at: datetime
    paid_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True)
class WebhookEvent:
    """A verified webhook."""

    id: str
    type: str
    payload: dict[str, Any]


@dataclass(frozen=True)
class StripeRefund:
    """A refund as Stripe knows it. The amount is in pence, ``created_at`` aware.

    ``status`` is Stripe's word: ``pending``, ``requires_action``, ``succeeded``, ``failed`` or
    ``canceled``. ``refund_key`` is empty where the refund was not made by us, but in Stripe's
    dashboard. Source: https://docs.stripe.com/api/refunds/object.
    """

    id: str
    status: str
    refund_key: str
    amount: int
    currency: str
    payment_intent_id: str
    created_at: datetime


@dataclass(frozen=True)
class StripeDispute:
    """A dispute as Stripe knows it. The amount is in pence, the times are aware.

    ``status`` and ``reason`` are Stripe's words. An inquiry, which takes no money yet, is
    ``warning_needs_response``, ``warning_under_review`` or ``warning_closed``; a chargeback is
    ``needs_response``, ``under_review``, ``won`` or ``lost``, and while a lost one is appealed
    ``appeal_needs_response`` or ``appeal_under_review``; ``prevented`` is none of these.
    ``evidence_due_by`` is None where the bank takes no answer. While not ``is_refundable``,
    Stripe refuses to refund the payment.

    Source: https://docs.stripe.com/api/disputes/object and
    https://docs.stripe.com/disputes/how-disputes-work.
    """

    id: str
    status: str
    reason: str
    amount: int
    currency: str
    payment_intent_id: str
    is_refundable: bool
    evidence_due_by: datetime | None
    created_at: datetime


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
    has_failed = _awaits_money(found) and getattr(found.payment_intent, "status", "") in FAILED
    return CheckoutSession(
        id=found.id,
        url=found.url or "",
        is_open=found.status == "open",
        is_expired=found.status == "expired",
        is_paid=found.status == "complete" and found.payment_status == "paid",
        is_processing=_awaits_money(found) and not has_failed,
        has_failed=has_failed,
        amount=found.amount_total or 0,
        currency=(found.currency or "").upper(),
        payment_key=_metadata(found).get("payment", ""),
        payment_intent_id=_id(found.payment_intent),
        expires_at=_moment(found.expires_at),
        paid_at=_charged_at(found),
    )


def _charged_at(found: Any) -> datetime | None:
    charge: Any = getattr(found.payment_intent, "latest_charge", None)
    method = getattr(getattr(charge, "payment_method_details", None), "type", "")
    is_known = found.payment_status == "paid" and method == "card"
    return _moment(charge.created) if is_known else None


def _awaits_money(found: Any) -> bool:
    return bool(found.status == "complete" and found.payment_status == "unpaid")


def _metadata(found: Any) -> dict[str, str]:
    return dict(found.metadata.to_dict()) if found.metadata else {}


def _id(reference: Any) -> str:
    """The id of what Stripe gives as an id, as the whole object, or not at all."""
    return reference if isinstance(reference, str) else getattr(reference, "id", "")


def _moment(timestamp: int) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC)


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
    """The session as it is now. Raises OutcomeUnknown, CallFailed or CallRefused."""
    with _our_errors():
        expand: Any = {"expand": ["payment_intent.latest_charge"]}
        return _session(_client().v1.checkout.sessions.retrieve(session_id, expand))


def expire_session(session_id: str) -> CheckoutSession:
    """Close an open session, so that nobody can pay on it any more; it has expired afterwards.

    May be called again, whatever became of the call before: a session that has expired already,
    by such a call or by itself, is returned. There is no key of ours in it, because Stripe
    would replay a 5xx for that key. Source: https://docs.stripe.com/api/checkout/sessions/expire.

    Raises CallRefused where somebody has paid, or is paying, so that it cannot be closed;
    OutcomeUnknown or CallFailed.
    """
    try:
        with _our_errors():
            return _session(_client().v1.checkout.sessions.expire(session_id))
    except CallRefused:
        session = fetch_session(session_id)
        if session.is_expired:
            return session
        raise


def list_sessions(*, since: datetime) -> Iterator[CheckoutSession]:
    """Every session created at or after ``since``, the newest first.

    Raises OutcomeUnknown, CallFailed or CallRefused, between any two pages.
    """
    for found in _every_session(since):
        yield _listed(found)


def _every_session(since: datetime) -> Iterator[Any]:
    with _our_errors():
        yield from _client().v1.checkout.sessions.list(_newest(since)).auto_paging_iter()


def _listed(found: Any) -> CheckoutSession:
    # Only these need their payment intent, and a page with a hundred of them would be slow.
    return fetch_session(found.id) if _awaits_money(found) else _session(found)


def _newest(since: datetime) -> Any:
    """Ask for what was created at or after ``since``, in as few pages as Stripe allows."""
    return {"created": {"gte": int(since.timestamp())}, "limit": PAGE}


def find_session(payment_key: str, *, since: datetime) -> CheckoutSession | None:
    """The session made for one of our payments, if there is one.

    Raises OutcomeUnknown, CallFailed or CallRefused.
    """
    for found in _every_session(since):
        if _metadata(found).get("payment") == payment_key:
            return _listed(found)
    return None


def read_webhook(body: bytes, signature: str) -> WebhookEvent:
    """Verify a webhook's signature and age, and read it.

    Raises ForgedWebhook. Source: Stripe's documentation, "Verify webhook signatures manually".
    """
    try:
        event = _client().construct_event(body, signature, settings.STRIPE_WEBHOOK_SECRET)
        return _event(storable(event.to_dict()))
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
    """The refund as it is now. Raises OutcomeUnknown, CallFailed or CallRefused."""
    with _our_errors():
        return _refund(_client().v1.refunds.retrieve(stripe_id))


def find_refund(*, payment_intent_id: str, refund_key: str) -> StripeRefund | None:
    """The refund made for one of ours, if there is one.

    Raises OutcomeUnknown, CallFailed or CallRefused.
    """
    with _our_errors():
        page = _client().v1.refunds.list({"payment_intent": payment_intent_id, "limit": PAGE})
        refunds = (_refund(found) for found in page.auto_paging_iter())
        return next((found for found in refunds if found.refund_key == refund_key), None)


def list_refunds(*, since: datetime) -> Iterator[StripeRefund]:
    """Every refund created at or after ``since``, the newest first, whoever made it.

    Raises OutcomeUnknown, CallFailed or CallRefused, between any two pages.
    """
    with _our_errors():
        for found in _client().v1.refunds.list(_newest(since)).auto_paging_iter():
            yield _refund(found)


def _refund(found: Any) -> StripeRefund:
    return StripeRefund(
        id=found.id,
        status=found.status or "pending",
        refund_key=_metadata(found).get("refund", ""),
        amount=found.amount,
        currency=found.currency.upper(),
        payment_intent_id=_id(found.payment_intent),
        created_at=_moment(found.created),
    )


def fetch_dispute(stripe_id: str) -> StripeDispute:
    """The dispute as it is now. Raises OutcomeUnknown, CallFailed or CallRefused."""
    with _our_errors():
        return _dispute(_client().v1.disputes.retrieve(stripe_id))


def list_disputes(*, since: datetime) -> Iterator[StripeDispute]:
    """Every dispute opened at or after ``since``, the newest first, closed ones included.

    Raises OutcomeUnknown, CallFailed or CallRefused, between any two pages.
    """
    with _our_errors():
        for found in _client().v1.disputes.list(_newest(since)).auto_paging_iter():
            yield _dispute(found)


def _dispute(found: Any) -> StripeDispute:
    # Stripe says 0 where the bank takes no answer.
    due_by = found.evidence_details.due_by
    return StripeDispute(
        id=found.id,
        status=found.status,
        reason=found.reason,
        amount=found.amount,
        currency=found.currency.upper(),
        payment_intent_id=_id(found.payment_intent),
        is_refundable=found.is_charge_refundable,
        evidence_due_by=_moment(due_by) if due_by else None,
        created_at=_moment(found.created),
    )
