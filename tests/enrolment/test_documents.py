"""Receipts, invoices and credit notes: what is issued when, what it says, and how it prints."""

import uuid
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from courses.models import Intake, Provider
from enrolment import documents, printing, refunding, settling
from enrolment.models import BillingDetails, Document, DocumentSeries, Enrolment, Payment, Voucher
from enrolment.vat import vat_in
from tests.courses.making import a_price, an_intake
from tests.enrolment.driving import run_jobs
from tests.enrolment.leaving import a_batch, a_place, begin, buy, settle
from tests.enrolment.papers import text_of
from tests.sandbox.process import Sandbox


def references(enrolment: Enrolment) -> list[str]:
    issued = Document.objects.filter(payment__enrolment=enrolment)
    return sorted(one.reference for one in issued)


@pytest.fixture
def with_vat(intake: Intake) -> Intake:
    """The intake at £90, of which a sixth is VAT."""
    Provider.objects.update(vat_treatment="inclusive", vat_number="GB123456789")
    intake.prices.update(vat_treatment="inclusive", vat_rate=2000)
    return intake


def refund(payment: Payment, amount: int) -> None:
    with transaction.atomic():
        refunding.begin(payment, amount=amount, reason="You cancelled", at=timezone.now())


def test_money_that_comes_gets_a_receipt_and_an_invoice(
    alice: User, intake: Intake, stand_in: Sandbox
) -> None:
    enrolment = buy(stand_in, alice, intake.prices.get())
    assert references(enrolment) == ["INV-000001", "REC-000001"]
    receipt = Document.objects.get(kind="receipt")
    assert (receipt.amount, receipt.vat_amount) == (9000, 0)
    assert receipt.buyer["name"] == "Alice Archer"
    assert receipt.lines[0]["description"] == "Deep learning, May 2126 intake"


def test_settling_again_issues_nothing_more(alice: User, intake: Intake, stand_in: Sandbox) -> None:
    enrolment = buy(stand_in, alice, intake.prices.get())
    settling.settle(enrolment.payments.get(), at=timezone.now())
    assert references(enrolment) == ["INV-000001", "REC-000001"]


def test_a_free_place_gets_no_documents(alice: User, course: object, intake: Intake) -> None:
    begin(alice, a_price(intake, 0, name="Free"))
    assert not Document.objects.exists()


def test_money_that_cannot_be_used_gets_a_receipt_and_goes_back_by_a_credit_note(
    alice: User, intake: Intake, stand_in: Sandbox
) -> None:
    enrolment = begin(alice, intake.prices.get())
    payment = enrolment.payments.get()
    Enrolment.objects.filter(pk=enrolment.pk).update(status="cancelled", ended_at=timezone.now())
    settle(stand_in, payment)
    assert references(enrolment) == ["CN-000001", "REC-000001"]
    note = Document.objects.get(kind="credit_note")
    assert note.corrects == Document.objects.get(kind="receipt")
    assert "could not be used" in note.corrects.notes[0]
    assert (note.amount, note.vat_treatment) == (9000, "")


def test_a_refund_gets_a_credit_note_that_names_the_invoice(paid: Payment) -> None:
    refund(paid, 4500)
    note = Document.objects.get(kind="credit_note")
    assert note.corrects is not None
    assert note.corrects.reference == "INV-000001"
    assert (note.reference, note.amount) == ("CN-000001", 4500)
    assert "Corrects invoice INV-000001 of" in text_of(note)


def test_a_refund_whose_first_try_failed_is_credited_once(paid: Payment) -> None:
    refund(paid, 3000)
    paid.refunds.update(status="failed")
    refund(paid, 3000)
    refund(paid, 1000)
    notes = Document.objects.filter(kind="credit_note").order_by("number")
    assert [note.amount for note in notes] == [3000, 1000]


def test_the_parts_of_a_refund_give_back_exactly_the_vat(alice: User, with_vat: Intake) -> None:
    payment = a_place(
        alice, with_vat, timezone.now(), amount=9999, vat_treatment="inclusive", vat_rate=2000
    ).payments.get()
    with transaction.atomic():
        documents.issue_for_payment(payment, at=timezone.now())
    for part in (3333, 3333, 3333):
        refund(payment, part)
    notes = Document.objects.filter(kind="credit_note")
    invoice = Document.objects.get(kind="invoice")
    assert sum(note.vat_amount for note in notes) == invoice.vat_amount == vat_in(9999, 2000)


