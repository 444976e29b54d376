"""The hosted payment page, used as a customer without JavaScript uses it."""

import re
from pathlib import Path

import pytest
import stripe

from tests.sandbox.browsing import Page, submit, visit
from tests.sandbox.orders import checkout, intent_of
from tests.sandbox.process import Sandbox, fetch
from tests.sandbox.receiver import Receiver

CARD = {"expiry": "12/34", "cvc": "123", "name": "Ada Lovelace"}
PAGES = Path(__file__).parents[2] / "sandbox" / "pages"


def pay(url: str | None, number: str, **changes: str) -> Page:
    form = visit(str(url)).forms["payment"]
    return submit(form, **(CARD | {"number": number} | changes))


@pytest.mark.parametrize(
    "number", ["4242 4242 4242 4242", "4242424242424242", "5555-5555-5555-4444"]
)
def test_a_good_card_pays_and_leads_back_with_the_session(
    client: stripe.StripeClient, receiver: Receiver, number: str
) -> None:
    """https://docs.stripe.com/payments/checkout/custom-success-page"""
    session = checkout(client)
    after = pay(session.url, number)
    assert after.answer.status == 303
    expected = f"http://localhost:8000/return/?session={session.id}"
    assert after.answer.headers["location"] == expected
    paid = client.v1.checkout.sessions.retrieve(session.id)
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert paid.customer_details is not None
    assert paid.customer_details.email == "ada@example.com"
    assert paid.customer_details.name == "Ada Lovelace"
    receiver.wait_for("checkout.session.completed", session.id)


def test_what_was_paid_is_an_intent_and_a_charge_with_the_metadata(
    client: stripe.StripeClient,
) -> None:
    session = checkout(client, 4550)
    pay(session.url, "4242424242424242")
    intent = intent_of(client, session.id)
    charge = intent.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert (intent.status, intent.amount_received, intent.currency) == ("succeeded", 4550, "gbp")
    assert (charge.status, charge.amount, charge.paid) == ("succeeded", 4550, True)
    assert intent.metadata.to_dict() == {"payment": "7"}
    assert charge.payment_method_details is not None
    assert charge.payment_method_details.card is not None
    assert charge.payment_method_details.card.last4 == "4242"


@pytest.mark.parametrize(
    ("number", "code", "decline_code", "words"),
    [
        ("4000000000000002", "card_declined", "generic_decline", "was declined"),
        ("4000000000009995", "card_declined", "insufficient_funds", "insufficient funds"),
        ("4000000000000069", "expired_card", None, "has expired"),
        ("4000000000000127", "incorrect_cvc", None, "security code is incorrect"),
        ("4000000000000119", "processing_error", None, "error occurred"),
        ("4111111111111111", "card_declined", "test_mode_live_card", "non test card"),
    ],
)
def test_a_declined_card_says_why_and_leaves_the_session_open(
    client: stripe.StripeClient,
    receiver: Receiver,
    number: str,
    code: str,
    decline_code: str | None,
    words: str,
) -> None:
    """https://docs.stripe.com/testing#declined-payments"""
    session = checkout(client)
    after = pay(session.url, number)
    assert words in after.text
    assert after.forms["payment"].fields["name"] == "Ada Lovelace"
    found = client.v1.checkout.sessions.retrieve(session.id)
    assert (found.status, found.payment_status) == ("open", "unpaid")
    intent = intent_of(client, session.id)
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error is not None
    error = intent.last_payment_error.to_dict()
    assert (error["code"], error.get("decline_code")) == (code, decline_code)
    receiver.wait_for("payment_intent.payment_failed", intent.id)


def test_after_a_decline_another_card_pays_with_the_same_intent(
    client: stripe.StripeClient,
) -> None:
    session = checkout(client)
    pay(session.url, "4000000000000002")
    first = intent_of(client, session.id)
    pay(session.url, "4242424242424242")
    second = intent_of(client, session.id)
    assert (second.id, second.status, second.last_payment_error) == (first.id, "succeeded", None)
    charges = client.v1.charges.list({"payment_intent": first.id}).data
    assert [charge.status for charge in charges] == ["succeeded", "failed"]


