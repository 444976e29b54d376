"""Moving to another intake of the course: the place, the money, and what stays."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses import reading
from courses.models import Course, Intake
from enrolment import cancelling, deciding, history, moving, reconciling, recounting, settling
from enrolment.lapsing import lapse
from enrolment.models import (
    Enrolment,
    HistoryEntry,
    Move,
    Offer,
    Payment,
    Refund,
    WaitingListEntry,
)
from tests.courses.making import a_course, a_lesson, a_price, an_intake, london
from tests.enrolment.driving import pay, places, run_jobs
from tests.enrolment.leaving import (
    a_place,
    begin,
    buy,
    kinds,
    net,
    settle,
    with_policy,
)
from tests.enrolment.moving_on import agrees, go, reprice
from tests.sandbox.process import Sandbox


def test_a_student_moves_at_once_where_nothing_more_is_to_be_paid(
    alices: Client, alice: User, intake: Intake, june: Intake, stand_in: Sandbox
) -> None:
    enrolment = buy(stand_in, alice, intake.prices.get())
    address = f"/account/enrolments/{enrolment.pk}/move/"
    page = alices.get(address).content.decode()
    assert "June 2126 intake" in page
    assert "nothing more to pay" in page
    assert alices.post(address, {"to": f"{june.pk}:0"}).status_code == 302
    run_jobs()
    enrolment.refresh_from_db()
    assert enrolment.intake == june
    assert (places(intake), places(june)) == ((0, 0), (1, 0))
    assert kinds(enrolment)[-1] == "moved"
    assert mail.outbox[-1].subject == "Your place in Deep learning: June 2126 intake"
    agrees(enrolment)


def test_what_was_read_and_when_lessons_open_goes_along(
    alice: User, intake: Intake, june: Intake, stand_in: Sandbox
) -> None:
    lesson = a_lesson(intake.course)
    enrolment = buy(stand_in, alice, intake.prices.get())
    reading.complete(learner=alice, lesson=lesson, at=timezone.now())
    waits_until = enrolment.lessons_wait_until
    go(enrolment, june, by=alice)
    enrolment.refresh_from_db()
    assert enrolment.lessons_wait_until == waits_until
    assert reading.progress_of(alice, [intake.course])[intake.course.pk].is_complete


def test_moving_twice_moves_once(
    alice: User, intake: Intake, june: Intake, stand_in: Sandbox
) -> None:
    enrolment = buy(stand_in, alice, intake.prices.get())
    first = go(enrolment, june, by=alice)
    assert go(enrolment, june, by=alice) == first
    assert places(june) == (1, 0)
    agrees(enrolment)


def test_the_place_left_is_offered_to_who_waits(
    alice: User, bob: User, course: Course, june: Intake, stand_in: Sandbox
) -> None:
    full = an_intake(course, "2126-05", capacity=1)
    enrolment = buy(stand_in, alice, a_price(full))
    WaitingListEntry.objects.create(student=bob, intake=full, joined_at=timezone.now())
    go(enrolment, june, by=alice)
    assert Offer.objects.get().entry.student == bob
    assert places(full) == (0, 1)
    agrees(enrolment)


# For less -------------------------------------------------------------------------------------


def test_what_the_new_place_costs_less_goes_back(
    alice: User, intake: Intake, june: Intake, stand_in: Sandbox
) -> None:
    reprice(june, 7500)
    enrolment = buy(stand_in, alice, intake.prices.get())
    go(enrolment, june, by=alice)
    run_jobs()
    assert Refund.objects.get().amount == 1500
    assert Refund.objects.get().status == Refund.Status.DONE
    assert [letter.subject for letter in mail.outbox[1:]] == [
        "Your place in Deep learning: June 2126 intake"
    ]
    assert "£15 goes back" in str(mail.outbox[-1].body)
    agrees(enrolment)


# For more -------------------------------------------------------------------------------------


def test_the_old_place_is_kept_until_the_difference_is_paid(
    alices: Client, alice: User, intake: Intake, june: Intake, stand_in: Sandbox
) -> None:
    reprice(june, 12_000)
    enrolment = buy(stand_in, alice, intake.prices.get())
    answer = alices.post(f"/account/enrolments/{enrolment.pk}/move/", {"to": f"{june.pk}:3000"})
    assert answer.status_code == 302
    payment = Payment.objects.get(move__isnull=False)
    assert answer["Location"] == payment.session_url
    assert (places(intake), places(june)) == ((1, 0), (0, 1))
    enrolment.refresh_from_db()
    assert (enrolment.intake, enrolment.amount) == (intake, 9000)
    assert recounting.miscounted() == []
    settle(stand_in, payment)
    assert (places(intake), places(june)) == ((0, 0), (1, 0))
    enrolment.refresh_from_db()
    assert (enrolment.intake, enrolment.amount, enrolment.price_name) == (june, 12_000, "Standard")
    assert kinds(enrolment)[-3:] == ["move_begun", "moved", "payment_received"]
    agrees(enrolment)
    settling.settle(payment, at=timezone.now())
    assert kinds(enrolment).count("moved") == 1
    page = alices.get("/account/payments/").text
    assert "Deep learning, May 2126 intake" in page
    assert "difference for moving from the May 2126 intake to the June 2126 intake" in page


def test_a_difference_that_is_not_paid_leaves_everything_as_it_was(
    alice: User, intake: Intake, june: Intake, stand_in: Sandbox
) -> None:
    reprice(june, 12_000)
    enrolment = buy(stand_in, alice, intake.prices.get())
    begun = go(enrolment, june, by=alice)
    payment = begun.payments.get()
    reconciling.reconcile(at=timezone.now() + timedelta(minutes=1))
    payment.refresh_from_db()
    stand_in.control(f"sessions/{payment.session_id}/expire")
    settling.settle(payment, at=timezone.now())
    run_jobs()
    begun.refresh_from_db()
    assert begun.status == Move.Status.EXPIRED
    assert (places(intake), places(june)) == ((1, 0), (0, 0))
    assert mail.outbox[-1].subject == "You stay in the May 2126 intake of Deep learning"
    agrees(enrolment)


def test_a_student_gives_a_move_up_and_the_history_says_so(
    alices: Client, alice: User, intake: Intake, june: Intake, stand_in: Sandbox
) -> None:
    reprice(june, 12_000)
    enrolment = buy(stand_in, alice, intake.prices.get())
    go(enrolment, june, by=alice)
    alices.delete(f"/account/enrolments/{enrolment.pk}/payment/")
    assert history.sentences(enrolment)[-1].text == (
        "Alice Archer gave up the move to Deep learning, June 2126 intake."
    )
    assert (places(intake), places(june)) == ((1, 0), (0, 0))
    agrees(enrolment)


def test_money_that_comes_after_the_place_was_let_go_still_moves_where_there_is_one(
    alice: User, intake: Intake, june: Intake, stand_in: Sandbox
) -> None:
    reprice(june, 12_000)
    enrolment = buy(stand_in, alice, intake.prices.get())
    payment = go(enrolment, june, by=alice).payments.get()
    reconciling.reconcile(at=timezone.now() + timedelta(minutes=1))
    payment.refresh_from_db()
    pay(stand_in, payment)
    time_runs_out(payment)
    settling.settle(payment, at=timezone.now())
    enrolment.refresh_from_db()
    assert enrolment.intake == june
    agrees(enrolment)


def time_runs_out(payment: Payment) -> None:
    """The site lets the move go, as if its time had run out before the news of the payment."""
    with transaction.atomic():
        lapse(payment, enrolment=payment.enrolment, at=timezone.now())


def test_money_that_comes_too_late_for_the_last_place_goes_back(
    alice: User, bob: User, intake: Intake, june: Intake, stand_in: Sandbox
) -> None:
    reprice(june, 12_000)
    enrolment = buy(stand_in, alice, intake.prices.get())
    payment = go(enrolment, june, by=alice).payments.get()
    reconciling.reconcile(at=timezone.now() + timedelta(minutes=1))
    payment.refresh_from_db()
    pay(stand_in, payment)
    time_runs_out(payment)
    begin(bob, june.prices.get())
    settling.settle(payment, at=timezone.now())
    payment.refresh_from_db()
    assert payment.flag == Payment.Flag.FULL
    assert Refund.objects.get().amount == 3000
    enrolment.refresh_from_db()
    assert enrolment.intake == intake
    agrees(enrolment)


def test_a_place_bought_there_meanwhile_sends_the_difference_back(
    alice: User, intake: Intake, course: Course, stand_in: Sandbox
) -> None:
    june = an_intake(course, "2126-06")
    dear = a_price(june, 12_000)
    enrolment = buy(stand_in, alice, intake.prices.get())
    payment = go(enrolment, june, by=alice).payments.get()
    buy(stand_in, alice, dear)
    settle(stand_in, payment)
    payment.refresh_from_db()
    assert payment.flag == Payment.Flag.TWICE
    assert places(june) == (1, 0)
    agrees(enrolment)


def test_cancelling_drops_a_move_that_waits_for_its_payment(
    alice: User, intake: Intake, june: Intake, stand_in: Sandbox
) -> None:
    reprice(june, 12_000)
    enrolment = buy(stand_in, alice, intake.prices.get())
    payment = go(enrolment, june, by=alice).payments.get()
    reconciling.reconcile(at=timezone.now() + timedelta(minutes=1))
    cancelling.cancel(enrolment, at=timezone.now(), by=alice)
    run_jobs()
    payment.refresh_from_db()
    assert payment.status == Payment.Status.EXPIRED
    assert Move.objects.get().status == Move.Status.EXPIRED
    assert (places(intake), places(june)) == ((0, 0), (0, 0))
    assert mail.outbox[-1].subject == "Your place in Deep learning is cancelled"
    assert kinds(enrolment)[-2:] == ["refund_begun", "refund_done"]
    assert [sentence.text for sentence in history.sentences(enrolment)][-4:-2] == [
        "The move to Deep learning, June 2126 intake came to nothing.",
        "Alice Archer cancelled the place in Deep learning, May 2126 intake. £90 goes back.",
    ]
    assert net(enrolment) == 0
    assert recounting.miscounted() == []


def test_one_move_at_a_time(alice: User, intake: Intake, june: Intake, stand_in: Sandbox) -> None:
    reprice(june, 12_000)
    july = an_intake(intake.course, "2126-07")
    a_price(july)
    enrolment = buy(stand_in, alice, intake.prices.get())
    go(enrolment, june, by=alice)
    with pytest.raises(moving.NotMovable, match="waiting for its payment"):
        go(enrolment, july, by=alice)


def test_moving_ends_with_the_day_that_staff_set_for_either_intake(
    course: Course, alice: User
) -> None:
    may = an_intake(course, "2026-05", moves_until=date(2026, 4, 10))
    june = an_intake(course, "2026-06", moves_until=date(2026, 4, 5))
    july = an_intake(course, "2026-07")
    for one in (may, june, july):
        a_price(one)
    enrolment = a_place(alice, may, london("2026-03-01 12:00"))

    def open_to(when: str) -> list[Intake]:
        return [option.intake for option in moving.options(enrolment, at=london(when))]

    assert open_to("2026-04-05 23:59") == [june, july]
    assert open_to("2026-04-06 00:00") == [july]
    assert open_to("2026-04-11 00:00") == []
    with pytest.raises(moving.NotMovable, match="time for moving"):
        moving.move(enrolment, to=july, at=london("2026-04-11 00:00"))


def test_nobody_moves_where_they_cannot(
    alice: User, bob: User, intake: Intake, june: Intake, stand_in: Sandbox
) -> None:
    enrolment = buy(stand_in, alice, intake.prices.get())
    other = an_intake(a_course("statistics"), "2126-06")
    a_price(other)
    draft = an_intake(intake.course, "2126-08", is_published=False)
    a_price(draft)
    begin(bob, june.prices.get())
    now = timezone.now()
    assert moving.options(enrolment, at=now) == []
    for there in (other, draft, june, intake):
        with pytest.raises(moving.NotMovable):
            go(enrolment, there, by=alice)
    agrees(enrolment)


def test_nobody_has_two_places_in_one_intake(
    alice: User, intake: Intake, course: Course, stand_in: Sandbox
) -> None:
    june = an_intake(course, "2126-06")
    enrolment = buy(stand_in, alice, intake.prices.get())
    buy(stand_in, alice, a_price(june))
    assert moving.options(enrolment, at=timezone.now()) == []
    with pytest.raises(moving.NotMovable, match="have a place"):
        go(enrolment, june, by=alice)
    agrees(enrolment)


def test_a_price_that_changed_is_shown_again(
    alices: Client, alice: User, intake: Intake, june: Intake, stand_in: Sandbox
) -> None:
    enrolment = buy(stand_in, alice, intake.prices.get())
    reprice(june, 10_000)
    address = f"/account/enrolments/{enrolment.pk}/move/"
    answer = alices.post(address, {"to": f"{june.pk}:0"})
    assert answer.status_code == 422
    assert "has changed. Choose again." in answer.content.decode()
    with pytest.raises(moving.MoveChanged):
        go(enrolment, june, by=alice, expected=0)
    assert not Move.objects.exists()


# By staff -------------------------------------------------------------------------------------


def test_staff_move_someone_without_charging_more_and_past_deadlines(
    alice: User, sam: User, intake: Intake, june: Intake, stand_in: Sandbox
) -> None:
    reprice(june, 12_000)
    Intake.objects.filter(pk=intake.pk).update(moves_until=date(2026, 1, 1))
    enrolment = buy(stand_in, alice, intake.prices.get())
    go(enrolment, june, by=sam, waive=True, reason="The lecturer is ill")
    enrolment.refresh_from_db()
    assert (enrolment.amount, enrolment.list_amount, enrolment.discount) == (9000, 12_000, 3000)
    entry = HistoryEntry.objects.get(kind="moved")
    assert (entry.by, entry.reason) == (sam, "The lecturer is ill")
    run_jobs()
    assert "We have moved you" in str(mail.outbox[-1].body)
    agrees(enrolment)


def test_moving_later_does_not_raise_what_the_policy_gives_back(
    alice: User, course: Course
) -> None:
    with_policy((30, 100), (7, 50))
    may, august = an_intake(course, "2026-05"), an_intake(course, "2026-08")
    a_price(may), a_price(august)
    enrolment = a_place(alice, may, london("2026-03-01 12:00"))
    moving.move(enrolment, to=august, at=london("2026-04-20 12:00"), by=alice)
    enrolment.refresh_from_db()
    quote = cancelling.quote(enrolment, at=london("2026-05-01 12:00"))
    assert quote.refund == 4500


def test_who_is_moving_there_already_is_told_so_and_buys_no_second_place(
    alices: Client, alice: User, intake: Intake, june: Intake, stand_in: Sandbox
) -> None:
    reprice(june, 12_000)
    enrolment = buy(stand_in, alice, intake.prices.get())
    go(enrolment, june, by=alice)
    address = "/courses/deep-learning/intakes/2126-06/enrol/"
    for answer in (
        alices.get(address, follow=True),
        alices.post(address, {"price": june.prices.get().pk}, follow=True),
    ):
        assert answer.redirect_chain == [(f"/account/enrolments/{enrolment.pk}/", 302)]
        assert "pay the difference, or give the move up" in answer.text
    waits = alices.post("/courses/deep-learning/intakes/2126-06/waiting-list/", follow=True)
    assert "pay the difference, or give the move up" in waits.text
    assert Enrolment.objects.count() == 1
    assert not WaitingListEntry.objects.exists()
    assert places(june) == (0, 1)


def test_a_debit_of_a_move_that_came_to_nothing_comes_back_before_the_next(
    alices: Client, alice: User, sam: User, intake: Intake, june: Intake, stand_in: Sandbox
) -> None:
    july = an_intake(intake.course, "2126-07")
    a_price(july, 12_000)
    reprice(june, 12_000)
    enrolment = buy(stand_in, alice, intake.prices.get())
    waiting = go(enrolment, june, by=alice).payments.get()
    waiting.process()
    deciding.call_off(june, at=timezone.now(), by=sam)
    run_jobs()
    page = alices.post(
        f"/account/enrolments/{enrolment.pk}/move/", {"to": f"{july.pk}:3000"}, follow=True
    )
    assert "A payment is still on its way." in page.text
    assert places(july) == (0, 0)


def test_sending_the_form_of_a_move_that_is_done_leads_back_to_the_place(
    alices: Client, alice: User, intake: Intake, june: Intake, stand_in: Sandbox
) -> None:
    reprice(june, 12_000)
    enrolment = buy(stand_in, alice, intake.prices.get())
    settle(stand_in, go(enrolment, june, by=alice).payments.get())
    again = alices.post(f"/account/enrolments/{enrolment.pk}/move/", {"to": f"{june.pk}:3000"})
    assert again.status_code == 422
    assert Payment.objects.count() == 2
    agrees(enrolment)
