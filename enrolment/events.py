"""Webhooks: stored once, answered at once, and worked on by a job."""

import logging
from datetime import datetime
from typing import Any

from django.db import transaction

from enrolment import jobs, payments, refunding, settling
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


def store(event: payments.WebhookEvent, *, at: datetime) -> bool:
    """Keep the event and queue its work; False where it was here before."""
    with transaction.atomic():
        _, is_new = StripeEvent.objects.get_or_create(
            event_id=event.id,
            defaults={"type": event.type, "payload": event.payload, "received_at": at},
        )
        if is_new and event.type in SESSION_EVENTS | REFUND_EVENTS:
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
        for refund in Refund.objects.filter(stripe_id=key).select_related("payment"):
            refunding.carry_out(refund, at=at)
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
