"""Payment intents and charges: what happens when somebody pays.

https://docs.stripe.com/payments/paymentintents/lifecycle
"""

import json
from dataclasses import dataclass
from typing import Any

import stripe

from sandbox import disputes, events, schema, sessions
from sandbox.cards import AUTHENTICATION_FAILED, TEST_CARDS, Account, Card, Decline, TestCard
from sandbox.store import Work, new_id

Json = dict[str, Any]
PAID, DECLINED, AUTHENTICATE = "paid", "declined", "authenticate"


@dataclass(frozen=True)
class Payer:
    """Who pays, as typed on the hosted page."""

    email: str | None
    name: str | None


def by_card(work: Work, session: Json, card: Card, payer: Payer) -> str:
    """Try a card on an open session; return PAID, DECLINED or AUTHENTICATE."""
    intent = _intent(work, session)
    method = _card_method(work, card, payer)
    intent["payment_method"] = method["id"]
    if card.known.authenticates:
        _ask_to_authenticate(work, session, intent, card.known)
        return AUTHENTICATE
    return _charge_card(work, session, intent, card.known)


def _intent(work: Work, session: Json) -> Json:
    """Return the session's intent; Stripe makes it when the customer first pays."""
    if session["payment_intent"]:
        intent = work.get(session["payment_intent"])
        if intent:
            return intent
    intent = _new_intent(work, session, json.loads(work.note(session["id"]) or "{}"))
    work.save(intent)
    session["payment_intent"] = intent["id"]
    work.save(session)
    events.emit(work, "payment_intent.created", intent)
    return intent


def _new_intent(work: Work, session: Json, data: Json) -> Json:
    identifier = new_id("pi_3")
    copied = ("description", "receipt_email", "statement_descriptor", "statement_descriptor_suffix")
    return schema.build(
        stripe.PaymentIntent,
        {name: data.get(name) for name in copied}
        | {
            "id": identifier,
            "object": "payment_intent",
            "amount": session["amount_total"],
            "amount_capturable": 0,
            "amount_received": 0,
            "capture_method": data.get("capture_method", "automatic"),
            "client_secret": f"{identifier}_secret_{new_id('')}",
            "confirmation_method": "automatic",
            "created": work.now,
            "currency": session["currency"],
            "livemode": False,
            "metadata": data.get("metadata", {}),
            "payment_method_options": {},
            "payment_method_types": session["payment_method_types"],
            "status": "requires_payment_method",
        },
    )


def billing(payer: Payer) -> Json:
    """Return billing details with an address of nulls, as Stripe gives it."""
    address = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    return {
        "address": address,
        "email": payer.email,
        "name": payer.name,
        "phone": None,
        "tax_id": None,
    }


def _card_method(work: Work, card: Card, payer: Payer) -> Json:
    known = card.known
    details = schema.build(
        stripe.PaymentMethod.Card,
        {
            "brand": known.brand,
            "checks": _checks(),
            "country": known.country,
            "display_brand": known.brand,
            "exp_month": card.exp_month,
            "exp_year": card.exp_year,
            "fingerprint": card.fingerprint,
            "funding": "credit",
            "last4": card.number[-4:],
            "networks": {"available": [known.brand], "preferred": None},
            "three_d_secure_usage": {"supported": True},
        },
    )
    return _method(work, "card", details, payer)


def _checks() -> Json:
    return {
        "address_line1_check": None,
        "address_postal_code_check": None,
        "cvc_check": "pass",
    }


def _method(work: Work, kind: str, details: Json, payer: Payer) -> Json:
    return work.save(
        {
            "id": new_id("pm_1"),
            "object": "payment_method",
            "allow_redisplay": "limited",
            "billing_details": billing(payer),
            kind: details,
            "created": work.now,
            "customer": None,
            "customer_account": None,
            "livemode": False,
            "metadata": {},
            "type": kind,
        }
    )


