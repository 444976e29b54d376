"""Webhooks come twice, late, early, forged, or about something else."""

import json
import time
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from courses.models import Intake
from enrolment.models import Enrolment, Payment, Refund, StripeEvent
from tests.enrolment.disputing import paid
from tests.enrolment.driving import (
    begin_paying,
    deliver,
    events,
    only_enrolment,
    pay,
    places,
    queued,
    run_jobs,
)
from tests.sandbox.process import Sandbox


def test_an_event_delivered_twice_enrols_once_and_writes_once(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    pay(stand_in, payment)
    event = events(stand_in, "checkout.session.completed")[0]
    assert [deliver(alices, event).status_code for _ in range(2)] == [200, 200]
    run_jobs()
    assert StripeEvent.objects.count() == 1
    assert only_enrolment().is_enrolled
    assert places(intake) == (1, 0)
    assert len(mail.outbox) == 1


def test_events_out_of_order_end_in_the_same_place(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    pay(stand_in, payment)
    completed = events(stand_in, "checkout.session.completed")[0]
    expired = {**completed, "id": "evt_late_expiry", "type": "checkout.session.expired"}
    deliver(alices, expired)
    deliver(alices, completed)
    run_jobs()
    assert only_enrolment().is_enrolled
    assert places(intake) == (1, 0)
    assert len(mail.outbox) == 1


def test_an_event_before_the_session_was_stored_enrols(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    pay(stand_in, payment)
    Payment.objects.update(session_id=None, session_url="")
    deliver(alices, events(stand_in, "checkout.session.completed")[0])
    run_jobs()
    assert only_enrolment().is_enrolled
    payment.refresh_from_db()
    assert payment.session_id


def test_a_type_that_is_not_used_is_stored_and_answered(client: Client, db: None) -> None:
    event = {"id": "evt_other", "object": "event", "type": "plan.created", "data": {"object": {}}}
    secret = "whsec_termtime_tests"
    assert deliver(client, event, secret=secret).status_code == 200
    assert StripeEvent.objects.get().type == "plan.created"
    assert StripeEvent.objects.get().processed_at
    assert queued() == []


def test_a_wrong_signature_is_turned_away(client: Client, db: None) -> None:
    event = {"id": "evt_forged", "object": "event", "type": "checkout.session.completed"}
    assert deliver(client, event, secret="whsec_somebody_elses").status_code == 400
    assert not StripeEvent.objects.exists()


def test_a_stale_signature_is_turned_away(client: Client, db: None) -> None:
    event = {"id": "evt_stale", "object": "event", "type": "checkout.session.completed"}
    old = time.time() - 3600
    response = deliver(client, event, secret="whsec_termtime_tests", at=old)
    assert response.status_code == 400


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]", b"null", b'{"id": 1}', b"\x00"])
@pytest.mark.parametrize("header", ["", "t=1", "v1=x", "nonsense", "t=x,v1=y", "t=1,v1=\u00e9"])
def test_a_body_that_is_no_event_is_turned_away(
    client: Client, db: None, body: bytes, header: str
) -> None:
    response = client.post(
        "/stripe/webhook/",
        body,
        content_type="application/json",
        headers={"Stripe-Signature": header},
    )
    assert response.status_code == 400


@pytest.mark.parametrize("event", [[], None, 3, "x", {}, {"id": "evt_1"}, {"type": "x"}])
def test_a_signed_body_that_is_no_event_is_turned_away(
    client: Client, db: None, event: object
) -> None:
    response = deliver(client, event, secret="whsec_termtime_tests")  # type: ignore[arg-type]
    assert response.status_code == 400


def test_reading_the_webhooks_address_is_not_allowed(client: Client, db: None) -> None:
    assert client.get("/stripe/webhook/").status_code == 405


def test_an_event_about_a_session_of_somebody_else_changes_nothing(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    other = stand_in.client().v1.checkout.sessions.create(
        {
            "mode": "payment",
            "success_url": "http://localhost:8000/",
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": "gbp",
                        "unit_amount": 500,
                        "product_data": {"name": "A book"},
                    },
                }
            ],
        }
    )
    stand_in.control(f"sessions/{other.id}/pay", outcome="success")
    deliver(alices, events(stand_in, "checkout.session.completed")[0])
    run_jobs()
    assert not Enrolment.objects.exists()
    assert StripeEvent.objects.get().processed_at


def test_a_payload_is_kept_as_it_came(alices: Client, intake: Intake, stand_in: Sandbox) -> None:
    payment = begin_paying(alices, intake)
    pay(stand_in, payment)
    event = events(stand_in, "checkout.session.completed")[0]
    deliver(alices, event)
    assert json.loads(json.dumps(StripeEvent.objects.get().payload)) == event


@pytest.mark.parametrize(
    "changes",
    [
        {"id": None},
        {"id": "e" * 300},
        {"type": ["x"]},
        {"type": "t" * 300},
        {"data": None},
        {"data": {"object": [1]}},
    ],
)
def test_a_signed_event_of_an_odd_shape_is_turned_away(
    client: Client, stand_in: Sandbox, changes: dict[str, Any], db: None
) -> None:
    event = {"id": "evt_1", "object": "event", "type": "x.y", "data": {"object": {}}}
    assert deliver(client, {**event, **changes}).status_code == 400
    assert not StripeEvent.objects.exists()


@pytest.mark.parametrize("name", ["zero \x00 byte", "half \ud800 a character", float("nan")])
def test_what_the_database_cannot_hold_does_not_stop_an_event(
    client: Client, stand_in: Sandbox, name: object, db: None
) -> None:
    about = {"object": {"id": "cs_1", "customer_details": {"name": name}}}
    event = {"id": "evt_1", "object": "event", "type": "x.y", "data": about}
    assert deliver(client, event).status_code == 200
    assert StripeEvent.objects.get().event_id == "evt_1"


def test_a_refund_made_in_stripes_dashboard_is_written_down_once(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = paid(alices, intake, stand_in)
    mail.outbox.clear()
    stand_in.control(f"sessions/{payment.session_id}/refund", amount=2500)
    event = events(stand_in, "refund.created")[0]
    deliver(alices, event)
    deliver(alices, {**event, "id": "evt_again"})
    run_jobs()
    refund = Refund.objects.get()
    assert (refund.amount, refund.status) == (2500, Refund.Status.DONE)
    assert refund.payment == payment
    assert [letter.subject for letter in mail.outbox] == ["We are sending you £25 back"]
    assert len(stand_in.client().v1.refunds.list().data) == 1


def test_a_refund_of_somebody_elses_payment_is_not_written_down(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = paid(alices, intake, stand_in)
    stand_in.control(f"sessions/{payment.session_id}/refund", amount=2500)
    Payment.objects.update(payment_intent_id="pi_of_somebody_else")
    deliver(alices, events(stand_in, "refund.created")[0])
    run_jobs()
    assert not Refund.objects.exists()
    assert StripeEvent.objects.get().processed_at
