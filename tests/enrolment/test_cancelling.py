"""Cancelling: what goes back and why, and that it goes back once."""

import re
from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses import reading
from courses.models import Course, Intake, Price
from courses.seeding import seed_legal_pages
from enrolment import cancelling, consents, recounting, refunding, settling
from enrolment.models import (
    Enrolment,
    HistoryEntry,
    Move,
    Offer,
    Payment,
    Refund,
    WaitingListEntry,
)
from tests.courses.making import a_lesson, a_price, an_intake, london
from tests.enrolment.driving import places, run_jobs
from tests.enrolment.leaving import a_place, begin, buy, kinds, net, with_policy
from tests.sandbox.process import Sandbox

BOTH = ("teaching", "digital_content")


def a_running_intake(course: Course) -> Intake:
    """1 to 30 May 2026, open to late joiners, lessons from the first day."""
    return an_intake(
        course,
        "2026-05",
        starts_on=date(2026, 5, 1),
        ends_on=date(2026, 5, 30),
        allows_late_joining=True,
    )


def agreed(enrolment: Enrolment, *given: str) -> Enrolment:
    consents.record(enrolment, given, at=enrolment.created_at)
    return enrolment


def back(enrolment: Enrolment, when: str) -> int:
    return cancelling.quote(enrolment, at=london(when)).refund


# The right to cancel ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "refund"),
    [
        ("2026-03-01 12:00", 9000),
        ("2026-03-15 23:59", 9000),
        ("2026-03-16 00:00", 0),
    ],
)
def test_everything_goes_back_until_the_end_of_the_fourteenth_day(
    course: Course, alice: User, when: str, refund: int
) -> None:
    enrolment = a_place(alice, an_intake(course), london("2026-03-01 10:00"))
    assert back(enrolment, when) == refund


@pytest.mark.parametrize(
    ("given", "when", "refund"),
    [
        ((), "2026-05-09 12:00", 9000),
        (("digital_content",), "2026-05-09 12:00", 9000),
        (("teaching",), "2026-04-30 12:00", 9000),
        (("teaching",), "2026-05-01 12:00", 9000),
        # Eight of thirty days, on the half of the price that is for teaching: £12 of £45.
        (("teaching",), "2026-05-09 12:00", 7800),
        (BOTH, "2026-05-09 12:00", 7800),
    ],
)
def test_teaching_is_charged_by_the_day_where_the_student_asked_for_it(
    course: Course, alice: User, given: tuple[str, ...], when: str, refund: int
) -> None:
    a_lesson(course)
    enrolment = agreed(a_place(alice, a_running_intake(course), london("2026-04-28 10:00")), *given)
    assert back(enrolment, when) == refund


def test_who_joins_late_pays_by_the_days_from_then(course: Course, alice: User) -> None:
    enrolment = agreed(a_place(alice, a_running_intake(course), london("2026-05-21 10:00")), *BOTH)
    # Ten days are left, and there are no paid lessons: all of the price is for teaching.
    assert back(enrolment, "2026-05-26 12:00") == 4500


def test_only_the_paid_lessons_that_were_opened_are_kept(course: Course, alice: User) -> None:
    lessons = [a_lesson(course, f"lesson-{number}") for number in range(1, 4)]
    free = a_lesson(course, "free", is_free=True)
    draft = a_lesson(course, "draft", is_published=False)
    intake = an_intake(course, lessons_open=Intake.LessonsOpen.AT_ONCE)
    enrolment = agreed(a_place(alice, intake, london("2026-03-01 10:00")), *BOTH)
    for lesson in (free, draft):
        reading.read(learner=alice, lesson=lesson, at=london("2026-03-02 10:00"))
    assert back(enrolment, "2026-03-03 12:00") == 9000
    reading.read(learner=alice, lesson=lessons[0], at=london("2026-03-02 10:00"))
    quote = cancelling.quote(enrolment, at=london("2026-03-03 12:00"))
    assert (quote.refund, quote.kept) == (6000, 3000)
    assert "1 of 3 paid lessons (£30)" in quote.reason


def test_lessons_opened_in_an_earlier_life_are_not_charged(course: Course, alice: User) -> None:
    lesson = a_lesson(course)
    reading.read(learner=alice, lesson=lesson, at=london("2026-01-02 10:00"))
    intake = an_intake(course, lessons_open=Intake.LessonsOpen.AT_ONCE)
    enrolment = agreed(a_place(alice, intake, london("2026-03-01 10:00")), *BOTH)
    assert back(enrolment, "2026-03-03 12:00") == 9000


