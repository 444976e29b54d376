"""What staff do in the admin: enrol by hand, cancel, refund; each asked for, then done."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses.models import Intake
from enrolment import by_hand, checkout, history, refunding
from enrolment.models import Enrolment, HistoryEntry, Payment, Refund
from tests.courses.making import a_price, an_intake
from tests.enrolment.driving import places, run_jobs

NOW = timezone.now()
TODAY = f"{timezone.localdate(NOW)}"
HAND = "/admin/enrolment/enrolment/by-hand/"


@pytest.fixture
def as_sam(client: Client, sam: User) -> Client:
    client.force_login(sam)
    return client


@pytest.fixture
def paid(alice: User, intake: Intake, sam: User) -> Enrolment:
    """Alice's place, for which she paid £90 in cash."""
    place = by_hand.Place("alice@example.org", intake, intake.prices.get(), sam)
    return by_hand.enrol_paid_elsewhere(place, amount=9000, how="Cash", at=NOW)


def answers(intake: Intake, **more: str) -> dict[str, str]:
    price = str(intake.prices.get().pk)
    known = {"email": "alice@example.org", "price": price, "way": "free", "paid_on": TODAY}
    return {**known, **more}


def days_from_now(days: int) -> str:
    return f"{timezone.localdate(NOW) + timedelta(days=days)}"


def act(enrolment: Enrolment, what: str) -> str:
    return f"/admin/enrolment/enrolment/{enrolment.pk}/{what}/"


# By hand -------------------------------------------------------------------------------------


def test_the_way_to_the_form_leads_over_the_intake(as_sam: Client, intake: Intake) -> None:
    assert f"{HAND}{intake.pk}/" in as_sam.get(HAND).text
    assert f"{HAND}{intake.pk}/" in as_sam.get(f"{HAND}?q=deep").text
    assert "No intake found." in as_sam.get(f"{HAND}?q=knitting").text
    assert HAND in as_sam.get("/admin/enrolment/enrolment/").text


@pytest.mark.parametrize(
    ("more", "status", "amount"),
    [
        ({"way": "free"}, "enrolled", 0),
        ({"way": "elsewhere", "how": "Cash"}, "enrolled", 9000),
        ({"way": "elsewhere", "how": "Cash", "amount": "45.50"}, "enrolled", 4550),
        ({"way": "link", "held_until": f"{NOW + timedelta(days=3):%Y-%m-%d}"}, "pending", 9000),
    ],
)
def test_each_way_of_enrolling_by_hand(
    as_sam: Client, alice: User, intake: Intake, more: dict[str, str], status: str, amount: int
) -> None:
    response = as_sam.post(f"{HAND}{intake.pk}/", answers(intake, **more))
    enrolment = Enrolment.objects.get()
    assert response.url == f"/admin/enrolment/enrolment/{enrolment.pk}/change/"
    assert (enrolment.status, enrolment.amount, enrolment.student) == (status, amount, alice)
    assert enrolment.enrolled_by is not None
    assert enrolment.entries.get().by == enrolment.enrolled_by


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"email": "new@example.org"}, "give a name to make one"),
        ({"email": "no address"}, "Enter an email address in full"),
        ({"way": "elsewhere"}, "Say how it was paid."),
        ({"way": "link", "held_until": ""}, "Say until when the place is kept."),
        ({"way": "link", "held_until": "2001-01-01"}, "Choose a day from today"),
        ({"way": "link", "held_until": "9999-12-31"}, "Choose a day from today"),
        ({"way": "elsewhere", "how": "Cash", "amount": "0"}, "Give an amount, or choose Free."),
        ({"way": "elsewhere", "how": "Cash", "amount": "0.10"}, "at least £0.30"),
        ({"way": "elsewhere", "how": "Cash", "paid_on": ""}, "Say on which day"),
        ({"way": "elsewhere", "how": "Cash", "paid_on": "next week"}, "Enter a valid date."),
        ({"way": "elsewhere", "how": "Cash", "paid_on": "9999-12-31"}, "still to come"),
        ({"way": "elsewhere", "how": "Cash", "paid_on": "0001-01-01"}, "more than a year ago"),
        ({"way": "free", "amount": "5"}, "Free costs nothing"),
        ({"price": ""}, "Make a choice for “Price”."),
        ({"price": "999999"}, "Select a valid choice."),
    ],
)
def test_what_does_not_go_is_said_and_nothing_typed_is_lost(
    as_sam: Client, alice: User, intake: Intake, more: dict[str, str], said: str
) -> None:
    response = as_sam.post(f"{HAND}{intake.pk}/", answers(intake, reason="She rang", **more))
    assert response.status_code == 422
    assert said in response.text
    assert 'value="She rang"' in response.text
    assert not Enrolment.objects.exists()


