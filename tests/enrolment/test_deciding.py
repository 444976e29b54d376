"""Go or no-go: staff are asked once, and calling off leaves nobody behind."""

import re
from datetime import date, timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.models import User
from courses.models import Course, Intake
from enrolment import cancelling, deciding, moving, reconciling, recounting, settling
from enrolment.models import Enrolment, Move, Offer, Payment, Refund, WaitingListEntry
from tests.courses.making import a_price, an_intake, london
from tests.enrolment.driving import pay, places, queued, run_jobs
from tests.enrolment.leaving import URLS, a_place, begin, buy, net, settle
from tests.sandbox.process import Sandbox


@pytest.fixture
def small(course: Course) -> Intake:
    """May 2026: runs if two enrol by 1 April."""
    made = an_intake(course, "2026-05", minimum_places=2, decide_on=date(2026, 4, 1))
    a_price(made)
    return made


@pytest.fixture
def later(course: Course) -> Intake:
    """June 2126, two places, £75."""
    made = an_intake(course, "2126-06", capacity=2)
    a_price(made, 7500)
    return made


def letters() -> list[tuple[str, str]]:
    return sorted((letter.to[0], str(letter.subject)) for letter in mail.outbox)


# Asking --------------------------------------------------------------------------------------


def test_staff_are_asked_once_when_the_day_has_passed(alice: User, small: Intake) -> None:
    a_place(alice, small, london("2026-03-01 12:00"))
    assert deciding.ask(at=london("2026-04-01 23:59")) == 0
    assert deciding.ask(at=london("2026-04-02 00:00")) == 1
    assert deciding.ask(at=london("2026-04-02 01:00")) == 0
    run_jobs()
    (letter,) = mail.outbox
    assert letter.to == ["hello@example.org"]
    assert letter.subject == "Does it run? Deep learning, May 2026 intake"
    assert "1 person has" in str(letter.body)
    assert f"/admin/courses/intake/{small.pk}/decision/" in str(letter.body)


def test_with_enough_it_runs_and_nobody_is_asked(alice: User, bob: User, small: Intake) -> None:
    for student in (alice, bob):
        a_place(student, small, london("2026-03-01 12:00"))
    assert deciding.ask(at=london("2026-04-02 00:00")) == 0
    small.refresh_from_db()
    assert small.decision == Intake.Decision.RUNS


def test_a_later_day_is_asked_about_again(small: Intake) -> None:
    deciding.ask(at=london("2026-04-02 09:00"))
    small.refresh_from_db()
    small.decide_on = date(2026, 4, 10)
    small.save()
    assert deciding.ask(at=london("2026-04-10 12:00")) == 0
    assert deciding.ask(at=london("2026-04-11 12:00")) == 1


def test_what_runs_anyway_is_not_asked_about(sam: User, small: Intake) -> None:
    deciding.run_anyway(small, by=sam)
    assert deciding.ask(at=london("2026-04-02 09:00")) == 0
    assert small.history.latest().history_user == sam


@pytest.mark.parametrize(
    ("when", "enrolled", "decision", "line"),
    [
        ("2026-03-20 12:00", 0, "", "Runs if 2 enrol by 1 April 2026; none have so far"),
        ("2026-03-20 12:00", 1, "", "Runs if 2 enrol by 1 April 2026; 1 has so far"),
        ("2026-03-20 12:00", 2, "", "Runs if 2 enrol by 1 April 2026; 2 have so far"),
        ("2026-04-02 12:00", 1, "", "Fewer than 2 enrolled by 1 April 2026; whether"),
        ("2026-04-02 12:00", 2, "", ""),
        ("2026-03-20 12:00", 1, "runs", ""),
    ],
)
def test_pages_say_what_it_depends_on(
    client: Client,
    alice: User,
    bob: User,
    sam: User,
    small: Intake,
    when: str,
    enrolled: int,
    decision: str,
    line: str,
) -> None:
    for student in (alice, bob)[:enrolled]:
        a_place(student, small, london("2026-03-01 12:00"))
    Intake.objects.filter(pk=small.pk).update(decision=decision)
    client.force_login(sam)
    moment = london(when).strftime("%Y-%m-%dT%H:%M")
    for address in ("/courses/deep-learning/", small.get_enrol_url()):
        page = client.get(f"{address}?at={moment}").content.decode()
        assert line in page
        assert ("by 1 April" in page) == bool(line)


