"""Documents as PDF: any name and any text prints, and the same file comes out each time."""

import io

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from enrolment import printing
from enrolment.models import Document, Payment
from tests.enrolment.papers import text_of


@pytest.mark.parametrize(
    "name",
    ["Łukasz Ødegård", "José Núñez", "Αλέξανδρος Παπαδόπουλος", "Дмитрий Шостакович", "Nguyễn Thị"],
)
def test_names_print_as_they_are_written(paid: Payment, name: str) -> None:
    receipt = Document.objects.get(kind="receipt")
    receipt.buyer = {"name": name, "email": "a@example.org"}
    assert name in text_of(receipt)


def test_what_the_font_has_not_shows_as_missing(paid: Payment) -> None:
    receipt = Document.objects.get(kind="receipt")
    receipt.buyer = {"name": "王 小明 👍", "email": "a@example.org"}
    assert "� �� �" in text_of(receipt)


@pytest.mark.django_db
@given(text=st.text(max_size=300))
def test_no_text_keeps_a_document_from_printing(text: str) -> None:
    document = Document(
        kind="invoice",
        number=1,
        payment=Payment(paid_at=timezone.now()),
        issued_at=timezone.now(),
        amount=9000,
        vat_treatment="inclusive",
        vat_rate=2000,
        vat_amount=1500,
        seller={"name": text, "address": text, "email": text, "vat_number": text},
        buyer={"company": text, "address": text, "vat_number": text, "order_number": text},
        lines=[{"description": text, "detail": text, "net": 7500, "amount": 9000}],
        notes=[text],
    )
    assert printing.pdf(document).startswith(b"%PDF-")


def test_a_very_long_address_goes_on_to_further_pages(paid: Payment) -> None:
    receipt = Document.objects.get(kind="receipt")
    receipt.buyer["address"] = "\n".join(f"Line {number}" for number in range(80))
    pages = PdfReader(io.BytesIO(printing.pdf(receipt))).pages
    assert len(pages) > 1
    assert "Line 0" in pages[0].extract_text()
    assert "Line 79" in pages[1].extract_text()


def test_a_word_without_end_stays_on_the_page() -> None:
    lines = printing.wrapped("x" * 300, font=printing.PLAIN, size=10, width=200)
    assert len(lines) > 1
    assert "".join(lines) == "x" * 300


def test_the_file_says_what_it_is_and_in_which_language(paid: Payment) -> None:
    receipt = Document.objects.get(kind="receipt")
    reader = PdfReader(io.BytesIO(printing.pdf(receipt)))
    assert reader.metadata is not None
    assert reader.metadata.title == "Receipt REC-000001"
    assert str(reader.root_object["/Lang"]) == "en-GB"


def test_a_file_made_later_is_the_same_to_the_byte(paid: Payment) -> None:
    receipt = Document.objects.get(kind="receipt")
    assert printing.pdf(receipt) == printing.pdf(Document.objects.get(pk=receipt.pk))
