"""Whatever is sent to the forms of paying, waiting, moving and leaving is answered, not crashed."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses.models import Course, Intake
from enrolment import by_hand, deciding
from enrolment.models import Enrolment, Offer, Payment, WaitingListEntry
from tests.courses.making import a_price, an_intake
from tests.enrolment.driving import places
from tests.enrolment.leaving import a_batch, a_place
from tests.enrolment.waiting_room import a_full_intake, free_a_place, wait
from tests.sandbox.process import Sandbox

URLENCODED = "application/x-www-form-urlencoded"
# Percent-encoded, as they come over the wire.
NASTY = {
    "nothing": "",
    "null": "%00",
    "null inside": "a%00b",
    "no utf-8": "%ff%fe",
    "surrogate": "%ed%a0%80",
    "negative": "-1",
    "minus zero": "-0",
    "huge number": "9" * 400,
    "too long for an int": "9" * 5000,
    "more than the database has": str(2**63),
    "nan": "nan",
    "signalling nan": "sNaN",
    "infinity": "-Infinity",
    "exponent": "1e999",
    "superscript": "%c2%b2",
    "other digits": "%d9%a3",
    "markup": "%3Cscript%3Ealert(1)%3C/script%3E",
    "header": "a%0d%0aBcc:%20mallory@example.org",
    "override": "%e2%80%ae%0b",
    "formula": "%3DHYPERLINK(1)",
    "key": "11111111-1111-4111-8111-111111111111",
    "long": "x" * 100_000,
}
# The admin's own widgets are tried with all of them in ``tests/access``.
FOR_STAFF = ("null", "surrogate", "too long for an int", "signalling nan", "other digits", "key")
NOW = timezone.now()


@pytest.fixture
def elsewhere(course: Course) -> Intake:
    """June, at £120: a move there costs more."""
    made = an_intake(course, "2126-06")
    a_price(made, 12_000)
    return made


@pytest.fixture
def place(alice: User, intake: Intake) -> Enrolment:
    """Alice's place, paid for."""
    return a_place(alice, intake, NOW, price=intake.prices.get())


@pytest.fixture
def entry(alice: User, course: Course) -> WaitingListEntry:
    """Alice waits for July, which is full."""
    return wait(alice, a_full_intake(course, "2126-07"), at=NOW)


def send(client: Client, address: str, field: str, nasty: str, known: dict[str, str]) -> int:
    """One field is nasty, the others as they should be; the status."""
    others = "&".join(f"{name}={value}" for name, value in known.items() if name != field)
    body = f"{others}&{field}={nasty}"
    return client.post(address, body, content_type=URLENCODED).status_code


@pytest.mark.parametrize("nasty", NASTY.values(), ids=NASTY)
def test_odd_values_in_the_forms_of_a_place_are_answered(
    alices: Client, place: Enrolment, elsewhere: Intake, nasty: str
) -> None:
    mine = f"/account/enrolments/{place.pk}/"
    billing = {"company": "A", "address": "B"}
    for name in ("company", "address", "vat_number", "order_number"):
        assert send(alices, f"{mine}billing/", name, nasty, billing) < 500
    assert send(alices, f"{mine}cancellation/", "shown", nasty, {}) < 500
    assert send(alices, f"{mine}move/", "to", nasty, {}) < 500
    assert send(alices, f"{mine}payment/", "_method", nasty, {}) < 500
    place.refresh_from_db()
    assert place.is_enrolled
    assert not place.moves.exists()


@pytest.mark.parametrize("nasty", NASTY.values(), ids=NASTY)
def test_odd_values_in_the_form_of_enrolling_are_answered(
    alices: Client, intake: Intake, nasty: str
) -> None:
    a_batch(percent=10).vouchers.create(code="TEN")
    price = a_price(intake, 5000, kind="concession", declaration="I study full-time.")
    address = "/courses/deep-learning/intakes/2126-05/enrol/"
    known = {"price": str(price.pk), "declaration": "I do", "voucher": "TEN", "apply": "1"}
    for name in ("price", "declaration", "voucher", "shown", "applied", "teaching", "offer"):
        assert send(alices, address, name, nasty, known) < 500, name
        assert alices.get(f"{address}?{name}={nasty[:2000]}").status_code < 500, name
    assert places(intake) == (0, 0)


@pytest.mark.parametrize("nasty", NASTY.values(), ids=NASTY)
def test_odd_values_in_the_forms_of_waiting_are_answered(
    alices: Client, entry: WaitingListEntry, nasty: str
) -> None:
    assert send(alices, f"/account/waiting-list/{entry.pk}/", "others", nasty, {}) < 500
    assert send(alices, f"/account/waiting-list/{entry.pk}/", "_method", nasty, {}) < 500
    full = "/courses/deep-learning/intakes/2126-07/waiting-list/"
    assert send(alices, full, "others", nasty, {}) < 500
    entry.refresh_from_db()
    assert entry.is_waiting


STAFF = [
    ("enrolment/{place}/cancel/", {"shown": "1", "refund": "1", "reason": "Why"}),
    ("enrolment/{place}/move/", {"to": "1", "reason": "Why"}),
    ("enrolment/by-hand/{intake}/", {
        "email": "new@example.org", "name": "", "price": "1", "way": "link", "amount": "10",
        "how": "Cash", "paid_on": "2026-02-01", "held_until": "2030-01-01", "declaration": "",
        "reason": "",
    }),
    ("enrolment/{link}/paid-elsewhere/", {"how": "", "paid_on": ""}),
    ("payment/{payment}/refund/", {"left": "1", "amount": "1", "reason": "Why"}),
    ("dispute/reconciliation/", {"repair": "settle", "key": "", "leave": ""}),
    ("dispute/reconciliation/", {"repair": "recount", "key": "", "leave": ""}),
    ("dispute/reconciliation/", {"repair": "turn_away", "key": "", "leave": ""}),
    ("dispute/reconciliation/", {"repair": "process_event", "key": "", "leave": ""}),
    ("waitinglistentry/{entry}/remove/", {"reason": ""}),
    ("../courses/intake/{intake}/decision/", {"decision": "x", "to": "", "reason": ""}),
]  # fmt: skip


