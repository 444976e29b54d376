"""An intake's state: each rule by itself, then Python and SQL held together."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.models import Course, Intake, Price
from courses.states import State
from tests.courses.making import APRIL, a_course, a_price, an_intake, london

pytestmark = pytest.mark.django_db


def state_of(intake: Intake, at: datetime) -> State:
    """The state, having asked both ways."""
    fetched = Intake.objects.with_state(at=at).get(pk=intake.pk)
    assert fetched.state_now == intake.state(at=at)
    return State(fetched.state_now)


def sold(month: str = "2026-05", **fields: Any) -> Intake:
    """An intake with a price of £90."""
    intake = an_intake(a_course(), month, **fields)
    a_price(intake)
    return intake


def test_an_intake_with_places_and_a_price_is_open() -> None:
    assert state_of(sold(), APRIL) == State.OPEN


def test_an_unpublished_intake_is_a_draft_whatever_else_holds() -> None:
    intake = sold(is_published=False, cancelled_at=london("2026-01-01"), ends_on=date(2026, 5, 2))
    assert state_of(intake, london("2027-01-01")) == State.DRAFT


def test_a_cancelled_intake_stays_cancelled_once_it_would_have_ended() -> None:
    intake = sold(cancelled_at=london("2026-04-01 09:00"), ends_on=date(2026, 5, 2))
    assert state_of(intake, london("2026-04-01 08:59")) == State.OPEN
    assert state_of(intake, london("2026-04-01 09:00")) == State.CANCELLED
    assert state_of(intake, london("2027-01-01")) == State.CANCELLED


def test_an_intake_known_by_its_month_counts_from_the_1st_and_sells_until_the_months_end() -> None:
    intake = sold()
    assert state_of(intake, london("2026-04-30 23:59:59")) == State.OPEN
    assert state_of(intake, london("2026-05-01 00:00")) == State.RUNNING
    assert state_of(intake, london("2026-05-31 23:59:59")) == State.RUNNING
    assert state_of(intake, london("2026-06-01 00:00")) == State.CLOSED


@pytest.mark.parametrize(
    ("month", "last", "first_after"),
    [
        # Summer time: the month ends in London an hour before it ends in UTC.
        ("2026-05", "2026-05-31T22:59:59+00:00", "2026-05-31T23:00:00+00:00"),
        # Winter time.
        ("2026-11", "2026-11-30T23:59:59+00:00", "2026-12-01T00:00:00+00:00"),
        # March 2026 begins in winter time and ends in summer time; October the other way round.
        ("2026-03", "2026-03-31T22:59:59+00:00", "2026-03-31T23:00:00+00:00"),
        ("2026-10", "2026-10-31T23:59:59+00:00", "2026-11-01T00:00:00+00:00"),
    ],
)
def test_a_month_ends_at_midnight_in_london(month: str, last: str, first_after: str) -> None:
    intake = sold(month)
    assert state_of(intake, datetime.fromisoformat(last)) == State.RUNNING
    assert state_of(intake, datetime.fromisoformat(first_after)) == State.CLOSED


def test_a_month_begins_at_midnight_in_london() -> None:
    intake = sold("2026-05")
    assert state_of(intake, datetime.fromisoformat("2026-04-30T22:59:59+00:00")) == State.OPEN
    assert state_of(intake, datetime.fromisoformat("2026-04-30T23:00:00+00:00")) == State.RUNNING


def test_an_intake_with_a_day_sells_until_it_starts() -> None:
    intake = sold(starts_on=date(2026, 5, 4))
    assert state_of(intake, london("2026-05-03 23:59")) == State.OPEN
    assert state_of(intake, london("2026-05-04 00:00")) == State.CLOSED


def test_late_joining_lasts_through_its_last_day() -> None:
    intake = sold(
        starts_on=date(2026, 5, 4), allows_late_joining=True, late_joining_until=date(2026, 5, 10)
    )
    assert state_of(intake, london("2026-05-04 00:00")) == State.RUNNING
    assert state_of(intake, london("2026-05-10 23:59")) == State.RUNNING
    assert state_of(intake, london("2026-05-11 00:00")) == State.CLOSED


def test_late_joining_without_a_last_day_lasts_until_the_intake_ends() -> None:
    intake = sold(starts_on=date(2026, 5, 4), ends_on=date(2026, 7, 24), allows_late_joining=True)
    assert state_of(intake, london("2026-07-24 23:59")) == State.RUNNING
    assert state_of(intake, london("2026-07-25 00:00")) == State.ENDED


def test_nothing_sells_after_the_end_even_where_staff_set_a_later_closing() -> None:
    intake = sold(
        starts_on=date(2026, 5, 4),
        ends_on=date(2026, 5, 8),
        enrolment_closes_at=london("2026-12-01"),
    )
    assert intake.closes_at == london("2026-05-09 00:00")


def test_before_enrolment_opens_it_is_announced() -> None:
    intake = sold(enrolment_opens_at=london("2026-04-20 09:00"))
    assert state_of(intake, APRIL) == State.ANNOUNCED
    assert state_of(intake, london("2026-04-20 09:00")) == State.OPEN


def test_taken_places_make_it_full_and_held_ones_last_places() -> None:
    intake = sold(capacity=2, places_taken=1, places_held=1)
    assert state_of(intake, APRIL) == State.LAST_PLACES
    intake.places_taken, intake.places_held = 2, 0
    intake.save(update_fields=["places_taken", "places_held"])
    assert state_of(intake, APRIL) == State.FULL
    intake.places_taken = 1
    intake.save(update_fields=["places_taken"])
    assert state_of(intake, APRIL) == State.OPEN


def test_no_capacity_means_no_limit_and_a_capacity_of_none_at_all_is_full() -> None:
    assert state_of(sold(places_taken=5000), APRIL) == State.OPEN
    nobody = an_intake(Course.objects.get(), "2026-06", capacity=0)
    a_price(nobody)
    assert state_of(nobody, APRIL) == State.FULL


def test_without_a_price_it_is_closed_unless_one_begins_while_it_sells() -> None:
    intake = an_intake(a_course())
    assert state_of(intake, APRIL) == State.CLOSED
    price = a_price(intake, available_from=london("2026-04-20 09:00"))
    assert state_of(intake, APRIL) == State.ANNOUNCED
    price.available_from = london("2026-06-01 00:00")
    price.save()
    assert state_of(intake, APRIL) == State.CLOSED


def test_a_concession_opens_an_intake_but_is_never_the_headline() -> None:
    intake = an_intake(a_course())
    a_price(intake, 4500, kind="concession", name="Student")
    fetched = Intake.objects.on_sale(at=APRIL).get()
    assert (fetched.state_now, fetched.from_amount) == (State.OPEN, None)
    a_price(intake, 9000)
    assert Intake.objects.on_sale(at=APRIL).get().from_amount == 9000


def test_from_is_the_cheapest_price_that_can_be_booked_at_that_moment() -> None:
    intake = sold()
    a_price(intake, 7500, name="Early", available_until=london("2026-04-10 00:00"))
    early = Intake.objects.with_state(at=london("2026-04-09 23:59")).get()
    later = Intake.objects.with_state(at=london("2026-04-10 00:00")).get()
    assert (early.from_amount, later.from_amount) == (7500, 9000)


def test_on_sale_lists_only_published_courses_and_the_next_to_start_first() -> None:
    intake = sold("2026-06")
    sooner = an_intake(intake.course, "2026-05")
    a_price(sooner)
    hidden = an_intake(a_course("hidden", is_published=False), "2026-05")
    a_price(hidden)
    assert list(Intake.objects.on_sale(at=APRIL)) == [sooner, intake]


def test_a_price_whose_places_are_gone_is_the_headline_no_more() -> None:
    intake = sold()
    early = a_price(
        intake, 7500, name="Early", kind="early", places_limit=2, places_booked=1, position=1
    )
    assert Intake.objects.on_sale(at=APRIL).get().from_amount == 7500
    Price.objects.filter(pk=early.pk).update(places_booked=2)
    assert Intake.objects.on_sale(at=APRIL).get().from_amount == 9000


def test_an_intake_whose_every_price_has_sold_out_is_closed() -> None:
    intake = an_intake(a_course())
    a_price(intake, places_limit=1, places_booked=1)
    assert state_of(intake, APRIL) == State.CLOSED


MAY_BE_JOINED = {State.OPEN, State.RUNNING, State.ANNOUNCED, State.LAST_PLACES}

# Both sayings of the rule, over anything at all ------------------------------------------------

HOURS = st.integers(min_value=-75 * 24, max_value=75 * 24)
MOMENTS = HOURS.map(lambda hours: APRIL + timedelta(hours=hours))
DAYS = st.integers(min_value=0, max_value=27)


@st.composite
def intake_fields(draw: st.DrawFn) -> dict[str, Any]:
    """What staff might set, contradictions included where the database lets them be."""
    month = draw(st.sampled_from([date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)]))
    starts = draw(st.none() | DAYS.map(lambda day: month + timedelta(days=day)))
    capacity = draw(st.none() | st.integers(0, 4))
    taken = draw(st.integers(0, 4 if capacity is None else capacity))
    held = draw(st.integers(0, 4 if capacity is None else capacity - taken))
    ends = draw(st.none() | st.integers(0, 60).map(lambda n: (starts or month) + timedelta(n)))
    return {
        "month": month,
        "starts_on": starts,
        "ends_on": ends,
        "enrolment_opens_at": draw(st.none() | MOMENTS),
        "enrolment_closes_at": draw(st.none() | MOMENTS),
        "allows_late_joining": draw(st.booleans()),
        "late_joining_until": draw(st.none() | MOMENTS.map(lambda moment: moment.date())),
        "capacity": capacity,
        "places_taken": taken,
        "places_held": held,
        # Draft and cancelled are tried first and would hide the rest if they came often.
        "is_published": draw(st.integers(0, 9)) > 0,
        "cancelled_at": draw(MOMENTS) if draw(st.integers(0, 9)) == 0 else None,
    }


@st.composite
def price_fields(draw: st.DrawFn) -> dict[str, Any]:
    """A price with or without a time and a limit of its own, sold out or not."""
    kind = draw(st.sampled_from(["standard", "standard", "early", "concession"]))
    begins = draw(st.none() | MOMENTS)
    lasts = draw(st.none() | st.integers(1, 60 * 24))
    until = None if lasts is None else (begins or APRIL) + timedelta(hours=lasts)
    # An early price that ends by neither a day nor a number of places is no early price.
    ends = kind == "early" and until is None
    limit = draw(st.integers(0, 3) if ends else st.none() | st.integers(0, 3))
    return {
        "kind": kind,
        "amount": draw(st.sampled_from([0, 30, 4500, 9000])),
        "available_from": begins,
        "available_until": until,
        "places_limit": limit,
        "places_booked": draw(st.integers(0, 4 if limit is None else limit)),
        "vat_treatment": draw(st.sampled_from(["exempt", "not_registered"])),
    }


@st.composite
def edges(draw: st.DrawFn, intake: Intake) -> datetime:
    """A moment anywhere, or exactly at (or just before) one where something changes."""
    prices = list(intake.prices.all())
    changes = [
        intake.starts_at,
        intake.closes_at,
        intake.ends_at,
        intake.enrolment_opens_at,
        intake.cancelled_at,
        *(price.available_from for price in prices),
        *(price.available_until for price in prices),
    ]
    known = [moment for moment in changes if moment]
    exactly = draw(st.sampled_from(known))
    just_before = exactly - timedelta(microseconds=1)
    return draw(st.one_of(MOMENTS, st.just(exactly), st.just(just_before)))


@contextmanager
def an_intake_of_any_kind(data: st.DataObject) -> Generator[Intake]:
    """An intake with up to three prices, gone again after the example."""
    with transaction.atomic():
        intake = Intake.objects.create(course=a_course(), **data.draw(intake_fields()))
        for fields in data.draw(st.lists(price_fields(), max_size=3)):
            a_price(intake, **fields)
        yield intake
        transaction.set_rollback(True)


def cheapest_for_anyone(intake: Intake, at: datetime) -> dict[str, Any] | None:
    """What ``from_price`` should be, from the prices one by one."""
    found = [
        price
        for price in intake.prices.all()
        if price.kind != "concession" and price.is_bookable(at=at)
    ]
    if not found:
        return None
    price = min(found, key=lambda one: (one.amount, one.position, one.pk))
    return {"amount": price.amount, "treatment": price.vat_treatment, "rate": price.vat_rate}


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_python_and_sql_agree_on_every_intake_at_every_moment(data: st.DataObject) -> None:
    with an_intake_of_any_kind(data) as intake:
        for _ in range(4):
            at = data.draw(edges(intake))
            fetched = Intake.objects.with_state(at=at).get()
            expected = intake.state(at=at)
            assert fetched.state_now == expected
            assert fetched.from_amount == intake.least_amount(at=at)
            assert fetched.from_price == cheapest_for_anyone(intake, at)
            assert Intake.objects.on_sale(at=at).exists() == expected.is_joinable
            may_be_joined = expected in MAY_BE_JOINED or (
                expected is State.FULL and intake.has_waiting_list
            )
            assert Intake.objects.promised(at=at).exists() == may_be_joined


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_joinable_intake_is_one_that_a_place_can_really_be_booked_in(
    data: st.DataObject,
) -> None:
    with an_intake_of_any_kind(data) as intake:
        at = data.draw(edges(intake))
        can_be_booked = (
            intake.is_published
            and (intake.cancelled_at is None or at < intake.cancelled_at)
            and (intake.enrolment_opens_at is None or intake.enrolment_opens_at <= at)
            and (intake.closes_at is None or at < intake.closes_at)
            and (intake.ends_at is None or at < intake.ends_at)
            and (intake.places_left is None or intake.places_left > 0)
            and any(price.is_bookable(at=at) for price in intake.prices.all())
        )
        assert intake.state(at=at).is_joinable == can_be_booked
