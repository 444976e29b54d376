"""Staff move one person to another intake: past deadlines, never charging, with a reason."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses.models import Course, Intake
from enrolment import recounting, roles
from enrolment.models import Enrolment, HistoryEntry, Move, Payment, Refund
from tests.courses.making import a_course, a_price, an_intake
from tests.enrolment.driving import places, run_jobs
from tests.enrolment.leaving import a_place, net
from tests.enrolment.test_roles import browser_of

NOW = timezone.now()


@pytest.fixture
def as_sam(client: Client, sam: User) -> Client:
    client.force_login(sam)
    return client


@pytest.fixture
def place(alice: User, intake: Intake) -> Enrolment:
    """Alice's place in May, paid for with £90."""
    return a_place(alice, intake, NOW, price=intake.prices.get())


def june_at(course: Course, amount: int, **fields: object) -> Intake:
    made = an_intake(course, "2126-06", **fields)
    a_price(made, amount)
    return made


def move_page(enrolment: Enrolment) -> str:
    return f"/admin/enrolment/enrolment/{enrolment.pk}/move/"


def test_moving_leads_over_a_page_that_says_what_it_comes_to(
    as_sam: Client, place: Enrolment, course: Course
) -> None:
    june = june_at(course, 7500)
    address = move_page(place)
    assert address in as_sam.get(f"/admin/enrolment/enrolment/{place.pk}/change/").text
    page = as_sam.get(address).text
    assert "June 2126 intake (Standard): £15 goes back to you" in page
    answer = as_sam.post(address, {"to": f"{june.pk}:-1500", "reason": "She asked by telephone"})
    assert answer.url == f"/admin/enrolment/enrolment/{place.pk}/change/"
    place.refresh_from_db()
    assert (place.intake, place.amount, net(place)) == (june, 7500, 7500)
    assert Refund.objects.get().amount == 1500
    told = HistoryEntry.objects.get(kind="moved")
    assert (told.by.name, told.reason) == ("Sam Staff", "She asked by telephone")
    run_jobs_of_mail()
    assert [letter.subject for letter in mail.outbox] == [
        "Your place in Deep learning: June 2126 intake"
    ]
    assert (places(june), recounting.miscounted()) == ((1, 0), [])


def run_jobs_of_mail() -> None:
    """The refund itself is Stripe's affair, and tried elsewhere."""
    Refund.objects.update(status="done", done_at=NOW, stripe_id="")
    Payment.objects.update(method="elsewhere")
    run_jobs()


def test_more_to_pay_is_waived_or_left_to_the_student(
    as_sam: Client, place: Enrolment, course: Course
) -> None:
    june = june_at(course, 12_000)
    refused = as_sam.post(move_page(place), {"to": f"{june.pk}:3000"})
    assert refused.status_code == 422
    assert "£30 more would be to pay." in refused.text
    assert places(june) == (0, 0)
    as_sam.post(move_page(place), {"to": f"{june.pk}:3000", "waive": "on"})
    place.refresh_from_db()
    assert (place.intake, place.amount, place.list_amount) == (june, 9000, 12_000)
    assert not Move.objects.get().payments.exists()


def test_staff_move_past_the_deadline_and_into_what_has_closed(
    as_sam: Client, place: Enrolment, course: Course
) -> None:
    yesterday = NOW - timedelta(days=1)
    Intake.objects.update(moves_until=yesterday.date())
    june = june_at(course, 9000, enrolment_closes_at=yesterday)
    as_sam.post(move_page(place), {"to": f"{june.pk}:0"})
    place.refresh_from_db()
    assert place.intake == june
    assert Move.objects.get().percent_then == 100


def test_a_full_intake_takes_nobody(as_sam: Client, place: Enrolment, course: Course) -> None:
    june = june_at(course, 9000, capacity=0)
    assert "June 2126 intake (Standard, full)" in as_sam.get(move_page(place)).text
    refused = as_sam.post(move_page(place), {"to": f"{june.pk}:0"})
    assert refused.status_code == 422
    assert "The last place in this intake has just been taken." in refused.text
    assert (places(june), places(place.intake)) == ((0, 0), (1, 0))


def test_a_price_that_changed_while_the_page_was_open_is_looked_at_again(
    as_sam: Client, place: Enrolment, course: Course
) -> None:
    june = june_at(course, 9000)
    june.prices.update(amount=6000)
    refused = as_sam.post(move_page(place), {"to": f"{june.pk}:0"})
    assert refused.status_code == 422
    assert "This intake, or its price, has changed." in refused.text
    place.refresh_from_db()
    assert place.intake != june


@pytest.mark.parametrize("kind", ["another course's", "a called-off one", "none"])
def test_what_is_no_place_to_move_to_is_not_offered(
    as_sam: Client, place: Enrolment, course: Course, kind: str
) -> None:
    other = an_intake(a_course("statistics") if kind == "another course's" else course, "2126-08")
    a_price(other)
    if kind == "a called-off one":
        Intake.objects.filter(pk=other.pk).update(cancelled_at=NOW)
    key = "999999" if kind == "none" else str(other.pk)
    assert as_sam.post(move_page(place), {"to": f"{key}:0"}).status_code == 422
    place.refresh_from_db()
    assert place.intake != other


def test_sending_the_form_twice_moves_once(
    as_sam: Client, place: Enrolment, course: Course
) -> None:
    june = june_at(course, 7500)
    sent = {"to": f"{june.pk}:-1500"}
    assert as_sam.post(move_page(place), sent).status_code == 302
    assert as_sam.post(move_page(place), sent).status_code == 422
    assert (Move.objects.count(), Refund.objects.count(), places(june)) == (1, 1, (1, 0))


def test_who_has_no_place_cannot_be_moved(as_sam: Client, place: Enrolment, course: Course) -> None:
    june = june_at(course, 9000)
    place.cancel(at=NOW)
    answer = as_sam.post(move_page(place), {"to": f"{june.pk}:0"}, follow=True)
    assert "Only somebody who is enrolled can be moved." in answer.text
    assert not Move.objects.exists()


@pytest.mark.parametrize(
    ("role", "status"), [("Admissions", 200), ("Finance", 403), ("Content editor", 403)]
)
def test_who_may_cancel_may_move(place: Enrolment, role: str, status: int) -> None:
    roles.make()
    call = browser_of(role)
    assert call.get(move_page(place)).status_code == status
    assert call.post(move_page(place), {}).status_code == (422 if status == 200 else 403)


def test_the_front_page_leads_to_reconciliation_whoever_may_reconcile(place: Enrolment) -> None:
    roles.make()
    address = "/admin/enrolment/dispute/reconciliation/"
    assert address in browser_of("Finance").get("/admin/").text
    assert address not in browser_of("Admissions").get("/admin/").text