@pytest.mark.parametrize("name_of_it", FOR_STAFF)
def test_odd_values_in_what_staff_send_are_answered(
    client: Client,
    sam: User,
    place: Enrolment,
    entry: WaitingListEntry,
    name_of_it: str,
    stand_in: Sandbox,
) -> None:
    client.force_login(sam)
    link = by_hand.send_pay_link(
        by_hand.Place("bob@example.org", place.intake, place.intake.prices.get(), sam, name="Bob"),
        amount=9000,
        held_until=NOW + timedelta(days=2),
        at=NOW,
    )
    keys = {
        "place": place.pk,
        "link": link.pk,
        "intake": place.intake_id,
        "payment": Payment.objects.get().pk,
        "entry": entry.pk,
    }
    for address, known in STAFF:
        for name in known:
            where = f"/admin/enrolment/{address.format(**keys)}"
            assert send(client, where, name, NASTY[name_of_it], known) < 500, (where, name)


def test_others_things_are_not_there_whatever_is_sent(
    alices: Client, bob: User, course: Course, elsewhere: Intake, intake: Intake
) -> None:
    place = a_place(bob, intake, NOW, price=intake.prices.get())
    bobs_entry = wait(bob, a_full_intake(course, "2126-07"), at=NOW)
    his = f"/account/enrolments/{place.pk}/"
    for address, sent in (
        (f"{his}cancellation/", {"shown": "9000"}),
        (f"{his}move/", {"to": f"{elsewhere.pk}:3000"}),
        (f"{his}billing/", {"company": "Mallory Ltd", "address": "Nowhere"}),
        (f"{his}payment/", {}),
        (f"{his}payment/", {"_method": "delete"}),
        (f"/account/waiting-list/{bobs_entry.pk}/", {"_method": "delete"}),
        (f"/account/waiting-list/{bobs_entry.pk}/", {"others": str(elsewhere.pk)}),
    ):
        assert alices.post(address, sent).status_code == 404, address
    place.refresh_from_db()
    bobs_entry.refresh_from_db()
    assert place.is_enrolled
    assert bobs_entry.is_waiting


def test_anothers_offer_does_not_open_a_full_intake(
    alices: Client, bob: User, course: Course
) -> None:
    full = a_full_intake(course, "2126-07")
    wait(bob, full, at=NOW)
    free_a_place(full, at=NOW)
    price = full.prices.get()
    answer = alices.post(full.get_enrol_url(), {"price": price.pk, "offer": "1"})
    assert answer.status_code == 409
    assert Offer.objects.get().status == "open"
    assert not Enrolment.objects.live().filter(intake=full).exists()


def test_an_intake_called_off_while_its_form_was_open_sells_nothing(
    alices: Client, intake: Intake, sam: User
) -> None:
    assert alices.get(intake.get_enrol_url()).status_code == 200
    deciding.call_off(intake, at=timezone.now(), by=sam)
    answer = alices.post(intake.get_enrol_url(), {"price": intake.prices.get().pk})
    assert answer.status_code == 409
    assert places(intake) == (0, 0)


def test_a_refund_that_was_shown_before_the_intake_was_called_off_is_shown_again(
    alices: Client, place: Enrolment
) -> None:
    Enrolment.objects.update(enrolled_at=NOW - timedelta(days=30))
    address = f"/account/enrolments/{place.pk}/cancellation/"
    assert "£0" in alices.get(address).text or "nothing" in alices.get(address).text.lower()
    Intake.objects.filter(pk=place.intake_id).update(cancelled_at=timezone.now())
    answer = alices.post(address, {"shown": "0"})
    assert answer.status_code == 409
    assert "We have called this intake off" in answer.text
    place.refresh_from_db()
    assert place.is_enrolled


@pytest.mark.parametrize("method", ["get", "head", "put", "patch"])
def test_nothing_is_done_by_another_method_than_the_one_that_is_due(
    alices: Client, place: Enrolment, entry: WaitingListEntry, method: str
) -> None:
    for address in (
        f"/account/enrolments/{place.pk}/cancellation/?shown=9000&_method=post",
        f"/account/enrolments/{place.pk}/payment/?_method=delete",
        f"/account/waiting-list/{entry.pk}/?_method=delete",
        "/courses/deep-learning/intakes/2126-05/enrol/?price=1&apply=1",
    ):
        assert getattr(alices, method)(address).status_code in {200, 302, 405}, address
    place.refresh_from_db()
    entry.refresh_from_db()
    assert place.is_enrolled
    assert entry.is_waiting


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_nobody_is_led_off_the_site(alices: Client, intake: Intake, target: str) -> None:
    address = f"{intake.get_enrol_url()}?next={target}&return_url={target}"
    intake.prices.update(amount=0)
    answer = alices.post(address, {"price": intake.prices.get().pk, "next": target})
    assert answer.status_code == 302
    assert answer.url == f"/account/enrolments/{Enrolment.objects.get().pk}/"
