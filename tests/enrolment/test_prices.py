"""Prices when enrolling: limits, concessions and what they ask, and what VAT there is."""

from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses.models import Course, Intake, Price
from enrolment import checkout
from enrolment.models import Enrolment
from tests.courses.making import a_price, an_intake
from tests.enrolment.driving import begin_paying, enrol, places
from tests.sandbox.process import Sandbox

ENROL = "/courses/deep-learning/intakes/2126-05/enrol/"
DECLARED = "I am a full-time student, or out of work."


def a_concession(intake: Intake, **fields: object) -> Price:
    known = {"name": "Concession", "kind": "concession", "declaration": DECLARED}
    return a_price(intake, 4500, **{**known, **fields})


def booked(price: Price) -> int:
    price.refresh_from_db()
    return price.places_booked


def test_each_price_says_its_vat_until_when_and_for_how_many_it_is(
    alices: Client, intake: Intake
) -> None:
    a_price(
        intake,
        7500,
        name="Early bird",
        kind="early",
        places_limit=10,
        places_booked=8,
        vat_treatment="inclusive",
        vat_rate=2000,
    )
    page = alices.get(ENROL).content.decode()
    assert "no VAT is charged" in page
    assert "VAT at 20% included, for the first 10, 2 left at this price" in page


def test_a_concession_shows_what_is_declared_and_asks_why(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    concession = a_concession(intake)
    page = alices.get(ENROL).content.decode()
    assert f"“{DECLARED}”" in page
    sent = {"price": str(concession.pk), "declaration": "I study at Fenland."}
    begin_paying(alices, intake, **sent)
    enrolment = Enrolment.objects.get()
    assert (enrolment.amount, enrolment.declaration) == (4500, "I study at Fenland.")


def test_without_a_reason_a_concession_is_not_given_and_nothing_is_lost(
    alices: Client, course: Course
) -> None:
    soon = an_intake(course, "2126-05", lessons_open="at_once")
    a_price(soon)
    concession = a_concession(soon)
    response = enrol(
        alices, soon, price=str(concession.pk), declaration="  ", teaching="on", voucher=""
    )
    page = response.content.decode()
    assert response.status_code == 422
    assert "Say in a few words why this price is yours." in page
    assert page.count(" checked") == 2  # the price, and the consent
    assert places(soon) == (0, 0)


def test_a_reason_typed_for_nothing_is_not_kept(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    a_concession(intake)
    standard = intake.prices.get(kind="standard")
    begin_paying(alices, intake, price=str(standard.pk), declaration="I am a student.")
    assert Enrolment.objects.get().declaration == ""


def test_the_journey_itself_refuses_a_concession_without_a_reason(
    alice: User, intake: Intake
) -> None:
    order = checkout.Order(student=alice, intake=intake, price=a_concession(intake))
    with pytest.raises(checkout.ReasonMissing):
        checkout.begin(order, at=timezone.now())
    assert not Enrolment.objects.exists()


def test_a_price_for_the_first_two_is_gone_for_the_third(
    alices: Client, intake: Intake, bob: User, carol: User, stand_in: Sandbox
) -> None:
    early = a_price(intake, 7500, name="Early bird", kind="early", places_limit=2)
    others = []
    for person in (bob, carol):
        browser = Client()
        browser.force_login(person)
        others.append(begin_paying(browser, intake, price=str(early.pk)))
    assert booked(early) == 2
    page = alices.get(ENROL).content.decode()
    assert "for the first 2, all gone" in page
    response = enrol(alices, intake, price=str(early.pk))
    assert response.status_code == 422
    assert "This price cannot be booked any more" in response.content.decode()
    stand_in.control(f"sessions/{others[0].session_id}/expire")
    browser = Client()
    browser.force_login(bob)
    browser.get(f"/account/enrolments/{others[0].enrolment_id}/return/")
    assert booked(early) == 1
    assert enrol(alices, intake, price=str(early.pk)).status_code == 302


def test_a_price_sold_out_while_the_form_was_open_is_refused_in_words(
    alices: Client, alice: User, intake: Intake
) -> None:
    early = a_price(intake, 7500, name="Early bird", kind="early", places_limit=1)
    seen = Intake.objects.prefetch_related("prices").get(pk=intake.pk)
    Price.objects.filter(pk=early.pk).update(places_booked=1)
    order = checkout.Order(student=alice, intake=seen, price=early)
    with pytest.raises(checkout.PriceNotBookable):
        checkout.begin(order, at=timezone.now())
    assert places(intake) == (0, 0)
    assert not Enrolment.objects.exists()


def test_booking_a_price_writes_no_history_of_it(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    price = intake.prices.get()
    before = (price.history.count(), intake.history.count())
    begin_paying(alices, intake)
    assert booked(price) == 1
    assert (price.history.count(), intake.history.count()) == before


def test_an_intake_that_needs_a_minimum_says_so_before_one_enrols(
    alices: Client, course: Course
) -> None:
    short = an_intake(course, "2126-05", minimum_places=6, decide_on=date(2126, 4, 1))
    a_price(short)
    page = alices.get(ENROL).content.decode()
    assert "Runs if 6 enrol by 1 April 2126; none have so far." in page
