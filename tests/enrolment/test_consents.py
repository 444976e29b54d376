"""The two consents beyond the enrol form: on moving, with debits, offers and links to pay by."""

from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from courses import reading
from courses.calendar import london_date
from courses.models import Course, Intake
from enrolment import by_hand, cancelling, consents, moving
from enrolment.lapsing import lapse
from enrolment.models import Enrolment, Move, Payment
from tests.courses.making import a_lesson, a_price, an_intake, london
from tests.enrolment.driving import run_jobs
from tests.enrolment.leaving import URLS, a_place, settle
from tests.enrolment.waiting_room import a_full_intake, free_a_place, wait
from tests.sandbox.process import Sandbox

BOTH = ("teaching", "digital_content")
TICKED = {"teaching": "on", "digital_content": "on"}
DAY = timedelta(days=1)
MAY_DAY = london("2026-05-01 12:00")
ON_THE_15TH = london("2026-05-16 00:00")
LAW = "14 days to change your mind"


def starting_in(course: Course, days: int, amount: int = 9000) -> Intake:
    """An intake that starts so many days from now."""
    first = london_date(timezone.now() + days * DAY)
    intake = an_intake(course, f"{first:%Y-%m}", starts_on=first, slug=f"in-{days}-days")
    a_price(intake, amount)
    return intake


def starting_on(course: Course, day: str, amount: int = 9000) -> Intake:
    """An intake that starts on ``2026-05-08``, say."""
    first = datetime.fromisoformat(day).date()
    intake = an_intake(course, day[:7], starts_on=first, slug=day)
    a_price(intake, amount)
    return intake


def a_running_intake(course: Course) -> Intake:
    """1 to 30 May 2026, open to late joiners, with moves until the 20th."""
    made = an_intake(
        course,
        "2026-05",
        starts_on=date(2026, 5, 1),
        ends_on=date(2026, 5, 30),
        allows_late_joining=True,
        moves_until=date(2026, 5, 20),
    )
    a_price(made)
    return made


def a_place_without(student: User, intake: Intake, at: datetime = MAY_DAY) -> Enrolment:
    """Paid for at ``at``, no consent given, as none was asked for."""
    waits = consents.cancellation_ends_at(at)
    return a_place(student, intake, at, lessons_wait_until=waits)


def go(enrolment: Enrolment, to: Intake, *agreed: str, at: datetime) -> Move:
    made = moving.move(enrolment, to=to, at=at, urls=URLS, agreed=agreed, by=enrolment.student)
    enrolment.refresh_from_db()
    return made


def given(enrolment: Enrolment) -> list[str]:
    return sorted(enrolment.consents.values_list("kind", flat=True))


# Asking on the move page ----------------------------------------------------------------------


def test_the_move_page_asks_where_lessons_would_wait_and_says_until_when(
    alices: Client, alice: User, course: Course
) -> None:
    far, soon, later = starting_in(course, 90), starting_in(course, 5), starting_in(course, 60)
    enrolment = a_place_without(alice, far, timezone.now())
    page = alices.get(f"/account/enrolments/{enrolment.pk}/move/").text
    wait = f"{london_date(timezone.now() + 15 * DAY):%-d %B %Y}"
    assert f"{soon.label}: they open on <strong>{wait}</strong>; with both ticked on" in page
    assert f"{later.label}: they open" not in page
    assert "In the other intakes they make no difference." in page
    for wording in consents.wordings().values():
        assert wording.text in page


@pytest.mark.parametrize("without_difference", ["far", "agreed", "over"])
def test_the_move_page_asks_nothing_where_it_makes_no_difference(
    alices: Client, alice: User, course: Course, without_difference: str
) -> None:
    now = timezone.now()
    starting_in(course, 60 if without_difference == "far" else 5)
    bought_at = now - 20 * DAY if without_difference == "over" else now
    enrolment = a_place_without(alice, starting_in(course, 90), bought_at)
    if without_difference == "agreed":
        consents.record(enrolment, BOTH, at=now)
        Enrolment.objects.update(lessons_wait_until=None)
    page = alices.get(f"/account/enrolments/{enrolment.pk}/move/").text
    assert "Where to?" in page
    assert LAW not in page