def test_a_full_intake_and_a_place_there_already_are_said_in_words(
    as_sam: Client, alice: User, intake: Intake
) -> None:
    address = f"{HAND}{intake.pk}/"
    as_sam.post(address, answers(intake))
    again = as_sam.post(address, answers(intake)).text
    assert "They have a place in this intake already (enrolled)." in again
    Intake.objects.filter(pk=intake.pk).update(capacity=1)
    full = as_sam.post(address, answers(intake, email="b@example.org", name="B")).text
    assert "Nobody can be enrolled: the intake is full." in full
    assert not User.objects.filter(email="b@example.org").exists()
    assert places(intake) == (1, 0)


def test_another_intakes_price_is_none_of_this_one(
    as_sam: Client, alice: User, intake: Intake, stranger: Intake
) -> None:
    price = stranger.prices.get()
    response = as_sam.post(f"{HAND}{intake.pk}/", answers(intake, price=str(price.pk)))
    assert response.status_code == 422


@pytest.fixture
def stranger(intake: Intake) -> Intake:
    """Another intake of the course."""
    other = an_intake(intake.course, "2127-01")
    a_price(other)
    return other


def test_a_held_place_is_marked_as_paid(
    as_sam: Client, alice: User, intake: Intake, sam: User
) -> None:
    place = by_hand.Place("alice@example.org", intake, intake.prices.get(), sam)
    held = by_hand.send_pay_link(place, amount=9000, held_until=NOW + timedelta(days=7), at=NOW)
    assert "Paid elsewhere…" in as_sam.get(act(held, "change")).text
    assert "£90" in as_sam.get(act(held, "paid-elsewhere")).text
    assert as_sam.post(act(held, "paid-elsewhere"), {}).status_code == 422
    as_sam.post(act(held, "paid-elsewhere"), {"how": "Cheque", "paid_on": TODAY})
    held.refresh_from_db()
    assert held.is_enrolled
    again = as_sam.post(act(held, "paid-elsewhere"), {"how": "Cheque", "paid_on": TODAY})
    assert again.status_code == 302
    assert Payment.objects.count() == 1


def test_money_from_elsewhere_counts_from_the_day_on_which_it_came(
    as_sam: Client, alice: User, intake: Intake
) -> None:
    address, day = f"{HAND}{intake.pk}/", days_from_now(-20)
    assert f'name="paid_on" value="{timezone.localdate()}"' in as_sam.get(address).text
    as_sam.post(address, answers(intake, way="elsewhere", how="Transfer", paid_on=day))
    payment = Payment.objects.get()
    assert payment.paid_at is not None
    assert f"{timezone.localtime(payment.paid_at):%Y-%m-%d %H:%M}" == f"{day} 12:00"
    assert payment.created_at >= NOW
    assert payment.enrolment.entries.get().at == payment.created_at
    invoice = payment.documents.get(kind="invoice")
    paid_on = timezone.localtime(payment.paid_at)
    assert ("Paid", f"{paid_on:%-d %B %Y}") in invoice.facts
    assert invoice.issued_at == payment.created_at


