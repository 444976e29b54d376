"""The history of an enrolment, in sentences that staff read."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from courses.models import Intake
from enrolment import by_hand, cancelling, checkout, history, telling
from enrolment.models import Enrolment, HistoryEntry
from tests.courses.making import enrol
from tests.enrolment.driving import begin_paying, only_enrolment, pay, run_jobs
from tests.sandbox.process import Sandbox

Kind = HistoryEntry.Kind
NOW = timezone.now()
WEEK = timedelta(days=7)


def told(enrolment: Enrolment) -> list[str]:
    return [sentence.text for sentence in history.sentences(enrolment)]


def test_a_place_paid_for_at_stripe(alices: Client, intake: Intake, stand_in: Sandbox) -> None:
    payment = begin_paying(alices, intake)
    assert told(only_enrolment()) == [
        "Alice Archer took a place at £90 (Standard) and went to pay."
    ]
    pay(stand_in, payment)
    alices.get(f"/account/enrolments/{only_enrolment().pk}/return/")
    run_jobs()
    assert told(only_enrolment()) == [
        "Alice Archer took a place at £90 (Standard) and went to pay.",
        "Paid £90 by Stripe.",
        "Alice Archer is enrolled.",
    ]


def test_a_free_place(alice: User, intake: Intake) -> None:
    intake.prices.update(amount=0)
    price = intake.prices.get()
    enrolment = checkout.begin(checkout.Order(alice, intake, price), at=NOW)
    assert told(enrolment) == [
        "Alice Archer took a place (Standard), free.",
        "Alice Archer is enrolled.",
    ]


def by_sam(intake: Intake, sam: User, reason: str = "") -> by_hand.Place:
    price = intake.prices.get()
    return by_hand.Place("alice@example.org", intake, price, sam, reason=reason)


def test_what_staff_do_is_told_with_who_and_why(alice: User, intake: Intake, sam: User) -> None:
    enrolment = by_hand.enrol_paid_elsewhere(
        by_sam(intake, sam, "Asked on the telephone"), amount=9000, how="Cash", at=NOW
    )
    cancelling.cancel(enrolment, at=NOW + WEEK, by=sam, refund=4500, reason="ill")
    sentences = history.sentences(Enrolment.objects.get())
    assert [sentence.text for sentence in sentences] == [
        (
            "Sam Staff enrolled Alice Archer at £90 (Standard), paid elsewhere (Cash): "
            "‘Asked on the telephone’."
        ),
        (
            "Sam Staff cancelled the place of Alice Archer in Deep learning, May 2126 intake: "
            "‘ill’. £45 goes back, where the terms give £90."
        ),
        "Sam Staff gave back £45: ‘ill’.",
    ]
    assert [(sentence.who, sentence.reason) for sentence in sentences][:2] == [
        ("Sam Staff", "Asked on the telephone"),
        ("Sam Staff", "ill"),
    ]
    assert [sentence.when for sentence in sentences] == [NOW, NOW + WEEK, NOW + WEEK]


def test_a_link_to_pay_and_money_by_other_means(alice: User, intake: Intake, sam: User) -> None:
    held_until = datetime.fromisoformat("2126-04-01T12:00:00+01:00")
    held = by_hand.send_pay_link(by_sam(intake, sam), amount=8000, held_until=held_until, at=NOW)
    by_hand.receive_elsewhere(held, how="Cheque", by=sam, at=NOW)
    assert told(held) == [
        (
            "Sam Staff kept a place for Alice Archer until midday BST on Monday 1 April 2126 "
            "and sent a link to pay £80 (Standard)."
        ),
        "Paid £80 elsewhere (Cheque), as Sam Staff noted.",
        "Alice Archer is enrolled.",
    ]


def test_a_free_place_by_hand_says_what_it_usually_costs(
    alice: User, intake: Intake, sam: User
) -> None:
    enrolment = by_hand.enrol_free(by_sam(intake, sam), at=NOW)
    assert told(enrolment) == ["Sam Staff enrolled Alice Archer free instead of £90 (Standard)."]


def test_a_student_who_cancels_does_it_by_name(alice: User, intake: Intake) -> None:
    enrolment = enrol(alice, intake, price=intake.prices.get(), amount=0, enrolled_at=NOW)
    Intake.objects.update(places_taken=1)
    intake.prices.update(places_booked=1)
    cancelling.cancel(enrolment, at=NOW, by=alice)
    assert told(Enrolment.objects.get())[-1] == (
        "Alice Archer cancelled the place in Deep learning, May 2126 intake. Nothing goes back."
    )


FACTS: dict[str, dict[str, Any]] = {
    Kind.MOVED: {
        "origin": "A",
        "to": "B",
        "from_amount": 9000,
        "from_price": "Early",
        "difference": 1000,
    },
    Kind.PAYMENT_FLAGGED: {"amount": 9000, "flag": "twice"},
    Kind.DISPUTE_OPENED: {"amount": 9000, "inquiry": False},
}


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("by", ["nobody", "alice", "sam"])
def test_every_kind_has_a_sentence_with_all_facts_and_with_none(
    alice: User, sam: User, intake: Intake, kind: Kind, by: str
) -> None:
    enrolment = enrol(alice, intake)
    who = {"nobody": None, "alice": alice, "sam": sam}[by]
    for facts in ({}, FACTS.get(kind, {"amount": 9000, "difference": -500})):
        entry = history.note(enrolment, kind, at=NOW, by=who, reason="well", **facts)
        sentence = telling.tell(entry, student="Alice Archer")
        assert not sentence[0].islower()
        assert sentence.endswith(".")
        assert "None" not in sentence
        assert "  " not in sentence
        assert {"{", "}", ".."} & set(sentence) == set()


def test_what_a_place_cost_before_it_was_moved_is_told_by_its_move(
    alice: User, intake: Intake
) -> None:
    enrolment = enrol(alice, intake, amount=10000)
    history.note(enrolment, Kind.MOVED, at=NOW, by=alice, **FACTS[Kind.MOVED])
    assert told(enrolment) == [
        "Alice Archer took a place at £90 (Early) and went to pay.",
        "Alice Archer moved from A to B. £10 more was paid.",
    ]


def test_a_history_takes_one_query_however_long_it_is(
    alice: User, sam: User, intake: Intake
) -> None:
    enrolment = enrol(alice, intake)
    for kind in Kind:
        history.note(enrolment, kind, at=NOW, by=sam)
    fetched = Enrolment.objects.select_related("student").get()
    with CaptureQueriesContext(connection) as captured:
        assert len(history.sentences(fetched)) == len(Kind)
    assert len(captured) == 1


def test_the_admin_shows_it_and_escapes_what_people_wrote(
    client: Client, alice: User, sam: User, intake: Intake
) -> None:
    enrolment = enrol(alice, intake)
    history.note(enrolment, Kind.CANCELLED, at=NOW, by=sam, reason="<script>alert(1)</script>")
    client.force_login(sam)
    page = client.get(f"/admin/enrolment/enrolment/{enrolment.pk}/change/").text
    assert "Alice Archer took a place at £90 (Standard) and went to pay." in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page
