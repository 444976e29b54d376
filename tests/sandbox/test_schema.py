"""Every object has only, and all non-optional, fields of the installed SDK's class."""

import inspect
import re
import typing
from typing import Any

import pytest
import stripe
from stripe.checkout import Session

from sandbox import disputes, schema
from tests.sandbox.orders import checkout, intent_of
from tests.sandbox.process import Sandbox, fetch

OBJECTS: dict[str, type] = {
    "checkout.session": Session,
    "item": stripe.LineItem,
    "price": stripe.Price,
    "product": stripe.Product,
    "payment_intent": stripe.PaymentIntent,
    "payment_method": stripe.PaymentMethod,
    "charge": stripe.Charge,
    "refund": stripe.Refund,
    "event": stripe.Event,
    "dispute": stripe.Dispute,
}


def disagreements(cls: type, body: dict[str, Any], path: str) -> list[str]:
    """Return where a body and the SDK's class differ, nested classes included."""
    fields = schema.fields(cls)
    wrong = [f"{path}.{name} is unknown" for name in body.keys() - fields.keys()]
    wrong += [
        f"{path}.{name} is missing or null"
        for name, optional in fields.items()
        if not optional and body.get(name) is None
    ]
    for name, value in body.items():
        for choice in schema.options(schema.hints(cls).get(name)):
            wrong += nested(choice, value, f"{path}.{name}")
    return wrong


def nested(annotation: Any, value: Any, path: str) -> list[str]:
    """Return the disagreements of one field's value, where its type is a class of the SDK."""
    if isinstance(value, list) and typing.get_origin(annotation) is list:
        (item,) = typing.get_args(annotation)
        return [w for n, one in enumerate(value) for w in nested(item, one, f"{path}[{n}]")]
    is_class = isinstance(annotation, type) and issubclass(annotation, stripe.StripeObject)
    typed = is_class and annotation is not stripe.StripeObject and schema.fields(annotation)
    return disagreements(annotation, value, path) if typed and isinstance(value, dict) else []


def body_of(found: stripe.StripeObject) -> dict[str, Any]:
    return dict(found.to_dict())


def check(body: dict[str, Any]) -> None:
    assert disagreements(OBJECTS[body["object"]], body, body["object"]) == []


def test_the_types_of_the_sdk_resolve_once_the_type_checking_names_are_supplied() -> None:
    assert schema.fields(Session)["id"] is False
    assert schema.fields(Session)["payment_intent"] is True
    assert "success_url" in schema.parameters(stripe.params.checkout.SessionCreateParams)


def test_an_unknown_or_missing_field_cannot_be_answered() -> None:
    with pytest.raises(TypeError, match=r"unknown .'colour'.*lacking .'enabled'"):
        schema.build(Session.AutomaticTax, {"colour": "red"})


def test_the_check_itself_sees_a_field_too_many_and_one_too_few() -> None:
    body = {"enabled": True, "surprise": 1}
    assert disagreements(Session.AutomaticTax, body, "tax") == ["tax.surprise is unknown"]
    assert disagreements(Session.AutomaticTax, {}, "tax") == ["tax.enabled is missing or null"]


@pytest.mark.parametrize("outcome", ["success", "decline", "3ds_pending", "3ds", "bacs"])
def test_a_session_its_intent_charge_and_method_have_the_fields_of_the_sdk(
    sandbox: Sandbox, client: stripe.StripeClient, outcome: str
) -> None:
    session = checkout(client)
    check(body_of(session))
    sandbox.control(f"sessions/{session.id}/pay", outcome=outcome)
    check(body_of(client.v1.checkout.sessions.retrieve(session.id)))
    intent = intent_of(client, session.id)
    if isinstance(intent.latest_charge, stripe.Charge):
        charge = body_of(intent.latest_charge)
        check(charge)
        method = client.v1.payment_methods.retrieve(charge["payment_method"])
        check(body_of(method))
    check(body_of(client.v1.payment_intents.retrieve(intent.id)))


def test_a_line_item_its_price_and_product_have_the_fields_of_the_sdk(
    client: stripe.StripeClient,
) -> None:
    session = checkout(client)
    item = client.v1.checkout.sessions.line_items.list(session.id).data[0]
    body = body_of(item)
    check(body)
    assert body["price"]["object"] == "price"


def test_a_refund_and_a_failed_one_have_the_fields_of_the_sdk(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    session = checkout(client)
    sandbox.control(f"sessions/{session.id}/pay")
    refund = client.v1.refunds.create({"payment_intent": intent_of(client, session.id).id})
    check(body_of(refund))
    sandbox.control(f"refunds/{refund.id}", status="failed")
    check(body_of(client.v1.refunds.retrieve(refund.id)))


@pytest.mark.parametrize(
    ("outcome", "inquiry"), [("success", False), ("success", True), ("bacs", False)]
)
def test_a_dispute_has_the_fields_of_the_sdk(
    sandbox: Sandbox, client: stripe.StripeClient, outcome: str, inquiry: bool
) -> None:
    session = checkout(client)
    sandbox.control(f"sessions/{session.id}/pay", outcome=outcome)
    if outcome == "bacs":
        sandbox.control(f"sessions/{session.id}/settle")
    dispute = sandbox.control("disputes", session=session.id, inquiry=inquiry)
    body = body_of(client.v1.disputes.retrieve(dispute["id"]))
    check(body)
    known = typing.get_args(schema.options(schema.hints(stripe.Dispute)["status"])[0])
    assert body["status"] in known


def test_every_reason_of_a_dispute_is_one_the_sdk_names() -> None:
    text = inspect.getsource(stripe.Dispute).split("Possible values are ")[1].split(". Learn")[0]
    assert set(re.findall(r"`(\w+)`", text)) == set(disputes.REASONS)


def test_every_event_and_what_it_tells_of_have_the_fields_of_the_sdk(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    session = checkout(client)
    sandbox.control(f"sessions/{session.id}/pay", outcome="decline")
    sandbox.control(f"sessions/{session.id}/pay", outcome="dispute")
    events = client.v1.events.list({"limit": 100}).data
    assert len(events) >= 7
    for event in events:
        body = body_of(event)
        check(body)
        check(body["data"]["object"])


def test_every_type_of_event_is_one_the_sdk_knows(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    for outcome in ("decline", "3ds_fail", "dispute"):
        session = checkout(client)
        sandbox.control(f"sessions/{session.id}/pay", outcome=outcome)
    (dispute,) = client.v1.disputes.list().data
    sandbox.control(f"disputes/{dispute.id}/respond")
    sandbox.control(f"disputes/{dispute.id}/close", outcome="won")
    sandbox.control("refunds", status="failed")
    sandbox.control(f"sessions/{session.id}/refund")
    bacs = checkout(client)
    sandbox.control(f"sessions/{bacs.id}/pay", outcome="bacs")
    sandbox.control(f"sessions/{bacs.id}/settle", outcome="failure")
    known = set(typing.get_args(schema.hints(stripe.Event)["type"]))
    assert {event.type for event in client.v1.events.list({"limit": 100})} <= known


def test_a_list_names_its_own_address(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    found = client.v1.checkout.sessions.list()
    assert (found.to_dict()["object"], found.url) == ("list", "/v1/checkout/sessions")
    assert fetch(f"{sandbox.url}/v1/checkout/sessions").status == 401