def test_a_vat_invoice_says_what_regulation_14_asks_for(alice: User, with_vat: Intake) -> None:
    payment = a_place(
        alice, with_vat, timezone.now(), vat_treatment="inclusive", vat_rate=2000
    ).payments.get()
    with transaction.atomic():
        documents.issue_for_payment(payment, at=timezone.now())
    invoice = Document.objects.get(kind="invoice")
    text = text_of(invoice)
    today = f"{timezone.localtime():%-d %B %Y}"
    for said in (
        "VAT invoice",
        "Number INV-000001",
        f"Date of issue {today}",
        f"time of supply {today}",
        "Example College 1 Paper Lane",
        "VAT number GB123456789",
        "Alice Archer",
        "Deep learning, May 2126 intake",
        "Without VAT VAT rate Unit price Quantity £75.00 20% £75.00 1",
        "Total without VAT £75.00",
        "VAT at 20% £15.00",
        "Total £90.00",
    ):
        assert said in text


def test_a_vat_invoice_gives_the_unit_price_on_its_page_too(
    alices: Client, alice: User, with_vat: Intake
) -> None:
    invoice = a_vat_invoice(alice, with_vat)
    page = alices.get(f"/account/documents/{invoice.pk}/").text
    assert '<td class="table__number" data-label="Quantity">1</td>' in page
    assert '<td class="table__number" data-label="Unit price">£75.00</td>' in page


def a_vat_invoice(student: User, intake: Intake) -> Document:
    """For £90, of which £15 are VAT as far as the enrolment says."""
    payment = a_place(
        student, intake, timezone.now(), vat_treatment="inclusive", vat_rate=2000
    ).payments.get()
    with transaction.atomic():
        documents.issue_for_payment(payment, at=timezone.now())
    return Document.objects.get(kind="invoice")


@pytest.mark.parametrize(
    "provider",
    [{"vat_number": "", "vat_treatment": "exempt"}, {"vat_treatment": "not_registered"}],
)
def test_who_is_not_registered_issues_no_vat_invoice_whatever_the_price_said(
    alice: User, with_vat: Intake, provider: dict[str, str]
) -> None:
    Provider.objects.update(**provider)
    invoice = a_vat_invoice(alice, with_vat)
    assert (invoice.title, invoice.amount, invoice.vat_amount) == ("Invoice", 9000, 0)
    assert invoice.lines[0]["net"] == 9000
    assert "No VAT is charged: the seller is not registered for VAT." in text_of(invoice)
    refund(invoice.payment, 4500)
    assert Document.objects.get(kind="credit_note").vat_amount == 0


def test_what_was_issued_with_vat_keeps_it_when_the_provider_leaves_the_register(
    alice: User, with_vat: Intake
) -> None:
    invoice = a_vat_invoice(alice, with_vat)
    Provider.objects.update(vat_number="", vat_treatment="not_registered")
    new = replaced(invoice)
    assert (new.title, new.vat_amount) == ("VAT invoice", 1500)
    assert "VAT number GB123456789" in new.seller_lines
    refund(invoice.payment, 9000)
    assert Document.objects.get(kind="credit_note").vat_amount == 1500


def replaced(invoice: Document) -> Document:
    with transaction.atomic():
        (new,) = documents.replace_invoices(invoice.payment.enrolment, at=timezone.now())
    return new


@pytest.mark.parametrize("number", ["", "GB987654321"])
def test_a_vat_invoice_without_a_number_is_never_issued_again(
    alice: User, with_vat: Intake, number: str
) -> None:
    """As they could be issued before."""
    invoice = a_vat_invoice(alice, with_vat)
    Document.objects.update(seller={"name": "Example College"})
    refund(invoice.payment, 3000)
    Provider.objects.update(vat_number=number, vat_treatment="exempt")
    new = replaced(invoice)
    if number:
        assert (new.title, new.vat_amount) == ("VAT invoice", 1500)
        assert f"VAT number {number}" in new.seller_lines
    else:
        assert (new.title, new.vat_amount, new.vat_rate) == ("Invoice", 0, 0)
        assert new.lines[0]["net"] == 9000
        assert "the seller is not registered" in new.notes[0]
    refund(invoice.payment, 6000)
    credited = Document.objects.filter(kind="credit_note").order_by("number")
    assert [one.vat_amount for one in credited] == [500, 1000 if number else 0]


