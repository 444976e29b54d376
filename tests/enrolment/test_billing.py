"""Whom an invoice is made out to, before paying and after."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses.models import Intake
from enrolment import documents, moving
from enrolment.billing_form import BillingForm
from enrolment.models import Document, Enrolment, HistoryEntry
from tests.courses.making import a_price, an_intake
from tests.enrolment.leaving import URLS, a_place, begin, settle
from tests.enrolment.papers import text_of
from tests.sandbox.process import Sandbox

ARCHER = {
    "company": "Archer & Daughters Ltd",
    "address": "Unit 4\n\n  12 Quiver Lane \nLeeds LS1 1AA",
    "vat_number": "gb 123 4567 89",
    "order_number": "PO-77",
}


@pytest.fixture
def enrolment(alice: User, intake: Intake) -> Enrolment:
    """Alice's, paid, with its documents."""
    made = a_place(alice, intake, timezone.now())
    documents.issue_missing(at=timezone.now())
    return made


def test_details_given_before_paying_stand_on_the_invoice(
    alices: Client, alice: User, intake: Intake, stand_in: Sandbox
) -> None:
    enrolment = begin(alice, intake.prices.get())
    billing = f"/account/enrolments/{enrolment.pk}/billing/"
    assert billing in alices.get(f"/account/enrolments/{enrolment.pk}/").text
    response = alices.post(billing, ARCHER)
    assert response.headers["Location"] == f"/account/enrolments/{enrolment.pk}/"
    settle(stand_in, enrolment.payments.get())
    invoice = Document.objects.get(kind="invoice")
    assert invoice.buyer_lines == [
        "Archer & Daughters Ltd", "Unit 4", "12 Quiver Lane", "Leeds LS1 1AA",
        "VAT number GB123456789",
    ]  # fmt: skip
    text = text_of(invoice)
    assert "Your order number PO-77" in text
    assert "Place for Alice Archer" in text


def test_a_free_place_may_say_whom_to_invoice_while_a_difference_is_to_be_paid(
    alices: Client, alice: User, intake: Intake, stand_in: Sandbox
) -> None:
    june = an_intake(intake.course, "2126-06")
    a_price(june)
    enrolment = a_place(alice, intake, timezone.now(), amount=0)
    begun = moving.move(enrolment, to=june, at=timezone.now(), urls=URLS, by=alice)
    billing = f"/account/enrolments/{enrolment.pk}/billing/"
    assert billing in alices.get(f"/account/enrolments/{enrolment.pk}/payment/").text
    assert alices.get(billing).status_code == 200
    assert alices.post(billing, ARCHER).status_code == 302
    settle(stand_in, begun.payments.get())
    assert Document.objects.get(kind="invoice").buyer["company"] == "Archer & Daughters Ltd"


def test_the_enrol_page_says_where_company_details_go(alices: Client, intake: Intake) -> None:
    page = alices.get("/courses/deep-learning/intakes/2126-05/enrol/").text
    assert "If your company pays" in page


def test_a_change_after_paying_issues_an_invoice_that_replaces_the_old(
    alices: Client, enrolment: Enrolment
) -> None:
    old = Document.objects.get(kind="invoice")
    response = alices.post(f"/account/enrolments/{enrolment.pk}/billing/", ARCHER)
    new = Document.objects.get(kind="invoice", number=2)
    assert response.headers["Location"] == f"/account/documents/{new.pk}/"
    assert new.replaces == old
    assert "Replaces INV-000001 of" in text_of(new)
    old_page = alices.get(f"/account/documents/{old.pk}/")
    assert old_page.status_code == 200
    assert "This invoice has been replaced by" in old_page.text
    old.refresh_from_db()
    assert "Replaced by INV-000002." in text_of(old)
    assert old.buyer["company"] == ""


def test_the_history_tells_of_it(alices: Client, enrolment: Enrolment, alice: User) -> None:
    alices.post(f"/account/enrolments/{enrolment.pk}/billing/", ARCHER)
    entry = HistoryEntry.objects.get(kind="billing_changed")
    assert entry.by == alice
    assert entry.facts == {"company": "Archer & Daughters Ltd", "invoices": ["INV-000002"]}


