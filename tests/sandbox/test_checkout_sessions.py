"""Creating, reading, listing and expiring Checkout Sessions."""

import time
from typing import Any

import pytest
import stripe

from tests.sandbox.orders import RETURN, checkout, order
from tests.sandbox.process import Sandbox, fetch
from tests.sandbox.receiver import Receiver
from tests.sandbox.waiting import until

LINE = order()["line_items"][0]


def refused(client: stripe.StripeClient, params: Any) -> stripe.InvalidRequestError:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.checkout.sessions.create(params)
    return caught.value


def test_a_new_session_is_open_unpaid_and_has_an_address(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    session = checkout(client, 9000)
    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert (session.amount_total, session.currency) == (9000, "gbp")
    assert session.url == f"{sandbox.url}/c/pay/{session.id}"
    assert session.id.startswith("cs_test_")
    assert session.payment_intent is None
    assert session.metadata is not None
    assert session.metadata.to_dict() == {"payment": "7"}
    assert session.livemode is False


@pytest.mark.parametrize(
    ("changes", "offered"),
    [
        ({}, ["card", "bacs_debit"]),
        ({"allowed_payment_method_types": ["card", "klarna"]}, ["card"]),
        ({"excluded_payment_method_types": ["card"]}, ["bacs_debit"]),
    ],
)
def test_the_ways_to_pay_can_be_narrowed(
    client: stripe.StripeClient, changes: dict[str, Any], offered: list[str]
) -> None:
    """https://docs.stripe.com/changelog/endive/2026-09-30/remove-payment-method-types-checkout-sessions"""
    assert checkout(client, **changes).payment_method_types == offered


def test_the_ways_to_pay_can_no_longer_be_dictated(client: stripe.StripeClient) -> None:
    """https://docs.stripe.com/changelog/endive/2026-09-30/remove-payment-method-types-checkout-sessions"""
    assert refused(client, order(payment_method_types=["card"])).param == "payment_method_types"


def test_no_way_to_pay_at_all_is_an_error(client: stripe.StripeClient) -> None:
    error = refused(client, order(allowed_payment_method_types=["klarna"]))
    assert "No valid payment method types" in (error.user_message or "")


def test_what_was_created_can_be_retrieved_with_its_lines(client: stripe.StripeClient) -> None:
    created = checkout(client, line_items=[LINE | {"quantity": 3}])
    params: Any = {"expand": ["line_items"]}
    found = client.v1.checkout.sessions.retrieve(created.id, params)
    assert found.line_items is not None
    (item,) = found.line_items.data
    assert (item.description, item.quantity, item.amount_total) == ("Deep Learning", 3, 27000)
    assert found.amount_total == 27000


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"mode": None}, "mode"),
        ({"line_items": None}, "line_items"),
        ({"success_url": None}, "success_url"),
        ({"line_items": [{"quantity": 1}]}, "line_items[0][price_data]"),
        ({"line_items": [{"price_data": LINE["price_data"]}]}, "line_items[0][quantity]"),
        (
            {"line_items": [{"quantity": 1, "price_data": {"unit_amount": 1}}]},
            "line_items[0][price_data][currency]",
        ),
    ],
)
def test_what_stripe_requires_must_be_there(
    client: stripe.StripeClient, changes: dict[str, Any], param: str
) -> None:
    """https://docs.stripe.com/api/checkout/sessions/create"""
    error = refused(client, order(**changes))
    assert (error.http_status, error.code, error.param) == (400, "parameter_missing", param)
    assert error.user_message == f"Missing required param: {param}."


def test_an_unknown_parameter_is_refused_by_name(client: stripe.StripeClient) -> None:
    """https://docs.stripe.com/error-codes#parameter-unknown"""
    error = refused(client, order() | {"colour": "red"})
    assert (error.code, error.param) == ("parameter_unknown", "colour")
    assert error.user_message == "Received unknown parameter: colour"


def test_an_unknown_nested_parameter_is_refused_by_its_whole_name(
    client: stripe.StripeClient,
) -> None:
    error = refused(client, order(line_items=[LINE | {"colour": "red"}]))
    assert error.param == "line_items[0][colour]"


def test_a_request_option_of_the_sdk_is_no_parameter(sandbox: Sandbox) -> None:
    answer = fetch(
        f"{sandbox.url}/v1/checkout/sessions",
        b"idempotency_key=x",
        {"Authorization": "Bearer sk_test_standin0123456789"},
    )
    assert answer.json()["error"]["code"] == "parameter_unknown"


