"""Laying out a year of intakes from one."""

from datetime import date, timedelta

import pytest

from courses.models import Intake
from courses.planning import lay_out_intakes
from tests.courses.making import a_course, a_price, an_intake, london

pytestmark = pytest.mark.django_db


@pytest.fixture
def pattern() -> Intake:
    intake = an_intake(
        a_course(),
        "2026-05",
        starts_on=date(2026, 5, 4),
        ends_on=date(2026, 7, 31),
        enrolment_opens_at=london("2026-03-31 09:00"),
        enrolment_closes_at=london("2026-05-08 17:00"),
        capacity=20,
        places_taken=7,
    )
    a_price(intake)
    a_price(intake, 7500, name="Early", available_until=london("2026-04-30 00:00"), position=1)
    return intake


def test_a_year_is_laid_out_with_prices_rules_and_no_one_in_it(pattern: Intake) -> None:
    done = lay_out_intakes(pattern, first_month=date(2026, 6, 17), count=12, is_published=True)
    assert [intake.slug for intake in done.made][:2] == ["2026-06", "2026-07"]
    assert done.made[-1].slug == "2027-05"
    assert done.skipped == []
    first = Intake.objects.get(slug="2026-06")
    assert (first.starts_on, first.month) == (None, date(2026, 6, 1))
    assert first.ends_on == date(2026, 8, 31)
    assert (first.capacity, first.places_taken, first.is_published) == (20, 0, True)
    assert first.enrolment_opens_at == london("2026-04-30 09:00")
    assert [(price.name, price.amount) for price in first.prices.all()] == [
        ("Standard", 9000),
        ("Early", 7500),
    ]


def test_waiting_moving_minimum_and_limits_come_along(pattern: Intake) -> None:
    pattern.has_waiting_list = False
    pattern.offer_hours = 24
    pattern.moves_until = date(2026, 4, 30)
    pattern.minimum_places, pattern.decide_on = 6, date(2026, 4, 20)
    pattern.save()
    a_price(pattern, 4500, kind="concession", places_limit=5, places_booked=3, declaration="I am.")
    lay_out_intakes(pattern, first_month=date(2026, 6, 1), count=1, is_published=True)
    made = Intake.objects.get(slug="2026-06")
    assert (made.has_waiting_list, made.offer_hours) == (False, 24)
    assert (made.moves_until, made.minimum_places, made.decide_on) == (
        date(2026, 5, 30),
        6,
        date(2026, 5, 20),
    )
    concession = made.prices.get(kind="concession")
    assert (concession.places_limit, concession.places_booked) == (5, 0)
    assert concession.declaration == "I am."


def test_times_of_day_stay_when_the_clocks_change(pattern: Intake) -> None:
    lay_out_intakes(pattern, first_month=date(2026, 12, 1), count=1, is_published=False)
    winter = Intake.objects.get(slug="2026-12")
    assert winter.enrolment_closes_at == london("2026-12-08 17:00")
    assert not winter.is_published


def test_months_that_have_an_intake_are_left_alone(pattern: Intake) -> None:
    a_price(an_intake(pattern.course, "2026-07"), 100)
    done = lay_out_intakes(pattern, first_month=date(2026, 5, 1), count=4, is_published=True)
    assert [intake.slug for intake in done.made] == ["2026-06", "2026-08"]
    assert done.skipped == [date(2026, 5, 1), date(2026, 7, 1)]
    assert Intake.objects.get(slug="2026-07").prices.get().amount == 100


def test_laying_out_again_makes_nothing(pattern: Intake) -> None:
    lay_out_intakes(pattern, first_month=date(2026, 6, 1), count=12, is_published=True)
    again = lay_out_intakes(pattern, first_month=date(2026, 6, 1), count=12, is_published=True)
    assert again.made == []
    assert len(again.skipped) == 12
    assert Intake.objects.count() == 13


def test_a_short_month_does_not_turn_a_price_round(pattern: Intake) -> None:
    pattern.prices.all().delete()
    a_price(
        pattern,
        available_from=london("2026-05-30 12:00"),
        available_until=london("2026-05-31 12:00"),
    )
    lay_out_intakes(pattern, first_month=date(2027, 2, 1), count=1, is_published=True)
    price = Intake.objects.get(slug="2027-02").prices.get()
    assert price.available_from == london("2027-02-28 12:00")
    assert price.available_until == london("2027-02-28 12:00") + timedelta(days=1)


@pytest.mark.parametrize("count", [0, -1, 37])
def test_a_senseless_count_is_refused(pattern: Intake, count: int) -> None:
    with pytest.raises(ValueError, match="Between 1 and 36"):
        lay_out_intakes(pattern, first_month=date(2026, 6, 1), count=count, is_published=True)


def test_who_has_left_the_register_lays_out_no_prices_with_vat(pattern: Intake) -> None:
    pattern.prices.update(vat_treatment="inclusive", vat_rate=2000)
    lay_out_intakes(pattern, first_month=date(2026, 6, 1), count=1, is_published=True)
    made = Intake.objects.get(slug="2026-06").prices.values_list("vat_treatment", "vat_rate")
    assert set(made) == {("not_registered", 0)}
