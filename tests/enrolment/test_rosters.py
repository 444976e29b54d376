"""Rosters: who is in an intake, as a page, as CSV and as XLSX."""

import csv
import io
from datetime import UTC, datetime

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from courses.models import Intake
from enrolment.models import BillingDetails, Enrolment, Payment, Refund
from enrolment.spreadsheets import plain
from tests.courses.making import a_lesson, enrol
from tests.enrolment.conftest import PASSWORD

MAY = datetime(2026, 5, 1, 11, 30, tzinfo=UTC)


@pytest.fixture
def as_sam(client: Client, sam: User) -> Client:
    client.force_login(sam)
    return client


def address(intake: Intake, more: str = "") -> str:
    return f"/admin/enrolment/enrolment/rosters/{intake.pk}/{more}"


def a_paid_place(student: User, intake: Intake, *, paid: int = 9000, back: int = 0) -> Enrolment:
    enrolment = enrol(student, intake, enrolled_at=MAY)
    payment = Payment.objects.create(
        enrolment=enrolment,
        status="paid",
        amount=paid,
        amount_received=paid,
        created_at=MAY,
        expires_at=MAY,
        paid_at=MAY,
    )
    if back:
        Refund.objects.create(payment=payment, amount=back, reason="Sorry", created_at=MAY)
        Refund.objects.create(
            payment=payment, amount=1, reason="Sorry", created_at=MAY, status="failed"
        )
    return enrolment


def rows_of_csv(browser: Client, intake: Intake, more: str = "") -> list[dict[str, str]]:
    response = browser.get(address(intake, f"csv/{more}"))
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv"
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_a_roster_says_who_is_in_and_what_they_paid(
    as_sam: Client, alice: User, bob: User, intake: Intake
) -> None:
    lesson = a_lesson(intake.course)
    a_lesson(intake.course, "draft", is_published=False)
    hers = a_paid_place(alice, intake, back=2000)
    BillingDetails.objects.create(enrolment=hers, company="Archer Ltd", address="1 Bow Street")
    alice.readings.create(lesson=lesson, first_read_at=MAY, last_read_at=MAY)
    enrol(bob, intake, declaration="I study", status="pending", enrolled_at=None)
    hers_row, his_row = rows_of_csv(as_sam, intake)
    assert hers_row == {
        "Name": "Alice Archer",
        "Email": "alice@example.org",
        "Status": "enrolled",
        "Price": "Standard",
        "Price in £": "90.00",
        "Paid in £": "70.00",
        "Why a concession": "",
        "Company": "Archer Ltd",
        "Lessons read": "1",
        "Enrolled (London time)": "2026-05-01 12:30:00",
    }
    assert his_row["Status"] == "waiting for payment"
    assert (his_row["Paid in £"], his_row["Why a concession"]) == ("0.00", "I study")
    assert his_row["Enrolled (London time)"] == ""


def test_the_page_says_the_same(as_sam: Client, alice: User, intake: Intake) -> None:
    a_lesson(intake.course)
    a_paid_place(alice, intake, back=2000)
    page = as_sam.get(address(intake)).content.decode()
    for said in ("Alice Archer", "Standard, £90", "£70", "0 of 1", "12:30pm BST on 1 May 2026"):
        assert said in page, said


def test_who_has_left_is_on_the_roster_only_when_asked_for(
    as_sam: Client, alice: User, intake: Intake
) -> None:
    enrol(alice, intake, status="cancelled", ended_at=MAY)
    assert rows_of_csv(as_sam, intake) == []
    assert [row["Status"] for row in rows_of_csv(as_sam, intake, "?all=1")] == ["cancelled"]
    assert "Nobody yet." in as_sam.get(address(intake)).content.decode()
    assert "Alice Archer" in as_sam.get(address(intake, "?all=1")).content.decode()


def test_the_xlsx_has_numbers_and_dates_as_such(
    as_sam: Client, alice: User, intake: Intake
) -> None:
    a_paid_place(alice, intake)
    response = as_sam.get(address(intake, "xlsx/"))
    assert response["Content-Disposition"] == (
        'attachment; filename="roster-deep-learning-2126-05.xlsx"'
    )
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    heads, values = list(sheet.iter_rows(values_only=True))
    row = dict(zip(heads, values, strict=True))
    assert row["Price in £"] == 90
    assert row["Enrolled (London time)"] == datetime(2026, 5, 1, 12, 30)  # noqa: DTZ001
    assert sheet.title == "2126-05"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "  =", "＝"])
def test_no_name_becomes_a_formula(as_sam: Client, alice: User, intake: Intake, start: str) -> None:
    name = f"{start}HYPERLINK(A1)"
    User.objects.filter(pk=alice.pk).update(name=name)
    a_paid_place(alice, intake)
    assert rows_of_csv(as_sam, intake)[0]["Name"].startswith("'")
    content = as_sam.get(address(intake, "xlsx/")).content
    cell = openpyxl.load_workbook(io.BytesIO(content)).active["A2"]
    assert cell.data_type == "s"
    assert cell.value.startswith("'")


def test_letters_that_no_spreadsheet_can_keep_are_left_out(
    as_sam: Client, alice: User, intake: Intake
) -> None:
    User.objects.filter(pk=alice.pk).update(name="Ali\x0bce\x1b O’Neil £")
    a_paid_place(alice, intake)
    assert as_sam.get(address(intake, "xlsx/")).status_code == 200
    assert rows_of_csv(as_sam, intake)[0]["Name"] == "Alice O’Neil £"
    assert plain("O’Neil-Smith") == "O’Neil-Smith"


def test_a_longer_roster_takes_no_more_queries(as_sam: Client, intake: Intake) -> None:
    def queries(more: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert as_sam.get(address(intake, more)).status_code == 200
        return len(captured)

    a_lesson(intake.course)
    add_learners(intake, 1)
    as_sam.get(address(intake))
    before = [queries(more) for more in ("", "csv/", "xlsx/")]
    add_learners(intake, 9)
    assert [queries(more) for more in ("", "csv/", "xlsx/")] == before


def add_learners(intake: Intake, number: int) -> None:
    for _ in range(number):
        count = User.objects.count()
        person = User.objects.create_user(f"l{count}@example.org", PASSWORD, name=f"L {count}")
        enrolment = a_paid_place(person, intake)
        BillingDetails.objects.create(enrolment=enrolment, company="Ltd", address="1")


def test_there_are_no_other_files_and_rosters(as_sam: Client, intake: Intake) -> None:
    assert as_sam.get(address(intake, "pdf/")).status_code == 404
    assert as_sam.get("/admin/enrolment/enrolment/rosters/999999/").status_code == 404
    assert as_sam.get(f"/admin/enrolment/enrolment/rosters/{10**30}/csv/").status_code == 404
