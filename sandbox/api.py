"""The table of API endpoints: address, parameters by the SDK's types, what runs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import stripe
from stripe import params as sdk
from stripe.checkout import Session
from stripe.params import checkout
from werkzeug.routing import Map, Rule

from sandbox import events, lists, refunds, schema, sessions
from sandbox.errors import no_such
from sandbox.store import Work

Json = dict[str, Any]
Run = Callable[..., Json]
RESOURCES: tuple[type, ...] = (
    Session,
    stripe.Charge,
    stripe.Dispute,
    stripe.Event,
    stripe.LineItem,
    stripe.PaymentIntent,
    stripe.Price,
    stripe.Product,
    stripe.Refund,
)


@dataclass(frozen=True)
class Endpoint:
    """One call of the API."""

    run: Run
    params: type


def _retrieve(kind: str, param: str) -> Run:
    def run(work: Work, params: Json, identifier: str) -> Json:  # noqa: ARG001 - one signature
        found = work.get(identifier, kind)
        if found is None:
            raise no_such(kind, identifier, param)
        return found

    return run


def _list(kind: str, url: str, *filters: str) -> Run:
    def run(work: Work, params: Json) -> Json:
        equal = {name: params.get(name) for name in filters}
        return lists.page(work, kind, params, url, equal=equal)

    return run


ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    ("POST", "/v1/checkout/sessions"): Endpoint(sessions.create, checkout.SessionCreateParams),
    ("GET", "/v1/checkout/sessions"): Endpoint(sessions.listed, checkout.SessionListParams),
    ("GET", "/v1/checkout/sessions/<identifier>"): Endpoint(
        lambda work, params, identifier: sessions.found(work, identifier),  # noqa: ARG005
        checkout.SessionRetrieveParams,
    ),
    ("POST", "/v1/checkout/sessions/<identifier>/expire"): Endpoint(
        lambda work, params, identifier: sessions.expire(work, identifier),  # noqa: ARG005
        checkout.SessionExpireParams,
    ),
    ("GET", "/v1/checkout/sessions/<identifier>/line_items"): Endpoint(
        lambda work, params, identifier: sessions.line_items(work, identifier, params),
        checkout.SessionListLineItemsParams,
    ),
    ("GET", "/v1/payment_intents"): Endpoint(
        _list("payment_intent", "/v1/payment_intents", "customer"), sdk.PaymentIntentListParams
    ),
    ("GET", "/v1/payment_intents/<identifier>"): Endpoint(
        _retrieve("payment_intent", "intent"), sdk.PaymentIntentRetrieveParams
    ),
    ("GET", "/v1/charges"): Endpoint(
        _list("charge", "/v1/charges", "payment_intent", "customer", "transfer_group"),
        sdk.ChargeListParams,
    ),
    ("GET", "/v1/charges/<identifier>"): Endpoint(
        _retrieve("charge", "id"), sdk.ChargeRetrieveParams
    ),
    ("POST", "/v1/refunds"): Endpoint(refunds.create, sdk.RefundCreateParams),
    ("GET", "/v1/refunds"): Endpoint(
        _list("refund", "/v1/refunds", "payment_intent", "charge"), sdk.RefundListParams
    ),
    ("GET", "/v1/refunds/<identifier>"): Endpoint(
        _retrieve("refund", "id"), sdk.RefundRetrieveParams
    ),
    ("GET", "/v1/disputes"): Endpoint(
        _list("dispute", "/v1/disputes", "payment_intent", "charge"), sdk.DisputeListParams
    ),
    ("GET", "/v1/disputes/<identifier>"): Endpoint(
        _retrieve("dispute", "id"), sdk.DisputeRetrieveParams
    ),
    ("GET", "/v1/events"): Endpoint(events.listed, sdk.EventListParams),
    ("GET", "/v1/events/<identifier>"): Endpoint(_retrieve("event", "id"), sdk.EventRetrieveParams),
    ("GET", "/v1/payment_methods/<identifier>"): Endpoint(
        _retrieve("payment_method", "id"), sdk.PaymentMethodRetrieveParams
    ),
}
ROUTES = Map(
    [Rule(path, methods=[method], endpoint=(method, path)) for method, path in ENDPOINTS],
    strict_slashes=True,
    merge_slashes=False,
)


def warm_up() -> None:
    """Resolve the SDK's types now, so that the first request does not wait for it."""
    for endpoint in ENDPOINTS.values():
        schema.parameters(endpoint.params)
    for resource in RESOURCES:
        schema.fields(resource)
