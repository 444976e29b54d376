"""Waiting for a place: joining, where one stands, what else would do, leaving."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from courses.models import Course, Intake
from enrolment import passing_on, waiting
from enrolment.models import WaitingListEntry
from tests.courses.making import a_price, an_intake, enrol, london
from tests.enrolment.driving import places, queued, run_jobs
from tests.enrolment.waiting_room import MARCH, a_full_intake, free_a_place, statuses, wait

ENROL = "/courses/deep-learning/intakes/2126-05/enrol/"
JOIN = "/courses/deep-learning/intakes/2126-05/waiting-list/"


@pytest.fixture
def full(course: Course) -> Intake:
    """May 2126, £90, with one place, which is taken."""
    return a_full_intake(course)


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_a_full_intake_offers_its_waiting_list_and_joining_says_where_one_stands(
    alices: Client, full: Intake, bob: User
) -> None:
    wait(bob, full, at=timezone.now())
    assert "1 person is waiting now." in text(alices, ENROL)
    response = alices.post(JOIN)
    entry = WaitingListEntry.objects.get(student__name="Alice Archer")
    assert response.status_code == 302
    assert response.url == f"/account/waiting-list/{entry.pk}/"
    assert "You are number 2: 1 person is before you." in text(alices, response.url)
    assert "number 2 on the list" in text(alices, "/account/waiting-list/")
    assert "You are on the waiting list" in text(alices, ENROL)


def test_joining_notes_the_price_of_that_day_and_sends_one_mail(
    alices: Client, full: Intake
) -> None:
    a_price(full, 7500, name="Early bird", kind="early", available_until=london("2126-01-01 00:00"))
    a_price(full, 4000, name="Concession", kind="concession")
    for _ in range(2):
        alices.post(JOIN)
    entry = WaitingListEntry.objects.get()
    assert (entry.price_name_then, entry.amount_then) == ("Early bird", 7500)
    run_jobs()
    assert [one.subject for one in mail.outbox] == ["You are on the waiting list for Deep learning"]
    assert "You are the first in line." in str(mail.outbox[0].body)
    assert f"/account/waiting-list/{entry.pk}/" in str(mail.outbox[0].body)


def test_whoever_finds_a_free_place_is_sent_to_enrol_instead(alices: Client, full: Intake) -> None:
    free_a_place(full, at=timezone.now())
    response = alices.post(JOIN, follow=True)
    assert response.redirect_chain == [(ENROL, 302)]
    assert "A place has come free" in response.content.decode()
    assert not WaitingListEntry.objects.exists()


def test_somebody_who_has_a_place_does_not_wait_for_another(
    alices: Client, alice: User, full: Intake
) -> None:
    enrolment = enrol(alice, full)
    assert alices.post(JOIN, follow=True).redirect_chain[-1][0] == enrolment.get_absolute_url()
    assert not WaitingListEntry.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"has_waiting_list": False},
        {"cancelled_at": MARCH},
        {"enrolment_closes_at": MARCH},
        {"enrolment_closes_at": MARCH + timedelta(hours=5)},
        {"enrolment_opens_at": MARCH + timedelta(days=5)},
    ],
    ids=["no list", "cancelled", "closed", "closes too soon for an offer", "not opened"],
)
def test_a_list_that_makes_no_sense_cannot_be_joined(
    course: Course, alice: User, fields: dict[str, Any]
) -> None:
    intake = a_full_intake(course, **fields)
    assert not waiting.invites(intake, at=MARCH)
    with pytest.raises(waiting.ListClosed):
        wait(alice, intake)
    assert queued() == []


def test_the_page_of_an_intake_without_a_list_offers_none(alices: Client, course: Course) -> None:
    a_full_intake(course, has_waiting_list=False)
    page = text(alices, ENROL)
    assert "This intake is full" in page
    assert "waiting" not in page
    assert alices.post(JOIN).url == ENROL
    assert not WaitingListEntry.objects.exists()


def test_the_list_of_an_intake_that_is_not_published_is_not_found(
    alices: Client, full: Intake
) -> None:
    Intake.objects.update(is_published=False)
    assert alices.post(JOIN).status_code == 404


def test_other_intakes_that_are_booked_up_can_be_named(alices: Client, full: Intake) -> None:
    june = a_full_intake(full.course, "2126-06")
    july = a_full_intake(full.course, "2126-07", has_waiting_list=False)
    august = an_intake(full.course, "2126-08")
    a_price(august)
    page = text(alices, ENROL)
    assert "June 2126 intake</label>" in page
    assert "July 2126 intake</label>" not in page
    assert "August 2126 intake</label>" not in page
    alices.post(JOIN, {"others": [june.pk, july.pk, august.pk, "x", "99999999999999999999"]})
    entry = WaitingListEntry.objects.get()
    assert list(entry.also.all()) == [june]
    run_jobs()
    assert "You would also take a place in:\n- June 2126 intake\n" in str(mail.outbox[0].body)


def test_the_others_can_be_changed_while_waiting(alices: Client, alice: User, full: Intake) -> None:
    june, july = a_full_intake(full.course, "2126-06"), a_full_intake(full.course, "2126-07")
    entry = wait(alice, full, june, at=timezone.now())
    address = f"/account/waiting-list/{entry.pk}/"
    page = text(alices, address)
    assert page.count(" checked>") == 1
    assert "July 2126 intake" in page
    alices.post(address, {"others": [july.pk]})
    assert list(entry.also.all()) == [july]
    alices.post(address)
    assert list(entry.also.all()) == []


def test_an_intake_named_beside_another_is_waited_for_once(alice: User, full: Intake) -> None:
    june = a_full_intake(full.course, "2126-06")
    entry = wait(alice, full, june)
    assert wait(alice, june) == entry
    assert WaitingListEntry.objects.count() == 1


def test_the_position_counts_those_who_would_be_offered_a_place_before(
    full: Intake, alice: User, bob: User, carol: User, sam: User
) -> None:
    june = a_full_intake(full.course, "2126-06")
    wait(bob, june, full)
    left, entry = wait(sam, full), wait(carol, full, june)
    last = wait(alice, full)
    assert [one.before for one in waiting.standings([entry], at=MARCH)[entry.pk]] == [2, 1]
    waiting.leave(left, at=MARCH)
    enrol(bob, full)
    assert [one.before for one in waiting.standings([entry], at=MARCH)[entry.pk]] == [0, 1]
    assert [one.position for one in waiting.standings([last], at=MARCH)[last.pk]] == [2]


def test_leaving_ends_the_wait_and_joining_again_begins_at_the_end(
    alices: Client, alice: User, bob: User, full: Intake
) -> None:
    entry = wait(alice, full, at=timezone.now())
    wait(bob, full, at=timezone.now())
    address = f"/account/waiting-list/{entry.pk}/"
    alices.post(address, {"_method": "delete"})
    assert statuses() == {"Alice": "left", "Bob": "waiting"}
    assert "You left the list" in text(alices, address)
    assert alices.delete(address).status_code == 302  # again, and nothing happens
    again = wait(alice, full, at=timezone.now())
    assert waiting.standings([again], at=timezone.now())[again.pk][0].before == 1


def test_somebody_elses_entry_is_not_found(alices: Client, bob: User, full: Intake) -> None:
    entry = wait(bob, full, at=timezone.now())
    for address in (
        f"/account/waiting-list/{entry.pk}/",
        f"/account/waiting-list/{entry.pk}/offer/",
    ):
        assert alices.get(address).status_code == 404
    assert alices.delete(f"/account/waiting-list/{entry.pk}/").status_code == 404
    assert statuses() == {"Bob": "waiting"}


def test_a_list_that_is_over_is_closed_and_says_so(full: Intake, alice: User, bob: User) -> None:
    june = a_full_intake(full.course, "2126-06")
    wait(alice, full)
    wait(bob, full, june)
    run_jobs()
    assert full.closes_at
    assert passing_on.run(at=full.closes_at).closed == 1
    assert passing_on.run(at=full.closes_at).closed == 0
    assert statuses() == {"Alice": "closed", "Bob": "waiting"}
    run_jobs()
    assert [one.to for one in mail.outbox[2:]] == [["alice@example.org"]]
    assert "no place came free for you" in str(mail.outbox[2].body)


def test_whoever_found_a_place_otherwise_waits_no_longer(alice: User, full: Intake) -> None:
    wait(alice, full)
    enrol(alice, full)
    assert passing_on.run(at=MARCH + timedelta(days=1)).needless == 1
    assert statuses() == {"Alice": "enrolled"}


def test_staff_see_who_waits_in_order_and_remove_somebody_with_a_reason(
    client: Client, sam: User, alice: User, bob: User, full: Intake
) -> None:
    for student in (bob, alice):
        entry = wait(student, full, at=timezone.now())
    client.force_login(sam)
    page = text(client, f"/admin/enrolment/waitinglistentry/?waits_for={full.pk}")
    assert page.index("bob@example.org") < page.index("alice@example.org")
    address = f"/admin/enrolment/waitinglistentry/{entry.pk}/remove/"
    assert client.post(address, {"reason": " "}).status_code == 200
    assert statuses()["Alice"] == "waiting"
    run_jobs()
    client.post(address, {"reason": "You asked us by telephone."})
    assert statuses() == {"Alice": "removed", "Bob": "waiting"}
    run_jobs()
    assert "You asked us by telephone." in str(mail.outbox[-1].body)
    history = text(client, f"/admin/enrolment/waitinglistentry/{entry.pk}/history/")
    assert "Removed: You asked us by telephone." in history


def test_more_entries_cost_no_more_queries(
    alices: Client, alice: User, sam: User, client: Client, course: Course
) -> None:
    asked = [
        "/account/waiting-list/",
        "/courses/deep-learning/intakes/2126-05/enrol/",
        "/admin/enrolment/waitinglistentry/",
    ]
    staff = Client()
    staff.force_login(sam)

    def cost() -> list[int]:
        spent = []
        entry = WaitingListEntry.objects.filter(student=alice).latest("joined_at")
        for address in [*asked, f"/account/waiting-list/{entry.pk}/"]:
            browser = staff if address.startswith("/admin/") else alices
            browser.get(address)
            with CaptureQueriesContext(connection) as captured:
                assert browser.get(address).status_code == 200
            spent.append(len(captured))
        return spent

    now = timezone.now()
    first, second = a_full_intake(course), a_full_intake(course, "2126-06")
    grow(alice, [first, second], people=3, at=now)
    before = cost()
    more = [a_full_intake(course, f"2127-{month:02}") for month in range(1, 11)]
    grow(alice, more, people=30, at=now)
    assert cost() == before


def grow(alice: User, intakes: list[Intake], *, people: int, at: datetime) -> None:
    """So many people on each list, and Alice on each and naming the next."""
    for intake, following in zip(intakes, [*intakes[1:], None], strict=True):
        for number in range(people):
            student, _ = User.objects.get_or_create(email=f"person{number}@example.org")
            WaitingListEntry.objects.get_or_create(
                student=student, intake=intake, defaults={"joined_at": at}
            )
        entry = WaitingListEntry.objects.create(student=alice, intake=intake, joined_at=at)
        if following:
            entry.also.add(following)
    assert places(intakes[0]) == (1, 0)