@pytest.mark.parametrize("number", ["4000002500003155", "4000002760003184"])
@pytest.mark.parametrize("outcome", ["complete", "fail"])
def test_3d_secure_asks_and_does_what_is_answered(
    client: stripe.StripeClient, number: str, outcome: str
) -> None:
    """https://docs.stripe.com/testing#three-ds-cards"""
    session = checkout(client)
    after = pay(session.url, number)
    page = visit(f"{session.url}/authenticate")
    assert after.answer.headers["location"] == f"/c/pay/{session.id}/authenticate"
    assert intent_of(client, session.id).status == "requires_action"
    (form,) = page.forms.values()
    done = submit(form, "outcome", outcome)
    found = client.v1.checkout.sessions.retrieve(session.id)
    if outcome == "complete":
        assert done.answer.status == 303
        assert (found.status, found.payment_status) == ("complete", "paid")
    else:
        assert "unable to authenticate" in done.text
        error = intent_of(client, session.id).last_payment_error
        assert error is not None
        assert error.code == "payment_intent_authentication_failure"
        assert found.status == "open"


def test_3d_secure_that_nobody_waits_for_leads_to_the_payment_page(
    client: stripe.StripeClient,
) -> None:
    session = checkout(client)
    answer = fetch(f"{session.url}/authenticate")
    assert (answer.status, answer.headers["location"]) == (303, f"/c/pay/{session.id}")


def test_a_card_can_pass_3d_secure_and_still_be_declined(client: stripe.StripeClient) -> None:
    """https://docs.stripe.com/testing#three-ds-cards"""
    session = checkout(client)
    pay(session.url, "4000008400001629")
    (form,) = visit(f"{session.url}/authenticate").forms.values()
    assert "was declined" in submit(form, "outcome", "complete").text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"number": "4242424242424241"}, "card number is invalid"),
        ({"number": ""}, "card number is invalid"),
        ({"expiry": "01/20"}, "in the past"),
        ({"expiry": "13/34"}, "incomplete"),
        ({"cvc": "1"}, "security code is incomplete"),
        ({"name": " "}, "name is missing"),
    ],
)
def test_a_form_with_a_mistake_comes_back_as_typed_and_tries_no_card(
    client: stripe.StripeClient, changes: dict[str, str], words: str
) -> None:
    session = checkout(client)
    typed = CARD | {"number": "4242424242424242"} | changes
    page = submit(visit(str(session.url)).forms["payment"], **typed)
    assert words in page.text
    assert page.forms["payment"].fields["number"] == typed["number"]
    assert client.v1.checkout.sessions.retrieve(session.id).payment_intent is None


def test_a_test_card_is_filled_in_by_its_button_and_the_rest_is_kept(
    client: stripe.StripeClient,
) -> None:
    form = visit(str(checkout(client).url)).forms["payment"]
    filled = submit(form, "fill", "4000002760003184", name="Grace Hopper").forms["payment"].fields
    assert filled["number"] == "4000 0027 6000 3184"
    assert filled["name"] == "Grace Hopper"
    assert filled["cvc"] == "123"