def _ask_to_authenticate(work: Work, session: Json, intent: Json, card: TestCard) -> None:
    page = f"{session['url']}/authenticate"
    redirect = {"return_url": session["url"], "url": page}
    intent |= {
        "status": "requires_action",
        "last_payment_error": None,
        "next_action": {"type": "redirect_to_url", "redirect_to_url": redirect},
    }
    work.save(intent)
    work.schedule(intent["id"], None, card.number)
    events.emit(work, "payment_intent.requires_action", intent)


def waiting_to_authenticate(work: Work, session: Json) -> Json | None:
    """Return the intent of an open session that waits for 3-D Secure, or None."""
    intent = work.get(session["payment_intent"]) if session["payment_intent"] else None
    return intent if intent and intent["status"] == "requires_action" else None


def authenticate(work: Work, session: Json, intent: Json, *, passed: bool) -> str:
    """End 3-D Secure; return PAID or DECLINED."""
    card = TEST_CARDS[work.note(intent["id"]) or ""]
    intent["next_action"] = None
    work.schedule(intent["id"], None)
    if not passed:
        return _fail(work, intent, AUTHENTICATION_FAILED, None)
    return _charge_card(work, session, intent, card)


def _charge_card(work: Work, session: Json, intent: Json, card: TestCard) -> str:
    charge = _new_charge(work, intent)
    if card.decline:
        return _fail(work, intent, card.decline, charge)
    _succeed(work, intent, charge)
    if card.refunds != "succeeded":
        work.schedule(charge["id"], None, card.refunds)
    _complete(work, session, intent, "paid")
    if card.disputed:
        disputes.open_for(work, charge, card.disputed)
    return PAID


def _new_charge(work: Work, intent: Json) -> Json:
    method = work.get(intent["payment_method"]) or {}
    return schema.build(
        stripe.Charge,
        {
            "id": new_id("ch_3" if method["type"] == "card" else "py_3"),
            "object": "charge",
            "amount": intent["amount"],
            "amount_captured": 0,
            "amount_refunded": 0,
            "billing_details": method["billing_details"],
            "calculated_statement_descriptor": "STAND-IN",
            "captured": False,
            "created": work.now,
            "currency": intent["currency"],
            "description": intent["description"],
            "disputed": False,
            "fraud_details": {},
            "livemode": False,
            "metadata": intent["metadata"],
            "paid": False,
            "payment_intent": intent["id"],
            "payment_method": method["id"],
            "payment_method_details": _charged_details(method),
            "radar_options": {},
            "receipt_email": intent["receipt_email"],
            "refunded": False,
            "statement_descriptor": intent["statement_descriptor"],
            "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
            "status": "pending",
        },
    )


def _charged_details(method: Json) -> Json:
    kind = method["type"]
    of_type = getattr(stripe.Charge.PaymentMethodDetails, "Card" if kind == "card" else "BacsDebit")
    known = schema.fields(of_type)
    values = {name: value for name, value in method[kind].items() if name in known}
    if kind == "card":
        values["network"] = values["brand"]
    return {"type": kind, kind: schema.build(of_type, values)}


def _outcome(decline: Decline | None) -> Json:
    values: Json = {
        "network_status": "declined_by_network" if decline else "approved_by_network",
        "reason": decline and (decline.decline_code or decline.code),
        "risk_level": "normal",
        "risk_score": 20,
        "seller_message": decline.message if decline else "Payment complete.",
        "type": "issuer_declined" if decline else "authorized",
    }
    return schema.build(stripe.Charge.Outcome, values)


def _succeed(work: Work, intent: Json, charge: Json) -> None:
    charge |= {
        "amount_captured": charge["amount"],
        "captured": True,
        "outcome": _outcome(None),
        "paid": True,
        "status": "succeeded",
    }
    intent |= {
        "amount_received": intent["amount"],
        "last_payment_error": None,
        "latest_charge": charge["id"],
        "status": "succeeded",
    }
    work.save(charge)
    work.save(intent)
    events.emit(work, "charge.succeeded", charge)
    events.emit(work, "payment_intent.succeeded", intent)