def test_both_ticked_on_the_move_page_open_the_lessons_at_the_start(
    alices: Client, alice: User, course: Course
) -> None:
    soon = starting_in(course, 5)
    enrolment = a_place_without(alice, starting_in(course, 90), timezone.now())
    alices.post(f"/account/enrolments/{enrolment.pk}/move/", {"to": f"{soon.pk}:0", **TICKED})
    enrolment.refresh_from_db()
    assert (enrolment.intake, enrolment.lessons_wait_until) == (soon, None)
    assert given(enrolment) == ["digital_content", "teaching"]
    run_jobs()
    body, html = str(mail.outbox[-1].body), str(mail.outbox[-1].alternatives[0])
    for wording in consents.wordings().values():
        assert wording.text in body
        assert wording.text in html
    assert "Model cancellation form" not in body


def test_one_ticked_keeps_the_lessons_closed_until_the_day_that_the_page_said(
    alice: User, course: Course
) -> None:
    enrolment = a_place_without(alice, starting_on(course, "2026-08-01"))
    go(enrolment, starting_on(course, "2026-05-08"), "teaching", at=MAY_DAY + DAY)
    assert enrolment.lessons_wait_until == ON_THE_15TH
    assert given(enrolment) == ["teaching"]


def test_who_gave_one_before_is_asked_for_the_other_only(
    alices: Client, alice: User, course: Course
) -> None:
    soon = starting_in(course, 5)
    enrolment = a_place_without(alice, starting_in(course, 90), timezone.now())
    consents.record(enrolment, ["teaching"], at=timezone.now())
    address = f"/account/enrolments/{enrolment.pk}/move/"
    page = alices.get(address).text
    assert 'name="teaching"' not in page
    assert 'name="digital_content"' in page
    alices.post(address, {"to": f"{soon.pk}:0", **TICKED})
    enrolment.refresh_from_db()
    assert given(enrolment) == ["digital_content", "teaching"]
    assert enrolment.lessons_wait_until is None


def test_what_is_ticked_does_not_count_for_an_intake_that_did_not_ask(
    alices: Client, alice: User, course: Course
) -> None:
    starting_in(course, 5)
    later = starting_in(course, 60)
    enrolment = a_place_without(alice, starting_in(course, 90), timezone.now())
    alices.post(f"/account/enrolments/{enrolment.pk}/move/", {"to": f"{later.pk}:0", **TICKED})
    enrolment.refresh_from_db()
    assert enrolment.intake == later
    assert given(enrolment) == []
    assert enrolment.lessons_wait_until is not None


# With a difference to pay ---------------------------------------------------------------------


def test_consents_wait_with_the_move_until_the_difference_is_paid(
    alice: User, course: Course, stand_in: Sandbox
) -> None:
    now = timezone.now()
    enrolment = a_place_without(alice, starting_in(course, 90), now)
    begun = go(enrolment, starting_in(course, 5, 12_000), *BOTH, at=now)
    assert given(enrolment) == []
    assert enrolment.lessons_wait_until is not None
    settle(stand_in, begun.payments.get())
    enrolment.refresh_from_db()
    assert given(enrolment) == ["digital_content", "teaching"]
    assert {one.given_at for one in enrolment.consents.all()} == {begun.created_at}
    assert enrolment.lessons_wait_until is None


def test_consents_of_a_move_that_came_to_nothing_never_count(alice: User, course: Course) -> None:
    here = a_running_intake(course)
    enrolment = a_place_without(alice, here)
    begun = go(enrolment, starting_on(course, "2026-05-20", 12_000), *BOTH, at=MAY_DAY + DAY)
    lapse(begun.payments.get(), enrolment=enrolment, at=MAY_DAY + 2 * DAY)
    enrolment.refresh_from_db()
    assert given(enrolment) == []
    assert enrolment.lessons_wait_until == ON_THE_15TH
    quote = cancelling.quote(enrolment, at=MAY_DAY + 9 * DAY)
    assert quote.refund == 9000


# From a free place to a paid one --------------------------------------------------------------


