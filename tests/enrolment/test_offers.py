"""A place that comes free is offered to whoever has waited longest, timed, at a price it says."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses.models import Course, Intake, Price
from enrolment import checkout, freeing, offering, passing_on, reconciling, waiting
from enrolment.models import Enrolment, Move, Offer
from tests.courses.making import a_price
from tests.courses.test_admin import form_of
from tests.enrolment.driving import pay, places, run_jobs
from tests.enrolment.waiting_room import (
    MARCH,
    a_full_intake,
    free_a_place,
    open_offers,
    statuses,
    wait,
)
from tests.sandbox.process import Sandbox

DAY = timedelta(days=1)
FREED = MARCH + DAY
ENROL = "/courses/deep-learning/intakes/2126-05/enrol/"


@pytest.fixture
def full(course: Course) -> Intake:
    """May 2126, £90, with one place, which is taken."""
    return a_full_intake(course)


def the_offer() -> Offer:
    return Offer.objects.select_related("entry", "intake__course", "price").get(status="open")


def an_offer_to(student: User, intake: Intake, *, at: datetime | None = None) -> Offer:
    """The student waited, and a place has just come free."""
    now = at or timezone.now()
    wait(student, intake, at=now - timedelta(hours=1))
    free_a_place(intake, at=now)
    return the_offer()


def test_a_freed_place_is_offered_to_whoever_has_waited_longest(
    full: Intake, alice: User, bob: User
) -> None:
    wait(bob, full)
    wait(alice, full)
    free_a_place(full, at=FREED)
    assert open_offers(full) == ["Bob"]
    offer = the_offer()
    assert (offer.amount, offer.price_name) == (9000, "Standard")
    assert offer.expires_at == FREED + timedelta(hours=48)
    assert places(full) == (0, 1)
    assert Price.objects.get().places_booked == 1
    order = checkout.Order(student=alice, intake=full, price=offer.price)
    with pytest.raises(checkout.NotJoinable):
        checkout.begin(order, at=FREED)


def test_the_mail_says_until_when_and_what_it_costs(full: Intake, alice: User) -> None:
    with_offer = an_offer_to(alice, full)
    run_jobs()
    written = mail.outbox[-1]
    assert written.subject == "A place for you in Deep learning, May 2126 intake"
    assert written.to == ["alice@example.org"]
    assert "It is £90. No VAT is charged." in str(written.body)
    assert f"/account/waiting-list/{with_offer.entry_id}/offer/" in str(written.body)


def test_an_offer_that_has_been_used_meanwhile_is_not_written_of(full: Intake, alice: User) -> None:
    offer = an_offer_to(alice, full)
    waiting.leave(offer.entry, at=timezone.now())
    run_jobs()
    assert [one.subject for one in mail.outbox] == []


def test_a_price_that_rose_while_waiting_is_said(alices: Client, alice: User, full: Intake) -> None:
    ended = timezone.now() - timedelta(hours=2)
    early = a_price(full, 7500, name="Early bird", kind="early", available_until=ended)
    wait(alice, full, at=ended - DAY)
    free_a_place(full, at=timezone.now())
    offer = the_offer()
    said = (
        "It is £90. When you joined the list it was £75 (Early bird), "
        f"which ended on {timezone.localtime(ended):%-d %B %Y}."
    )
    assert offering.price_in_words(offer) == said
    page = alices.get(f"/account/waiting-list/{offer.entry_id}/offer/").content.decode()
    assert said in page
    run_jobs()
    assert said in str(mail.outbox[-1].body)
    early.delete()
    assert offering.price_in_words(the_offer()) == (
        "It is £90. When you joined the list it was £75 (Early bird)."
    )


def test_an_early_price_without_places_left_is_said_to_be_booked(full: Intake, alice: User) -> None:
    early = a_price(full, 7500, name="Early bird", kind="early", places_limit=2)
    wait(alice, full)
    Price.objects.filter(pk=early.pk).update(places_booked=2)
    free_a_place(full)
    assert offering.price_in_words(the_offer()) == (
        "It is £90. When you joined the list it was £75 (Early bird), "
        "of which the last place has been booked."
    )


def test_an_offer_at_a_limited_price_counts_among_its_places(full: Intake, alice: User) -> None:
    early = a_price(full, 7500, name="Early bird", kind="early", places_limit=1)
    wait(alice, full)
    free_a_place(full)
    early.refresh_from_db()
    assert (the_offer().price, early.places_left) == (early, 0)
    waiting.leave(the_offer().entry, at=FREED)
    early.refresh_from_db()
    assert early.places_left == 1


def test_taking_an_offer_leads_to_payment_at_the_price_it_said(
    alices: Client, alice: User, full: Intake, stand_in: Sandbox
) -> None:
    offer = an_offer_to(alice, full)
    Price.objects.update(amount=12000)
    page = alices.get(ENROL).content.decode()
    assert "£90" in page
    assert "£120" not in page
    response = alices.post(ENROL, {"price": offer.price_id})
    enrolment = Enrolment.objects.get(student=alice)
    assert response.url == enrolment.payments.get().session_url
    assert (enrolment.amount, enrolment.held_until) == (9000, offer.expires_at)
    offer.refresh_from_db()
    assert (offer.status, offer.enrolment) == ("accepted", enrolment)
    assert statuses() == {"Alice": "enrolled"}
    assert places(full) == (0, 1)
    pay(stand_in, enrolment.payments.get())
    alices.get(f"/account/enrolments/{enrolment.pk}/return/")
    enrolment.refresh_from_db()
    assert enrolment.is_enrolled
    assert places(full) == (1, 0)
    entry_page = alices.get(f"/account/waiting-list/{offer.entry_id}/").content.decode()
    assert "You took the place" in entry_page


def test_a_free_place_that_was_offered_is_taken_at_once(
    alices: Client, alice: User, full: Intake
) -> None:
    Price.objects.update(amount=0)
    an_offer_to(alice, full)
    alices.post(ENROL, {"price": Price.objects.get().pk})
    assert Enrolment.objects.get(student=alice).is_enrolled
    assert places(full) == (1, 0)


def test_an_offer_is_used_once(
    alices: Client, alice: User, full: Intake, stand_in: Sandbox
) -> None:
    offer = an_offer_to(alice, full)
    for _ in range(2):
        alices.post(ENROL, {"price": offer.price_id})
    assert Enrolment.objects.filter(student=alice).count() == 1
    assert places(full) == (0, 1)


def test_an_offer_that_is_not_used_passes_on_and_says_so(
    full: Intake, alice: User, bob: User
) -> None:
    wait(bob, full)
    wait(alice, full)
    free_a_place(full, at=FREED)
    run_jobs()
    late = FREED + timedelta(hours=48)
    assert passing_on.run(at=late - timedelta(seconds=1)).expired == 0
    assert [passing_on.run(at=late).expired for _ in range(2)] == [1, 0]
    assert statuses() == {"Bob": "lapsed", "Alice": "offered"}
    assert open_offers(full) == ["Alice"]
    assert places(full) == (0, 1)
    run_jobs()
    told = [one for one in mail.outbox if "has passed on" in one.subject]
    assert [one.to for one in told] == [["bob@example.org"]]


def test_an_offer_whose_time_is_over_cannot_be_taken(
    alices: Client, alice: User, full: Intake
) -> None:
    offer = an_offer_to(alice, full)
    Offer.objects.update(expires_at=timezone.now())
    assert "This intake is full" not in alices.get(ENROL).content.decode()
    response = alices.post(ENROL, {"price": offer.price_id})
    assert response.status_code == 409
    assert not Enrolment.objects.filter(student=alice).exists()
    assert alices.get(f"/account/waiting-list/{offer.entry_id}/offer/").status_code == 302


def test_declining_passes_the_place_on_at_once(
    alices: Client, alice: User, bob: User, full: Intake
) -> None:
    offer = an_offer_to(alice, full)
    wait(bob, full, at=timezone.now())
    alices.post(f"/account/waiting-list/{offer.entry_id}/", {"_method": "delete"})
    offer.refresh_from_db()
    assert offer.status == "declined"
    assert statuses() == {"Alice": "left", "Bob": "offered"}
    assert places(full) == (0, 1)


def test_declining_with_nobody_behind_puts_the_place_on_sale(
    alices: Client, alice: User, full: Intake
) -> None:
    offer = an_offer_to(alice, full)
    alices.delete(f"/account/waiting-list/{offer.entry_id}/")
    assert places(full) == (0, 0)
    assert full.state(at=timezone.now()).is_joinable


def test_an_offer_never_outlasts_enrolment_and_never_lasts_under_six_hours(
    course: Course, alice: User, bob: User
) -> None:
    intake = a_full_intake(course, enrolment_closes_at=FREED + timedelta(hours=7), capacity=2)
    Intake.objects.update(places_taken=2)
    wait(alice, intake)
    wait(bob, intake)
    free_a_place(intake, at=FREED)
    assert the_offer().expires_at == FREED + timedelta(hours=7)
    Intake.objects.update(places_taken=0)
    assert passing_on.run(at=FREED + timedelta(hours=2)).offered == 0


def test_nothing_is_offered_once_the_intake_does_not_sell(course: Course, alice: User) -> None:
    changes: tuple[dict[str, Any], ...] = (
        {"cancelled_at": FREED},
        {"is_published": False},
        {"closes_at": FREED},
    )
    for month, change in enumerate(changes, start=5):
        intake = a_full_intake(course, f"2126-{month:02}")
        wait(alice, intake)
        Intake.objects.filter(pk=intake.pk).update(**change)
        free_a_place(intake, at=FREED)
        assert open_offers(intake) == []


def test_no_offer_is_made_without_a_price_for_anyone(full: Intake, alice: User) -> None:
    wait(alice, full)
    Price.objects.update(kind="concession")
    free_a_place(full)
    assert open_offers(full) == []
    a_price(full, 9500, name="From March")
    assert passing_on.run(at=FREED).offered == 1
    assert the_offer().amount == 9500


def test_another_intake_that_would_do_makes_an_offer_as_well(
    full: Intake, alice: User, bob: User
) -> None:
    june = a_full_intake(full.course, "2126-06")
    wait(alice, full, june)
    wait(bob, june)
    free_a_place(june)
    assert open_offers(june) == ["Alice"]
    assert the_offer().risen_from is None
    free_a_place(full)
    assert open_offers(full) == []  # Alice has one, and Bob did not name it
    assert places(full) == (0, 0)


def test_somebody_in_the_intake_is_passed_over(full: Intake, alice: User, bob: User) -> None:
    wait(alice, full)
    wait(bob, full)
    other = a_full_intake(full.course, "2126-06")
    Enrolment.objects.filter(intake=other).update(student=alice, intake=full)
    Intake.objects.filter(pk=full.pk).update(capacity=2, places_taken=2)
    enrolment = Enrolment.objects.exclude(student=alice).get(intake=full)
    with transaction.atomic():
        enrolment.cancel(at=FREED)
        freeing.free_taken(enrolment, at=FREED)
    assert open_offers(full) == ["Bob"]


def test_more_places_are_offered_in_the_request_that_adds_them(
    client: Client, sam: User, alice: User, bob: User, carol: User, full: Intake
) -> None:
    for student in (alice, bob, carol):
        wait(student, full, at=timezone.now())
    client.force_login(sam)
    address = f"/admin/courses/intake/{full.pk}/change/"
    response = client.post(address, {**form_of(client, address), "capacity": "3"})
    assert response.status_code == 302
    assert open_offers(full) == ["Alice", "Bob"]
    assert places(full) == (1, 2)


def test_cancelling_an_intake_in_the_admin_withdraws_its_offers(
    client: Client, sam: User, alice: User, bob: User, full: Intake
) -> None:
    june = a_full_intake(full.course, "2126-06")
    Intake.objects.filter(pk=full.pk).update(capacity=2, places_taken=2)
    wait(alice, full, at=timezone.now())
    wait(bob, full, june, at=timezone.now())
    Intake.objects.filter(pk=full.pk).update(places_taken=0)
    passing_on.run(at=timezone.now())
    assert open_offers(full) == ["Alice", "Bob"]
    Enrolment.objects.filter(intake=full).delete()  # else the admin has it called off
    run_jobs()
    client.force_login(sam)
    address = f"/admin/courses/intake/{full.pk}/change/"
    now = timezone.localtime()
    cancelled = {"cancelled_at_0": f"{now:%Y-%m-%d}", "cancelled_at_1": f"{now:%H:%M:%S}"}
    assert client.post(address, {**form_of(client, address), **cancelled}).status_code == 302
    assert open_offers(full) == []
    assert places(full) == (0, 0)
    assert statuses() == {"Alice": "closed", "Bob": "waiting"}
    assert offering.withdraw_all(full, at=timezone.now()) == []
    sent = len(mail.outbox)
    run_jobs()
    bodies = {one.to[0]: str(one.body) for one in mail.outbox[sent:]}
    assert "the intake will not take place" in bodies["alice@example.org"]
    assert "You are still on the list" in bodies["bob@example.org"]


def test_the_job_offers_what_was_freed_unseen(full: Intake, alice: User) -> None:
    wait(alice, full)
    Intake.objects.update(capacity=2)
    assert [passing_on.run(at=FREED).offered for _ in range(2)] == [1, 0]
    assert places(full) == (1, 1)


def test_an_offer_to_somebody_who_is_in_by_now_passes_on(
    full: Intake, alice: User, bob: User
) -> None:
    Intake.objects.update(capacity=2, places_taken=2)
    wait(alice, full)
    wait(bob, full)
    Intake.objects.update(places_taken=1)
    passing_on.run(at=FREED)
    assert open_offers(full) == ["Alice"]
    Enrolment.objects.filter(intake=full).update(student=alice)
    assert passing_on.run(at=FREED).needless == 1
    assert statuses() == {"Alice": "enrolled", "Bob": "offered"}
    assert places(full) == (1, 1)


def test_an_intake_without_a_limit_offers_a_place_to_everybody(
    full: Intake, alice: User, bob: User
) -> None:
    wait(alice, full)
    wait(bob, full)
    Intake.objects.update(capacity=None)
    assert passing_on.run(at=FREED).offered == 2


def test_the_place_of_an_offer_that_was_taken_and_not_paid_for_passes_on(
    alices: Client, alice: User, bob: User, full: Intake, stand_in: Sandbox
) -> None:
    offer = an_offer_to(alice, full)
    wait(bob, full, at=timezone.now())
    alices.post(ENROL, {"price": offer.price_id})
    payment = Enrolment.objects.get(student=alice).payments.get()
    stand_in.control(f"sessions/{payment.session_id}/expire")
    alices.get(f"/account/enrolments/{payment.enrolment_id}/return/")
    enrolment = Enrolment.objects.get(student=alice)
    assert (
        enrolment.is_pending
    )  # held as long as the offer lasts, so that paying can be tried again
    assert open_offers(full) == []
    reconciling.reconcile(at=offer.expires_at)
    enrolment.refresh_from_db()
    assert enrolment.status == "expired"
    assert open_offers(full) == ["Bob"]


def test_another_price_that_has_just_run_out_is_said_and_the_offer_kept(
    alice: User, alices: Client, full: Intake
) -> None:
    offer = an_offer_to(alice, full)
    other = a_price(full, 5000, name="Half", places_limit=1)
    seen = Intake.objects.prefetch_related("prices").get(pk=full.pk)
    chosen = next(price for price in seen.prices.all() if price.pk == other.pk)
    Price.objects.filter(pk=other.pk).update(places_booked=1)
    order = checkout.Order(student=alice, intake=seen, price=chosen, offer=offer)
    with pytest.raises(checkout.PriceNotBookable):
        checkout.begin(order, at=timezone.now())
    assert the_offer() == offer
    assert places(full) == (0, 1)


def test_somebody_who_is_moving_there_is_passed_over(full: Intake, alice: User, bob: User) -> None:
    june = a_full_intake(full.course, "2126-06")
    learner = Enrolment.objects.get(intake=june)
    Enrolment.objects.filter(pk=learner.pk).update(student=alice)
    Move.objects.create(
        enrolment=learner,
        from_intake=june,
        to_intake=full,
        from_amount=9000,
        list_amount=12_000,
        to_amount=12_000,
        created_at=MARCH,
    )
    wait(alice, full)
    wait(bob, full)
    free_a_place(full, at=FREED)
    assert open_offers(full) == ["Bob"]
