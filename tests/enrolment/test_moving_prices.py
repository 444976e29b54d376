"""What a place in another intake comes to."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from courses.models import Course, Intake, Price
from enrolment import moving
from enrolment.models import (
    Voucher,
)
from tests.courses.making import a_price, an_intake
from tests.enrolment.leaving import (
    a_batch,
    a_place,
    buy,
    settle,
)
from tests.enrolment.moving_on import agrees, go, reprice
from tests.sandbox.process import Sandbox


@pytest.mark.parametrize(("price", "difference"), [(9029, 0), (9030, 30), (8999, -1)])
def test_a_difference_too_small_to_charge_is_waived(
    alice: User, intake: Intake, june: Intake, stand_in: Sandbox, price: int, difference: int
) -> None:
    reprice(june, price)
    enrolment = buy(stand_in, alice, intake.prices.get())
    (option,) = moving.options(enrolment, at=timezone.now())
    assert option.difference == difference
    go(enrolment, june, by=alice)
    agrees(enrolment)


# Prices and vouchers --------------------------------------------------------------------------


def test_the_price_of_the_same_kind_is_taken_where_there_is_one(
    alice: User, intake: Intake, june: Intake, stand_in: Sandbox
) -> None:
    concession = a_price(intake, 5000, kind=Price.Kind.CONCESSION)
    enrolment = buy(stand_in, alice, concession)
    (option,) = moving.options(enrolment, at=timezone.now())
    assert option.difference == 4000
    a_price(june, 5500, kind=Price.Kind.CONCESSION, places_limit=1)
    (option,) = moving.options(enrolment, at=timezone.now())
    assert option.difference == 500


def test_counters_of_prices_follow(
    alice: User, intake: Intake, june: Intake, stand_in: Sandbox
) -> None:
    enrolment = buy(stand_in, alice, intake.prices.get())
    go(enrolment, june, by=alice)
    assert (intake.prices.get().places_booked, june.prices.get().places_booked) == (0, 1)


@pytest.mark.parametrize(("covers_june", "difference", "uses"), [(True, 0, 1), (False, 2000, 0)])
def test_a_voucher_stays_where_it_covers_the_new_price(
    alice: User,
    intake: Intake,
    june: Intake,
    stand_in: Sandbox,
    covers_june: bool,
    difference: int,
    uses: int,
) -> None:
    batch = a_batch()
    if not covers_june:
        batch.intakes.add(intake)
    voucher = Voucher.objects.create(batch=batch, code="TWENTY")
    enrolment = buy(stand_in, alice, intake.prices.get(), voucher=voucher)
    assert enrolment.amount == 7000
    begun = go(enrolment, june, by=alice)
    assert begun.difference == difference
    for payment in begun.payments.all():
        settle(stand_in, payment)
    voucher.refresh_from_db()
    assert voucher.times_used == uses
    agrees(enrolment)
    assert enrolment.intake == june


def test_what_staff_took_off_stays_off(alice: User, course: Course) -> None:
    may, june = an_intake(course, "2126-05"), an_intake(course, "2126-06")
    a_price(may), a_price(june, 12_000)
    given = a_place(alice, may, timezone.now(), amount=0, list_amount=9000, discount=9000)
    (option,) = moving.options(given, at=timezone.now())
    assert option.difference == 3000


def test_a_move_by_us_locks_the_voucher_before_the_intakes_though_one_to_pay_is_dropped(
    alice: User, intake: Intake, june: Intake, course: Course, stand_in: Sandbox
) -> None:
    dear = an_intake(course, "2126-08")
    a_price(dear, 20_000)
    batch = a_batch()
    batch.intakes.add(intake)
    voucher = Voucher.objects.create(batch=batch, code="TWENTY")
    enrolment = buy(stand_in, alice, intake.prices.get(), voucher=voucher)
    go(enrolment, dear, by=alice)
    with CaptureQueriesContext(connection) as seen:
        go(enrolment, june, by=alice, waive=True)
    changes = [
        table
        for query in seen.captured_queries
        for table in ("enrolment_voucher", "courses_intake")
        if re.match(rf'UPDATE "?{table}"? |SELECT .*FROM "{table}" .*FOR NO KEY', query["sql"])
    ]
    assert changes[0] == "enrolment_voucher"
    assert set(changes[1:]) == {"enrolment_voucher", "courses_intake"}
    voucher.refresh_from_db()
    assert voucher.times_used == 0
    agrees(enrolment)


# Until when, and where to ---------------------------------------------------------------------
