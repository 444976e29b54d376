"""Webhooks: signed, retried until a 2xx, and every way in which they go wrong."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe
from stripe import WebhookSignature

from sandbox.delivery import signature
from tests.sandbox.orders import checkout, intent_of
from tests.sandbox.process import Sandbox, fetch, start_sandbox
from tests.sandbox.receiver import Receiver
from tests.sandbox.waiting import until

COMPLETED = "checkout.session.completed"


def deliveries(sandbox: Sandbox, event_type: str) -> list[dict[str, Any]]:
    return [row for row in sandbox.see("deliveries")["deliveries"] if row["type"] == event_type]


def paid(sandbox: Sandbox, client: stripe.StripeClient, outcome: str = "success") -> str:
    session = checkout(client)
    sandbox.control(f"sessions/{session.id}/pay", outcome=outcome)
    return session.id


def test_the_signature_is_the_one_the_sdk_makes() -> None:
    """https://docs.stripe.com/webhooks#verify-manually"""
    body = '{"id": "evt_1", "name": "Ünïcode £"}'
    ours = signature(body.encode(), "whsec_x", 1234567890)
    assert ours == WebhookSignature.generate_signature_header(body, "whsec_x", 1234567890)


def test_a_payment_sends_these_events(
    sandbox: Sandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    """https://docs.stripe.com/checkout/fulfillment"""
    session = paid(sandbox, client)
    until(lambda: len(receiver.types()) == 4, what="four events")
    assert set(receiver.types()) == {
        "payment_intent.created", "charge.succeeded", "payment_intent.succeeded", COMPLETED,
    }  # fmt: skip
    (event,) = [event for event in receiver.events if event.type == COMPLETED]
    assert event.data.object["id"] == session
    assert event.data.object["payment_status"] == "paid"
    assert event.api_version == stripe.api_version


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ("decline", {"charge.failed", "payment_intent.payment_failed"}),
        ("3ds_fail", {"payment_intent.requires_action", "payment_intent.payment_failed"}),
        ("bacs", {"payment_intent.processing", "charge.pending", COMPLETED}),
    ],
)
def test_other_ways_to_end_send_theirs(
    sandbox: Sandbox,
    client: stripe.StripeClient,
    receiver: Receiver,
    outcome: str,
    expected: set[str],
) -> None:
    """https://docs.stripe.com/api/events/types"""
    paid(sandbox, client, outcome)
    until(lambda: len(receiver.types()) == len(expected) + 1, what="the events")
    assert set(receiver.types()) == expected | {"payment_intent.created"}