@pytest.mark.parametrize(
    ("treatment", "why"),
    [
        ("exempt", "This supply is exempt from VAT."),
        ("not_registered", "No VAT is charged: the seller is not registered for VAT."),
    ],
)
def test_without_vat_an_invoice_says_why_and_looks_like_no_vat_invoice(
    alice: User, intake: Intake, treatment: str, why: str
) -> None:
    Provider.objects.update(vat_number="GB123456789")
    payment = a_place(alice, intake, timezone.now(), vat_treatment=treatment).payments.get()
    with transaction.atomic():
        documents.issue_for_payment(payment, at=timezone.now())
    text = text_of(Document.objects.get(kind="invoice"))
    assert why in text
    assert text.startswith("Invoice ")
    assert "VAT number" not in text
    assert "VAT at" not in text


def test_a_later_change_of_the_provider_or_the_student_changes_no_document(paid: Payment) -> None:
    invoice = Document.objects.get(kind="invoice")
    before = printing.pdf(invoice)
    Provider.objects.update(name="Another College", address="Elsewhere")
    User.objects.update(name="Somebody Else")
    Intake.objects.update(month="2127-01-01", slug="2127-01")
    assert printing.pdf(Document.objects.get(pk=invoice.pk)) == before


def test_a_voucher_is_said_on_the_line(alice: User, intake: Intake, stand_in: Sandbox) -> None:
    voucher = Voucher.objects.create(batch=a_batch(), code="TWENTY")
    buy(stand_in, alice, intake.prices.get(), voucher=voucher)
    invoice = Document.objects.get(kind="invoice")
    assert invoice.amount == 7000
    assert "Standard, £90 less £20 by voucher" in invoice.lines[0]["detail"]


def test_a_move_that_cost_a_difference_says_so(paid: Payment) -> None:
    enrolment = paid.enrolment
    june = an_intake(enrolment.intake.course, "2126-06")
    at = timezone.now()
    move = enrolment.moves.create(
        status="done", from_intake=enrolment.intake, to_intake=june, from_amount=9000,
        list_amount=10000, to_amount=10000, created_at=at, ended_at=at,
    )  # fmt: skip
    difference = Payment.objects.create(
        enrolment=enrolment, move=move, status="paid", amount=1000, amount_received=1000,
        created_at=at, expires_at=at, paid_at=at,
    )  # fmt: skip
    with transaction.atomic():
        documents.issue_for_payment(difference, at=at)
    line = Document.objects.get(kind="invoice", payment=difference).lines[0]
    assert line["description"] == (
        "Deep learning: difference for moving from the May 2126 intake to the June 2126 intake"
    )


def test_a_number_that_is_given_back_is_given_again(paid: Payment, bob: User) -> None:
    payment = a_place(bob, paid.enrolment.intake, timezone.now()).payments.get()
    with transaction.atomic():
        documents.issue_for_payment(payment, at=timezone.now())
        transaction.set_rollback(True)
    assert DocumentSeries.objects.get(kind="invoice").last_number == 1
    with transaction.atomic():
        documents.issue_for_payment(payment, at=timezone.now())
    assert references(payment.enrolment) == ["INV-000002", "REC-000002"]
    assert DocumentSeries.objects.get(kind="invoice").last_number == 2


def test_payments_from_before_there_were_documents_get_theirs(alice: User, intake: Intake) -> None:
    payment = a_place(alice, intake, timezone.now()).payments.get()
    payment.refunds.create(amount=2000, reason="Before", created_at=timezone.now())
    assert documents.issue_missing(at=timezone.now()) == 3
    assert documents.issue_missing(at=timezone.now()) == 0
    assert references(payment.enrolment) == ["CN-000001", "INV-000001", "REC-000001"]


