"""Staff enrol someone by hand: free, paid elsewhere, or with a link to pay by."""

import re
from datetime import date, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses.models import Course, Intake, Price, Provider
from courses.states import State
from enrolment import by_hand, checkout, consents, moving, offering, reconciling, recounting
from enrolment.models import Enrolment, Offer, Payment, WaitingListEntry
from tests.courses.making import a_price, an_intake, enrol, london
from tests.enrolment.driving import only_enrolment, pay, places, queued, run_jobs
from tests.enrolment.leaving import URLS, with_policy
from tests.sandbox.process import Sandbox

NOW = timezone.now()
WEEK = timedelta(days=7)


def place(intake: Intake, by: User, email: str = "alice@example.org", **more: str) -> by_hand.Place:
    """Alice, at the intake's only price."""
    price = intake.prices.order_by("amount")[0]
    return by_hand.Place(email=email, intake=intake, price=price, by=by, **more)


def mails() -> list[str]:
    """The kinds of mail that are queued."""
    return [job.args["kind"] for job in queued("send_mail")]


def test_someone_is_enrolled_free(alice: User, intake: Intake, sam: User) -> None:
    enrolment = by_hand.enrol_free(place(intake, sam), at=NOW)
    assert enrolment.is_enrolled
    assert (enrolment.amount, enrolment.list_amount, enrolment.discount) == (0, 9000, 9000)
    assert enrolment.enrolled_by == sam
    assert enrolment.lessons_wait_until is None
    assert places(intake) == (1, 0)
    assert intake.prices.get().places_booked == 1
    assert not enrolment.payments.exists()
    assert mails() == ["enrolled_by_hand"]
    assert recounting.recount() == []


def test_someone_who_paid_elsewhere_is_in_and_has_a_receipt(
    alice: User, intake: Intake, sam: User
) -> None:
    enrolment = by_hand.enrol_paid_elsewhere(
        place(intake, sam), amount=7000, how="Bank transfer of 1 May", at=NOW
    )
    assert (enrolment.amount, enrolment.list_amount, enrolment.discount) == (7000, 9000, 2000)
    payment = enrolment.payments.get()
    assert payment.is_paid
    assert (payment.method, payment.note) == ("elsewhere", "Bank transfer of 1 May")
    assert payment.refundable == 7000
    assert [document.kind for document in payment.documents.all()] != []
    assert places(intake) == (1, 0)
    assert recounting.recount() == []


def test_lessons_of_who_paid_elsewhere_wait_for_the_right_to_cancel(
    alice: User, intake: Intake, sam: User
) -> None:
    enrolment = by_hand.enrol_paid_elsewhere(place(intake, sam), amount=9000, how="Cash", at=NOW)
    assert enrolment.lessons_wait_until == consents.cancellation_ends_at(NOW)


@pytest.mark.parametrize(
    ("noted", "paid_on", "paid_at"),
    [
        ("2026-04-15 15:30", "2026-04-15", "2026-04-15 12:00"),
        ("2026-04-15 09:30", "2026-04-15", "2026-04-15 09:30"),
        ("2026-04-15 00:05", "2026-04-14", "2026-04-14 12:00"),
        ("2026-04-15 09:30", "2026-03-29", "2026-03-29 12:00"),  # the clocks went forward
        ("2026-04-15 09:30", None, "2026-04-15 09:30"),
    ],
)
def test_the_day_on_which_money_came_is_kept_beside_when_it_was_noted(
    alice: User, intake: Intake, sam: User, noted: str, paid_on: str | None, paid_at: str
) -> None:
    day = date.fromisoformat(paid_on) if paid_on else None
    enrolment = by_hand.enrol_paid_elsewhere(
        place(intake, sam), amount=9000, how="Transfer", paid_on=day, at=london(noted)
    )
    payment = enrolment.payments.get()
    assert payment.paid_at == london(paid_at)
    assert payment.created_at == enrolment.enrolled_at == london(noted)


def test_more_than_the_price_may_have_been_paid(alice: User, intake: Intake, sam: User) -> None:
    enrolment = by_hand.enrol_paid_elsewhere(place(intake, sam), amount=9500, how="Cash", at=NOW)
    assert (enrolment.amount, enrolment.list_amount, enrolment.discount) == (9500, 9500, 0)


def test_a_link_to_pay_by_holds_the_place(alice: User, intake: Intake, sam: User) -> None:
    enrolment = by_hand.send_pay_link(
        place(intake, sam), amount=9000, held_until=NOW + WEEK, at=NOW
    )
    assert enrolment.is_pending
    assert enrolment.held_until == NOW + WEEK
    assert not enrolment.payments.exists()
    assert places(intake) == (0, 1)
    run_jobs()
    (sent,) = mail.outbox
    assert sent.to == ["alice@example.org"]
    assert f"http://localhost:8000/account/enrolments/{enrolment.pk}/" in sent.body
    assert "£90 (Standard, no VAT is charged)" in sent.body
    assert recounting.recount() == []


