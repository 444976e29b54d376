"""Checkout Sessions: https://docs.stripe.com/api/checkout/sessions"""

import json
from typing import Any
from urllib.parse import urlsplit

import stripe
from stripe.checkout import Session

from sandbox import events, lists, schema
from sandbox.errors import ApiError, invalid, missing, no_such
from sandbox.store import Work, new_id

Json = dict[str, Any]
#: https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-expires_at
SHORTEST = 30 * 60
LONGEST = 24 * 60 * 60
#: In the smallest unit: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
MINIMUM = {"gbp": 30, "eur": 50, "usd": 50}
SIGN = {"gbp": "£", "eur": "€", "usd": "$"}
MAXIMUM = 99_999_999
METHODS = ("card", "bacs_debit")
#: The most that one Direct Debit takes, in pence:
#: https://docs.stripe.com/payments/payment-methods/bacs-debit
LARGEST_DEBIT = 100_000_00
PLACEHOLDER = "{CHECKOUT_SESSION_ID}"
ACTED_ON = {
    "allowed_payment_method_types", "billing_address_collection", "cancel_url",
    "client_reference_id", "currency", "custom_text",
    "customer_creation", "customer_email", "excluded_payment_method_types", "expand", "expires_at",
    "integration_identifier",
    "invoice_creation", "line_items", "locale", "metadata", "mode", "origin_context",
    "payment_intent_data", "submit_type", "success_url", "ui_mode",
}  # fmt: skip
INTENT_DATA = {
    "capture_method", "description", "metadata", "receipt_email", "statement_descriptor",
    "statement_descriptor_suffix",
}  # fmt: skip


def create(work: Work, params: Json) -> Json:
    """Answer POST /v1/checkout/sessions."""
    _refuse_what_is_not_played(params)
    _require(params)
    expires_at = _expiry(work, params)
    identifier = new_id("cs_test_a1", 56)
    items = [_item(work, item, n) for n, item in enumerate(params["line_items"])]
    currency = _one_currency(items)
    total = sum(item["amount_total"] for item in items)
    _check_total(total, currency)
    session = _new(work, params, identifier, currency, total, expires_at)
    work.save(session)
    work.schedule(identifier, expires_at, _intent_data(params))
    for item in items:
        work.save(item, parent=identifier)
    return session


def _refuse_what_is_not_played(params: Json) -> None:
    for name in params.keys() - ACTED_ON:
        raise _not_played(name)
    for name in params.get("payment_intent_data", {}).keys() - INTENT_DATA:
        raise _not_played(f"payment_intent_data[{name}]")
    if params.get("payment_intent_data", {}).get("capture_method", "automatic") == "manual":
        raise _not_played("payment_intent_data[capture_method]")


def _not_played(name: str) -> ApiError:
    """Return an error of our own, rather than quietly ignore what Stripe would act on."""
    return invalid(f"The stand-in knows the parameter {name} but does not act on it.", name)


def _require(params: Json) -> None:
    for name in ("mode", "line_items", "success_url"):
        if not params.get(name):
            raise missing(name)
    if params["mode"] != "payment":
        raise _not_played("mode=" + params["mode"])
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise _not_played("ui_mode=" + params["ui_mode"])
    for name in ("success_url", "cancel_url"):
        if name in params and not _is_url(params[name]):
            raise invalid("Not a valid URL", name, "url_invalid")
    if "customer_email" in params and not is_email(params["customer_email"]):
        raise invalid(f"Invalid email address: {params['customer_email']}", "customer_email",
                      "email_invalid")  # fmt: skip


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def is_email(text: str) -> bool:
    local, at, domain = text.rpartition("@")
    return bool(local and at and domain) and not any(c.isspace() for c in text)


def _expiry(work: Work, params: Json) -> int:
    expires_at = int(params.get("expires_at", work.now + LONGEST))
    rule = "The `expires_at` timestamp must be"
    if expires_at < work.now + SHORTEST - 5:  # the request's own time on the way
        message = f"{rule} at least 30 minutes from Checkout Session creation."
        raise invalid(message, "expires_at")
    if expires_at > work.now + LONGEST + 5:
        message = f"{rule} less than 24 hours from Checkout Session creation."
        raise invalid(message, "expires_at")
    return expires_at