# Calling off ---------------------------------------------------------------------------------


def test_everybody_gets_everything_back(
    alice: User, bob: User, sam: User, intake: Intake, stand_in: Sandbox
) -> None:
    first, second = (buy(stand_in, student, intake.prices.get()) for student in (alice, bob))
    run_jobs()
    mail.outbox.clear()
    assert deciding.call_off(intake, at=timezone.now(), by=sam, reason="Too few enrolled.") == 2
    run_jobs()
    for enrolment in (first, second):
        enrolment.refresh_from_db()
        assert enrolment.status == Enrolment.Status.CANCELLED
        assert net(enrolment) == 0
    intake.refresh_from_db()
    assert intake.decision == Intake.Decision.CALLED_OFF
    assert places(intake) == (0, 0)
    subject = "Deep learning, May 2126 intake, does not take place"
    assert letters() == [("alice@example.org", subject), ("bob@example.org", subject)]
    assert "Too few enrolled." in str(mail.outbox[0].body)
    assert "£90" in str(mail.outbox[0].body)
    assert recounting.miscounted() == []


@pytest.fixture
def three(
    alice: User, bob: User, carol: User, intake: Intake, stand_in: Sandbox
) -> list[Enrolment]:
    """Alice, Bob and Carol are in it, each for £90, and have been written to."""
    made = [buy(stand_in, one, intake.prices.get()) for one in (alice, bob, carol)]
    run_jobs()
    mail.outbox.clear()
    return made


def test_everybody_moves_as_far_as_there_are_places(
    three: list[Enrolment], sam: User, intake: Intake, later: Intake
) -> None:
    planned = deciding.plan(intake, to=later, at=timezone.now())
    assert [(fate.moves, fate.back) for fate in planned] == [
        (True, 1500),
        (True, 1500),
        (False, 9000),
    ]
    deciding.call_off(intake, at=timezone.now(), by=sam, to=later)
    run_jobs()
    for enrolment in three:
        enrolment.refresh_from_db()
    assert [one.intake for one in three] == [later, later, intake]
    assert [one.status for one in three] == ["enrolled", "enrolled", "cancelled"]
    assert [net(one) for one in three] == [7500, 7500, 0]
    instead = "Deep learning: you have a place in the June 2126 intake instead"
    assert letters() == [
        ("alice@example.org", instead),
        ("bob@example.org", instead),
        ("carol@example.org", "Deep learning, May 2126 intake, does not take place"),
    ]
    assert (places(intake), places(later)) == ((0, 0), (2, 0))
    assert recounting.miscounted() == []


def test_who_is_moved_pays_no_more(
    alice: User, sam: User, intake: Intake, later: Intake, stand_in: Sandbox
) -> None:
    later.prices.update(amount=15_000)
    enrolment = buy(stand_in, alice, intake.prices.get())
    deciding.call_off(intake, at=timezone.now(), by=sam, to=later)
    run_jobs()
    enrolment.refresh_from_db()
    assert (enrolment.intake, enrolment.amount) == (later, 9000)
    assert not Refund.objects.exists()
    assert Payment.objects.count() == 1