def _fail(work: Work, intent: Json, decline: Decline, charge: Json | None) -> str:
    """Record a failed attempt; the intent then waits for another method of payment."""
    error: Json = {
        "code": decline.code,
        "doc_url": f"https://stripe.com/docs/error-codes/{decline.code.replace('_', '-')}",
        "message": decline.message,
        "payment_method": work.get(intent["payment_method"]),
        "type": "card_error",
    }
    if decline.decline_code:
        error["decline_code"] = decline.decline_code
    if charge:
        error["charge"] = charge["id"]
        charge |= {
            "failure_code": decline.code,
            "failure_message": decline.message,
            "outcome": _outcome(decline),
            "paid": False,
            "status": "failed",
        }
        intent["latest_charge"] = work.save(charge)["id"]
    intent |= {
        "last_payment_error": error,
        "payment_method": None,
        "status": "requires_payment_method",
    }
    work.save(intent)
    if charge:
        events.emit(work, "charge.failed", charge)
    events.emit(work, "payment_intent.payment_failed", intent)
    return DECLINED


def _complete(work: Work, session: Json, intent: Json, payment_status: str) -> None:
    method = work.get(intent["payment_method"]) or {}
    details = method["billing_details"]
    session["customer_details"] = sessions.customer_details(details["email"], details["name"])
    session["payment_status"] = payment_status
    sessions.close(work, session, "complete")


def nothing_to_pay(work: Work, session: Json, payer: Payer) -> None:
    """Complete a session whose total is zero; no intent is made."""
    session["customer_details"] = sessions.customer_details(payer.email, payer.name)
    sessions.close(work, session, "complete")


def by_bacs(work: Work, session: Json, account: Account, payer: Payer) -> None:
    """Take a debit that is only known to succeed days later: complete, but unpaid.

    https://docs.stripe.com/payments/bacs-debit/accept-a-payment
    """
    intent = _intent(work, session)
    details = {
        "fingerprint": None,
        "last4": account.number[-4:],
        "sort_code": account.sort_code,
    }
    intent["payment_method"] = _method(work, "bacs_debit", details, payer)["id"]
    charge = work.save(_new_charge(work, intent))
    intent |= {
        "last_payment_error": None,
        "latest_charge": charge["id"],
        "status": "processing",
    }
    work.save(intent)
    delay = work.setting("bacs_delay")
    note = "failure" if account.decline else "success"
    work.schedule(intent["id"], None if delay is None else work.now + int(delay), note)
    events.emit(work, "charge.pending", charge)
    events.emit(work, "payment_intent.processing", intent)
    _complete(work, session, intent, "unpaid")


def settle(work: Work, intent: Json, *, succeeded: bool, decline: Decline) -> None:
    """End a debit that was being processed, and tell the session's owner."""
    session = session_of(work, intent)
    charge = work.get(intent["latest_charge"]) or {}
    work.schedule(intent["id"], None)
    if succeeded:
        _succeed(work, intent, charge)
        session["payment_status"] = "paid"
        work.save(session)
    else:
        _fail(work, intent, decline, charge)
    outcome = "succeeded" if succeeded else "failed"
    events.emit(work, f"checkout.session.async_payment_{outcome}", session)


def session_of(work: Work, intent: Json) -> Json:
    """Return the session that made an intent."""
    row = work.connection.execute(
        "SELECT body FROM objects WHERE json_extract(body, '$.payment_intent') = ?"
        " AND kind = 'checkout.session'",
        (intent["id"],),
    ).fetchone()
    return dict(json.loads(row[0]))


def cancel(work: Work, identifier: str) -> None:
    """Cancel the intent of a session that expired before it was paid."""
    intent = work.get(identifier)
    if intent and intent["status"] not in ("succeeded", "canceled", "processing"):
        intent |= {
            "canceled_at": work.now,
            "cancellation_reason": "expired",
            "next_action": None,
            "status": "canceled",
        }
        work.save(intent)
        work.schedule(identifier, None)
        events.emit(work, "payment_intent.canceled", intent)
