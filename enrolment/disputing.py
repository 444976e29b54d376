"""Payments that a bank takes back: told to staff, followed, and what it means for access.

While the bank has the money, lessons are closed where the provider set it so; they open again
when the dispute is won. Lost, they stay closed until staff decide.
"""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from courses.models import Provider
from enrolment import history, jobs, payments, refunding
from enrolment.models import Dispute, Enrolment, Payment

# Stripe's words, in the order in which a dispute can go through them. What was fetched first may
# be worked on last, so a step back is not believed. Source: docs.stripe.com/api/disputes/object.
_ORDER = {
    "warning_needs_response": 0,
    "warning_under_review": 0,
    "warning_closed": 1,
    "prevented": 1,
    "needs_response": 2,
    "under_review": 2,
    "won": 3,
    "lost": 3,
    "appeal_needs_response": 4,
    "appeal_under_review": 4,
}
_OUTCOMES = {
    "warning_closed": Dispute.Outcome.WON,
    "prevented": Dispute.Outcome.WON,
    "won": Dispute.Outcome.WON,
    "lost": Dispute.Outcome.LOST,
}


class PaymentDisputed(Exception):
    """The bank has this payment's money already; the message says so to staff."""


def refuse_if_disputed(payment: Payment) -> None:
    """Raises PaymentDisputed where the bank has the money, so that none can be sent back.

    Stripe refuses such a refund: docs.stripe.com/disputes/how-disputes-work. Of an inquiry money
    can go back, and that settles it.
    """
    if payment.disputes.holding_money().exists():
        raise PaymentDisputed(
            _("The student's bank has taken this payment back already, so it cannot be refunded.")
        )


def would_change(dispute: Dispute, found: payments.StripeDispute) -> bool:
    """Whether Stripe tells of this dispute what is not in our record yet."""
    if _is_old(dispute.stripe_status, found.status):
        return False
    known = (dispute.stripe_status, dispute.amount, dispute.evidence_due_at, dispute.reason)
    return known != (found.status, found.amount, found.evidence_due_by, found.reason)


def _is_old(known: str, told: str) -> bool:
    if known.startswith("appeal_"):
        return _ORDER.get(told, 4) < _ORDER["won"]
    return _ORDER.get(told, 9) < _ORDER.get(known, 0)


def follow(found: payments.StripeDispute, *, at: datetime) -> Dispute | None:
    """Take over what Stripe says of a dispute that was freshly fetched, and do what follows.

    Safe to repeat. None where it is about no payment that we know to be paid: not ours, or its
    money has not been noticed yet (``enrolment.reconciling`` finds it then).
    """
    enrolment_id = _enrolment_of(found)
    if enrolment_id is None:
        return None
    with transaction.atomic():
        enrolment = Enrolment.objects.locked(pk=enrolment_id)
        payment = Payment.objects.select_for_update(of=("self",)).get(
            enrolment=enrolment, payment_intent_id=found.payment_intent_id
        )
        known = payment.disputes.select_for_update(of=("self",)).filter(stripe_id=found.id).first()
        if known and not would_change(known, found):
            return known
        dispute = known or Dispute(payment=payment, stripe_id=found.id, opened_at=found.created_at)
        before = (dispute.outcome, dispute.is_inquiry) if known else None
        _take_over(dispute, found, at=at)
        _tell(dispute, before, enrolment, at=at)
        _mind_access(dispute, before, enrolment, at=at)
        refunding.give_what_is_owed(payment, at=at)
    return dispute


def _enrolment_of(found: payments.StripeDispute) -> uuid.UUID | None:
    if not found.payment_intent_id:
        return None
    ours = Payment.objects.filter(payment_intent_id=found.payment_intent_id)
    return ours.values_list("enrolment_id", flat=True).first()


def _take_over(dispute: Dispute, found: payments.StripeDispute, *, at: datetime) -> None:
    dispute.stripe_status = found.status
    dispute.amount = found.amount
    dispute.reason = found.reason[:60]
    dispute.evidence_due_at = found.evidence_due_by
    dispute.turn(_OUTCOMES.get(found.status, Dispute.Outcome.OPEN), at=at)
    dispute.save()