def test_calling_off_may_be_interrupted_and_repeated(
    three: list[Enrolment], sam: User, intake: Intake, later: Intake
) -> None:
    deciding.call_off(intake, at=timezone.now(), by=sam, to=later)
    first, *_ = queued("leave_called_off")
    app.tasks[first.task_name].func(**first.args)
    # The worker died before it could say that this job was done; staff decide again, elsewise.
    deciding.call_off(intake, at=timezone.now(), by=sam, to=None)
    run_jobs()
    deciding.call_off(intake, at=timezone.now(), by=sam, to=None)
    run_jobs()
    for enrolment in three:
        enrolment.refresh_from_db()
    assert three[0].intake == later
    assert not Enrolment.objects.live().filter(intake=intake).exists()
    assert [net(one) for one in three] == [one.amount * one.is_enrolled for one in three]
    assert [address for address, _ in letters()] == [
        "alice@example.org",
        "bob@example.org",
        "carol@example.org",
    ]
    assert recounting.miscounted() == []


def test_who_is_paying_is_let_go_and_late_money_goes_back(
    alice: User, sam: User, intake: Intake, stand_in: Sandbox
) -> None:
    enrolment = begin(alice, intake.prices.get())
    payment = enrolment.payments.get()
    pay(stand_in, payment)
    deciding.call_off(intake, at=timezone.now(), by=sam)
    run_jobs()
    settling.settle(payment, at=timezone.now())
    run_jobs()
    payment.refresh_from_db()
    assert payment.flag == Payment.Flag.ENDED
    assert net(enrolment) == 0
    assert places(intake) == (0, 0)
    subjects = [letter.subject for letter in mail.outbox]
    assert subjects.count("Deep learning, May 2126 intake, does not take place") == 1


def test_a_move_to_it_that_waits_for_its_payment_comes_to_nothing(
    alice: User, sam: User, intake: Intake, later: Intake, stand_in: Sandbox
) -> None:
    later.prices.update(amount=12_000)
    enrolment = buy(stand_in, alice, intake.prices.get())
    moving.move(enrolment, to=later, at=timezone.now(), by=alice, urls=URLS)
    deciding.call_off(later, at=timezone.now(), by=sam)
    run_jobs()
    enrolment.refresh_from_db()
    assert enrolment.is_enrolled
    assert Move.objects.get().status == Move.Status.EXPIRED
    assert places(later) == (0, 0)
    assert "has been called off" in str(mail.outbox[-1].body)


def test_a_move_away_from_it_that_waits_for_its_payment_is_dropped(
    alice: User, sam: User, intake: Intake, later: Intake, course: Course, stand_in: Sandbox
) -> None:
    later.prices.update(amount=12_000)
    enrolment = buy(stand_in, alice, intake.prices.get())
    waiting = moving.move(enrolment, to=later, at=timezone.now(), by=alice, urls=URLS)
    reconciling.reconcile(at=timezone.now() + timedelta(minutes=1))
    deciding.call_off(intake, at=timezone.now(), by=sam, to=later)
    run_jobs()
    enrolment.refresh_from_db()
    assert (enrolment.intake, enrolment.amount) == (later, 9000)
    waiting.refresh_from_db()
    assert waiting.status == Move.Status.EXPIRED
    assert places(later) == (1, 0)
    assert recounting.miscounted() == []


def test_offers_are_withdrawn(
    alice: User, bob: User, sam: User, course: Course, stand_in: Sandbox
) -> None:
    intake = an_intake(course, "2126-05", capacity=1)
    enrolment = buy(stand_in, alice, a_price(intake))
    WaitingListEntry.objects.create(student=bob, intake=intake, joined_at=timezone.now())
    cancelling.cancel(enrolment, at=timezone.now(), by=alice)
    assert Offer.objects.get().status == Offer.Status.OPEN
    deciding.call_off(intake, at=timezone.now(), by=sam)
    assert Offer.objects.get().status == Offer.Status.WITHDRAWN
    assert places(intake) == (0, 0)


def test_nobody_joins_or_is_moved_to_what_is_called_off(
    alice: User, bob: User, sam: User, intake: Intake, later: Intake, stand_in: Sandbox
) -> None:
    enrolment = buy(stand_in, alice, intake.prices.get())
    deciding.call_off(later, at=timezone.now(), by=sam)
    with pytest.raises(moving.NotMovable):
        moving.move(enrolment, to=later, at=timezone.now(), by=sam, waive=True)
    with pytest.raises(deciding.NotPossible):
        deciding.call_off(intake, at=timezone.now(), by=sam, to=later)
    intake.refresh_from_db()
    assert intake.cancelled_at is None