def test_a_charge_is_rounded_down(course: Course, alice: User) -> None:
    for number in range(3):
        a_lesson(course, f"lesson-{number}")
    intake = an_intake(course, lessons_open=Intake.LessonsOpen.AT_ONCE)
    enrolment = agreed(a_place(alice, intake, london("2026-03-01 10:00"), amount=1000), *BOTH)
    reading.read(learner=alice, lesson=course.lessons.all()[0], at=london("2026-03-02 10:00"))
    assert back(enrolment, "2026-03-03 12:00") == 667


# The policy ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "refund"),
    [
        ("2026-04-01 23:59", 8500),  # 30 days before: all, less £5
        ("2026-04-02 00:00", 4000),  # 29 days before: half, less £5
        ("2026-04-17 23:59", 4000),
        ("2026-04-18 00:00", 0),
        ("2026-05-01 00:00", 0),
    ],
)
def test_the_tiers_count_days_in_london_and_the_fee_is_kept(
    course: Course, alice: User, when: str, refund: int
) -> None:
    with_policy((30, 100), (14, 50), fee=500)
    enrolment = a_place(alice, an_intake(course), london("2026-03-01 10:00"))
    assert back(enrolment, when) == refund


def test_a_tier_of_no_days_lasts_until_the_moment_it_starts(course: Course, alice: User) -> None:
    with_policy((0, 25))
    enrolment = a_place(alice, an_intake(course), london("2026-03-01 10:00"))
    assert back(enrolment, "2026-04-30 23:59") == 2250
    assert back(enrolment, "2026-05-01 00:00") == 0


def test_a_percentage_is_rounded_up_and_a_fee_never_costs_more_than_was_paid(
    course: Course, alice: User, bob: User
) -> None:
    with_policy((0, 50), fee=500)
    enrolment = a_place(alice, an_intake(course), london("2026-03-01 10:00"), amount=1999)
    assert back(enrolment, "2026-04-20 12:00") == 500
    small = a_place(bob, an_intake(course, "2026-06"), london("2026-03-01 10:00"), amount=31)
    assert back(small, "2026-04-20 12:00") == 0


def test_the_policy_is_that_of_the_day_of_enrolling(course: Course, alice: User) -> None:
    with_policy((0, 50))
    enrolment = a_place(alice, an_intake(course), london("2026-03-01 10:00"))
    with_policy((7, 10))
    assert back(enrolment, "2026-04-20 12:00") == 4500


def test_whichever_gives_more_counts(course: Course, alice: User) -> None:
    with_policy((0, 50))
    intake = a_running_intake(course)
    enrolment = agreed(a_place(alice, intake, london("2026-04-28 10:00")), *BOTH)
    quote = cancelling.quote(enrolment, at=london("2026-04-30 12:00"))
    assert (quote.by_law, quote.by_policy, quote.refund) == (9000, 4500, 9000)
    early = a_place(alice, an_intake(course, "2026-07"), london("2026-03-01 10:00"))
    quote = cancelling.quote(early, at=london("2026-04-30 12:00"))
    assert (quote.by_law, quote.by_policy, quote.refund) == (0, 4500, 4500)


def test_what_we_call_off_goes_back_whole_whenever(course: Course, alice: User) -> None:
    intake = an_intake(course, cancelled_at=london("2026-05-10 12:00"))
    enrolment = a_place(alice, intake, london("2026-03-01 10:00"))
    assert back(enrolment, "2026-05-10 11:59") == 0
    assert back(enrolment, "2026-06-10 12:00") == 9000


# Doing it -----------------------------------------------------------------------------------


def test_a_student_sees_the_refund_and_cancels(
    alices: Client, alice: User, intake: Intake, stand_in: Sandbox
) -> None:
    enrolment = buy(stand_in, alice, intake.prices.get())
    run_jobs()
    mail.outbox.clear()
    address = f"/account/enrolments/{enrolment.pk}/cancellation/"
    page = alices.get(address).content.decode()
    assert "Cancel and get £90 back" in page
    assert alices.post(address, {"shown": "9000"}).status_code == 302
    run_jobs()
    enrolment.refresh_from_db()
    assert enrolment.status == Enrolment.Status.CANCELLED
    assert places(intake) == (0, 0)
    assert Refund.objects.get().status == Refund.Status.DONE
    assert [letter.subject for letter in mail.outbox] == [
        "Your place in Deep learning is cancelled"
    ]
    assert "£90 goes back to you" in str(mail.outbox[0].body)
    assert kinds(enrolment)[-3:] == ["cancelled", "refund_begun", "refund_done"]
    assert recounting.miscounted() == []


def test_cancelling_twice_cancels_once(alice: User, intake: Intake, stand_in: Sandbox) -> None:
    enrolment = buy(stand_in, alice, intake.prices.get())
    for _ in range(2):
        cancelling.cancel(enrolment, at=timezone.now(), by=alice)
    assert Refund.objects.count() == 1
    assert places(intake) == (0, 0)
    assert kinds(enrolment).count("cancelled") == 1


