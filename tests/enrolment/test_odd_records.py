"""Odd names, no provider, miscounted places: what is sent and shown stays whole."""

from datetime import date
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses.models import Course, Intake, LegalPage, Provider
from enrolment import by_hand, cancelling, printing
from enrolment.mail import _KINDS
from enrolment.models import Document, Enrolment
from tests.courses.making import an_intake
from tests.enrolment.driving import run_jobs
from tests.enrolment.leaving import a_place

NOW = timezone.now()
ODD = {
    "header": "Al\r\nBcc: mallory@example.org",
    "markup": "<b>Al</b><script>alert(1)</script>&amp;",
    "formula": '=HYPERLINK("http://x")',
    "override": "Al\N{RIGHT-TO-LEFT OVERRIDE}ice\x0b\x1f",
    "quotes": "A\"l'ice; CN=x:y,z\\n",
    "emoji": "\N{PARTY POPPER}" * 40,
    "long": "x" * 200,
}


def paid_in_cash(intake: Intake, sam: User) -> Enrolment:
    """Alice's place, for which she paid £90 in cash."""
    place = by_hand.Place("alice@example.org", intake, intake.prices.get(), sam)
    return by_hand.enrol_paid_elsewhere(place, amount=9000, how="Cash", at=NOW)


@pytest.mark.parametrize("name", ODD.values(), ids=ODD)
def test_odd_names_stay_where_they_belong(
    alice: User, intake: Intake, sam: User, client: Client, name: str
) -> None:
    Intake.objects.filter(pk=intake.pk).update(starts_on="2126-05-04", ends_on="2126-06-04")
    intake.refresh_from_db()
    for row in (alice, Provider.objects.get()):
        row.name = name
        row.save()
    intake.course.title = name[:150]
    intake.course.save()
    enrolment = paid_in_cash(intake, sam)
    cancelling.cancel(enrolment, at=NOW, by=alice)
    run_jobs()
    assert len(mail.outbox) >= 2
    for letter in mail.outbox:
        wire = message_from_bytes(letter.message().as_bytes())
        assert "Bcc" not in wire
        assert letter.recipients() == ["alice@example.org"]
        html = next(part[0] for part in letter.alternatives)
        assert "<script>" not in str(html)
    for document in Document.objects.all():
        assert printing.pdf(document).startswith(b"%PDF")
    client.force_login(alice)
    for address in (
        f"/account/enrolments/{enrolment.pk}/",
        f"/account/enrolments/{enrolment.pk}/intake.ics",
        f"/account/documents/{Document.objects.earliest('issued_at').pk}/",
        "/account/payments/",
        "/account/waiting-list/",
    ):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert b"<script>alert" not in answer.content or address.endswith(".ics")


def test_without_a_provider_nothing_breaks(
    alice: User, intake: Intake, sam: User, client: Client
) -> None:
    Provider.objects.all().delete()
    LegalPage.objects.all().delete()
    enrolment = paid_in_cash(intake, sam)
    client.force_login(alice)
    mine = f"/account/enrolments/{enrolment.pk}/"
    invoice = Document.objects.get(kind="invoice")
    for address in (
        mine,
        f"{mine}cancellation/",
        f"{mine}move/",
        f"{mine}billing/",
        f"/account/documents/{invoice.pk}/",
        f"/account/documents/{invoice.pk}.pdf",
        "/courses/deep-learning/intakes/2126-05/enrol/",
    ):
        assert client.get(address).status_code in {200, 302}, address
    client.post(f"{mine}cancellation/", {"shown": "9000"})
    enrolment.refresh_from_db()
    assert enrolment.status == Enrolment.Status.CANCELLED
    run_jobs()
    assert [letter.to for letter in mail.outbox] == [["alice@example.org"]] * 2


def test_every_kind_of_mail_is_known_by_its_templates() -> None:
    folder = Path(__file__).resolve().parents[2] / "templates/enrolment/mail"
    for kind in _KINDS:
        for ending in ("_subject.txt", ".html"):
            assert (folder / f"{kind}{ending}").exists(), kind


def test_a_repair_that_miscounted_places_stop_is_said_to_staff(
    alice: User, intake: Intake, sam: User, client: Client
) -> None:
    held = a_place(alice, intake, NOW, status="pending", enrolled_at=None, amount=0)
    Intake.objects.filter(pk=intake.pk).update(places_held=0)
    client.force_login(sam)
    page = "/admin/enrolment/dispute/reconciliation/"
    answer = client.post(page, {"repair": "let_go", "key": str(held.pk)})
    assert answer.status_code == 302
    said = [str(one) for one in answer.wsgi_request._messages]
    assert said == ["The places are miscounted: correct the numbers first."]
    held.refresh_from_db()
    assert held.is_pending


def test_a_month_without_days_is_cancelled_and_quoted_like_any(
    course: Course, alice: User, client: Client
) -> None:
    last = date(2126, 5, 31)
    kinds: list[dict[str, Any]] = [{}, {"ends_on": last}, {"allows_late_joining": True}]
    for number, fields in enumerate(kinds):
        intake = an_intake(course, f"{2126 - number}-05", **fields)
        enrolment = a_place(alice, intake, NOW)
        client.force_login(alice)
        assert client.get(f"/account/enrolments/{enrolment.pk}/cancellation/").status_code == 200
        assert client.get(f"/account/enrolments/{enrolment.pk}/move/").status_code == 200
        assert cancelling.quote(enrolment, at=NOW).refund == 9000
