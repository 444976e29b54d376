"""Vouchers: what they take off, when they apply, why they do not, and who has used them."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from courses.models import Course, Intake
from enrolment import checkout, pricing, vouchers
from enrolment.models import Enrolment, Payment, Voucher, VoucherBatch
from tests.courses.making import a_course, a_price, an_intake
from tests.enrolment.driving import TEACHING_AND_LESSONS, begin_paying, enrol, places, run_jobs
from tests.sandbox.process import Sandbox

ENROL = "/courses/deep-learning/intakes/2126-05/enrol/"
APPLIED = re.compile(r'name="applied" value="([^"]*)"')


def a_voucher(code: str = "WELCOME10", *, limit: int | None = None, **terms: Any) -> Voucher:
    """A voucher of a batch of its own; ten per cent off unless told otherwise."""
    known = {"name": code, "percent": None if "amount_off" in terms else 10}
    batch = VoucherBatch.objects.create(**{**known, **terms})
    return Voucher.objects.create(batch=batch, code=code, limit=limit)


def price_of(intake: Intake) -> str:
    return str(intake.prices.order_by("amount")[0].pk)


def applied(browser: Client, intake: Intake, code: str, **answers: str) -> str:
    """Press Apply; what the page says of the total it has shown, for sending along."""
    response = enrol(browser, intake, voucher=code, apply="1", **answers)
    assert response.status_code == 200, response.content.decode()
    found = APPLIED.search(response.content.decode())
    assert found
    return found[1]


def used(voucher: Voucher) -> int:
    voucher.refresh_from_db()
    return voucher.times_used


# The total before paying ------------------------------------------------------------------------


def test_apply_shows_the_total_and_holds_nothing(alices: Client, intake: Intake) -> None:
    a_voucher()
    response = enrol(alices, intake, voucher="welcome10", apply="1")
    page = response.content.decode()
    assert response.status_code == 200
    for line in ("Voucher WELCOME10", "−£9", ">£81<", "Enrol and pay £81"):
        assert line in page
    assert places(intake) == (0, 0)


def test_what_was_applied_is_what_is_charged(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    voucher = a_voucher()
    shown = applied(alices, intake, "WELCOME10")
    payment = begin_paying(alices, intake, voucher="WELCOME10", applied=shown)
    session = stand_in.client().v1.checkout.sessions.retrieve(str(payment.session_id))
    assert (payment.amount, session.amount_total) == (8100, 8100)
    enrolment = Enrolment.objects.get()
    assert (enrolment.list_amount, enrolment.discount, enrolment.amount) == (9000, 900, 8100)
    assert used(voucher) == 1


def test_a_code_that_was_never_applied_shows_its_total_first(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    a_voucher()
    response = enrol(alices, intake, voucher="WELCOME10")
    assert response.status_code == 200
    assert "Enrol and pay £81" in response.content.decode()
    assert not Enrolment.objects.exists()
    found = APPLIED.search(response.content.decode())
    assert found
    assert enrol(alices, intake, voucher="WELCOME10", applied=found[1]).status_code == 302


@pytest.mark.parametrize("change", ["price", "code", "none"])
def test_another_price_or_voucher_than_was_applied_shows_its_total_first(
    alices: Client, intake: Intake, change: str
) -> None:
    a_voucher()
    a_voucher("HALF", percent=50)
    dearer = a_price(intake, 12000, name="With a tutor")
    shown = applied(alices, intake, "WELCOME10")
    sent = {"voucher": "WELCOME10", "price": price_of(intake)}
    sent |= {
        "price": {"price": str(dearer.pk)},
        "code": {"voucher": "HALF"},
        "none": {"voucher": ""},
    }[change]
    response = enrol(alices, intake, applied=shown, **sent)
    total = {"price": "£108", "code": "£45", "none": "£90"}[change]
    assert response.status_code == 200
    assert f"Enrol and pay {total}" in response.content.decode()
    assert not Enrolment.objects.exists()


def test_down_to_nothing_skips_stripe_and_asks_for_no_consents(
    alices: Client, course: Course, stand_in: Sandbox
) -> None:
    at_once = an_intake(course, "2126-05", lessons_open="at_once")
    a_price(at_once)
    voucher = a_voucher("GUEST", percent=100)
    response = enrol(alices, at_once, voucher="GUEST", apply="1", **TEACHING_AND_LESSONS)
    page = response.content.decode()
    assert "Nothing to pay" in page
    assert "14 days" not in page
    assert ">Enrol</button>" in page
    shown = APPLIED.search(page)
    assert shown
    done = enrol(alices, at_once, voucher="GUEST", applied=shown[1], **TEACHING_AND_LESSONS)
    assert done.status_code == 302
    enrolment = Enrolment.objects.get()
    assert enrolment.is_enrolled
    assert not enrolment.consents.exists()
    assert not Payment.objects.exists()
    assert stand_in.see("log")["requests"] == []
    assert (places(at_once), used(voucher)) == ((1, 0), 1)


@pytest.mark.parametrize(
    ("terms", "price", "total"),
    [
        ({"percent": 10}, 9000, 8100),
        ({"percent": 33}, 9999, 6699),
        ({"percent": 100}, 9000, 0),
        ({"amount_off": 2500}, 9000, 6500),
        ({"amount_off": 12000}, 9000, 0),
        # Stripe charges nothing under 30p: what would be left is given away.
        ({"amount_off": 8971}, 9000, 0),
        ({"amount_off": 8970}, 9000, 30),
        ({"percent": 99}, 2000, 0),
    ],
)
def test_the_total_is_nothing_or_what_stripe_takes(
    db: None, terms: dict[str, int], price: int, total: int
) -> None:
    batch = VoucherBatch(name="Any", **terms)
    assert pricing.total(price, batch).amount == total


def test_a_link_fills_the_code_in(alices: Client, intake: Intake) -> None:
    page = alices.get(f"{ENROL}?voucher=WELCOME10").content.decode()
    assert 'value="WELCOME10"' in page


# Why one does not apply -------------------------------------------------------------------------

SOON = datetime(2126, 1, 1, tzinfo=UTC)
LATELY = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("terms", "why"),
    [
        ({"valid_from": SOON}, "This voucher can be used from midnight GMT on 1 January 2126."),
        ({"valid_until": LATELY}, "until midnight GMT at the end of Wednesday 31 December 2025."),
    ],
)
def test_a_voucher_outside_its_window_says_when_it_is(
    alices: Client, intake: Intake, terms: dict[str, Any], why: str
) -> None:
    a_voucher(**terms)
    response = enrol(alices, intake, voucher="WELCOME10", apply="1")
    assert response.status_code == 422
    assert why in response.content.decode()


def test_an_unknown_code_is_said_beside_its_field_and_everything_typed_is_kept(
    alices: Client, course: Course
) -> None:
    at_once = an_intake(course, "2126-05", lessons_open="at_once")
    a_price(at_once)
    response = enrol(alices, at_once, voucher="NO<SUCH>", **TEACHING_AND_LESSONS)
    page = response.content.decode()
    assert response.status_code == 422
    assert "We know no voucher with this code." in page
    assert 'value="NO&lt;SUCH&gt;"' in page
    assert page.count(" checked") == 3
    assert places(at_once) == (0, 0)


def test_apply_without_a_code_asks_for_one(alices: Client, intake: Intake) -> None:
    response = enrol(alices, intake, voucher="", apply="1")
    assert response.status_code == 422
    assert "Type the code of your voucher." in response.content.decode()


def test_a_withdrawn_voucher_is_no_longer_valid(alices: Client, intake: Intake) -> None:
    voucher = a_voucher()
    Voucher.objects.filter(pk=voucher.pk).update(is_withdrawn=True)
    page = enrol(alices, intake, voucher="WELCOME10").content.decode()
    assert "This voucher is no longer valid." in page


def test_a_voucher_for_a_course_an_intake_or_a_price_applies_to_nothing_else(
    db: None, alice: User, course: Course, intake: Intake
) -> None:
    elsewhere = a_price(an_intake(a_course("statistics"), "2126-05"))
    june = a_price(an_intake(course, "2126-06"))
    may = intake.prices.get()
    other_may = a_price(intake, 12000, name="With a tutor")
    prices = {"statistics": elsewhere, "june": june, "may": may, "tutor": other_may}

    def good_for(voucher: Voucher) -> set[str]:
        return {name for name, price in prices.items() if vouchers.covers(voucher.batch, price)}

    anything = a_voucher("ANY")
    for_course, for_intake, for_price = a_voucher("A"), a_voucher("B"), a_voucher("C")
    for_course.batch.courses.add(course)
    for_intake.batch.intakes.add(intake)
    for_price.batch.prices.add(may)
    assert good_for(anything) == {"statistics", "june", "may", "tutor"}
    assert good_for(for_course) == {"june", "may", "tutor"}
    assert good_for(for_intake) == {"may", "tutor"}
    assert good_for(for_price) == {"may"}
    for_price.batch.courses.add(elsewhere.intake.course)
    assert good_for(for_price) == {"may", "statistics"}
    with pytest.raises(vouchers.VoucherRefused, match="for something else"):
        vouchers.check(for_intake, student=alice, price=june, at=timezone.now())


def test_a_free_price_keeps_the_voucher_for_another(alices: Client, intake: Intake) -> None:
    a_voucher()
    free = a_price(intake, 0, name="Scholarship")
    response = enrol(alices, intake, price=str(free.pk), voucher="WELCOME10")
    assert response.status_code == 422
    assert "free already" in response.content.decode()


def test_a_voucher_that_takes_nothing_off_is_not_used_up_for_it(
    alices: Client, course: Course
) -> None:
    cheap = an_intake(course, "2126-05")
    a_price(cheap, 30)
    a_voucher("ONE", percent=1)
    response = enrol(alices, cheap, voucher="ONE")
    assert response.status_code == 422
    assert "takes nothing off" in response.content.decode()


# How often --------------------------------------------------------------------------------------


def test_a_used_up_voucher_says_so(alices: Client, intake: Intake) -> None:
    voucher = a_voucher(limit=1)
    Voucher.objects.filter(pk=voucher.pk).update(times_used=1)
    page = enrol(alices, intake, voucher="WELCOME10").content.decode()
    assert "This voucher has been used up." in page


def test_one_person_uses_a_batch_as_often_as_it_says(
    alices: Client, course: Course, intake: Intake, stand_in: Sandbox
) -> None:
    batch = a_voucher("FIRST", limit_per_person=1).batch
    Voucher.objects.create(batch=batch, code="SECOND", limit=1)
    june = an_intake(course, "2126-06")
    a_price(june)
    begin_paying(alices, intake, voucher="FIRST", applied=applied(alices, intake, "FIRST"))
    page = enrol(alices, june, voucher="SECOND").content.decode()
    assert "You have used this voucher as often as one person may." in page


def test_the_last_use_is_counted_when_the_place_is_held(
    alice: User, bob: User, intake: Intake
) -> None:
    """Both looked while it was still to be had; the races in processes are in tests/concurrency."""
    now = timezone.now()
    voucher = a_voucher(limit=1)
    price = intake.prices.get()
    vouchers.check(voucher, student=bob, price=price, at=now)
    checkout.begin(checkout.Order(alice, intake, price, voucher=voucher), at=now)
    with pytest.raises(vouchers.VoucherRefused, match="used up"):
        checkout.begin(checkout.Order(bob, intake, price, voucher=voucher), at=now)
    assert (used(voucher), places(intake)) == (1, (0, 1))


def test_someone_who_was_quicker_leaves_the_form_as_it_was(
    alices: Client, bob: User, intake: Intake, stand_in: Sandbox
) -> None:
    a_voucher(limit=1)
    shown = applied(alices, intake, "WELCOME10")
    others = Client()
    others.force_login(bob)
    begin_paying(others, intake, voucher="WELCOME10", applied=shown)
    response = enrol(alices, intake, voucher="WELCOME10", applied=shown)
    page = response.content.decode()
    assert response.status_code == 422
    assert "used up" in page
    assert "Enrol and pay £90" in page
    assert places(intake) == (0, 1)


def test_a_use_that_came_to_nothing_is_given_back(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    voucher = a_voucher(limit=1)
    shown = applied(alices, intake, "WELCOME10")
    payment = begin_paying(alices, intake, voucher="WELCOME10", applied=shown)
    stand_in.control(f"sessions/{payment.session_id}/expire")
    alices.get(f"/account/enrolments/{payment.enrolment_id}/return/")
    run_jobs()
    assert used(voucher) == 0
    again = applied(alices, intake, "WELCOME10")
    begin_paying(alices, intake, voucher="WELCOME10", applied=again)
    assert used(voucher) == 1


# Codes ------------------------------------------------------------------------------------------


def test_codes_are_readable_and_their_own(db: None) -> None:
    batch = a_voucher().batch
    assert vouchers.make(batch, count=50, prefix="spring", limit=2) == 50
    codes = list(batch.vouchers.exclude(code="WELCOME10").values_list("code", flat=True))
    assert len(set(codes)) == 50
    for code in codes:
        assert re.fullmatch(r"SPRING(-[2-9A-HJ-NP-Z]{5}){2}", code)


@pytest.mark.parametrize("written", ["{}", " {} ", "lower", "no hyphens", "spaces"])
def test_a_code_is_found_however_it_is_written(db: None, written: str) -> None:
    batch = a_voucher().batch
    vouchers.make(batch, count=1, prefix="SPRING")
    code = batch.vouchers.exclude(code="WELCOME10").get().code
    typed = {
        "lower": code.lower(),
        "no hyphens": code.replace("-", ""),
        "spaces": code.replace("-", " "),
    }.get(written, written.format(code))
    assert vouchers.find(typed).code == code


@pytest.mark.parametrize("count", [0, -1, 5001])
def test_a_senseless_number_of_codes_is_refused(db: None, count: int) -> None:
    with pytest.raises(ValueError, match="Between 1 and 5000"):
        vouchers.make(a_voucher().batch, count=count)


def test_five_thousand_codes_are_made_in_a_few_statements(
    db: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    batch = a_voucher().batch
    with django_assert_max_num_queries(12):
        vouchers.make(batch, count=5000)
    assert batch.vouchers.count() == 5001


def test_whoever_tries_many_codes_is_not_told_of_the_right_one(
    alices: Client, bob: User, intake: Intake
) -> None:
    a_voucher("SPRING")
    for count in range(20):
        page = enrol(alices, intake, voucher=f"SPRING{count}", apply="1").text
        assert "We know no voucher with this code." in page
    refused = enrol(alices, intake, voucher="SPRING", apply="1")
    assert refused.status_code == 422
    assert "You have tried many codes that we do not know." in refused.text
    assert enrol(alices, intake, voucher="").status_code == 302
    bobs = Client()
    bobs.force_login(bob)
    assert "£81" in enrol(bobs, intake, voucher="SPRING", apply="1").text


def test_a_right_code_may_be_sent_as_often_as_one_likes(alices: Client, intake: Intake) -> None:
    a_voucher()
    for _ in range(25):
        assert "£81" in enrol(alices, intake, voucher="WELCOME10", apply="1").text
