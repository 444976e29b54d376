"""Stripe's records held against ours: sessions, refunds and disputes."""

from collections.abc import Iterator
from functools import partial

from django.utils.translation import gettext as _

from enrolment import disputing, recording, refunding
from enrolment.at_stripe import GRACE, AtStripe
from enrolment.disagreements import Disagreement, Kind, about, list_of, page_of, pounds
from enrolment.models import Dispute, Payment, Refund
from enrolment.payments import CheckoutSession, StripeDispute, StripeRefund

Found = Iterator[Disagreement]


def compare(seen: AtStripe) -> Found:
    """What Stripe has that we have not, or have otherwise."""
    if seen.sessions is not None:
        yield from _sessions(seen, list(seen.sessions.values()))
    if seen.refunds is not None:
        yield from _refunds(seen, list(seen.refunds.values()))
    if seen.disputes is not None:
        yield from _disputes(list(seen.disputes.values()))


# Sessions --------------------------------------------------------------------------------------


def _sessions(seen: AtStripe, sessions: list[CheckoutSession]) -> Found:
    rows = Payment.objects.select_related("enrolment__student", "enrolment__intake__course")
    by_session = {
        payment.session_id: payment
        for payment in rows.filter(session_id__in=[one.id for one in sessions])
    }
    strange = [one for one in sessions if one.id not in by_session]
    keys = {one.id: recording.key_of(one.payment_key) for one in strange}
    by_key = rows.in_bulk([key for key in keys.values() if key])
    for session in sessions:
        known, key = by_session.get(session.id), keys.get(session.id)
        if known:
            yield from _known_session(seen, session, known)
        elif key and key in by_key:
            yield from _new_session(seen, session, by_key[key])
        elif key and session.is_paid and not _went_back(seen, session):
            yield Disagreement(
                Kind.LOST_PAYMENT,
                _("Stripe has %(amount)s for a payment that is not in our records (%(id)s).")
                % {"amount": pounds(session.amount), "id": session.id},
                where=list_of("enrolment_payment"),
                key=session.id,
                repair="refund_lost",
            )


def _went_back(seen: AtStripe, session: CheckoutSession) -> bool:
    """Whether what was paid in the session has been refunded at Stripe, or is on its way."""
    refunds = [
        found.amount
        for found in (seen.refunds or {}).values()
        if found.payment_intent_id == session.payment_intent_id
        and found.status not in refunding.FAILED_AT_STRIPE
    ]
    return sum(refunds) >= session.amount


def _known_session(seen: AtStripe, session: CheckoutSession, payment: Payment) -> Found:
    said = partial(_about_session, session, payment)
    if session.is_paid and not payment.is_paid:
        yield _unnoticed(session, payment)
    elif payment.is_paid:
        if payment.paid_at and payment.paid_at < seen.at - GRACE:
            yield from _paid_otherwise(session, payment)
    elif payment.is_open:
        if payment.created_at >= seen.at - GRACE:
            return  # the student has only just been sent there
        if session.is_expired:
            yield said(Kind.SESSION_OVER, _("its page at Stripe has expired"), "settle")
        elif session.has_failed:
            yield said(Kind.SESSION_OVER, _("the bank has refused it"), "settle")
        elif session.is_processing and payment.status == Payment.Status.PENDING:
            yield said(Kind.SESSION_OVER, _("at Stripe the money is on its way"), "settle")
    elif session.is_open:
        yield said(Kind.SESSION_OPEN, _("its page at Stripe can still be paid"), "close_session")


def _new_session(seen: AtStripe, session: CheckoutSession, payment: Payment) -> Found:
    """A session of ours that was never written down, or a second one for the same payment."""
    if session.is_paid:
        yield _unnoticed(session, payment)
    elif payment.session_id is None and payment.is_open:
        # One that is in hand may be about to be written down.
        if payment.created_at < seen.at - GRACE:
            what = _("there is a page at Stripe that we did not know")
            yield _about_session(session, payment, Kind.SESSION_UNKNOWN, what, "settle")
    elif session.is_open:
        what = _("a page at Stripe can be paid that nobody was sent to")
        yield _about_session(session, payment, Kind.SESSION_OPEN, what, "close_session")


def _unnoticed(session: CheckoutSession, payment: Payment) -> Disagreement:
    return Disagreement(
        Kind.PAID_UNNOTICED,
        _("%(who)s: Stripe has %(amount)s for %(payment)s, which is %(status)s here.")
        % {
            "who": about(payment.enrolment),
            "amount": pounds(session.amount),
            "payment": payment,
            "status": payment.get_status_display(),
        },
        where=page_of("enrolment_payment", payment.pk),
        key=session.id,
        repair="settle",
    )


def _about_session(
    session: CheckoutSession, payment: Payment, kind: Kind, what: str, repair: str
) -> Disagreement:
    return Disagreement(
        kind,
        _("%(who)s: %(payment)s is %(status)s; %(what)s.")
        % {
            "who": about(payment.enrolment),
            "payment": payment,
            "status": payment.get_status_display(),
            "what": what,
        },
        where=page_of("enrolment_payment", payment.pk),
        key=session.id,
        repair=repair,
    )