def test_a_held_place_may_be_paid_for_elsewhere(alice: User, intake: Intake, sam: User) -> None:
    held = by_hand.send_pay_link(place(intake, sam), amount=9000, held_until=NOW + WEEK, at=NOW)
    for _ in range(2):
        enrolment = by_hand.receive_elsewhere(held, how="Cheque", by=sam, at=NOW)
        assert enrolment.is_enrolled
    assert places(intake) == (1, 0)
    assert enrolment.payments.get().note == "Cheque"
    assert mails() == ["pay_link", "enrolled"]


def test_a_place_that_is_being_paid_for_at_stripe_is_not_paid_elsewhere(
    alice: User, intake: Intake, sam: User
) -> None:
    price = intake.prices.get()
    order = checkout.Order(student=alice, intake=intake, price=price)
    enrolment = checkout.begin(order, at=NOW)
    with pytest.raises(by_hand.NotWaiting):
        by_hand.receive_elsewhere(enrolment, how="Cash", by=sam, at=NOW)
    assert places(intake) == (0, 1)
    assert Payment.objects.get().method == "stripe"


def test_a_new_account_is_made_and_signed_in_to_by_a_code(
    client: Client, intake: Intake, sam: User
) -> None:
    by_hand.enrol_free(place(intake, sam, "Dora@Example.org", name="Dora Day"), at=NOW)
    dora = User.objects.get(email="dora@example.org")
    assert (dora.name, dora.has_usable_password()) == ("Dora Day", False)
    assert not EmailAddress.objects.get(user=dora).verified
    run_jobs()
    assert "sign in with this address" in mail.outbox[-1].body
    client.post("/account/login/code/", {"email": "dora@example.org"})
    (code,) = re.findall(
        r"^\s*([A-Z0-9]{4}-?[A-Z0-9]{2,4})\s*$", str(mail.outbox[-1].body), re.MULTILINE
    )
    client.post("/account/login/code/confirm/", {"code": code})
    assert "Deep learning" in client.get("/account/enrolments/").content.decode()
    assert EmailAddress.objects.get(user=dora).verified


def test_an_account_is_found_however_its_address_is_written(
    alice: User, intake: Intake, sam: User
) -> None:
    enrolment = by_hand.enrol_free(place(intake, sam, " ALICE@example.org"), at=NOW)
    assert enrolment.student == alice


@pytest.mark.parametrize("intake_is", ["closed", "unpublished"])
def test_staff_enrol_after_closing_and_before_publishing(
    alice: User, course: Course, sam: User, intake_is: str
) -> None:
    intake = an_intake(course, "2024-05" if intake_is == "closed" else "2126-05")
    a_price(intake)
    Intake.objects.filter(pk=intake.pk).update(is_published=intake_is == "closed")
    assert not Intake.objects.get().is_selling(at=NOW) or intake_is == "unpublished"
    by_hand.enrol_free(place(intake, sam), at=NOW)
    assert places(intake) == (1, 0)


@pytest.mark.parametrize("way", ["free", "elsewhere", "link"])
def test_nobody_is_enrolled_above_the_places(
    alice: User, bob: User, intake: Intake, sam: User, way: str
) -> None:
    Intake.objects.filter(pk=intake.pk).update(capacity=1, places_taken=1)
    enrol(bob, intake)
    with pytest.raises(checkout.NotJoinable) as refused:
        give(place(intake, sam, "new@example.org", name="Nell New"), way)
    assert refused.value.state == State.FULL
    assert not User.objects.filter(email="new@example.org").exists()
    assert queued() == []


def give(wanted: by_hand.Place, way: str, at: datetime = NOW) -> Enrolment:
    """A place in one of the three ways."""
    if way == "free":
        return by_hand.enrol_free(wanted, at=at)
    if way == "elsewhere":
        return by_hand.enrol_paid_elsewhere(wanted, amount=9000, how="Cash", at=at)
    return by_hand.send_pay_link(wanted, amount=9000, held_until=at + WEEK, at=at)


def test_nobody_is_enrolled_in_a_cancelled_intake(alice: User, intake: Intake, sam: User) -> None:
    Intake.objects.filter(pk=intake.pk).update(cancelled_at=NOW)
    with pytest.raises(checkout.NotJoinable) as refused:
        by_hand.enrol_free(place(intake, sam), at=NOW)
    assert refused.value.state == State.CANCELLED


def test_a_price_keeps_its_own_limit(alice: User, intake: Intake, sam: User) -> None:
    intake.prices.update(places_limit=1, places_booked=1)
    with pytest.raises(by_hand.PriceFull):
        by_hand.enrol_free(place(intake, sam), at=NOW)
    assert places(intake) == (0, 0)


def test_nobody_is_enrolled_twice(alice: User, intake: Intake, sam: User) -> None:
    first = by_hand.enrol_free(place(intake, sam), at=NOW)
    with pytest.raises(checkout.AlreadyEnrolled) as refused:
        by_hand.enrol_free(place(intake, sam), at=NOW)
    assert refused.value.enrolment == first
    assert places(intake) == (1, 0)


