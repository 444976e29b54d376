"""What an offer costs where its price has changed since it was made."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses.models import Course, Intake, Price
from enrolment.models import Enrolment, Offer
from tests.enrolment.driving import places
from tests.enrolment.waiting_room import a_full_intake, free_a_place, wait
from tests.sandbox.process import Sandbox

ENROL = "/courses/deep-learning/intakes/2126-05/enrol/"
HOUR = timedelta(hours=1)


@pytest.fixture
def full(course: Course) -> Intake:
    """May 2126, £90, with one place, which is taken."""
    return a_full_intake(course)


@pytest.fixture
def offer(full: Intake, alice: User) -> Offer:
    """The place, offered to Alice at £90."""
    now = timezone.now()
    wait(alice, full, at=now - HOUR)
    free_a_place(full, at=now)
    return Offer.objects.get()


def pages(browser: Client, offer: Offer) -> str:
    """The offer's page and the form behind it."""
    return (
        browser.get(f"/account/waiting-list/{offer.entry_id}/offer/").text + browser.get(ENROL).text
    )


def test_a_price_that_was_lowered_is_lower_for_the_offer_too(
    alices: Client, offer: Offer, stand_in: Sandbox
) -> None:
    Price.objects.update(amount=7000)
    shown = pages(alices, offer)
    assert "When we wrote to you it was £90." in shown
    assert "less than the £90 of your offer" in shown
    assert shown.count("£70") >= 2
    alices.post(ENROL, {"price": offer.price_id, "shown": f"{offer.price_id}:7000"})
    enrolment = Enrolment.objects.get(student=offer.entry.student)
    assert (enrolment.amount, enrolment.payments.get().amount) == (7000, 7000)


def test_lowering_it_between_the_page_and_the_answer_is_shown_first(
    alices: Client, offer: Offer
) -> None:
    Price.objects.update(amount=7000)
    answer = alices.post(ENROL, {"price": offer.price_id, "shown": f"{offer.price_id}:9000"})
    assert answer.status_code == 422
    assert "it is now £70" in answer.text
    assert not Enrolment.objects.filter(student=offer.entry.student).exists()


def test_a_price_whose_last_place_is_the_one_offered_is_lower_too(
    alices: Client, offer: Offer, stand_in: Sandbox
) -> None:
    Price.objects.update(amount=7000, places_limit=1)
    assert "£70" in pages(alices, offer)
    alices.post(ENROL, {"price": offer.price_id})
    assert Enrolment.objects.get(student=offer.entry.student).amount == 7000


def test_a_price_that_became_free_gives_the_place_at_once(
    alices: Client, full: Intake, offer: Offer
) -> None:
    Price.objects.update(amount=0)
    alices.post(ENROL, {"price": offer.price_id})
    assert Enrolment.objects.get(student=offer.entry.student).is_enrolled
    assert places(full) == (1, 0)


def test_a_price_that_has_ended_costs_what_the_offer_said(
    alices: Client, offer: Offer, stand_in: Sandbox
) -> None:
    Price.objects.update(amount=7000, available_until=timezone.now() - HOUR)
    shown = pages(alices, offer)
    assert "£70" not in shown
    assert "the price of your offer" in shown
    alices.post(ENROL, {"price": offer.price_id})
    assert Enrolment.objects.get(student=offer.entry.student).amount == 9000