def test_a_delivered_event_is_the_one_the_api_gives(
    sandbox: Sandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    session = paid(sandbox, client)
    receiver.wait_for(COMPLETED, session)
    (sent,) = [event for event in receiver.events if event.type == COMPLETED]
    until(lambda: client.v1.events.retrieve(sent.id).pending_webhooks == 0, what="delivery")
    kept = client.v1.events.retrieve(sent.id)
    assert json.dumps(kept.data.to_dict()) == json.dumps(sent.data.to_dict())


def test_events_are_listed_by_type_and_by_whether_they_arrived(
    sandbox: Sandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    """https://docs.stripe.com/api/events/list"""
    sandbox.control("webhooks", action="drop", type=COMPLETED)
    paid(sandbox, client)
    until(lambda: len(receiver.types()) == 3, what="the other three")
    types = lambda params: [e.type for e in client.v1.events.list(params).data]  # noqa: E731
    assert types({"type": "checkout.*"}) == [COMPLETED]
    assert types({"types": [COMPLETED, "charge.succeeded"]}) == [COMPLETED, "charge.succeeded"]
    until(lambda: types({"delivery_success": False}) == [COMPLETED], what="three to be delivered")
    assert len(types({"delivery_success": True})) == 3


def test_events_are_given_for_thirty_days(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    """https://docs.stripe.com/api/events"""
    paid(sandbox, client)
    sandbox.control("clock", advance=30 * 86400 - 60)
    assert len(client.v1.events.list({"type": COMPLETED}).data) == 1
    sandbox.control("clock", advance=61)
    assert client.v1.events.list({"type": COMPLETED}).data == []


def test_a_webhook_is_tried_again_until_it_is_taken(
    sandbox: Sandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    """https://docs.stripe.com/webhooks#automatic-retries"""
    session = checkout(client)
    receiver.answers = [500]
    client.v1.checkout.sessions.expire(session.id)
    receiver.wait_for("checkout.session.expired", session.id, times=2)
    row = until(
        lambda: [r for r in deliveries(sandbox, "checkout.session.expired") if r["attempts"] == 2],
        what="the second attempt",
    )[0]
    assert (row["state"], row["answer"]) == ("delivered", "200")


def test_after_a_reset_nothing_comes_of_what_was_before(
    sandbox: Sandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    for _ in range(20):
        paid(sandbox, client)
        sandbox.control("reset")
        receiver.clear()
        session = checkout(client)
        client.v1.checkout.sessions.expire(session.id)
        receiver.wait_for("checkout.session.expired", session.id)
        assert receiver.types() == ["checkout.session.expired"]


def test_a_redirect_is_not_a_2xx(
    sandbox: Sandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    """https://docs.stripe.com/webhooks#quickly-return-a-2xx-response"""
    session = checkout(client)
    receiver.answers = [302]
    client.v1.checkout.sessions.expire(session.id)
    receiver.wait_for("checkout.session.expired", session.id, times=2)


def test_a_lost_webhook_never_comes_but_the_event_exists(
    sandbox: Sandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    sandbox.control("webhooks", action="drop", type=COMPLETED)
    session = paid(sandbox, client)
    until(lambda: len(receiver.types()) == 3, what="the other three")
    assert COMPLETED not in receiver.types()
    assert [row["state"] for row in deliveries(sandbox, COMPLETED)] == ["dropped"]
    (event,) = client.v1.events.list({"type": COMPLETED}).data
    sandbox.control(f"events/{event.id}/redeliver")
    receiver.wait_for(COMPLETED, session)


def test_a_webhook_can_come_twice(
    sandbox: Sandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    sandbox.control("webhooks", action="duplicate", type=COMPLETED)
    session = paid(sandbox, client)
    receiver.wait_for(COMPLETED, session, times=2)
    assert len({event.id for event in receiver.events if event.type == COMPLETED}) == 1


def test_webhooks_can_come_late(
    sandbox: Sandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    sandbox.control("webhooks", action="delay", type=COMPLETED, seconds=1)
    session = paid(sandbox, client)
    until(lambda: len(receiver.types()) == 3, what="the other three")
    assert COMPLETED not in receiver.types()
    receiver.wait_for(COMPLETED, session)


def test_webhooks_can_come_in_reverse_order(
    sandbox: Sandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    """https://docs.stripe.com/webhooks#event-ordering"""
    sandbox.control("webhooks", action="reorder", count=4)
    paid(sandbox, client)
    until(lambda: len(receiver.types()) == 4, what="all four")
    assert receiver.types() == [
        COMPLETED, "payment_intent.succeeded", "charge.succeeded", "payment_intent.created",
    ]  # fmt: skip


def test_webhooks_that_were_collected_can_be_let_go(
    sandbox: Sandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    sandbox.control("webhooks", action="reorder", count=100)
    session = paid(sandbox, client)
    assert {row["state"] for row in sandbox.see("deliveries")["deliveries"]} == {"held"}
    assert receiver.types() == []
    sandbox.control("webhooks/release")
    receiver.wait_for(COMPLETED, session)


def test_a_forged_webhook_is_followed_by_a_true_one(
    sandbox: Sandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    sandbox.control("webhooks", action="forge", type=COMPLETED)
    session = paid(sandbox, client)
    receiver.wait_for(COMPLETED, session)
    assert receiver.forged == 1


def test_a_rule_for_all_stands_until_it_is_cleared(
    sandbox: Sandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    sandbox.control("webhooks", action="drop", count="all")
    paid(sandbox, client)
    paid(sandbox, client)
    assert {row["state"] for row in sandbox.see("deliveries")["deliveries"]} == {"dropped"}
    sandbox.control("webhooks/clear")
    session = paid(sandbox, client)
    receiver.wait_for(COMPLETED, session)


@pytest.mark.parametrize(
    "rule",
    [{"action": "explode"}, {"action": "reorder", "count": 1}, {"action": "drop", "count": "x"}],
)
def test_a_rule_that_cannot_be_followed_is_refused(sandbox: Sandbox, rule: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="400"):
        sandbox.control("webhooks", **rule)


@pytest.fixture
def lonely(tmp_path: Path, receiver: Receiver) -> Iterator[Sandbox]:
    """A stand-in of one's own, to be killed."""
    running = start_sandbox(tmp_path, webhook_url=receiver.url)
    yield running
    if running.process.poll() is None:
        running.kill()


def test_a_webhook_survives_a_kill_and_a_restart(
    lonely: Sandbox, receiver: Receiver, tmp_path: Path
) -> None:
    lonely.control("webhooks", action="delay", type=COMPLETED, seconds=1)
    session = paid(lonely, lonely.client())
    lonely.kill()
    assert COMPLETED not in receiver.types()
    again = start_sandbox(tmp_path, webhook_url=receiver.url)
    receiver.wait_for(COMPLETED, session)
    assert again.stop() == 0


def test_without_an_address_events_are_kept_and_nothing_is_sent(tmp_path: Path) -> None:
    quiet = start_sandbox(tmp_path)
    session = paid(quiet, quiet.client())
    assert quiet.see("deliveries")["deliveries"] == []
    (event,) = quiet.client().v1.events.list({"type": COMPLETED}).data
    assert (event.data.object["id"], event.pending_webhooks) == (session, 0)
    assert quiet.stop() == 0


def test_the_control_page_does_the_same_by_forms(
    sandbox: Sandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    session = checkout(client)
    url = f"{sandbox.url}/_control/sessions/{session.id}/pay"
    answer = fetch(url, b"outcome=success")
    assert (answer.status, answer.headers["location"]) == (303, "/_control/")
    receiver.wait_for(COMPLETED, session.id)
    assert intent_of(client, session.id).status == "succeeded"
