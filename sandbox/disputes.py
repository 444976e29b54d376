"""Disputes: https://docs.stripe.com/disputes/how-disputes-work"""

from typing import Any

import stripe

from sandbox import events, schema
from sandbox.store import Work, new_id

Json = dict[str, Any]
#: Days in which evidence can be given; card networks allow 7 to 21.
EVIDENCE_DAYS = 9
OPEN = ("needs_response", "under_review")


def open_for(work: Work, charge: Json, reason: str) -> Json:
    """Dispute a charge in full: it is flagged, and the money is withdrawn."""
    method = charge["payment_method_details"]
    brand = (method.get("card") or {}).get("brand", "visa")
    card = {
        "brand": brand,
        "case_type": "chargeback",
        "network": brand,
        "network_reason_code": "10.4",
    }
    dispute = schema.build(
        stripe.Dispute,
        {
            "id": new_id("du_1"),
            "object": "dispute",
            "amount": charge["amount"] - charge["amount_refunded"],
            "balance_transactions": [],
            "charge": charge["id"],
            "created": work.now,
            "currency": charge["currency"],
            "enhanced_eligibility_types": [],
            "evidence": schema.build(stripe.Dispute.Evidence, {"enhanced_evidence": {}}),
            "evidence_details": {
                "due_by": work.now + EVIDENCE_DAYS * 24 * 60 * 60,
                "enhanced_eligibility": {},
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
                "submission_method": "not_submitted",
            },
            "is_charge_refundable": False,
            "livemode": False,
            "metadata": {},
            "network_reason_code": "10.4",
            "payment_intent": charge["payment_intent"],
            "payment_method_details": {"type": "card", "card": card},
            "reason": reason,
            "status": "needs_response",
        },
    )
    work.save(dispute)
    charge["disputed"] = True
    work.save(charge)
    events.emit(work, "charge.dispute.created", dispute)
    events.emit(work, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def close(work: Work, dispute: Json, outcome: str) -> Json:
    """End a dispute as `won` or `lost`; won, the money comes back."""
    dispute["status"] = outcome
    work.save(dispute)
    events.emit(work, "charge.dispute.closed", dispute)
    if outcome == "won":
        events.emit(work, "charge.dispute.funds_reinstated", dispute)
    return dispute


def of_charge(work: Work, charge: Json) -> Json | None:
    """Return the dispute of a charge, or None."""
    row = work.connection.execute(
        "SELECT id FROM objects WHERE kind = 'dispute' AND json_extract(body, '$.charge') = ?"
        " ORDER BY seq DESC",
        (charge["id"],),
    ).fetchone()
    return work.get(row["id"]) if row else None