@pytest.mark.parametrize(("agreed", "waits"), [((), True), (("teaching",), True), (BOTH, False)])
def test_a_free_place_that_becomes_a_paid_one_waits_anew(
    alice: User, course: Course, stand_in: Sandbox, agreed: tuple[str, ...], waits: bool
) -> None:
    enrolment = a_place(alice, starting_in(course, 90, 0), timezone.now() - 30 * DAY, amount=0)
    begun = go(enrolment, starting_in(course, 5), *agreed, at=timezone.now())
    settle(stand_in, begun.payments.get())
    enrolment.refresh_from_db()
    begun.refresh_from_db()
    assert begun.ended_at is not None
    until = consents.cancellation_ends_at(begun.ended_at)
    assert enrolment.lessons_wait_until == (until if waits else None)
    assert given(enrolment) == sorted(agreed)


def test_its_mail_tells_of_the_right_to_cancel_with_the_form(
    alice: User, course: Course, stand_in: Sandbox
) -> None:
    enrolment = a_place(alice, starting_in(course, 90, 0), timezone.now() - 30 * DAY, amount=0)
    begun = go(enrolment, starting_in(course, 5), *BOTH, at=timezone.now())
    settle(stand_in, begun.payments.get())
    run_jobs()
    last = f"{london_date(timezone.now() + 14 * DAY):%-d %B %Y}"
    moved = mail.outbox[-1]
    for text in (str(moved.body), str(moved.alternatives[0])):
        assert f"You have the right to cancel until the end of {last}" in text
        assert "the 14th day after the day you moved" in text
        assert f"/account/enrolments/{enrolment.pk}/cancellation/" in text
        assert "Model cancellation form" in text
        assert consents.wordings()["digital_content"].text in text


def test_the_move_page_asks_for_the_new_contract(
    alices: Client, alice: User, course: Course
) -> None:
    soon = starting_in(course, 5)
    enrolment = a_place(alice, starting_in(course, 90, 0), timezone.now() - 30 * DAY, amount=0)
    page = alices.get(f"/account/enrolments/{enrolment.pk}/move/").text
    wait = f"{london_date(timezone.now() + 15 * DAY):%-d %B %Y}"
    assert f"{soon.label}: they open on <strong>{wait}</strong>" in page
    assert 'name="teaching"' in page


def test_lessons_read_while_the_place_was_free_are_not_charged(
    alice: User, course: Course, stand_in: Sandbox
) -> None:
    lesson = a_lesson(course)
    enrolment = a_place(alice, starting_in(course, 90, 0), timezone.now() - 30 * DAY, amount=0)
    reading.complete(learner=alice, lesson=lesson, at=timezone.now() - DAY)
    begun = go(enrolment, starting_in(course, 5), *BOTH, at=timezone.now())
    settle(stand_in, begun.payments.get())
    enrolment.refresh_from_db()
    assert cancelling.quote(enrolment, at=timezone.now()).refund == 9000


def test_a_place_that_becomes_free_waits_for_nothing(alice: User, course: Course) -> None:
    enrolment = a_place_without(alice, starting_on(course, "2026-08-01"))
    Payment.objects.update(method="elsewhere")
    go(enrolment, starting_on(course, "2026-05-08", 0), at=MAY_DAY + DAY)
    assert enrolment.lessons_wait_until is None


def test_consents_given_before_a_place_became_free_do_not_count_for_the_next_contract(
    alice: User, course: Course, stand_in: Sandbox
) -> None:
    now = timezone.now()
    enrolment = a_place(alice, starting_in(course, 90), now - 2 * DAY)
    Payment.objects.update(method="elsewhere")
    consents.record(enrolment, BOTH, at=now - 2 * DAY)
    go(enrolment, starting_in(course, 60, 0), at=now - DAY)
    assert given(enrolment) == ["digital_content", "teaching"]
    begun = go(enrolment, starting_in(course, 5), "teaching", at=now)
    settle(stand_in, begun.payments.get())
    enrolment.refresh_from_db()
    assert enrolment.consents.get().given_at == begun.created_at
    assert enrolment.lessons_wait_until is not None
    kept = enrolment.entries.filter(kind="moved").latest("pk").facts["consents_before"]
    assert [one["kind"] for one in kept] == ["digital_content", "teaching"]
    assert all(one["wording"] and one["given_at"] for one in kept)


# The charge for teaching ----------------------------------------------------------------------