@pytest.mark.parametrize(
    ("days", "said"),
    [(2, "This day is still to come."), (-367, "This is more than a year ago.")],
)
def test_a_held_place_was_not_paid_for_on_an_odd_day(
    as_sam: Client, alice: User, intake: Intake, sam: User, days: int, said: str
) -> None:
    place = by_hand.Place("alice@example.org", intake, intake.prices.get(), sam)
    held = by_hand.send_pay_link(place, amount=9000, held_until=NOW + timedelta(days=7), at=NOW)
    sent = {"how": "Cheque 7", "paid_on": days_from_now(days)}
    response = as_sam.post(act(held, "paid-elsewhere"), sent)
    assert response.status_code == 422
    assert said in response.text
    assert 'value="Cheque 7"' in response.text
    assert not Payment.objects.exists()
    as_sam.post(act(held, "paid-elsewhere"), {**sent, "paid_on": days_from_now(-300)})
    paid_at = Payment.objects.get().paid_at
    assert paid_at is not None
    assert f"{timezone.localdate(paid_at)}" == days_from_now(-300)


# Cancelling ----------------------------------------------------------------------------------


def test_cancelling_asks_with_the_quote_that_the_student_sees(
    as_sam: Client, paid: Enrolment
) -> None:
    page = as_sam.get(act(paid, "cancel")).text
    assert "Paid: £90. £90 goes back." in page
    assert "the law lets you cancel without giving a reason" in page
    paid.refresh_from_db()
    assert paid.is_enrolled


def test_the_quoted_refund_needs_no_reason(as_sam: Client, paid: Enrolment, sam: User) -> None:
    as_sam.post(act(paid, "cancel"), {"shown": "9000", "refund": "90", "reason": ""})
    paid.refresh_from_db()
    assert paid.status == Enrolment.Status.CANCELLED
    assert Refund.objects.get().amount == 9000
    assert places(paid.intake) == (0, 0)
    assert paid.entries.get(kind=HistoryEntry.Kind.CANCELLED).by == sam


def test_another_refund_needs_one(as_sam: Client, paid: Enrolment) -> None:
    data = {"shown": "9000", "refund": "45", "reason": " "}
    response = as_sam.post(act(paid, "cancel"), data)
    assert response.status_code == 422
    assert "Say why something else goes back than the terms give." in response.text
    assert 'value="45"' in response.text
    paid.refresh_from_db()
    assert paid.is_enrolled
    as_sam.post(act(paid, "cancel"), {**data, "reason": "ill"})
    assert Refund.objects.get().amount == 4500
    said = [sentence.text for sentence in history.sentences(Enrolment.objects.get())]
    assert "£45 goes back, where the terms give £90." in said[1]


def test_more_than_was_paid_cannot_go_back(as_sam: Client, paid: Enrolment) -> None:
    data = {"shown": "9000", "refund": "95", "reason": "Sorry"}
    response = as_sam.post(act(paid, "cancel"), data)
    assert response.status_code == 422
    assert "Only £90 can go back." in response.text
    assert not Refund.objects.exists()
    paid.refresh_from_db()
    assert paid.is_enrolled


def test_a_quote_that_has_changed_is_shown_again(as_sam: Client, paid: Enrolment) -> None:
    data = {"shown": "5000", "refund": "50", "reason": ""}
    response = as_sam.post(act(paid, "cancel"), data)
    assert response.status_code == 422
    assert "What goes back has changed meanwhile." in response.text
    assert 'name="shown" value="9000"' in response.text
    assert 'value="90.00"' in response.text
    paid.refresh_from_db()
    assert paid.is_enrolled


def test_cancelling_twice_says_that_it_is_over(as_sam: Client, paid: Enrolment) -> None:
    data = {"shown": "9000", "refund": "90", "reason": ""}
    as_sam.post(act(paid, "cancel"), data)
    response = as_sam.post(act(paid, "cancel"), data, follow=True)
    assert "This enrolment has ended already." in response.text
    assert Refund.objects.count() == 1


def test_a_place_that_is_not_paid_for_is_let_go(
    as_sam: Client, alice: User, intake: Intake, sam: User
) -> None:
    place = by_hand.Place("alice@example.org", intake, intake.prices.get(), sam)
    held = by_hand.send_pay_link(place, amount=9000, held_until=NOW + timedelta(days=7), at=NOW)
    assert "who has not paid" in as_sam.get(act(held, "cancel")).text
    as_sam.post(act(held, "cancel"))
    held.refresh_from_db()
    assert held.status == Enrolment.Status.EXPIRED
    assert places(intake) == (0, 0)
    assert held.entries.get(kind=HistoryEntry.Kind.GIVEN_UP).by == sam