def test_what_is_missing_is_told_and_nothing_is_kept(
    alice: User, intake: Intake, sam: User
) -> None:
    with pytest.raises(by_hand.NameMissing):
        by_hand.enrol_free(place(intake, sam, "new@example.org"), at=NOW)
    intake.prices.update(kind="concession", declaration="I am out of work.")
    with pytest.raises(checkout.ReasonMissing):
        by_hand.enrol_free(place(intake, sam), at=NOW)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    with pytest.raises(by_hand.AccountClosed):
        by_hand.enrol_free(place(intake, sam, declaration="Between jobs"), at=NOW)
    assert not Enrolment.objects.exists()


def test_whoever_waits_and_is_enrolled_waits_no_more(
    alice: User, intake: Intake, sam: User
) -> None:
    entry = WaitingListEntry.objects.create(student=alice, intake=intake, joined_at=NOW)
    by_hand.enrol_free(place(intake, sam), at=NOW)
    entry.refresh_from_db()
    assert entry.status == WaitingListEntry.Status.ENROLLED
    assert entry.ended_at == NOW


@pytest.mark.parametrize(("way", "counted"), [("elsewhere", (1, 0)), ("link", (0, 1))])
def test_a_place_offered_to_the_student_is_the_one_given(
    alice: User, intake: Intake, sam: User, way: str, counted: tuple[int, int]
) -> None:
    Intake.objects.filter(pk=intake.pk).update(capacity=1)
    WaitingListEntry.objects.create(student=alice, intake=intake, joined_at=NOW)
    (offer,) = offering.pass_on(intake.pk, at=NOW)
    assert places(intake) == (0, 1)
    enrolment = give(place(intake, sam), way)
    assert places(intake) == counted
    offer.refresh_from_db()
    assert (offer.status, offer.enrolment) == (Offer.Status.ACCEPTED, enrolment)
    assert only_enrolment().student == alice
    assert recounting.recount() == []


def test_the_link_leads_to_paying_and_into_the_intake(
    alices: Client, intake: Intake, sam: User, stand_in: Sandbox
) -> None:
    enrolment = by_hand.send_pay_link(
        place(intake, sam), amount=8000, held_until=NOW + WEEK, at=NOW
    )
    address = f"/account/enrolments/{enrolment.pk}/"
    assert "£80" in alices.get(address).text
    response = alices.post(f"{address}payment/")
    assert response.url.startswith(stand_in.url)
    payment = Payment.objects.get()
    assert payment.amount == 8000
    pay(stand_in, payment)
    alices.get(f"{address}return/")
    enrolment.refresh_from_db()
    assert enrolment.is_enrolled
    assert enrolment.lessons_wait_until is not None
    assert places(intake) == (1, 0)


def test_a_link_that_nobody_used_frees_the_place(
    alice: User, intake: Intake, sam: User, stand_in: Sandbox
) -> None:
    enrolment = by_hand.send_pay_link(
        place(intake, sam), amount=8000, held_until=NOW + WEEK, at=NOW
    )
    reconciling.reconcile(at=NOW + WEEK - timedelta(minutes=1))
    assert places(intake) == (0, 1)
    reconciling.reconcile(at=NOW + WEEK)
    enrolment.refresh_from_db()
    assert enrolment.status == Enrolment.Status.EXPIRED
    assert places(intake) == (0, 0)


def test_an_offered_place_at_a_price_that_is_full_is_not_given(
    alice: User, intake: Intake, sam: User
) -> None:
    Intake.objects.filter(pk=intake.pk).update(capacity=1)
    WaitingListEntry.objects.create(student=alice, intake=intake, joined_at=NOW)
    offering.pass_on(intake.pk, at=NOW)
    half = a_price(intake, 4500, places_limit=1)
    Price.objects.filter(pk=half.pk).update(places_booked=1)
    with pytest.raises(by_hand.PriceFull):
        by_hand.enrol_free(place(intake, sam), at=NOW)
    assert not Enrolment.objects.exists()
    assert places(intake) == (0, 1)


@pytest.mark.parametrize("way", ["elsewhere", "link"])
def test_the_terms_of_the_day_are_kept(alice: User, intake: Intake, sam: User, way: str) -> None:
    policy = with_policy((30, 100), (7, 50), fee=500)
    enrolment = give(place(intake, sam), way)
    assert Enrolment.objects.get(pk=enrolment.pk).policy == policy
    assert policy == {"fee": 500, "tiers": [[30, 100], [7, 50]]}


def test_without_a_provider_there_are_no_terms(alice: User, intake: Intake, sam: User) -> None:
    Provider.objects.all().delete()
    by_hand.enrol_free(place(intake, sam), at=NOW)
    assert only_enrolment().policy == {}


def test_who_is_moving_there_already_is_not_enrolled_besides(
    alice: User, intake: Intake, sam: User
) -> None:
    june = an_intake(intake.course, "2126-06")
    a_price(june, 12_000)
    enrolment = give(place(intake, sam), "elsewhere")
    moving.move(enrolment, to=june, at=NOW, urls=URLS, by=alice)
    with pytest.raises(checkout.AlreadyEnrolled) as refused:
        by_hand.enrol_free(place(june, sam), at=NOW)
    assert refused.value.enrolment == enrolment