def test_alice_reads_her_invoice_and_downloads_it(alices: Client, paid: Payment) -> None:
    invoice = Document.objects.get(kind="invoice")
    page = alices.get(f"/account/documents/{invoice.pk}/")
    assert page.status_code == 200
    assert "<dt>Number</dt><dd>INV-000001</dd>" in page.text
    assert "Download as PDF" in page.text
    file = alices.get(f"/account/documents/{invoice.pk}.pdf")
    assert file["Content-Type"] == "application/pdf"
    assert file["Content-Disposition"] == 'inline; filename="INV-000001.pdf"'
    assert file.content.startswith(b"%PDF-")


def test_bob_finds_nothing_of_hers(client: Client, bob: User, paid: Payment) -> None:
    client.force_login(bob)
    for one in Document.objects.all():
        assert client.get(f"/account/documents/{one.pk}/").status_code == 404
        assert client.get(f"/account/documents/{one.pk}.pdf").status_code == 404
    assert client.get(f"/account/documents/{uuid.uuid4()}.pdf").status_code == 404


def test_the_address_of_a_receipt_in_old_mails_still_leads_there(
    alices: Client, paid: Payment
) -> None:
    receipt = Document.objects.get(kind="receipt")
    response = alices.get(f"/account/payments/{paid.pk}/receipt/")
    assert response.headers["Location"] == f"/account/documents/{receipt.pk}/"


def test_my_payments_list_every_document_and_refund(alices: Client, paid: Payment) -> None:
    refund(paid, 4500)
    page = alices.get("/account/payments/").text
    for said in ("REC-000001", "INV-000001", "CN-000001", "£45.00 on its way back"):
        assert said in page


def test_more_payments_need_no_more_queries(alices: Client, alice: User, paid: Payment) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert alices.get("/account/payments/").status_code == 200
        return len(captured)

    alone = queries()
    later = an_intake(paid.enrolment.intake.course, "2126-07")
    a_place(alice, later, timezone.now())
    documents.issue_missing(at=timezone.now())
    assert queries() == alone


def test_the_confirmation_carries_the_receipt_and_the_invoice(
    alice: User, intake: Intake, stand_in: Sandbox
) -> None:
    buy(stand_in, alice, intake.prices.get())
    run_jobs()
    (message,) = mail.outbox
    assert [(name, kind) for name, _, kind in message.attachments] == [
        ("INV-000001.pdf", "application/pdf"),
        ("REC-000001.pdf", "application/pdf"),
    ]


def test_the_mail_about_a_refund_carries_its_credit_note(
    alice: User, intake: Intake, stand_in: Sandbox
) -> None:
    enrolment = buy(stand_in, alice, intake.prices.get())
    run_jobs()
    mail.outbox.clear()
    refund(enrolment.payments.get(), 4500)
    run_jobs()
    assert [name for one in mail.outbox for name, _, _ in one.attachments] == ["CN-000001.pdf"]


def test_staff_find_a_document_by_its_number_and_open_its_file(
    client: Client, sam: User, paid: Payment
) -> None:
    client.force_login(sam)
    page = client.get("/admin/enrolment/document/?q=INV-000001").text
    assert "INV-000001" in page
    assert "REC-000001" not in page
    invoice = Document.objects.get(kind="invoice")
    file = client.get(f"/admin/enrolment/document/{invoice.pk}/pdf/")
    assert file.content.startswith(b"%PDF-")
    assert client.get(f"/admin/enrolment/document/{uuid.uuid4()}/pdf/").status_code == 404


def test_an_invoice_above_250_pounds_asks_for_an_address(
    alices: Client, alice: User, with_vat: Intake
) -> None:
    enrolment = a_place(
        alice, with_vat, timezone.now() - timedelta(days=1), amount=30000,
        vat_treatment="inclusive", vat_rate=2000,
    )  # fmt: skip
    documents.issue_missing(at=timezone.now())
    invoice = Document.objects.get(kind="invoice")
    asks = "has to name its buyer’s address"
    assert asks in alices.get(f"/account/documents/{invoice.pk}/").text
    BillingDetails.objects.create(enrolment=enrolment, company="Archer Ltd", address="1 Row")
    with transaction.atomic():
        (new,) = documents.replace_invoices(enrolment, at=timezone.now())
    assert asks not in alices.get(f"/account/documents/{new.pk}/").text