def test_a_refund_that_is_not_the_one_shown_is_shown_again(
    alices: Client, alice: User, intake: Intake, stand_in: Sandbox
) -> None:
    enrolment = buy(stand_in, alice, intake.prices.get())
    address = f"/account/enrolments/{enrolment.pk}/cancellation/"
    answer = alices.post(address, {"shown": "9001"})
    assert answer.status_code == 409
    assert "The refund has changed" in answer.content.decode()
    assert alices.post(address, {"shown": "all"}).status_code == 422
    enrolment.refresh_from_db()
    assert enrolment.is_enrolled
    assert not Refund.objects.exists()


def test_a_free_place_is_cancelled_without_money(
    alices: Client, alice: User, course: Course
) -> None:
    intake = an_intake(course, "2126-05")
    enrolment = begin(alice, a_price(intake, 0))
    address = f"/account/enrolments/{enrolment.pk}/cancellation/"
    assert "there is nothing to give back" in alices.get(address).content.decode()
    alices.post(address, {"shown": "0"})
    run_jobs()
    assert places(intake) == (0, 0)
    assert not Refund.objects.exists()
    assert "goes back" not in str(mail.outbox[-1].body)


def test_what_is_not_paid_yet_is_not_cancelled(
    alices: Client, alice: User, intake: Intake, stand_in: Sandbox
) -> None:
    enrolment = begin(alice, intake.prices.get())
    with pytest.raises(cancelling.NotEnrolled):
        cancelling.cancel(enrolment, at=timezone.now(), by=alice)
    address = f"/account/enrolments/{enrolment.pk}/cancellation/"
    assert alices.post(address, {"shown": "0"}).status_code == 302
    assert places(intake) == (0, 1)


def test_a_freed_place_is_offered_to_who_waits(
    alice: User, bob: User, course: Course, stand_in: Sandbox
) -> None:
    intake = an_intake(course, "2126-05", capacity=1)
    enrolment = buy(stand_in, alice, a_price(intake))
    WaitingListEntry.objects.create(student=bob, intake=intake, joined_at=timezone.now())
    cancelling.cancel(enrolment, at=timezone.now(), by=alice)
    assert Offer.objects.get().entry.student == bob
    assert places(intake) == (0, 1)
    assert recounting.miscounted() == []


def test_money_that_comes_after_cancelling_goes_back(
    alice: User, intake: Intake, stand_in: Sandbox
) -> None:
    enrolment = buy(stand_in, alice, intake.prices.get())
    cancelling.cancel(enrolment, at=timezone.now(), by=alice)
    settling.settle(enrolment.payments.get(), at=timezone.now())
    enrolment.refresh_from_db()
    assert enrolment.status == Enrolment.Status.CANCELLED
    assert net(enrolment) == 0


# By staff -----------------------------------------------------------------------------------


def test_staff_give_back_another_amount_with_a_reason(
    alice: User, sam: User, intake: Intake, stand_in: Sandbox
) -> None:
    enrolment = buy(stand_in, alice, intake.prices.get())
    now = timezone.now()
    with pytest.raises(cancelling.ReasonMissing):
        cancelling.cancel(enrolment, at=now, by=sam, refund=4000)
    with pytest.raises(refunding.RefundTooLarge):
        cancelling.cancel(enrolment, at=now, by=sam, refund=9001, reason="Out of kindness")
    assert places(intake) == (1, 0)
    cancelling.cancel(enrolment, at=now, by=sam, refund=4000, reason="As agreed by telephone")
    run_jobs()
    assert net(enrolment) == 5000
    entry = HistoryEntry.objects.get(kind="cancelled")
    assert (entry.by, entry.reason) == (sam, "As agreed by telephone")
    assert "As agreed by telephone" in str(mail.outbox[-1].body)


def test_a_refund_is_spread_over_payments_and_staff_do_their_part_by_hand(
    alice: User, sam: User, course: Course, stand_in: Sandbox
) -> None:
    intake = an_intake(course, "2126-05")
    enrolment = buy(stand_in, alice, a_price(intake))
    Enrolment.objects.filter(pk=enrolment.pk).update(amount=12_000, list_amount=12_000)
    Payment.objects.create(
        enrolment=enrolment,
        method=Payment.Method.ELSEWHERE,
        status=Payment.Status.PAID,
        amount=3000,
        amount_received=3000,
        created_at=timezone.now(),
        expires_at=timezone.now(),
        paid_at=timezone.now(),
    )
    cancelling.cancel(enrolment, at=timezone.now(), by=alice)
    run_jobs()
    amounts = {refund.payment.method: refund for refund in Refund.objects.all()}
    assert {method: one.amount for method, one in amounts.items()} == {
        "elsewhere": 3000,
        "stripe": 9000,
    }
    by_hand = amounts["elsewhere"]
    assert (by_hand.status, amounts["stripe"].status) == ("pending", "done")
    refunding.carry_out(by_hand, at=timezone.now())
    by_hand.refresh_from_db()
    assert by_hand.status == "pending"
    refunding.mark_done(by_hand, how="Bank transfer", at=timezone.now(), by=sam)
    by_hand.refresh_from_db()
    assert by_hand.status == "done"