def test_the_number_of_a_card_is_not_kept(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    session = checkout(client)
    pay(session.url, "4111111111111111")
    files = [p for p in sandbox.folder.iterdir() if p.name.startswith("sandbox.sqlite3")]
    assert files
    assert all(b"4111111111111111" not in path.read_bytes() for path in files)


@pytest.mark.parametrize(
    ("number", "outcome", "event"),
    [("00012345", "paid", "succeeded"), ("33333335", "unpaid", "failed")],
)
def test_a_direct_debit_completes_unpaid_and_ends_later(
    sandbox: Sandbox,
    client: stripe.StripeClient,
    receiver: Receiver,
    number: str,
    outcome: str,
    event: str,
) -> None:
    """https://docs.stripe.com/payments/bacs-debit/accept-a-payment"""
    session = checkout(client)
    form = visit(f"{session.url}?method=bacs_debit").forms["payment"]
    done = submit(form, name="Ada", sort_code="10-88-00", account_number=number)
    assert done.answer.status == 303
    found = client.v1.checkout.sessions.retrieve(session.id)
    assert (found.status, found.payment_status) == ("complete", "unpaid")
    assert intent_of(client, session.id).status == "processing"
    sandbox.control(f"sessions/{session.id}/settle")
    receiver.wait_for(f"checkout.session.async_payment_{event}", session.id)
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == outcome


def test_a_direct_debit_settles_by_itself_when_a_delay_is_set(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    sandbox.control("settings", bacs_delay=3600)
    session = checkout(client)
    sandbox.control(f"sessions/{session.id}/pay", outcome="bacs")
    sandbox.control("clock", advance=3000)
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "unpaid"
    sandbox.control("clock", advance=601)
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_an_expired_session_cannot_be_paid_and_says_so(client: stripe.StripeClient) -> None:
    """https://docs.stripe.com/api/checkout/sessions/expire"""
    session = checkout(client)
    form = visit(str(session.url)).forms["payment"]
    client.v1.checkout.sessions.expire(session.id)
    page = submit(form, **CARD, number="4242424242424242")
    assert page.answer.status == 410
    assert "has expired" in page.text
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "unpaid"


def test_a_paid_session_is_not_paid_twice(client: stripe.StripeClient) -> None:
    session = checkout(client)
    form = visit(str(session.url)).forms["payment"]
    for _ in range(2):
        last = submit(form, **CARD, number="4242424242424242")
    assert "already paid" in last.text
    assert f"http://localhost:8000/return/?session={session.id}" in last.links
    intent = intent_of(client, session.id)
    assert len(client.v1.charges.list({"payment_intent": intent.id}).data) == 1


def test_an_order_of_nothing_is_completed_without_a_card(client: stripe.StripeClient) -> None:
    """https://docs.stripe.com/payments/checkout/no-cost-orders"""
    session = checkout(client, 0)
    form = visit(str(session.url)).forms["payment"]
    assert "number" not in form.fields
    assert submit(form).answer.status == 303
    found = client.v1.checkout.sessions.retrieve(session.id)
    assert (found.status, found.payment_status) == ("complete", "no_payment_required")
    assert found.payment_intent is None


def test_the_page_leads_back_to_the_shop_and_shows_the_order(client: stripe.StripeClient) -> None:
    session = checkout(client, 9000)
    page = visit(str(session.url))
    assert "http://localhost:8000/courses/deep-learning/" in page.links
    assert "Deep Learning" in page.text
    assert "£90.00" in page.text


def test_an_unknown_page_is_a_404(sandbox: Sandbox) -> None:
    assert visit(f"{sandbox.url}/c/pay/cs_test_nobody").answer.status == 404


def test_what_the_shop_and_the_customer_write_is_escaped(client: stripe.StripeClient) -> None:
    evil = '<script>alert("x")</script>{0}'
    price = {"currency": "gbp", "unit_amount": 100, "product_data": {"name": evil}}
    session = checkout(client, line_items=[{"price_data": price, "quantity": 1}])
    page = submit(visit(str(session.url)).forms["payment"], name=f'"><b>{evil}', number="x")
    assert evil in page.text
    assert page.forms["payment"].fields["name"] == f'"><b>{evil}'
    assert not [tag for tag, _ in page.tags if tag in ("script", "b")]


def test_every_page_says_loudly_what_this_is(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    session = checkout(client)
    for path in (f"/c/pay/{session.id}", "/_control/", "/mail/", "/c/pay/nobody", "/nowhere"):
        page = visit(f"{sandbox.url}{path}")
        assert "This is a stand-in for Stripe. No money moves here" in page.text, path


def test_no_page_has_inline_style_or_script(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    for template in PAGES.glob("*.html"):
        text = template.read_text(encoding="utf-8")
        assert not re.search(r"<style|<script| style=| on\w+=|https?://", text), template.name
    policy = fetch(str(checkout(client).url)).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://localhost:8000" in policy


def test_a_form_that_another_site_sends_is_refused(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    session = checkout(client)
    headers = {"Sec-Fetch-Site": "cross-site"}
    for path in (f"/c/pay/{session.id}", "/_control/reset"):
        assert fetch(f"{sandbox.url}{path}", b"a=b", headers).status == 403
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_a_name_that_only_points_at_loopback_is_refused(sandbox: Sandbox) -> None:
    assert fetch(f"{sandbox.url}/_control/", headers={"Host": "evil.example"}).status == 403
