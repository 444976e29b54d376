"""What a place cost at any moment, and who changed it: proof of every claim about a price."""

from datetime import timedelta

import pytest
import time_machine
from django.db.models import F
from django.test import Client

from accounts.models import User
from courses import price_history
from courses.models import Intake, Price
from tests.courses.making import a_course, a_price, an_intake, enrol, london
from tests.courses.test_admin import errors_in, form_of

pytestmark = pytest.mark.django_db

JANUARY, MARCH, APRIL = (london(f"2026-{month}-10 12:00") for month in ("01", "03", "04"))


@pytest.fixture
def intake() -> Intake:
    """£90 since January; £95 from March; an early price made in January, deleted in April."""
    made = an_intake(a_course())
    with time_machine.travel(JANUARY, tick=False):
        standard = a_price(made)
        early = a_price(
            made, 7500, name="Early", kind="early", available_until=london("2026-02-01 00:00")
        )
    with time_machine.travel(MARCH, tick=False):
        standard.amount = 9500
        standard.save()
        standard.save()
    with time_machine.travel(APRIL, tick=False):
        early.delete()
    return made


@pytest.mark.parametrize(
    ("moment", "prices", "least"),
    [
        (JANUARY - timedelta(seconds=1), [], None),
        (JANUARY, [("Early", 7500, True), ("Standard", 9000, True)], 7500),
        (MARCH - timedelta(seconds=1), [("Early", 7500, False), ("Standard", 9000, True)], 9000),
        (MARCH, [("Early", 7500, False), ("Standard", 9500, True)], 9500),
        (APRIL, [("Standard", 9500, True)], 9500),
    ],
)
def test_what_it_cost_at_a_moment(
    intake: Intake, moment: object, prices: list[tuple[str, int, bool]], least: int | None
) -> None:
    then = price_history.prices_at(intake, at=moment)  # type: ignore[arg-type]
    assert [(one.name, one.amount, one.was_on_sale) for one in then] == prices
    assert price_history.least_amount_at(intake, at=moment) == least  # type: ignore[arg-type]


def test_every_change_is_told_the_newest_first_and_saving_as_it_was_is_none(
    intake: Intake,
) -> None:
    told = [(one.at, one.name, one.did) for one in price_history.changes(intake)]
    assert told == [
        (APRIL, "Early", "deleted"),
        (MARCH, "Standard", "changed"),
        (JANUARY, "Early", "made"),
        (JANUARY, "Standard", "made"),
    ]
    [difference] = price_history.changes(intake)[1].differences
    assert (difference.before, difference.after) == ("£90", "£95")


def test_a_concession_was_never_the_cheapest(intake: Intake) -> None:
    with time_machine.travel(MARCH, tick=False):
        a_price(intake, 4500, name="Concession", kind="concession")
    assert price_history.least_amount_at(intake, at=MARCH) == 9500


def test_places_booked_write_no_history(intake: Intake) -> None:
    before = len(price_history.changes(intake)), Price.history.count()
    intake.prices.update(places_booked=F("places_booked") + 1)
    assert (len(price_history.changes(intake)), Price.history.count()) == before


def test_staff_see_who_changed_a_price_from_what_to_what(as_sam: Client, intake: Intake) -> None:
    address = f"/admin/courses/intake/{intake.pk}/change/"
    data = form_of(as_sam, address) | {"prices-0-amount": "99", "prices-0-places_limit": "10"}
    response = as_sam.post(address, data)
    assert response.status_code == 302, errors_in(response)
    page = as_sam.get(f"/admin/courses/intake/{intake.pk}/prices/").content.decode()
    assert "from “£95” to “£99”" in page
    assert "places at this price from “nothing” to “10”" in page
    assert "sam@example.org" in page
    assert "not by a person" in page  # what was made without anybody signed in


def test_staff_ask_what_it_cost_at_another_moment(as_sam: Client, intake: Intake) -> None:
    address = f"/admin/courses/intake/{intake.pk}/prices/"
    then = as_sam.get(f"{address}?at=2026-02-10T12:00").content.decode()
    assert "What it cost at midday GMT on 10 February 2026" in then
    assert "The cheapest that anyone could book: £90." in then
    before = as_sam.get(f"{address}?at=2025-02-10T12:00").content.decode()
    assert "There was no price then." in before
    assert as_sam.get(f"{address}?at=nonsense").status_code == 200


def test_the_page_is_for_those_who_may_see_prices(
    as_bob: Client, bob: User, intake: Intake
) -> None:
    bob.is_staff = True
    bob.save()
    assert as_bob.get(f"/admin/courses/intake/{intake.pk}/prices/").status_code == 403


@pytest.mark.parametrize("key", ["0", "nonsense", "99999999999999999999"])
def test_an_intake_that_is_none_is_not_found(as_sam: Client, key: str) -> None:
    assert as_sam.get(f"/admin/courses/intake/{key}/prices/").status_code == 404


def test_a_price_that_somebody_booked_at_is_not_deleted_and_it_is_said_why(
    as_sam: Client, ada: User, intake: Intake
) -> None:
    price = intake.prices.get()
    enrol(ada, intake, price=price)
    address = f"/admin/courses/intake/{intake.pk}/change/"
    data = form_of(as_sam, address) | {"prices-0-DELETE": "on"}
    response = as_sam.post(address, data)
    assert response.status_code == 200
    assert "Deleting price Standard would require deleting" in errors_in(response)
    assert Price.objects.filter(pk=price.pk).exists()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"prices-0-kind": "early"}, "An early price ends on a day, or after so many places."),
        ({"prices-0-declaration": "I am a student."}, "Only a concession is declared"),
        ({"prices-0-places_limit": "2"}, "3 places are booked at this price already."),
    ],
)
def test_a_price_that_makes_no_sense_is_refused_in_words(
    as_sam: Client, intake: Intake, changes: dict[str, str], why: str
) -> None:
    intake.prices.update(places_booked=3)
    address = f"/admin/courses/intake/{intake.pk}/change/"
    response = as_sam.post(address, form_of(as_sam, address) | changes)
    assert response.status_code == 200
    assert why in errors_in(response)
