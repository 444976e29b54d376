"""Disputes: https://docs.stripe.com/disputes/how-disputes-work

An inquiry asks before any money is taken; a chargeback takes it until the bank has decided. A
bank debit cannot be defended at all: its dispute is lost as soon as it is there.
"""

from dataclasses import dataclass
from typing import Any

import stripe

from sandbox import events, schema
from sandbox.store import Work, new_id

Json = dict[str, Any]
DAY = 24 * 60 * 60
#: Days in which evidence can be given; card networks allow 7 to 21.
EVIDENCE_DAYS = 9
INQUIRY = ("warning_needs_response", "warning_under_review")
CHARGEBACK = ("needs_response", "under_review")
OPEN = (*INQUIRY, *CHARGEBACK)
UNANSWERED = ("warning_needs_response", "needs_response")
REASONS = (
    "bank_cannot_process", "check_returned", "credit_not_processed", "customer_initiated",
    "debit_not_authorized", "duplicate", "fraudulent", "general", "incorrect_account_details",
    "insufficient_funds", "noncompliant", "product_not_received", "product_unacceptable",
    "subscription_canceled", "unrecognized",
)  # fmt: skip


@dataclass(frozen=True)
class Claim:
    """What somebody says of a charge; without an amount, of all that was not refunded."""

    reason: str = "fraudulent"
    amount: int | None = None
    is_inquiry: bool = False
    due_by: int | None = None


def open_for(work: Work, charge: Json, claim: Claim) -> Json:
    """Dispute a charge: it is flagged, and but for an inquiry the money is withdrawn."""
    is_card = charge["payment_method_details"]["type"] == "card"
    dispute = work.save(_new(work, charge, claim, is_card))
    charge["disputed"] = True
    work.save(charge)
    events.emit(work, "charge.dispute.created", dispute)
    if not claim.is_inquiry:
        events.emit(work, "charge.dispute.funds_withdrawn", dispute)
    if is_card:
        _wait_for_evidence(work, dispute)
    else:
        close(work, dispute, "lost")
    return dispute


def _new(work: Work, charge: Json, claim: Claim, is_card: bool) -> Json:
    status = "warning_needs_response" if claim.is_inquiry else "needs_response"
    left = charge["amount"] - charge["amount_refunded"]
    return schema.build(
        stripe.Dispute,
        {
            "id": new_id("du_1"),
            "object": "dispute",
            "amount": left if claim.amount is None else claim.amount,
            "balance_transactions": [],
            "charge": charge["id"],
            "created": work.now,
            "currency": charge["currency"],
            "enhanced_eligibility_types": [],
            "evidence": schema.build(stripe.Dispute.Evidence, {"enhanced_evidence": {}}),
            "evidence_details": {
                "due_by": _due_by(work, claim) if is_card else 0,
                "enhanced_eligibility": {},
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
                "submission_method": "not_submitted",
            },
            "is_charge_refundable": claim.is_inquiry,
            "livemode": False,
            "metadata": {},
            "network_reason_code": "10.4" if is_card else None,
            "payment_intent": charge["payment_intent"],
            "payment_method_details": _card(charge, claim) if is_card else None,
            "reason": claim.reason,
            "status": status,
        },
    )


def _due_by(work: Work, claim: Claim) -> int:
    return work.now + EVIDENCE_DAYS * DAY if claim.due_by is None else claim.due_by


def _card(charge: Json, claim: Claim) -> Json:
    brand = charge["payment_method_details"]["card"]["brand"]
    card = {
        "brand": brand,
        "case_type": "inquiry" if claim.is_inquiry else "chargeback",
        "network": brand,
        "network_reason_code": "10.4",
    }
    return {"type": "card", "card": card}


def _wait_for_evidence(work: Work, dispute: Json) -> None:
    """Let the deadline take effect by itself, but for an inquiry, which nobody loses."""
    due_by = dispute["evidence_details"]["due_by"]
    waits = dispute["status"] == "needs_response" and due_by
    work.schedule(dispute["id"], due_by if waits else None)


def respond(work: Work, dispute: Json) -> Json:
    """Submit evidence, as staff do in Stripe's dashboard: the bank now looks at it."""
    dispute["status"] = dispute["status"].replace("needs_response", "under_review")
    dispute["evidence_details"] |= {
        "has_evidence": True,
        "past_due": 0 < dispute["evidence_details"]["due_by"] < work.now,
        "submission_count": dispute["evidence_details"]["submission_count"] + 1,
        "submission_method": "manual",
    }
    return _updated(work, dispute)


def set_deadline(work: Work, dispute: Json, due_by: int) -> Json:
    """Let evidence be due at another moment; 0 says that the bank takes none."""
    dispute["evidence_details"]["due_by"] = due_by
    return _updated(work, dispute)


def escalate(work: Work, dispute: Json) -> Json:
    """Turn an inquiry into a chargeback: now the money is withdrawn."""
    dispute |= {"status": "needs_response", "is_charge_refundable": False}
    dispute["payment_method_details"]["card"]["case_type"] = "chargeback"
    dispute["evidence_details"]["due_by"] = work.now + EVIDENCE_DAYS * DAY
    _updated(work, dispute)
    events.emit(work, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def _updated(work: Work, dispute: Json) -> Json:
    work.save(dispute)
    _wait_for_evidence(work, dispute)
    events.emit(work, "charge.dispute.updated", dispute)
    return dispute


def ends(dispute: Json) -> tuple[str, ...]:
    """Return what an open dispute can end as; nobody wins or loses an inquiry."""
    return ("warning_closed",) if dispute["status"] in INQUIRY else ("won", "lost")


def close(work: Work, dispute: Json, outcome: str) -> Json:
    """End a dispute as `won`, `lost` or, for an inquiry, `warning_closed`.

    Won, the money comes back, and the charge can be refunded again.
    """
    dispute |= {"status": outcome, "is_charge_refundable": outcome != "lost"}
    work.save(dispute)
    work.schedule(dispute["id"], None)
    events.emit(work, "charge.dispute.closed", dispute)
    if outcome == "won":
        events.emit(work, "charge.dispute.funds_reinstated", dispute)
    return dispute


def refunded(work: Work, charge: Json) -> None:
    """Resolve an inquiry whose charge was refunded as a whole.

    https://docs.stripe.com/disputes (inquiries and retrievals)
    """
    dispute = of_charge(work, charge)
    if dispute and dispute["status"] in INQUIRY and charge["refunded"]:
        close(work, dispute, "warning_closed")


def of_charge(work: Work, charge: Json) -> Json | None:
    """Return the dispute of a charge, or None."""
    row = work.connection.execute(
        "SELECT id FROM objects WHERE kind = 'dispute' AND json_extract(body, '$.charge') = ?"
        " ORDER BY seq DESC",
        (charge["id"],),
    ).fetchone()
    return work.get(row["id"]) if row else None