def _item(work: Work, item: Json, number: int) -> Json:
    name = f"line_items[{number}]"
    for unused in item.keys() - {"price", "price_data", "quantity", "metadata"}:
        raise _not_played(f"{name}[{unused}]")
    if "price" in item:
        raise no_such("price", item["price"], f"{name}[price]", 400)
    if "price_data" not in item:
        raise missing(f"{name}[price_data]")
    if "quantity" not in item:
        raise missing(f"{name}[quantity]")
    if item["quantity"] < 1:
        raise invalid("This value must be greater than or equal to 1.", f"{name}[quantity]",
                      "parameter_invalid_integer")  # fmt: skip
    price, product = _price(work, item["price_data"], f"{name}[price_data]")
    amount = price["unit_amount"] * item["quantity"]
    work.save(product)
    return schema.build(
        stripe.LineItem,
        {
            "id": new_id("li_1"),
            "object": "item",
            "amount_discount": 0,
            "amount_subtotal": amount,
            "amount_tax": 0,
            "amount_total": amount,
            "currency": price["currency"],
            "description": product["name"],
            "metadata": item.get("metadata", {}),
            "price": work.save(price),
            "quantity": item["quantity"],
        },
    )


def _price(work: Work, data: Json, name: str) -> tuple[Json, Json]:
    for unused in data.keys() - {"currency", "unit_amount", "product_data", "tax_behavior"}:
        raise _not_played(f"{name}[{unused}]")
    for needed in ("unit_amount", "product_data"):
        if needed not in data:
            raise missing(f"{name}[{needed}]")
    if data["currency"].lower() not in MINIMUM:
        raise invalid(f"Invalid currency: {data['currency']}.", f"{name}[currency]")
    if data["unit_amount"] < 0:
        raise invalid("This value must be greater than or equal to 0.", f"{name}[unit_amount]",
                      "parameter_invalid_integer")  # fmt: skip
    product = _product(work, data["product_data"])
    price = schema.build(
        stripe.Price,
        {
            "id": new_id("price_1"),
            "object": "price",
            "active": False,
            "billing_scheme": "per_unit",
            "created": work.now,
            "currency": data["currency"].lower(),
            "livemode": False,
            "metadata": {},
            "product": product["id"],
            "tax_behavior": data.get("tax_behavior", "unspecified"),
            "type": "one_time",
            "unit_amount": data["unit_amount"],
            "unit_amount_decimal": str(data["unit_amount"]),
        },
    )
    return price, product


def _product(work: Work, data: Json) -> Json:
    return schema.build(
        stripe.Product,
        {
            "id": new_id("prod_", 14),
            "object": "product",
            "active": False,
            "created": work.now,
            "description": data.get("description"),
            "images": data.get("images", []),
            "livemode": False,
            "marketing_features": [],
            "metadata": data.get("metadata", {}),
            "name": data["name"],
            "tax_code": data.get("tax_code"),
            "type": "service",
            "unit_label": data.get("unit_label"),
            "updated": work.now,
        },
    )


def _one_currency(items: list[Json]) -> str:
    currencies = {item["currency"] for item in items}
    if len(currencies) > 1:
        raise invalid(
            "All prices on a Checkout Session must have the same `currency`.", "line_items"
        )
    return str(currencies.pop())


def _check_total(total: int, currency: str) -> None:
    """Refuse what Stripe cannot charge; nothing to pay at all is allowed.

    https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts and
    https://docs.stripe.com/payments/checkout/no-cost-orders
    """
    sign = SIGN[currency]
    if 0 < total < MINIMUM[currency]:
        raise invalid(
            "The Checkout Session's total amount due must add up to at least "
            f"{sign}{MINIMUM[currency] / 100:.2f} {currency}",
            code="amount_too_small",
        )
    if total > MAXIMUM:
        raise invalid(
            f"The Checkout Session's total amount due must be no more than {sign}999,999.99",
            code="amount_too_large",
        )


def _intent_data(params: Json) -> str:
    return json.dumps(params.get("payment_intent_data", {}))