@pytest.mark.parametrize(
    ("changes", "param", "code"),
    [
        ({"mode": "barter"}, "mode", None),
        ({"customer_email": "nobody"}, "customer_email", "email_invalid"),
        ({"success_url": "no address"}, "success_url", "url_invalid"),
        ({"expires_at": "soon"}, "expires_at", "parameter_invalid_integer"),
        ({"customer_email": ""}, "customer_email", "parameter_invalid_empty"),
        ({"line_items": "one"}, "line_items", None),
        ({"line_items": [LINE | {"quantity": 0}]}, "line_items[0][quantity]",
         "parameter_invalid_integer"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_is_refused(
    client: stripe.StripeClient, changes: dict[str, Any], param: str, code: str | None
) -> None:
    """https://docs.stripe.com/error-codes"""
    error = refused(client, order(**changes))
    assert (error.param, error.code) == (param, code)


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": "subscription"},
        {"allow_promotion_codes": True},
        {"discounts": [{"coupon": "half"}]},
        {"payment_method_configuration": "pmc_1"},
        {"payment_intent_data": {"setup_future_usage": "off_session"}},
    ],
)
def test_what_stripe_knows_and_the_stand_in_does_not_play_is_refused_not_ignored(
    client: stripe.StripeClient, changes: dict[str, Any]
) -> None:
    assert "does not act on it" in (refused(client, order(**changes)).user_message or "")


@pytest.mark.parametrize(
    ("seconds", "word"), [(29 * 60, "at least 30 minutes"), (24 * 3600 + 60, "less than 24 hours")]
)
def test_a_session_lives_from_half_an_hour_to_a_day(
    client: stripe.StripeClient, seconds: int, word: str
) -> None:
    """https://docs.stripe.com/payments/checkout/managing-limited-inventory"""
    error = refused(client, order(expires_at=int(time.time()) + seconds))
    assert error.param == "expires_at"
    assert word in (error.user_message or "")


@pytest.mark.parametrize("seconds", [30 * 60, 24 * 3600])
def test_the_ends_of_that_span_are_allowed(client: stripe.StripeClient, seconds: int) -> None:
    at = int(time.time()) + seconds
    assert checkout(client, expires_at=at).expires_at == at


def test_a_session_lives_a_day_when_nothing_is_said(client: stripe.StripeClient) -> None:
    """https://docs.stripe.com/payments/checkout/managing-limited-inventory"""
    session = checkout(client)
    assert session.expires_at - session.created == 24 * 3600


@pytest.mark.parametrize("pence", [1, 29])
def test_less_than_thirty_pence_cannot_be_charged(client: stripe.StripeClient, pence: int) -> None:
    """https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts"""
    error = refused(client, order(pence))
    assert (error.http_status, error.code) == (400, "amount_too_small")


def test_thirty_pence_can_be_charged(client: stripe.StripeClient) -> None:
    assert checkout(client, 30).amount_total == 30


def test_more_than_eight_digits_cannot_be_charged(client: stripe.StripeClient) -> None:
    """https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts"""
    assert refused(client, order(100_000_000)).code == "amount_too_large"


def test_nothing_to_pay_needs_no_payment(client: stripe.StripeClient) -> None:
    """https://docs.stripe.com/payments/checkout/no-cost-orders"""
    assert checkout(client, 0).payment_status == "no_payment_required"


@pytest.mark.parametrize(
    "metadata",
    [{"k" * 41: "v"}, {"k": "v" * 501}, {f"k{n}": "v" for n in range(51)}],
    ids=["long key", "long value", "many keys"],
)
def test_metadata_has_limits(client: stripe.StripeClient, metadata: dict[str, str]) -> None:
    """https://docs.stripe.com/api/metadata"""
    assert "Metadata" in (refused(client, order(metadata=metadata)).user_message or "")


def test_an_unknown_session_is_a_404(client: stripe.StripeClient) -> None:
    """https://docs.stripe.com/error-codes#resource-missing"""
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.checkout.sessions.retrieve("cs_test_nobody")
    assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")


def test_an_open_session_can_be_expired_and_says_so(
    client: stripe.StripeClient, receiver: Receiver
) -> None:
    """https://docs.stripe.com/api/checkout/sessions/expire"""
    session = checkout(client)
    expired = client.v1.checkout.sessions.expire(session.id, {"expand": ["payment_intent"]})
    assert (expired.status, expired.url, expired.payment_status) == ("expired", None, "unpaid")
    receiver.wait_for("checkout.session.expired", session.id)


@pytest.mark.parametrize("how", ["complete", "expired"])
def test_only_an_open_session_can_be_expired(
    sandbox: Sandbox, client: stripe.StripeClient, how: str
) -> None:
    """https://docs.stripe.com/api/checkout/sessions/expire"""
    session = checkout(client)
    sandbox.control(f"sessions/{session.id}/{'pay' if how == 'complete' else 'expire'}")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.checkout.sessions.expire(session.id)
    assert caught.value.http_status == 400
    assert f"has a status of `{how}`" in (caught.value.user_message or "")


def test_a_session_expires_by_itself_when_its_time_is_over(
    sandbox: Sandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    session = checkout(client, expires_at=int(time.time()) + 1800)
    sandbox.control("clock", advance=1700)
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
    sandbox.control("clock", advance=101)
    assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"
    receiver.wait_for("checkout.session.expired", session.id)


def test_expiring_cancels_an_intent_that_was_tried(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    session = checkout(client)
    sandbox.control(f"sessions/{session.id}/pay", outcome="decline")
    intent = client.v1.checkout.sessions.expire(session.id).payment_intent
    assert isinstance(intent, str)
    found = client.v1.payment_intents.retrieve(intent)
    assert (found.status, found.cancellation_reason) == ("canceled", "expired")


def test_lists_are_newest_first_and_walk_by_cursor(client: stripe.StripeClient) -> None:
    """https://docs.stripe.com/api/pagination"""
    made = [checkout(client).id for _ in range(5)]
    first = client.v1.checkout.sessions.list({"limit": 2})
    assert [s.id for s in first.data] == [made[4], made[3]]
    assert first.has_more
    second = client.v1.checkout.sessions.list({"limit": 3, "starting_after": made[3]})
    assert [s.id for s in second.data] == [made[2], made[1], made[0]]
    assert not second.has_more
    back = client.v1.checkout.sessions.list({"limit": 2, "ending_before": made[0]})
    assert [s.id for s in back.data] == [made[2], made[1]]
    assert back.has_more
    walked = [s.id for s in client.v1.checkout.sessions.list({"limit": 2}).auto_paging_iter()]
    assert walked == made[::-1]


@pytest.mark.parametrize("params", [{"limit": 0}, {"limit": 101}, {"starting_after": "cs_none"}])
def test_a_page_out_of_bounds_is_refused(client: stripe.StripeClient, params: Any) -> None:
    """https://docs.stripe.com/api/pagination"""
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.checkout.sessions.list(params)
    assert (caught.value.http_status, caught.value.param) == (400, next(iter(params)))


def test_both_cursors_at_once_are_refused(client: stripe.StripeClient) -> None:
    """https://docs.stripe.com/api/pagination"""
    session = checkout(client).id
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.list({"starting_after": session, "ending_before": session})


def test_ten_are_listed_when_no_limit_is_given(client: stripe.StripeClient) -> None:
    """https://docs.stripe.com/api/pagination"""
    for _ in range(11):
        checkout(client)
    assert len(client.v1.checkout.sessions.list().data) == 10


def test_lists_can_be_filtered(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    """https://docs.stripe.com/api/checkout/sessions/list"""
    early = checkout(client)
    sandbox.control("clock", advance=1000)
    late = checkout(client, customer_email="grace@example.com")
    sandbox.control(f"sessions/{late.id}/pay")
    intent = client.v1.checkout.sessions.retrieve(late.id).payment_intent
    filters: list[tuple[Any, str]] = [
        ({"created": {"gte": late.created}}, late.id),
        ({"created": {"lt": late.created}}, early.id),
        ({"created": early.created}, early.id),
        ({"status": "complete"}, late.id),
        ({"status": "open"}, early.id),
        ({"payment_intent": intent}, late.id),
        ({"customer_details": {"email": "grace@example.com"}}, late.id),
    ]
    for params, expected in filters:
        assert [s.id for s in client.v1.checkout.sessions.list(params).data] == [expected], params


@pytest.mark.parametrize(
    "field", ["metadata", "nonsense", "amount_total", "id", "payment_intent.a.b.c.d"]
)
def test_what_is_no_object_cannot_be_expanded(client: stripe.StripeClient, field: str) -> None:
    """https://docs.stripe.com/api/expanding_objects"""
    session = checkout(client)
    params: Any = {"expand": [field]}
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.checkout.sessions.retrieve(session.id, params)
    assert caught.value.param == "expand"


def test_a_list_can_be_expanded(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    """https://docs.stripe.com/api/expanding_objects"""
    session = checkout(client)
    sandbox.control(f"sessions/{session.id}/pay")
    found = client.v1.checkout.sessions.list({"expand": ["data.payment_intent"]}).data[0]
    assert isinstance(found.payment_intent, stripe.PaymentIntent)


def test_the_return_address_keeps_its_placeholder_until_someone_has_paid(
    client: stripe.StripeClient,
) -> None:
    """https://docs.stripe.com/payments/checkout/custom-success-page"""
    assert checkout(client).success_url == RETURN


def test_nothing_is_left_running_by_the_sweeper_before_its_time(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    ids = [checkout(client).id for _ in range(3)]
    sandbox.control("clock", advance=24 * 3600 + 1)
    open_now = lambda: client.v1.checkout.sessions.list({"status": "open"}).data  # noqa: E731
    until(lambda: not open_now(), what="all three to expire")
    expired = client.v1.checkout.sessions.list({"status": "expired"}).data
    assert {s.id for s in expired} == set(ids)
