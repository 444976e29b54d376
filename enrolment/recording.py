"""Refunds that somebody made at Stripe and not here, in its dashboard, say: written down."""

import logging
import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from enrolment import payments, refunding
from enrolment.models import Enrolment, Payment, Refund

logger = logging.getLogger(__name__)

REASON = gettext_lazy("Our staff have sent it back")


def with_names() -> QuerySet[Refund]:
    """Our refunds, with what is needed to say whose they are."""
    return Refund.objects.select_related(
        "payment__enrolment__student", "payment__enrolment__intake__course"
    )


def known(refunds: Iterable[payments.StripeRefund]) -> dict[str, Refund]:
    """Our records of refunds at Stripe, by Stripe's id; without those that we have none of.

    They are told by that id, and before it was stored by the key of ours that Stripe keeps.
    """
    found = list(refunds)
    by_id = {
        ours.stripe_id: ours
        for ours in with_names().filter(stripe_id__in=[one.id for one in found])
    }
    keys = {one.id: key_of(one.refund_key) for one in found if one.id not in by_id}
    by_key = with_names().in_bulk([key for key in keys.values() if key])
    return by_id | {one: by_key[key] for one, key in keys.items() if key in by_key}


def key_of(text: str) -> uuid.UUID | None:
    """A key of ours as Stripe keeps it in its metadata; None for anything else."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def record_refund(found: payments.StripeRefund, *, at: datetime) -> Refund | None:
    """Write down a refund that Stripe has and we have not; the student is told.

    None where it is ours already, came to nothing, or is of no payment of ours. Raises
    RefundTooLarge where our own refunds of the payment leave no room for it: one of them will be
    refused, and then there is.
    """
    if found.status in refunding.FAILED_AT_STRIPE or not found.payment_intent_id:
        return None
    paid = Payment.objects.filter(
        payment_intent_id=found.payment_intent_id, status=Payment.Status.PAID
    ).first()
    if paid is None:
        return None
    with transaction.atomic():
        Enrolment.objects.locked(pk=paid.enrolment_id)
        locked = Payment.objects.select_for_update(of=("self",)).get(pk=paid.pk)
        if known([found]):
            return None
        # The job that is queued finds it made, and follows it.
        return refunding.begin(
            locked, amount=found.amount, reason=str(REASON), at=at, made_as=found.id
        )
