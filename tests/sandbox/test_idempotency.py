"""Idempotency keys: https://docs.stripe.com/api/idempotent_requests"""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from tests.sandbox.orders import order
from tests.sandbox.process import Sandbox
from tests.sandbox.waiting import until

IN_USE = "idempotency_key_in_use"


def code_of(error: stripe.StripeError) -> str:
    """Return the code of the body; the SDK does not copy it to the exception for a 409."""
    assert error.error is not None
    return str(error.error.code)


def create(client: stripe.StripeClient, key: str, pence: int = 9000, **changes: Any) -> Any:
    return client.v1.checkout.sessions.create(order(pence, **changes), {"idempotency_key": key})


def number_of_sessions(client: stripe.StripeClient) -> int:
    return len(client.v1.checkout.sessions.list({"limit": 100}).data)


def test_the_same_key_and_parameters_get_the_same_answer(client: stripe.StripeClient) -> None:
    first, second = create(client, "k-1"), create(client, "k-1")
    assert first.id == second.id
    assert "idempotent-replayed" not in first.last_response.headers
    assert second.last_response.headers["idempotent-replayed"] == "true"
    assert number_of_sessions(client) == 1


def test_an_answer_is_replayed_as_it_was_even_when_the_object_has_changed(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    session = create(client, "k-1")
    sandbox.control(f"sessions/{session.id}/pay")
    assert create(client, "k-1").status == "open"


def test_the_same_key_with_other_parameters_is_an_error(client: stripe.StripeClient) -> None:
    create(client, "k-1", 9000)
    with pytest.raises(stripe.IdempotencyError) as caught:
        create(client, "k-1", 9100)
    assert caught.value.http_status == 400
    assert "same parameters they were first used with" in (caught.value.user_message or "")
    assert number_of_sessions(client) == 1


def test_the_same_key_at_another_address_is_an_error(client: stripe.StripeClient) -> None:
    session = create(client, "k-1")
    with pytest.raises(stripe.IdempotencyError) as caught:
        client.v1.checkout.sessions.expire(session.id, {}, {"idempotency_key": "k-1"})
    assert "same endpoint" in (caught.value.user_message or "")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_500_is_replayed_for_its_key(
    sandbox: Sandbox, client: stripe.StripeClient, when: str
) -> None:
    sandbox.control("requests", action="error", when=when, method="POST", path="/v1/checkout/*")
    for _ in range(2):
        with pytest.raises(stripe.APIError) as caught:
            create(client, "k-1")
        assert caught.value.http_status == 500
    assert caught.value.headers is not None
    assert caught.value.headers["idempotent-replayed"] == "true"
    assert number_of_sessions(client) == (1 if when == "after" else 0)
    create(client, "k-2")


def test_a_refused_execution_is_replayed_too(client: stripe.StripeClient) -> None:
    session = create(client, "k-1")
    client.v1.checkout.sessions.expire(session.id)
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            client.v1.checkout.sessions.expire(session.id, {}, {"idempotency_key": "k-2"})
    assert caught.value.headers is not None
    assert caught.value.headers["idempotent-replayed"] == "true"


def test_a_request_that_fails_validation_does_not_use_its_key_up(
    client: stripe.StripeClient,
) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        create(client, "k-1", colour="red")
    assert create(client, "k-1").status == "open"


def test_a_key_in_use_by_a_running_request_is_a_conflict(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    """https://docs.stripe.com/error-codes#idempotency-key-in-use"""
    sandbox.control("requests", action="delay", when="before", seconds=1.5, method="POST")
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(create, client, "k-1")
        until(lambda: not sandbox.see("rules")["rules"], what="the slow request to start")
        with pytest.raises(stripe.APIError) as caught:
            create(client, "k-1")
        assert (caught.value.http_status, code_of(caught.value)) == (409, IN_USE)
        assert caught.value.headers is not None
        assert caught.value.headers["stripe-should-retry"] == "true"
        first = slow.result(timeout=10)
    assert create(client, "k-1").id == first.id


def test_forty_at_once_with_one_key_make_one_session(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    barrier = threading.Barrier(40)

    def attempt(_: int) -> str:
        barrier.wait()
        try:
            return str(create(sandbox.client(), "k-1").id)
        except stripe.APIError as error:
            return code_of(error)

    with ThreadPoolExecutor(40) as pool:
        answers = set(pool.map(attempt, range(40)))
    assert len(answers - {IN_USE}) == 1
    assert number_of_sessions(client) == 1


def test_a_key_is_forgotten_after_a_day(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    first = create(client, "k-1")
    sandbox.control("clock", advance=24 * 3600 - 60)
    assert create(client, "k-1").id == first.id
    sandbox.control("clock", advance=60)
    assert create(client, "k-1").id != first.id


def test_a_key_longer_than_255_characters_is_refused(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        create(client, "k" * 256)
    assert create(client, "k" * 255).status == "open"


def test_an_event_says_which_request_caused_it(client: stripe.StripeClient) -> None:
    """https://docs.stripe.com/api/events/object#event_object-request"""
    session = create(client, "k-1")
    expired = client.v1.checkout.sessions.expire(session.id, {}, {"idempotency_key": "k-2"})
    assert expired.last_response is not None
    (event,) = client.v1.events.list({"type": "checkout.session.expired"}).data
    assert event.request is not None
    assert event.request.idempotency_key == "k-2"
    assert event.request.id == expired.last_response.request_id
