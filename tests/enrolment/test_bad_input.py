"""Wrong input gets a clear message and keeps what was typed; never an error page."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from accounts.models import User
from courses.models import Course, Intake
from enrolment import checkout
from enrolment.models import Enrolment
from tests.courses.making import a_price, an_intake
from tests.enrolment.driving import begin_paying, enrol, places
from tests.sandbox.process import Sandbox

ENROL = "/courses/deep-learning/intakes/2126-05/enrol/"


@pytest.mark.parametrize("price", ["", "0", "999999", "x", "-1", "\x00", "1" * 400, "9" * 30])
def test_an_unknown_price_is_asked_for_again(alices: Client, intake: Intake, price: str) -> None:
    response = alices.post(ENROL, {"price": price})
    assert response.status_code == 422
    assert "Put this right" in response.content.decode()
    assert places(intake) == (0, 0)


def test_another_intakes_price_is_refused(alices: Client, intake: Intake, course: Course) -> None:
    cheap = a_price(an_intake(course, "2126-06"), 100)
    response = alices.post(ENROL, {"price": str(cheap.pk)})
    assert response.status_code == 422
    assert "cannot be booked" in response.content.decode()


def test_a_price_that_ended_while_the_form_was_open_is_refused_and_consents_kept(
    alices: Client, course: Course
) -> None:
    soon = an_intake(course, "2126-05", lessons_open="at_once")
    early = a_price(soon, 5000, name="Early")
    a_price(soon, 9000)
    assert "£50" in alices.get(ENROL).content.decode()
    early.available_until = datetime.now(tz=UTC) - timedelta(minutes=1)
    early.save()
    response = alices.post(ENROL, {"price": str(early.pk), "teaching": "on"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "cannot be booked" in page
    assert page.count(" checked") == 1


def test_an_intake_that_closed_while_the_form_was_open_says_so(
    alices: Client, intake: Intake
) -> None:
    assert alices.get(ENROL).status_code == 200
    intake.enrolment_closes_at = datetime.now(tz=UTC) - timedelta(minutes=1)
    intake.save()
    response = enrol(alices, intake)
    assert response.status_code == 409
    assert "Enrolment has closed" in response.content.decode()
    assert not Enrolment.objects.exists()


def test_an_unpublished_intake_is_not_found(alices: Client, intake: Intake) -> None:
    intake.is_published = False
    intake.save()
    assert alices.get(ENROL).status_code == 404
    assert alices.post(ENROL, {}).status_code == 404


def test_anothers_enrolment_payment_and_receipt_are_not_found(
    alices: Client, intake: Intake, bob: User, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    other = Client()
    other.force_login(bob)
    for address in (
        f"/account/enrolments/{payment.enrolment_id}/",
        f"/account/enrolments/{payment.enrolment_id}/status/",
        f"/account/enrolments/{payment.enrolment_id}/return/",
        f"/account/payments/{payment.pk}/receipt/",
    ):
        assert other.get(address).status_code == 404, address


@pytest.mark.parametrize(
    "address",
    [
        "/account/enrolments/",
        "/account/enrolments/7b0c2a52-3c0b-4f0e-9d43-111111111111/",
        "/account/payments/",
        "/account/payments/7b0c2a52-3c0b-4f0e-9d43-111111111111/receipt/",
        "/account/",
    ],
)
def test_account_pages_lead_a_visitor_to_signing_in(client: Client, db: None, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 302
    assert response.url == f"/account/login/?next={address}"


@pytest.mark.parametrize("name", ["a" * 1_000_000, "Al\x00ice", ""])
def test_a_name_that_cannot_be_kept_is_said_so(alices: Client, name: str) -> None:
    response = alices.post("/account/", {"name": name})
    assert response.status_code == 422
    assert "Put this right" in response.content.decode()


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "a\x00@example.org", "x" * 400 + "@e.org"])
def test_an_address_that_is_none_is_asked_for_again(
    client: Client, course: Course, email: str
) -> None:
    response = client.post("/courses/deep-learning/alerts/", {"email": email})
    assert response.status_code == 422


def test_a_price_deleted_at_the_last_moment_cannot_be_booked(
    transactional_db: None, alice: User, intake: Intake
) -> None:
    price = intake.prices.get()
    seen = Intake.objects.prefetch_related("prices").get(pk=intake.pk)
    intake.prices.all().delete()
    order = checkout.Order(student=alice, intake=seen, price=price)
    with pytest.raises(checkout.PriceNotBookable):
        checkout.begin(order, at=datetime.now(tz=UTC))
    assert not Enrolment.objects.exists()


def test_what_is_wrong_leads_to_a_price_that_is_there(alices: Client, course: Course) -> None:
    soon = an_intake(course, "2126-05")
    a_price(soon, 5000, name="Early", places_limit=1, places_booked=1)
    a_price(soon, 9000)
    a_price(soon, 9500, name="Late")
    page = alices.post(ENROL, {"price": ""}).content.decode()
    assert '<a href="#id_price_0">Choose a price.</a>' in page
    inputs = re.findall(r'<input type="radio"[^>]*>', page)
    (first,) = [one for one in inputs if 'id="id_price_0"' in one]
    assert "disabled" not in first
    assert "disabled" in inputs[0]