def test_what_went_back_before_is_not_promised_again(
    alice: User, sam: User, intake: Intake, stand_in: Sandbox
) -> None:
    enrolment = buy(stand_in, alice, intake.prices.get())
    refunding.begin(
        enrolment.payments.get(), amount=2500, reason="A session fell through", at=timezone.now()
    )
    quote = cancelling.quote(enrolment, at=timezone.now())
    assert (quote.paid, quote.refund) == (6500, 6500)


def test_at_another_moment_staff_see_what_a_student_would_get(
    client: Client, sam: User, intake: Intake, stand_in: Sandbox
) -> None:
    with_policy((365, 80))
    enrolment = buy(stand_in, sam, intake.prices.get())
    client.force_login(sam)
    later: datetime = timezone.now() + timedelta(days=30)
    address = f"/account/enrolments/{enrolment.pk}/cancellation/"
    page = client.get(f"{address}?at={later:%Y-%m-%dT%H:%M}").content.decode()
    assert "Cancel and get £72 back" in page


def test_a_concession_comes_back_to_its_limit(
    alice: User, course: Course, stand_in: Sandbox
) -> None:
    intake = an_intake(course, "2126-05")
    price = a_price(intake, 5000, kind=Price.Kind.CONCESSION, places_limit=1)
    enrolment = buy(stand_in, alice, price)
    cancelling.cancel(enrolment, at=timezone.now(), by=alice)
    price.refresh_from_db()
    assert price.places_booked == 0


# What the legal pages say ---------------------------------------------------------------------


def test_the_example_on_the_page_is_what_the_site_reckons(course: Course, alice: User) -> None:
    lessons = [a_lesson(course, f"lesson-{number}") for number in range(9)]
    enrolment = agreed(a_place(alice, a_running_intake(course), london("2026-04-28 10:00")), *BOTH)
    for lesson in lessons[:2]:
        reading.read(learner=alice, lesson=lesson, at=london("2026-05-02 10:00"))
    quote = cancelling.quote(enrolment, at=london("2026-05-09 12:00"))
    assert quote.refund == 6800
    assert "8 of 30 days of teaching (£12) and 2 of 9 paid lessons (£10)" in quote.reason


def test_the_page_on_cancelling_tells_the_terms_of_today(client: Client, course: Course) -> None:
    seed_legal_pages()
    assert "they give nothing back" in client.get("/cancellation/").content.decode()
    with_policy((30, 100), (1, 50), fee=500)
    page = client.get("/cancellation/").content.decode()
    assert "Until 30 days before the start: everything." in page
    assert "Until 1 day before the start: 50%." in page
    assert "Of what goes back we keep £5." in page
    link = re.search(r'href="#(section-how[^"]+)"', page)
    assert link
    assert f'id="{link[1]}"' in page


def test_moving_from_a_free_place_to_a_paid_one_begins_the_fourteen_days(
    course: Course, alice: User
) -> None:
    may, june = an_intake(course, "2026-05"), an_intake(course, "2026-06")
    enrolment = a_place(alice, may, london("2026-03-01 12:00"), amount=0)
    price = a_price(june)
    moved = Move.objects.create(
        enrolment=enrolment,
        from_intake=may,
        to_intake=june,
        from_amount=0,
        list_amount=9000,
        to_amount=9000,
        status=Move.Status.DONE,
        created_at=london("2026-04-10 12:00"),
        ended_at=london("2026-04-10 12:00"),
    )
    Payment.objects.create(
        enrolment=enrolment,
        move=moved,
        status=Payment.Status.PAID,
        amount=9000,
        amount_received=9000,
        created_at=london("2026-04-10 12:00"),
        expires_at=london("2026-04-10 12:00"),
        paid_at=london("2026-04-10 12:00"),
    )
    for field, value in (("intake", june), ("price", price), ("amount", 9000)):
        setattr(enrolment, field, value)
    enrolment.list_amount = 9000
    enrolment.save()
    assert back(enrolment, "2026-04-24 23:59") == 9000
    assert back(enrolment, "2026-04-25 00:00") == 0
