"""What the demonstration shows of buying a place, and that it can be loaded again."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from courses.models import Intake, Price, Provider
from enrolment import recounting, vouchers
from enrolment.models import Enrolment, Voucher, WaitingListEntry


@pytest.fixture
def said(db: None, settings: Settings) -> str:
    """What loading the demonstration says."""
    settings.DEMO = True
    out = StringIO()
    call_command("load_demo", stdout=out)
    return out.getvalue()


def test_it_has_every_kind_of_price_with_its_limits(said: str) -> None:
    early = Price.objects.get(kind="early")
    concession = Price.objects.get(kind="concession")
    assert early.places_limit
    assert early.available_until
    assert concession.places_limit
    assert concession.declaration
    assert Intake.objects.filter(minimum_places=6).exclude(decide_on=None).count() == 1


def test_its_vouchers_can_be_used(said: str) -> None:
    assert "WELCOME10" in said
    voucher = vouchers.find("WELCOME10")
    student = User.objects.get(email="student@termtime.example")
    price = Price.objects.filter(amount=9000)[0]
    vouchers.check(voucher, student=student, price=price, at=timezone.now())
    assert Voucher.objects.count() == 21


def test_places_are_cancelled_by_tiers(said: str) -> None:
    provider = Provider.current()
    assert provider is not None
    assert provider.policy == {"fee": 1000, "tiers": [[28, 100], [14, 50], [0, 0]]}


def test_a_full_intake_has_somebody_who_waits(said: str) -> None:
    entry = WaitingListEntry.objects.get()
    assert entry.intake.state(at=timezone.now()) == "full"
    assert recounting.miscounted() == []


def test_loading_it_again_changes_nothing(said: str) -> None:
    counts = (Enrolment, Voucher, WaitingListEntry, Price, Intake, User)
    before = [model.objects.count() for model in counts]
    call_command("load_demo", stdout=StringIO())
    assert [model.objects.count() for model in counts] == before


def test_the_catalogue_shows_it(said: str, client: Client) -> None:
    page = client.get("/courses/deep-learning/").content.decode()
    assert "Early bird, <span" in page
    assert "£75</span>" in page
    assert "for the first 10" in page
    assert "Runs if 6 enrol by" in page
