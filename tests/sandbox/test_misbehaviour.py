"""Time-outs, 500s and cut connections, before and after the work."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from tests.sandbox.browsing import visit
from tests.sandbox.orders import checkout, order
from tests.sandbox.process import Sandbox, fetch
from tests.sandbox.waiting import until

CREATE = {"method": "POST", "path": "/v1/checkout/sessions"}


def number_of_sessions(client: stripe.StripeClient) -> int:
    return len(client.v1.checkout.sessions.list({"limit": 100}).data)


def impatient(sandbox: Sandbox) -> stripe.StripeClient:
    return sandbox.client(http_client=stripe.RequestsClient(timeout=1))


@pytest.mark.parametrize(("when", "sessions"), [("before", 0), ("after", 1)])
def test_a_500_comes_before_or_after_the_work(
    sandbox: Sandbox, client: stripe.StripeClient, when: str, sessions: int
) -> None:
    """https://docs.stripe.com/error-low-level#server-errors"""
    sandbox.control("requests", action="error", when=when, **CREATE)
    with pytest.raises(stripe.APIError) as caught:
        checkout(client)
    assert caught.value.http_status == 500
    assert caught.value.error is not None
    assert caught.value.error.type == "api_error"
    assert number_of_sessions(client) == sessions


def test_the_next_n_requests_fail_and_then_no_more(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    sandbox.control("requests", action="error", count=2, **CREATE)
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            checkout(client)
    assert checkout(client).status == "open"


def test_all_requests_fail_until_the_rule_is_cleared(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    sandbox.control("requests", action="error", count="all")
    for _ in range(3):
        with pytest.raises(stripe.APIError):
            client.v1.events.list()
    sandbox.control("rules/clear")
    assert client.v1.events.list().data == []


def test_a_rule_for_one_address_leaves_the_others_alone(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    sandbox.control("requests", action="error", path="/v1/refunds*")
    assert checkout(client).status == "open"
    with pytest.raises(stripe.APIError):
        client.v1.refunds.list()


def test_a_500_that_is_not_stored_lets_the_same_key_try_again(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    sandbox.control("requests", action="error", stored=False, **CREATE)
    with pytest.raises(stripe.APIError):
        client.v1.checkout.sessions.create(order(), {"idempotency_key": "k-1"})
    made = client.v1.checkout.sessions.create(order(), {"idempotency_key": "k-1"})
    assert made.status == "open"


def test_a_time_out_after_the_work_leaves_a_session_that_the_same_key_finds(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    """https://docs.stripe.com/error-low-level#connection-errors"""
    sandbox.control("requests", action="delay", when="after", seconds=30, **CREATE)
    with pytest.raises(stripe.APIConnectionError):
        impatient(sandbox).v1.checkout.sessions.create(order(), {"idempotency_key": "k-1"})
    (left,) = until(lambda: client.v1.checkout.sessions.list().data, what="the work to be done")
    found = client.v1.checkout.sessions.create(order(), {"idempotency_key": "k-1"})
    assert found.id == left.id


def test_a_time_out_before_the_work_is_followed_by_the_work(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    sandbox.control("requests", action="delay", when="before", seconds=30, **CREATE)
    with pytest.raises(stripe.APIConnectionError):
        impatient(sandbox).v1.checkout.sessions.create(order(), {"idempotency_key": "k-1"})
    assert number_of_sessions(client) == 0
    sandbox.control("requests/clear")
    assert number_of_sessions(client) == 1


@pytest.mark.parametrize(("when", "sessions"), [("before", 0), ("after", 1)])
def test_a_connection_can_be_cut_before_or_after_the_work(
    sandbox: Sandbox, client: stripe.StripeClient, when: str, sessions: int
) -> None:
    sandbox.control("requests", action="drop", when=when, **CREATE)
    with pytest.raises(stripe.APIConnectionError):
        checkout(client)
    assert number_of_sessions(client) == sessions


def test_one_slow_request_does_not_hold_up_the_others(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    sandbox.control("requests", action="delay", when="before", seconds=60, **CREATE)
    with pytest.raises(stripe.APIConnectionError):
        checkout(impatient(sandbox))
    patient = sandbox.client(http_client=stripe.RequestsClient(timeout=30))
    assert checkout(patient).status == "open"


def test_stripe_can_be_slow_for_everybody_and_well_again_at_once(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    sandbox.control("requests", action="delay", seconds=600, count="all")
    with ThreadPoolExecutor(20) as pool:
        calls = [pool.submit(checkout, impatient(sandbox)) for _ in range(19)]
        reading = pool.submit(impatient(sandbox).v1.events.list)
    assert all(isinstance(call.exception(), stripe.APIConnectionError) for call in calls)
    assert isinstance(reading.exception(), stripe.APIConnectionError)
    sandbox.control("rules/clear")
    assert number_of_sessions(client) == 19
    assert checkout(client).status == "open"


def test_a_key_that_was_held_by_a_delay_is_answered_when_the_rules_are_cleared(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    sandbox.control("requests", action="delay", seconds=30, count="all")
    options: Any = {"idempotency_key": "k-1"}
    with pytest.raises(stripe.APIConnectionError):
        impatient(sandbox).v1.checkout.sessions.create(order(), options)
    with pytest.raises(stripe.APIError) as caught:
        client.v1.checkout.sessions.create(order(), options)
    assert caught.value.http_status == 409
    sandbox.control("requests/clear")
    assert client.v1.checkout.sessions.create(order(), options).status == "open"
    assert number_of_sessions(client) == 1


def test_a_delayed_request_does_nothing_after_a_reset(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    sandbox.control("requests", action="delay", seconds=30, count="all")
    with pytest.raises(stripe.APIConnectionError):
        checkout(impatient(sandbox))
    sandbox.control("reset")
    assert number_of_sessions(client) == 0
    assert [row["path"] for row in sandbox.see("log")["requests"]] == [CREATE["path"]]


def test_webhook_rules_can_be_cleared_while_stripe_is_slow(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    sandbox.control("requests", action="delay", seconds=30, **CREATE)
    with pytest.raises(stripe.APIConnectionError):
        checkout(impatient(sandbox))
    sandbox.control("webhooks/clear")
    assert number_of_sessions(client) == 0


def test_the_log_tells_what_was_asked(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    options: Any = {"idempotency_key": "k-1"}
    for _ in range(2):
        client.v1.checkout.sessions.create(order(), options)
    sandbox.control("requests", action="drop")
    with pytest.raises(stripe.APIConnectionError):
        client.v1.events.list()
    log = sandbox.see("log")["requests"]
    seen = [(r["method"], r["path"], r["idempotency_key"], r["status"], r["replayed"]) for r in log]
    assert seen == [
        ("POST", "/v1/checkout/sessions", "k-1", 200, 0),
        ("POST", "/v1/checkout/sessions", "k-1", 200, 1),
        ("GET", "/v1/events", None, None, 0),
    ]


@pytest.mark.parametrize(
    ("command", "values"),
    [
        ("requests", {"action": "explode"}),
        ("requests", {"action": "delay", "seconds": "long"}),
        ("requests", {"action": "delay", "when": "during"}),
        ("sessions/{session}/pay", {"outcome": "barter"}),
        ("sessions/{session}/settle", {}),
        ("sessions/{session}/authenticate", {}),
        ("refunds", {"status": "lost"}),
        ("disputes", {}),
        ("disputes", {"session": "{session}"}),
        ("clock", {"advance": "tomorrow"}),
        ("settings", {"methods": ["barter"]}),
    ],
)
def test_a_command_that_makes_no_sense_is_refused_with_a_reason(
    sandbox: Sandbox, client: stripe.StripeClient, command: str, values: dict[str, Any]
) -> None:
    session = checkout(client).id
    filled = {name: session if value == "{session}" else value for name, value in values.items()}
    with pytest.raises(ValueError, match=r'400 \{\s+"error": "\w+'):
        sandbox.control(command.format(session=session), **filled)


@pytest.mark.parametrize(
    "command", ["teapots", "sessions/cs_test_none/pay", "refunds/re_none", "events/evt/redeliver"]
)
def test_a_command_about_nothing_known_is_a_404_or_says_what_is_wrong(
    sandbox: Sandbox, command: str
) -> None:
    with pytest.raises(ValueError, match="404"):
        sandbox.control(command, status="failed")


def test_a_body_that_is_not_json_is_refused(sandbox: Sandbox) -> None:
    headers = {"Content-Type": "application/json"}
    answer = fetch(f"{sandbox.url}/_control/clock", b"{", headers)
    assert (answer.status, answer.json()["error"]) == (400, "the body is not JSON")


def test_reset_forgets_everything(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    client.v1.checkout.sessions.create(order(), {"idempotency_key": "k-1"})
    sandbox.control("clock", advance=100)
    sandbox.control("requests", action="error", count="all")
    sandbox.control("reset")
    assert number_of_sessions(client) == 0
    assert sandbox.see("clock")["offset"] == 0
    made = client.v1.checkout.sessions.create(order(9100), {"idempotency_key": "k-1"})
    assert made.amount_total == 9100


def test_the_control_page_shows_what_there_is(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    paid, unpaid = checkout(client), checkout(client)
    sandbox.control(f"sessions/{paid.id}/pay")
    sandbox.control("disputes", session=paid.id)
    sandbox.control("requests", action="error", path="/v1/refunds*")
    page = visit(f"{sandbox.url}/_control/")
    assert f"/c/pay/{unpaid.id}" in page.links
    for words in ("complete", "needs_response", "/v1/refunds*", "charge.dispute.created"):
        assert words in page.text, words