def _tell(
    dispute: Dispute, before: tuple[str, bool] | None, enrolment: Enrolment, *, at: datetime
) -> None:
    """Write down what has happened, and to staff; ``before``: the outcome, and if it asked only."""
    facts: dict[str, Any] = {"amount": dispute.amount, "inquiry": dispute.is_inquiry}
    reason = dispute.why
    began_now = before is None or (before[0] != Dispute.Outcome.OPEN and dispute.is_open)
    money_taken_now = before == (Dispute.Outcome.OPEN, True) and dispute.holds_money
    if began_now or money_taken_now:
        history.note(enrolment, history.Kind.DISPUTE_OPENED, at=at, reason=reason, **facts)
    if before is None and dispute.is_open:
        jobs.send_mail.defer(kind="dispute_opened", key=str(dispute.pk))
    elif dispute.is_open and money_taken_now:
        jobs.send_mail.defer(kind="dispute_escalated", key=str(dispute.pk))
    if not dispute.is_open and (before is None or before[0] != dispute.outcome):
        won = dispute.outcome == Dispute.Outcome.WON
        kind = history.Kind.DISPUTE_WON if won else history.Kind.DISPUTE_LOST
        history.note(enrolment, kind, at=at, reason=reason, **facts)
        # Closed again after an appeal is another letter.
        key = f"{dispute.pk}.{int(at.timestamp())}"
        jobs.send_mail.defer(kind="dispute_closed", key=key)


def _mind_access(
    dispute: Dispute, before: tuple[str, bool] | None, enrolment: Enrolment, *, at: datetime
) -> None:
    # A Direct Debit that is disputed is lost before we hear of it. What was lost before is left
    # as it is: staff may have opened the lessons again.
    turned = before is None or before[0] != dispute.outcome
    used = dispute.holds_money and not dispute.payment.flag
    if used and (dispute.is_open or turned) and _can_suspend(enrolment):
        suspend(enrolment, at=at)
    elif not dispute.holds_money and enrolment.suspended_at and not _money_is_away(enrolment):
        lift(enrolment)


def _money_is_away(enrolment: Enrolment) -> bool:
    return Dispute.objects.holding_money().filter(payment__enrolment=enrolment).exists()


def should_suspend(enrolment: Enrolment) -> bool:
    """Whether the lessons are to be closed: the money that opened them is disputed."""
    disputed = Dispute.objects.holding_money().filter(
        payment__enrolment=enrolment, payment__flag=Payment.Flag.NONE, outcome=Dispute.Outcome.OPEN
    )
    return _can_suspend(enrolment) and disputed.exists()


def _can_suspend(enrolment: Enrolment) -> bool:
    """Whether there is anything to close, and the provider wants it closed."""
    provider = Provider.current()
    return (
        enrolment.is_enrolled
        and enrolment.suspended_at is None
        and provider is not None
        and provider.suspends_disputed
    )


def suspend(enrolment: Enrolment, *, at: datetime) -> None:
    """Close the lessons; inside the transaction that has locked the enrolment."""
    enrolment.suspended_at = at
    enrolment.save(update_fields=["suspended_at"])


def lift(enrolment: Enrolment) -> None:
    """Open the lessons again; inside the transaction that has locked the enrolment."""
    enrolment.suspended_at = None
    enrolment.save(update_fields=["suspended_at"])


@transaction.atomic
def open_lessons_again(enrolment: Enrolment, *, by: User, at: datetime) -> bool:
    """Staff decide that a learner may read on though a dispute was lost; False where they may.

    While one is open the provider's setting decides, and nothing happens.
    """
    locked = Enrolment.objects.locked(pk=enrolment.pk)
    disputes = Dispute.objects.filter(payment__enrolment=locked)
    under_way = disputes.holding_money().filter(outcome=Dispute.Outcome.OPEN)
    if locked.suspended_at is None or under_way.exists():
        return False
    lift(locked)
    history.note(locked, history.Kind.REPAIRED, at=at, by=by, reason="the lessons are open again")
    return True
