"""Refunds: https://docs.stripe.com/refunds"""

from typing import Any

import stripe

from sandbox import disputes, events, schema
from sandbox.errors import invalid, no_such
from sandbox.sessions import SIGN
from sandbox.store import Work, new_id

Json = dict[str, Any]
STATUSES = ("succeeded", "pending", "failed")
#: What can become of a refund, by what it is now. Staff can cancel a pending one in Stripe's
#: dashboard: https://docs.stripe.com/refunds
NEXT = {"pending": ("succeeded", "failed", "canceled"), "succeeded": ("failed",)}
REASONS = {"failed": "lost_or_stolen_card", "canceled": "merchant_request"}
#: Seconds until a refund to a card of the "refunds change later" kind changes.
LATER = 5


def create(work: Work, params: Json) -> Json:
    """Answer POST /v1/refunds, for a payment intent or a charge, whole or in part."""
    charge = _charge(work, params)
    amount = _amount(work, charge, params)
    status = _status(work, charge)
    pending = status == "pending"
    refund = schema.build(
        stripe.Refund,
        {
            "id": new_id("re_3" if charge["id"].startswith("ch_") else "pyr_3"),
            "object": "refund",
            "amount": amount,
            "charge": charge["id"],
            "created": work.now,
            "currency": charge["currency"],
            "destination_details": _destination(charge),
            "metadata": params.get("metadata") or {},
            "payment_intent": charge["payment_intent"],
            "payment_method": charge["payment_method"],
            "pending_reason": "processing" if pending else None,
            "reason": params.get("reason"),
            "status": "pending" if pending else "succeeded",
        },
    )
    work.save(refund)
    _count_towards(work, charge, amount)
    events.emit(work, "charge.refunded", charge)
    events.emit(work, "refund.created", refund)
    disputes.refunded(work, charge)
    if status == "failed":
        refund = become(work, refund, "failed")
    elif work.note(charge["id"]) in ("pending", "failed"):
        later = "succeeded" if pending else "failed"
        work.schedule(refund["id"], work.now + LATER, later)
    return refund


def _charge(work: Work, params: Json) -> Json:
    if "charge" in params and "payment_intent" in params:
        raise invalid("You may only specify one of these parameters: charge, payment_intent.")
    if "charge" in params:
        charge = work.get(params["charge"], "charge")
        if charge is None:
            raise no_such("charge", params["charge"], "charge", 400)
    elif "payment_intent" in params:
        intent = work.get(params["payment_intent"], "payment_intent")
        if intent is None:
            raise no_such("payment_intent", params["payment_intent"], "payment_intent", 400)
        charge = work.get(intent["latest_charge"] or "", "charge")
    else:
        raise invalid("One of the following params should be provided for this request: "
                      "payment_intent or charge.", code="parameter_missing")  # fmt: skip
    if charge is None or charge["status"] != "succeeded":
        what = params.get("payment_intent") or params.get("charge")
        raise invalid(f"This payment ({what}) does not have a successful charge to refund.")
    return charge


def _amount(work: Work, charge: Json, params: Json) -> int:
    left = charge["amount"] - charge["amount_refunded"]
    dispute = disputes.of_charge(work, charge)
    if dispute and not dispute["is_charge_refundable"]:
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise invalid(message, code="charge_disputed")
    if left == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise invalid(message, code="charge_already_refunded")
    amount = int(params.get("amount", left))
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        raise invalid(message, "amount", "parameter_invalid_integer")
    if amount > left:
        sign = SIGN[charge["currency"]]
        message = (
            f"Refund amount ({sign}{amount / 100:.2f}) is greater than unrefunded amount on "
            f"charge ({sign}{left / 100:.2f})"
        )
        raise invalid(message, "amount")
    return amount


def _status(work: Work, charge: Json) -> str:
    """Return how a new refund starts: as the control page asked, or as the test card does."""
    asked = work.setting("refunds")
    if asked:
        left = asked["count"] - 1 if asked["count"] else None
        work.set("refunds", None if left == 0 else asked | {"count": left})
        return str(asked["status"])
    return "pending" if work.note(charge["id"]) == "pending" else "succeeded"


def _destination(charge: Json) -> Json:
    kind = charge["payment_method_details"]["type"]
    if kind != "card":
        return {"type": kind}
    details = {"reference_status": "pending", "reference_type": "acquirer_reference_number"}
    values = details | {"type": "refund"}
    return {"type": "card", "card": schema.build(stripe.Refund.DestinationDetails.Card, values)}


def _count_towards(work: Work, charge: Json, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    work.save(charge)


def become(work: Work, refund: Json, status: str) -> Json:
    """Let a refund succeed, fail or be cancelled; but for success, the seller has the money back.

    A refund that had succeeded may still fail: https://docs.stripe.com/refunds#failed-refunds
    """
    refund |= {"status": status, "pending_reason": None}
    if status in REASONS:
        refund["failure_reason"] = REASONS[status]
        charge = work.get(refund["charge"])
        if charge:
            _count_towards(work, charge, -refund["amount"])
    work.save(refund)
    work.schedule(refund["id"], None)
    events.emit(work, "refund.updated", refund)
    if status == "failed":
        events.emit(work, "refund.failed", refund)
    return refund