def _paid_otherwise(session: CheckoutSession, payment: Payment) -> Found:
    at_stripe = (session.is_paid, session.amount, session.currency, session.payment_intent_id)
    here = (True, payment.amount_received, payment.currency, payment.payment_intent_id)
    if at_stripe == here:
        return
    there = (
        _("%(amount)s was") % {"amount": pounds(session.amount)}
        if session.is_paid
        else _("nothing was")
    )
    yield Disagreement(
        Kind.PAID_DIFFERENTLY,
        _(
            "%(who)s: we have %(amount)s for %(payment)s, and by Stripe's record "
            "%(there)s paid (%(value)s)."
        )
        % {
            "who": about(payment.enrolment),
            "amount": pounds(payment.amount_received),
            "payment": payment,
            "there": there,
            "value": session.payment_intent_id or session.id,
        },
        where=page_of("enrolment_payment", payment.pk),
        key=str(payment.pk),
        may_stay=True,
        enrolment=payment.enrolment_id,
    )


# Refunds ---------------------------------------------------------------------------------------


def _refunds(seen: AtStripe, refunds: list[StripeRefund]) -> Found:
    paid, known = _paid({one.payment_intent_id for one in refunds}), recording.known(refunds)
    for found in refunds:
        ours, payment = known.get(found.id), paid.get(found.payment_intent_id)
        if ours:
            yield from _refund_of_ours(seen, found, ours)
        elif payment and found.status not in refunding.FAILED_AT_STRIPE:
            yield Disagreement(
                Kind.REFUND_UNKNOWN,
                _(
                    "%(who)s: %(amount)s of %(payment)s was refunded at Stripe, and we have "
                    "no record of it."
                )
                % {
                    "who": about(payment.enrolment),
                    "amount": pounds(found.amount),
                    "payment": payment,
                },
                where=page_of("enrolment_payment", payment.pk),
                key=found.id,
                repair="record_refund",
            )
    yield from _missing_refunds(seen)


def _paid(intents: set[str]) -> dict[str, Payment]:
    rows = Payment.objects.filter(payment_intent_id__in=intents - {""}, status=Payment.Status.PAID)
    rows = rows.select_related("enrolment__student", "enrolment__intake__course")
    return {payment.payment_intent_id: payment for payment in rows}


def _refund_of_ours(seen: AtStripe, found: StripeRefund, ours: Refund) -> Found:
    if ours.is_by_hand or ours.stripe_id not in {"", found.id}:
        return  # an attempt before ours, or given back in another way since
    if ours.created_at >= seen.at - GRACE:
        return  # in hand
    if found.amount != ours.amount:
        yield _about_refund(
            Kind.REFUND_MISSING,
            ours,
            _("at Stripe it is of %(amount)s") % {"amount": pounds(found.amount)},
            None,
        )
    elif ours.status != _status(found) or not ours.stripe_id:
        yield _about_refund(
            Kind.REFUND_BEHIND,
            ours,
            _("Stripe says “%(status)s”") % {"status": found.status},
            "follow_refund",
        )


def _status(found: StripeRefund) -> str:
    if found.status in refunding.FAILED_AT_STRIPE:
        return Refund.Status.FAILED
    return Refund.Status.DONE if found.status == "succeeded" else Refund.Status.PENDING


def _missing_refunds(seen: AtStripe) -> Found:
    for ours in recording.with_names().filter(stripe_id__in=seen.unknown, note=""):
        yield _about_refund(Kind.REFUND_MISSING, ours, _("Stripe knows nothing of it"), None)


def _about_refund(kind: Kind, refund: Refund, what: str, repair: str | None) -> Disagreement:
    return Disagreement(
        kind,
        _("%(who)s: the refund of %(amount)s is %(status)s here; %(what)s.")
        % {
            "who": about(refund.payment.enrolment),
            "amount": pounds(refund.amount),
            "status": refund.get_status_display(),
            "what": what,
        },
        where=page_of("enrolment_refund", refund.pk),
        key=str(refund.pk),
        repair=repair,
        may_stay=repair is None,
        enrolment=refund.payment.enrolment_id,
    )


# Disputes --------------------------------------------------------------------------------------


def _disputes(disputes: list[StripeDispute]) -> Found:
    paid = _paid({one.payment_intent_id for one in disputes})
    rows = Dispute.objects.filter(stripe_id__in=[one.id for one in disputes])
    known = {dispute.stripe_id: dispute for dispute in rows}
    for found in disputes:
        ours, payment = known.get(found.id), paid.get(found.payment_intent_id)
        if payment is None or (ours and not disputing.would_change(ours, found)):
            continue
        here = (
            _("is “%(stripe_status)s” here") % {"stripe_status": ours.stripe_status}
            if ours
            else _("is not in our records")
        )
        yield Disagreement(
            Kind.DISPUTE_BEHIND,
            _(
                "%(who)s: a dispute of %(payment)s over %(amount)s, “%(status)s” at "
                "Stripe, %(here)s."
            )
            % {
                "who": about(payment.enrolment),
                "payment": payment,
                "amount": pounds(found.amount),
                "status": found.status,
                "here": here,
            },
            where=page_of("enrolment_payment", payment.pk),
            key=found.id,
            repair="follow_dispute",
        )