def test_sending_the_same_again_issues_nothing(alices: Client, enrolment: Enrolment) -> None:
    for _ in range(2):
        alices.post(f"/account/enrolments/{enrolment.pk}/billing/", ARCHER)
    assert Document.objects.filter(kind="invoice").count() == 2
    assert HistoryEntry.objects.filter(kind="billing_changed").count() == 1


def test_a_second_change_replaces_the_replacement(alices: Client, enrolment: Enrolment) -> None:
    for order_number in ("PO-1", "PO-2"):
        alices.post(
            f"/account/enrolments/{enrolment.pk}/billing/",
            {**ARCHER, "order_number": order_number},
        )
    newest = Document.objects.get(kind="invoice", number=3)
    assert newest.replaces == Document.objects.get(kind="invoice", number=2)


def test_after_ten_changes_in_a_day_the_next_one_waits(
    alices: Client, enrolment: Enrolment
) -> None:
    address = f"/account/enrolments/{enrolment.pk}/billing/"
    for number in range(10):
        assert alices.post(address, ARCHER | {"order_number": f"PO-{number}"}).status_code == 302
    refused = alices.post(address, ARCHER | {"order_number": "PO-10"})
    assert refused.status_code == 422
    assert "Look them over, and try again tomorrow." in refused.text
    assert 'value="PO-10"' in refused.text
    assert Document.objects.filter(kind="invoice").count() == 11
    assert alices.post(address, ARCHER | {"order_number": "PO-9"}).status_code == 302


def test_the_form_shows_what_was_said_before(alices: Client, enrolment: Enrolment) -> None:
    alices.post(f"/account/enrolments/{enrolment.pk}/billing/", ARCHER)
    page = alices.get(f"/account/enrolments/{enrolment.pk}/billing/").text
    assert "Archer &amp; Daughters Ltd" in page
    assert "INV-000002" in page


def test_a_form_with_mistakes_says_what_is_wrong_and_changes_nothing(
    alices: Client, enrolment: Enrolment
) -> None:
    response = alices.post(
        f"/account/enrolments/{enrolment.pk}/billing/", {"vat_number": "none of your business"}
    )
    assert response.status_code == 422
    assert "Say whom the invoice is for." in response.text
    assert "This does not look like a VAT number." in response.text
    assert Document.objects.filter(kind="invoice").count() == 1


def test_there_is_nothing_to_make_out_where_nothing_is_paid(
    alices: Client, alice: User, intake: Intake
) -> None:
    free = a_place(alice, intake, timezone.now(), amount=0)
    assert alices.get(f"/account/enrolments/{free.pk}/billing/").status_code == 404


def test_bob_cannot_change_hers(client: Client, bob: User, enrolment: Enrolment) -> None:
    client.force_login(bob)
    path = f"/account/enrolments/{enrolment.pk}/billing/"
    assert client.get(path).status_code == 404
    assert client.post(path, ARCHER).status_code == 404
    assert Document.objects.filter(kind="invoice").count() == 1


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("GB123456789", "GB123456789"),
        ("123 4567 89", "GB123456789"),
        ("gb 123 4567 89 001", "GB123456789001"),
        ("GBGD123", "GBGD123"),
        ("XI123456789", "XI123456789"),
        ("IE 1234567 WA", "IE1234567WA"),
        ("DE-123.456.789", "DE123456789"),
    ],
)
def test_vat_numbers_are_kept_without_spaces(typed: str, kept: str) -> None:
    form = BillingForm({**ARCHER, "vat_number": typed})
    assert form.is_valid(), form.errors
    assert form.details.vat_number == kept


@pytest.mark.parametrize("typed", ["GB12345678", "12345", "GB12345678X", "ÄÖ123456", "hello"])
def test_what_is_no_vat_number_is_refused(typed: str) -> None:
    assert "vat_number" in BillingForm({**ARCHER, "vat_number": typed}).errors


def test_an_address_has_eight_lines_at_most() -> None:
    form = BillingForm({**ARCHER, "address": "\n".join("abcdefghi")})
    assert form.errors["address"] == ["Use 8 lines at most."]
