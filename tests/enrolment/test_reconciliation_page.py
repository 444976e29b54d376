"""What disagrees, listed and repaired by staff on a page and by a command."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses.models import Intake
from enrolment import refunding
from enrolment.models import (
    Payment,
    Refund,
)
from tests.enrolment.disagreeing import notes
from tests.enrolment.disputing import paid
from tests.enrolment.driving import (
    begin_paying,
    only_enrolment,
    places,
    run_jobs,
)
from tests.sandbox.process import Sandbox

PAGE = "/admin/enrolment/dispute/reconciliation/"


@pytest.fixture
def payment(alices: Client, intake: Intake, stand_in: Sandbox) -> Payment:
    """Alice's £90, paid and settled."""
    return paid(alices, intake, stand_in)


@pytest.fixture
def pending(alices: Client, intake: Intake, stand_in: Sandbox) -> Payment:
    """Alice is on Stripe's page."""
    return begin_paying(alices, intake)


def test_the_command_lists_and_repairs_what_the_page_shows(
    payment: Payment, intake: Intake, stand_in: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    Intake.objects.update(places_taken=4)
    with pytest.raises(CommandError, match="1 thing is left"):
        call_command("reconcile", "--check")
    assert "Places miscounted: Deep learning, May 2126 intake" in capsys.readouterr().out
    assert places(intake) == (4, 0)
    call_command("reconcile")
    assert places(intake) == (1, 0)
    assert "Repaired: Deep learning" in capsys.readouterr().out


# The page --------------------------------------------------------------------------------------


@pytest.fixture
def sams(sam: User) -> Client:
    """Sam's browser, signed in."""
    browser = Client()
    browser.force_login(sam)
    return browser


def test_the_page_shows_what_disagrees_and_repairs_it_at_a_click(
    payment: Payment, intake: Intake, stand_in: Sandbox, sams: Client
) -> None:
    stand_in.control(f"sessions/{payment.session_id}/refund", amount=2500)
    page = sams.get(PAGE).content.decode()
    assert "Refunded at Stripe, and not here" in page
    assert "Write it down" in page
    stripe_id = stand_in.client().v1.refunds.list().data[0].id
    answer = sams.post(PAGE, {"repair": "record_refund", "key": stripe_id}, follow=True)
    assert "Done." in answer.content.decode()
    assert Refund.objects.get().stripe_id == stripe_id
    assert notes() == [("Sam Staff", "a refund made at Stripe was written down")]


def test_everything_safe_is_repaired_by_one_button(
    payment: Payment, intake: Intake, stand_in: Sandbox, sams: Client
) -> None:
    Intake.objects.update(places_taken=4)
    assert "Repair all that is safe" in sams.get(PAGE).content.decode()
    answer = sams.post(PAGE, {"all": "1"}, follow=True).content.decode()
    assert "1 repaired." in answer
    assert "Nothing disagrees." in answer
    assert places(intake) == (1, 0)


def test_what_may_stay_is_left_by_a_button(
    payment: Payment, stand_in: Sandbox, sams: Client
) -> None:
    refunding.begin(payment, amount=1000, reason="Nobody knows", at=timezone.now())
    run_jobs()
    mark = f"not_covered:{payment.enrolment_id}"
    assert mark in sams.get(PAGE).content.decode()
    answer = sams.post(PAGE, {"leave": mark}, follow=True).content.decode()
    assert "Nothing disagrees." in answer
    assert notes() == [("Sam Staff", "it stays as it is")]
    sams.post(PAGE, {"leave": "not_covered:nonsense"})
    assert len(notes()) == 1


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"repair": "nonsense", "key": "1"},
        {"repair": "settle", "key": "cs_of_nobody"},
        {"repair": "give_up", "key": "no-uuid"},
        {"repair": "recount", "key": "intake:x"},
        {"repair": "recount", "key": "intake:999"},
        {"repair": "recount", "key": "user:1"},
        {"repair": "process_event", "key": "\x00"},
        {"repair": "let_go", "key": "1" * 255},
        {"leave": "x"},
    ],
)
def test_the_page_takes_whatever_is_sent(
    payment: Payment, stand_in: Sandbox, sams: Client, sent: dict[str, str]
) -> None:
    answer = sams.post(PAGE, sent, follow=True)
    assert answer.status_code == 200
    assert only_enrolment().is_enrolled


def test_the_page_is_for_those_who_may_reconcile(
    alices: Client, payment: Payment, stand_in: Sandbox, bob: User
) -> None:
    assert alices.get(PAGE).status_code == 302
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    bobs = Client()
    bobs.force_login(bob)
    assert bobs.get(PAGE).status_code == 403
    assert bobs.post(PAGE, {"all": "1"}).status_code == 403


def test_where_stripe_is_away_the_page_says_so_and_shows_the_rest(
    payment: Payment, intake: Intake, stand_in: Sandbox, sams: Client
) -> None:
    Intake.objects.update(places_taken=4)
    stand_in.control("requests", path="/v1/*", action="drop", count="all")
    page = sams.get(PAGE).content.decode()
    assert "Not everything could be checked." in page
    assert "could not be listed" in page
    assert "Places miscounted" in page
    sams.post(PAGE, {"all": "1"})
    assert places(intake) == (1, 0)