# Refunds -------------------------------------------------------------------------------------


def refund_page(payment: Payment) -> str:
    return f"/admin/enrolment/payment/{payment.pk}/refund/"


def test_a_part_of_a_payment_goes_back(as_sam: Client, paid: Enrolment, sam: User) -> None:
    payment = paid.payments.get()
    assert "£90 of it can go back" in as_sam.get(refund_page(payment)).text
    data = {"left": "9000", "amount": "19.99", "reason": "A lesson was missing"}
    as_sam.post(refund_page(payment), data)
    refund = Refund.objects.get()
    assert (refund.amount, refund.reason, refund.by) == (1999, "A lesson was missing", sam)
    paid.refresh_from_db()
    assert paid.is_enrolled
    run_jobs()
    assert "£19.99" in mail.outbox[-1].body


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"amount": "90.01"}, "At most £90 can go back."),
        ({"amount": "0"}, "greater than or equal to 0.01"),
        ({"amount": "-5"}, "greater than or equal to 0.01"),
        ({"amount": "ten"}, "Enter a number."),
        ({"reason": ""}, "Fill in “Reason”."),
        ({"left": "8000"}, "£90 is left."),
    ],
)
def test_a_refund_that_does_not_go_says_why(
    as_sam: Client, paid: Enrolment, more: dict[str, str], said: str
) -> None:
    data = {"left": "9000", "amount": "10", "reason": "Sorry", **more}
    response = as_sam.post(refund_page(paid.payments.get()), data)
    assert response.status_code == 422
    assert said in response.text
    assert not Refund.objects.exists()


def test_a_second_click_refunds_nothing_more(as_sam: Client, paid: Enrolment) -> None:
    payment = paid.payments.get()
    data = {"left": "9000", "amount": "10", "reason": "Sorry"}
    as_sam.post(refund_page(payment), data)
    assert as_sam.post(refund_page(payment), data).status_code == 422
    assert Refund.objects.count() == 1


def a_refund(payment: Payment, **fields: object) -> Refund:
    known = {"payment": payment, "amount": 1000, "reason": "Sorry", "created_at": NOW}
    return Refund.objects.create(**{**known, **fields})


def test_what_was_paid_elsewhere_is_marked_as_paid_back(
    as_sam: Client, paid: Enrolment, sam: User
) -> None:
    refund = a_refund(paid.payments.get())
    change = f"/admin/enrolment/refund/{refund.pk}/change/"
    assert "Mark as paid back…" in as_sam.get(change).text
    address = f"/admin/enrolment/refund/{refund.pk}/paid-back/"
    assert as_sam.post(address).status_code == 422
    for _ in range(2):
        assert as_sam.post(address, {"how": "Cheque 101"}).status_code == 302
    refund.refresh_from_db()
    assert (refund.status, refund.note) == (Refund.Status.DONE, "Cheque 101")
    assert paid.entries.filter(kind=HistoryEntry.Kind.REFUND_DONE).count() == 1
    assert "Mark as paid back…" not in as_sam.get(change).text


def test_a_refund_that_failed_is_tried_again(as_sam: Client, alice: User, intake: Intake) -> None:
    order = checkout.Order(student=alice, intake=intake, price=intake.prices.get())
    payment = checkout.begin(order, at=NOW).payments.get()
    payment.receive(amount=9000, payment_intent_id="pi_1", flag="", at=NOW)
    refund = a_refund(payment, status="failed")
    change = f"/admin/enrolment/refund/{refund.pk}/change/"
    assert "Try again…" in as_sam.get(change).text
    assert "Mark as paid back…" in as_sam.get(change).text
    assert as_sam.get(f"/admin/enrolment/refund/{refund.pk}/retry/").status_code == 200
    as_sam.post(f"/admin/enrolment/refund/{refund.pk}/retry/")
    refund.refresh_from_db()
    assert (refund.status, refund.attempt) == (Refund.Status.PENDING, 2)
    assert "Try again…" not in as_sam.get(change).text
    assert refunding.refundable(payment) == 8000