def test_who_moved_away_meanwhile_is_left_alone(
    alice: User, sam: User, intake: Intake, course: Course, stand_in: Sandbox
) -> None:
    july = an_intake(course, "2126-07")
    a_price(july)
    enrolment = buy(stand_in, alice, intake.prices.get())
    deciding.call_off(intake, at=timezone.now(), by=sam)
    moving.move(enrolment, to=july, at=timezone.now(), by=sam, waive=True)
    run_jobs()
    enrolment.refresh_from_db()
    assert (enrolment.is_enrolled, enrolment.intake) == (True, july)


# The page of the admin ------------------------------------------------------------------------


def test_staff_see_who_and_how_much_before_they_decide(
    client: Client, alice: User, sam: User, intake: Intake, later: Intake, stand_in: Sandbox
) -> None:
    enrolment = buy(stand_in, alice, intake.prices.get())
    client.force_login(sam)
    address = f"/admin/courses/intake/{intake.pk}/decision/"
    assert "Deep learning, May 2126 intake" in client.get(address).content.decode()
    asked = {"decision": "call_off", "to": str(later.pk), "reason": "Too few"}
    page = client.post(address, asked).content.decode()
    assert "Alice Archer" in page
    assert "moves; £15 goes back" in page
    stale = client.post(address, {**asked, "confirmed": "2:2:3000"}).content.decode()
    assert "nothing has been done yet" in stale
    enrolment.refresh_from_db()
    assert enrolment.intake == intake
    shown = re.search(r'name="confirmed" value="([^"]+)"', page)
    assert shown
    answer = client.post(address, {**asked, "confirmed": shown[1]})
    assert answer.status_code == 302
    run_jobs()
    enrolment.refresh_from_db()
    assert enrolment.intake == later


def test_staff_let_it_run(client: Client, sam: User, small: Intake) -> None:
    client.force_login(sam)
    address = f"/admin/courses/intake/{small.pk}/decision/"
    assert client.post(address, {"decision": "runs"}).status_code == 302
    small.refresh_from_db()
    assert small.decision == Intake.Decision.RUNS


def test_only_those_who_may_cancel_places_decide(
    client: Client, alice: User, bob: User, intake: Intake
) -> None:
    bob.is_staff = True
    bob.save()
    client.force_login(bob)
    address = f"/admin/courses/intake/{intake.pk}/decision/"
    assert client.get(address).status_code == 403
    assert client.post(address, {"decision": "call_off", "confirmed": "yes"}).status_code == 403


def test_an_intake_with_people_in_it_is_called_off_and_not_just_marked(
    client: Client, alice: User, sam: User, intake: Intake
) -> None:
    client.force_login(sam)
    address = f"/admin/courses/intake/{intake.pk}/change/"
    assert 'name="cancelled_at_0"' in client.get(address).content.decode()
    a_place(alice, intake, timezone.now())
    page = client.get(address).content.decode()
    assert 'name="cancelled_at_0"' not in page
    assert f"/admin/courses/intake/{intake.pk}/decision/" in page


def test_a_settled_difference_after_calling_off_goes_back(
    alice: User, sam: User, intake: Intake, later: Intake, stand_in: Sandbox
) -> None:
    later.prices.update(amount=12_000)
    enrolment = buy(stand_in, alice, intake.prices.get())
    waiting = moving.move(enrolment, to=later, at=timezone.now(), by=alice, urls=URLS)
    deciding.call_off(later, at=timezone.now(), by=sam)
    settle(stand_in, waiting.payments.get())
    run_jobs()
    enrolment.refresh_from_db()
    assert (enrolment.intake, net(enrolment)) == (intake, 9000)
    assert recounting.miscounted() == []
