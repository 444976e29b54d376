"""Webhooks: stored once, answered at once, and worked on by a job."""

import logging
from datetime import datetime
from typing import Any

from django.db import transaction

from enrolment import disputing, jobs, payments, recording, refunding, settling
from enrolment.models import Refund, StripeEvent

logger = logging.getLogger(__name__)

SESSION_EVENTS = frozenset(
    {
        "checkout.session.completed",
        "checkout.session.expired",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
    }
)
REFUND_EVENTS = frozenset({"refund.created", "refund.updated", "refund.failed"})
DISPUTE_EVENTS = frozenset(
    {
        "charge.dispute.created",
        "charge.dispute.updated",
        "charge.dispute.closed",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
    }
)
USED = SESSION_EVENTS | REFUND_EVENTS | DISPUTE_EVENTS


def store(event: payments.WebhookEvent, *, at: datetime) -> bool:
    """Keep the event and queue its work, if it makes any; False where it was here before."""
    is_used = event.type in USED
    with transaction.atomic():
        _, is_new = StripeEvent.objects.get_or_create(
            event_id=event.id,
            defaults={
                "type": event.type,
                "payload": event.payload,
                "received_at": at,
                "processed_at": None if is_used else at,
            },
        )
        if is_new and is_used:
            jobs.process_event.defer(event_id=event.id)
    return is_new


def process(event: StripeEvent, *, at: datetime) -> None:
    """Look at Stripe's own record of what the event is about, and do what follows.

    Safe to repeat. Raises OutcomeUnknown or CallFailed where another try may succeed later.
    """
    if event.processed_at:
        return
    about: dict[str, Any] = event.payload.get("data", {}).get("object", {})
    key = str(about.get("id", ""))
    if event.type in SESSION_EVENTS:
        _settle(key, at=at)
    elif event.type in REFUND_EVENTS:
        _follow_refund(key, at=at)
    elif event.type in DISPUTE_EVENTS:
        _follow_dispute(key, at=at)
    event.processed_at = at
    event.save(update_fields=["processed_at"])


def _settle(session_id: str, *, at: datetime) -> None:
    try:
        session = payments.fetch_session(session_id)
    except payments.CallRefused as error:
        # An event about a session that Stripe does not know is no business of ours.
        logger.warning("Stripe does not know session %s: %s", session_id, error)
        return
    settling.settle_session(session, at=at)


def _follow_refund(stripe_id: str, *, at: datetime) -> None:
    """One of ours is followed; one that staff made in Stripe's dashboard is written down."""
    ours = Refund.objects.filter(stripe_id=stripe_id).select_related("payment").first()
    if ours:
        refunding.carry_out(ours, at=at)
        return
    try:
        found = payments.fetch_refund(stripe_id)
    except payments.CallRefused as error:
        logger.warning("Stripe does not know refund %s: %s", stripe_id, error)
        return
    recording.record_refund(found, at=at)


def _follow_dispute(stripe_id: str, *, at: datetime) -> None:
    try:
        found = payments.fetch_dispute(stripe_id)
    except payments.CallRefused as error:
        logger.warning("Stripe does not know dispute %s: %s", stripe_id, error)
        return
    disputing.follow(found, at=at)