def _new(
    work: Work, params: Json, identifier: str, currency: str, total: int, expires_at: int
) -> Json:
    email = params.get("customer_email")
    copied = ("billing_address_collection", "cancel_url", "client_reference_id", "customer_email",
              "integration_identifier", "locale", "origin_context", "submit_type",
              "success_url")  # fmt: skip
    values = {name: params.get(name) for name in copied}
    return schema.build(
        Session,
        values
        | {
            "id": identifier,
            "object": "checkout.session",
            "adaptive_pricing": {"enabled": False},
            "allowed_payment_method_types": params.get("allowed_payment_method_types"),
            "amount_subtotal": total,
            "amount_total": total,
            "automatic_tax": schema.build(Session.AutomaticTax, {"enabled": False}),
            "created": work.now,
            "currency": currency,
            "custom_fields": [],
            "custom_text": schema.build(Session.CustomText, params.get("custom_text", {})),
            "customer_creation": params.get("customer_creation", "if_required"),
            "customer_details": customer_details(email, None) if email else None,
            "discounts": [],
            "excluded_payment_method_types": params.get("excluded_payment_method_types"),
            "expires_at": expires_at,
            "invoice_creation": _invoice_creation(params),
            "livemode": False,
            "metadata": params.get("metadata", {}),
            "mode": "payment",
            "payment_method_collection": "if_required",
            "payment_method_options": {},
            "payment_method_types": _methods(work, params, currency, total),
            "payment_status": "unpaid" if total else "no_payment_required",
            "phone_number_collection": {"enabled": False},
            "shipping_options": [],
            "status": "open",
            "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
            "ui_mode": "hosted_page",
            "url": f"{work.base_url}/c/pay/{identifier}",
        },
    )


def _methods(work: Work, params: Json, currency: str, total: int) -> list[str]:
    """Return the ways to pay: those of the dashboard, narrowed by what is paid and as asked.

    https://docs.stripe.com/changelog/endive/2026-09-30/remove-payment-method-types-checkout-sessions
    """
    eligible = work.setting("methods", list(METHODS))
    if currency != "gbp" or total > LARGEST_DEBIT:
        eligible = [method for method in eligible if method != "bacs_debit"]
    allowed = params.get("allowed_payment_method_types", eligible)
    excluded = params.get("excluded_payment_method_types", [])
    methods = [method for method in eligible if method in allowed and method not in excluded]
    if not methods:
        raise invalid("No valid payment method types for this Checkout Session.")
    return methods


def _invoice_creation(params: Json) -> Json:
    asked = params.get("invoice_creation", {})
    data = {"metadata": {}} | asked.get("invoice_data", {})
    return {
        "enabled": asked.get("enabled", False),
        "invoice_data": schema.build(Session.InvoiceCreation.InvoiceData, data),
    }


def customer_details(email: str | None, name: str | None) -> Json:
    """Return what a session says of the customer."""
    return schema.build(
        Session.CustomerDetails,
        {"email": email, "name": name, "tax_exempt": "none", "tax_ids": []},
    )


def load(work: Work, identifier: str) -> Json | None:
    """Return a session, expired by now if its time is over."""
    session = work.get(identifier, "checkout.session")
    if session and session["status"] == "open" and session["expires_at"] <= work.now:
        return close(work, session, "expired")
    return session


def found(work: Work, identifier: str) -> Json:
    """Return a session or raise Stripe's 404."""
    session = load(work, identifier)
    if session is None:
        raise no_such("checkout.session", identifier, "session")
    return session


def close(work: Work, session: Json, status: str) -> Json:
    """End a session as complete or expired; its page is gone, and an event says so."""
    from sandbox import payments

    session |= {"status": status, "url": None}
    if status == "expired" and session["payment_intent"]:
        payments.cancel(work, session["payment_intent"])
    work.save(session)
    work.schedule(session["id"], None)
    kind = "completed" if status == "complete" else "expired"
    events.emit(work, f"checkout.session.{kind}", session)
    return session


def expire(work: Work, identifier: str) -> Json:
    """Answer POST /v1/checkout/sessions/:id/expire: only an open one can be."""
    session = found(work, identifier)
    if session["status"] != "open":
        raise invalid(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of `{session['status']}`."
        )
    return close(work, session, "expired")


def listed(work: Work, params: Json) -> Json:
    """Answer GET /v1/checkout/sessions, with its filters."""
    equal = {
        "payment_intent": params.get("payment_intent"),
        "status": params.get("status"),
        "customer": params.get("customer"),
        "payment_link": params.get("payment_link"),
        "subscription": params.get("subscription"),
        "customer_details.email": params.get("customer_details", {}).get("email"),
    }
    return lists.page(work, "checkout.session", params, "/v1/checkout/sessions", equal=equal)


def line_items(work: Work, identifier: str, params: Json) -> Json:
    """Answer GET /v1/checkout/sessions/:id/line_items."""
    found(work, identifier)
    url = f"/v1/checkout/sessions/{identifier}/line_items"
    return lists.page(work, "item", params, url, parent=identifier)
