"""What holds for every request: keys, unknown addresses, errors, versions, sizes."""

import pytest
import stripe

from tests.sandbox.orders import checkout
from tests.sandbox.process import Sandbox, fetch


def test_a_wrong_key_is_not_let_in_and_not_shown_whole(sandbox: Sandbox) -> None:
    """https://docs.stripe.com/api/authentication"""
    stranger = stripe.StripeClient(
        "sk_test_stranger9876", base_addresses={"api": sandbox.url}, max_network_retries=0
    )
    with pytest.raises(stripe.AuthenticationError) as caught:
        stranger.v1.checkout.sessions.list()
    assert caught.value.http_status == 401
    assert "stranger" not in (caught.value.user_message or "")


def test_a_missing_key_is_not_let_in(sandbox: Sandbox) -> None:
    """https://docs.stripe.com/api/authentication"""
    answer = fetch(f"{sandbox.url}/v1/events")
    assert answer.status == 401
    assert "did not provide an API key" in answer.json()["error"]["message"]


def test_an_address_stripe_does_not_have_is_a_404_in_json(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.raw_request("get", "/v1/teapots")
    assert caught.value.http_status == 404
    assert "Unrecognized request URL (GET: /v1/teapots)" in (caught.value.user_message or "")


def test_an_error_has_stripes_fields_and_a_request_id(client: stripe.StripeClient) -> None:
    """https://docs.stripe.com/api/errors"""
    with pytest.raises(stripe.InvalidRequestError) as caught:
        checkout(client, mode=None)
    error = caught.value
    assert isinstance(error.json_body, dict)
    assert set(error.json_body["error"]) == {
        "code", "doc_url", "message", "param", "request_log_url", "type",
    }  # fmt: skip
    assert error.request_id
    assert error.request_id.startswith("req_")


def test_the_version_that_was_asked_for_is_answered(client: stripe.StripeClient) -> None:
    """https://docs.stripe.com/api/versioning"""
    session = checkout(client)
    assert session.last_response is not None
    assert session.last_response.headers["stripe-version"] == stripe.api_version


def test_a_body_of_two_megabytes_is_not_read(sandbox: Sandbox) -> None:
    headers = {"Authorization": "Bearer sk_test_standin0123456789"}
    answer = fetch(f"{sandbox.url}/v1/checkout/sessions", b"a=" + b"b" * 2_000_000, headers)
    assert answer.status == 413