def test_teaching_is_charged_from_the_day_of_the_move(alice: User, course: Course) -> None:
    may = a_running_intake(course)
    enrolment = a_place(alice, starting_on(course, "2026-06-01"), MAY_DAY)
    consents.record(enrolment, BOTH, at=MAY_DAY)
    moved_at = MAY_DAY + 12 * DAY
    go(enrolment, may, at=moved_at)
    assert cancelling.quote(enrolment, at=moved_at + timedelta(minutes=1)).refund == 9000
    later = cancelling.quote(enrolment, at=moved_at + 2 * DAY)
    # From the 13th to the 30th are eighteen days, of which two have passed.
    assert later.refund == 8000
    assert "2 of 18 days of teaching" in later.reason


# Paid days after the order --------------------------------------------------------------------


def enrol_page(browser: Client, intake: Intake) -> str:
    return browser.get(f"/courses/deep-learning/intakes/{intake.slug}/enrol/").text


@pytest.mark.parametrize(
    ("methods", "days", "asks"),
    [
        (["card"], 13, True),
        (["card"], 17, False),
        (["card", "bacs_debit"], 17, True),
        (["card", "bacs_debit"], 27, True),
        (["card", "bacs_debit"], 32, False),
    ],
)
def test_a_debit_is_asked_with_a_margin(
    alices: Client, course: Course, settings: Settings, methods: list[str], days: int, asks: bool
) -> None:
    settings.STRIPE_PAYMENT_METHODS = methods
    page = enrol_page(alices, starting_in(course, days))
    assert (LAW in page) == asks
    assert ('name="teaching"' in page) == asks
    if asks and days > 14:
        assert "If your payment comes later, the lessons may have to wait" in page


def test_consents_given_within_the_margin_open_the_lessons_at_the_start(
    alices: Client, course: Course, settings: Settings, stand_in: Sandbox
) -> None:
    settings.STRIPE_PAYMENT_METHODS = ["card", "bacs_debit"]
    soon = starting_in(course, 17)
    alices.post(
        f"/courses/deep-learning/intakes/{soon.slug}/enrol/",
        {"price": soon.prices.get().pk, **TICKED},
    )
    assert given(Enrolment.objects.get()) == ["digital_content", "teaching"]


@pytest.mark.parametrize(("kept_for", "asked"), [(10 * DAY, True), (DAY, False)])
def test_a_held_place_is_asked_about_by_when_it_can_be_paid(
    course: Course, kept_for: timedelta, asked: bool
) -> None:
    intake = starting_in(course, 20)
    now = timezone.now()
    found = consents.opening(intake, 9000, at=now, held_until=now + kept_for)
    assert (found is not None) == asked


def test_who_takes_an_offer_is_asked_by_when_it_can_be_paid(
    alices: Client, alice: User, course: Course
) -> None:
    now = timezone.now()
    first = london_date(now + 16 * DAY)
    full = a_full_intake(course, f"{first:%Y-%m}", starts_on=first)
    wait(alice, full, at=now - timedelta(hours=1))
    free_a_place(full, at=now)
    page = enrol_page(alices, full)
    assert "If your payment comes later, the lessons may have to wait" in page
    assert 'name="teaching"' in page


# Links to pay by ------------------------------------------------------------------------------


def a_link(sam: User, intake: Intake) -> Enrolment:
    now = timezone.now()
    place = by_hand.Place(
        email="alice@example.org", intake=intake, price=intake.prices.get(), by=sam
    )
    return by_hand.send_pay_link(place, amount=9000, held_until=now + 7 * DAY, at=now)


def test_who_was_sent_a_link_is_asked_before_paying(
    alices: Client, course: Course, sam: User, stand_in: Sandbox
) -> None:
    held = a_link(sam, starting_in(course, 5))
    address = f"/account/enrolments/{held.pk}/payment/"
    assert 'name="digital_content"' in alices.get(address).text
    for _ in range(2):
        assert alices.post(address, TICKED).status_code == 302
    assert given(held) == ["digital_content", "teaching"]
    settle(stand_in, held.payments.get())
    held.refresh_from_db()
    assert held.is_enrolled
    assert held.lessons_wait_until is None


def test_a_link_to_an_intake_far_away_asks_nothing(
    alices: Client, course: Course, sam: User
) -> None:
    held = a_link(sam, starting_in(course, 60))
    page = alices.get(f"/account/enrolments/{held.pk}/payment/").text
    assert "Continue to payment" in page
    assert 'name="digital_content"' not in page
