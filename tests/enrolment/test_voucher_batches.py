"""Vouchers in the admin: batches made, exported and withdrawn, and who used them."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses.models import Course, Intake
from enrolment import checkout
from enrolment.models import Voucher, VoucherBatch
from enrolment.spreadsheets import plain
from tests.courses.making import a_price, an_intake
from tests.courses.test_admin import errors_in, form_of

ADD = "/admin/enrolment/voucherbatch/add/"


@pytest.fixture
def sams(client: Client, sam: User) -> Client:
    client.force_login(sam)
    return client


def terms(browser: Client, address: str) -> dict[str, Any]:
    """What the form would send if nothing were changed, with what is chosen from many."""
    data = form_of(browser, address)
    form = browser.get(address).context["adminform"].form
    for name in ("courses", "intakes", "prices"):
        data.pop(name, None)
        if chosen := [one.pk for one in form[name].value() or []]:
            data[name] = chosen
    return data


def make_batch(browser: Client, **answers: Any) -> VoucherBatch:
    known = {"name": "Spring", "percent": "20", "count": "3", "begins_with": "spring"}
    response = browser.post(ADD, terms(browser, ADD) | known | answers)
    assert response.status_code == 302, errors_in(response)
    return VoucherBatch.objects.latest("pk")


def change(batch: VoucherBatch) -> str:
    return f"/admin/enrolment/voucherbatch/{batch.pk}/change/"


def exported(browser: Client, batch: VoucherBatch) -> list[dict[str, str]]:
    response = browser.get(f"/admin/enrolment/voucherbatch/{batch.pk}/export/")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(response.content.decode())))


def test_a_batch_is_made_with_its_terms_and_codes(sams: Client, intake: Intake) -> None:
    batch = make_batch(
        sams, amount_off="", limit="2", limit_per_person="1", intakes=[intake.pk], count="25"
    )
    assert (batch.percent, batch.amount_off, batch.limit_per_person) == (20, None, 1)
    assert list(batch.intakes.all()) == [intake]
    codes = batch.vouchers.all()
    assert len({one.code for one in codes}) == 25
    assert {one.limit for one in codes} == {2}
    assert all(one.code.startswith("SPRING-") for one in codes)


def test_pounds_off_are_pence_and_may_leave_less_than_stripe_takes(
    sams: Client, course: Course
) -> None:
    batch = make_batch(sams, percent="", amount_off="0.10")
    assert batch.amount_off == 10


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({"percent": "", "amount_off": ""}, "Give a percentage from 1 to 100, or an amount."),
        ({"percent": "10", "amount_off": "5"}, "Give a percentage from 1 to 100, or an amount."),
        ({"percent": "101"}, "less than or equal to 100"),
        ({"percent": "0"}, "greater than or equal to 1"),
        ({"count": "5001"}, "less than or equal to 5000"),
        ({"begins_with": "=cmd"}, "Letters A to Z and digits only."),
        ({"count": "", "own_code": "A B"}, "Letters A to Z and digits only."),
        ({"own_code": "HELLO"}, "Make either so many codes, or one of your own."),
        ({"count": "", "own_code": "taken1"}, "There is a voucher with this code already."),
        ({"limit": "0"}, "greater than or equal to 1"),
        (
            {
                "valid_from_0": "02/01/2127", "valid_from_1": "00:00",
                "valid_until_0": "01/01/2127", "valid_until_1": "00:00",
            },
            "Vouchers cannot end before they begin.",
        ),
    ],
)  # fmt: skip
def test_terms_that_make_no_sense_are_refused_in_words(
    sams: Client, course: Course, answers: dict[str, str], why: str
) -> None:
    other = VoucherBatch.objects.create(name="Other", percent=5)
    Voucher.objects.create(batch=other, code="TAKEN1")
    known = {"name": "Spring", "percent": "20", "count": "3"}
    response = sams.post(ADD, terms(sams, ADD) | known | answers)
    assert response.status_code == 200
    assert why in errors_in(response)
    assert VoucherBatch.objects.count() == 1


def test_a_code_of_ones_own_and_more_codes_later(sams: Client, course: Course) -> None:
    batch = make_batch(sams, count="", own_code="welcome10", limit="")
    voucher = batch.vouchers.get()
    assert (voucher.code, voucher.limit) == ("WELCOME10", None)
    sent = terms(sams, change(batch)) | {"count": "2", "begins_with": ""}
    page = sams.post(change(batch), sent, follow=True).content.decode()
    assert "2 codes made." in page
    assert batch.vouchers.count() == 3


def test_saving_a_batch_as_it_is_makes_no_codes(sams: Client, course: Course) -> None:
    batch = make_batch(sams)
    sams.post(change(batch), terms(sams, change(batch)))
    assert batch.vouchers.count() == 3


def test_the_export_says_what_became_of_each_code(sams: Client, intake: Intake) -> None:
    batch = make_batch(sams, intakes=[intake.pk], limit="2")
    first, *_ = batch.vouchers.order_by("pk")
    Voucher.objects.filter(pk=first.pk).update(times_used=1, is_withdrawn=True)
    rows = exported(sams, batch)
    assert len(rows) == 3
    assert rows[0] == {
        "code": first.code,
        "uses": "1",
        "limit": "2",
        "withdrawn": "yes",
        "link": f"{settings.SITE_URL}/courses/deep-learning/intakes/2126-05/enrol/"
        f"?voucher={first.code}",
    }


def test_codes_for_anything_have_no_link(sams: Client, course: Course) -> None:
    assert {row["link"] for row in exported(sams, make_batch(sams))} == {""}


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\n=x", "＝1", " =1"]
)
def test_no_cell_is_a_formula(cell: str) -> None:
    assert plain(cell) == f"'{cell}"
    assert plain("SPRING-7K2PM") == "SPRING-7K2PM"


def test_a_code_written_past_the_form_is_no_formula_either(sams: Client, course: Course) -> None:
    batch = make_batch(sams)
    Voucher.objects.create(batch=batch, code='=HYPERLINK("x")')
    assert exported(sams, batch)[-1]["code"] == '\'=HYPERLINK("x")'


def test_codes_are_withdrawn_and_allowed_again(sams: Client, course: Course) -> None:
    batch = make_batch(sams)
    one, two, _ = batch.vouchers.order_by("pk")
    listed = "/admin/enrolment/voucher/"
    chosen = {"_selected_action": [one.pk, two.pk]}
    sams.post(listed, {"action": "withdraw", **chosen})
    assert batch.vouchers.filter(is_withdrawn=True).count() == 2
    sams.post(listed, {"action": "allow_again", "_selected_action": [one.pk]})
    assert batch.vouchers.filter(is_withdrawn=True).get() == two
    sams.post(
        "/admin/enrolment/voucherbatch/", {"action": "withdraw", "_selected_action": [batch.pk]}
    )
    assert batch.vouchers.filter(is_withdrawn=True).count() == 3


def test_staff_see_who_used_what(sams: Client, alice: User, intake: Intake) -> None:
    batch = make_batch(sams)
    voucher = batch.vouchers.all()[0]
    order = checkout.Order(alice, intake, intake.prices.get(), voucher=voucher)
    enrolment = checkout.begin(order, at=timezone.now())
    page = sams.get(f"/admin/enrolment/voucherbatch/{batch.pk}/uses/").content.decode()
    assert "Alice Archer" in page or "alice@example.org" in page
    assert voucher.code in page
    assert "£18 of £90" in page
    one = sams.get(f"/admin/enrolment/voucher/{voucher.pk}/change/").content.decode()
    assert f"/admin/enrolment/enrolment/{enrolment.pk}/change/" in one
    assert "uses: 1" in sams.get(change(batch)).content.decode()


def test_a_used_batch_is_kept_in_words(sams: Client, alice: User, intake: Intake) -> None:
    batch = make_batch(sams)
    order = checkout.Order(alice, intake, intake.prices.get(), voucher=batch.vouchers.all()[0])
    checkout.begin(order, at=timezone.now())
    address = f"/admin/enrolment/voucherbatch/{batch.pk}/delete/"
    assert "Cannot delete voucher batch" in sams.get(address).content.decode()
    assert sams.post(address, {"post": "yes"}).status_code == 200
    assert VoucherBatch.objects.filter(pk=batch.pk).exists()


def test_a_limit_below_what_was_used_is_refused_and_the_counter_never_written(
    sams: Client, course: Course
) -> None:
    voucher = make_batch(sams, limit="5").vouchers.all()[0]
    address = f"/admin/enrolment/voucher/{voucher.pk}/change/"
    data = form_of(sams, address)
    Voucher.objects.filter(pk=voucher.pk).update(times_used=3)
    response = sams.post(address, data | {"limit": "2"})
    assert "It has been used 3 times already." in errors_in(response)
    assert sams.post(address, data | {"limit": "4"}).status_code == 302
    voucher.refresh_from_db()
    assert (voucher.limit, voucher.times_used) == (4, 3)


@pytest.mark.parametrize(
    ("permissions", "opens", "exports", "sees_uses", "makes"),
    [
        ([], 403, 403, 403, 403),
        (["view_voucherbatch"], 200, 403, 403, 403),
        (["view_voucherbatch", "view_voucher"], 200, 200, 403, 403),
        (["view_voucherbatch", "view_voucher", "view_enrolment"], 200, 200, 200, 403),
        (["add_voucherbatch"], 403, 403, 403, 403),
        (["add_voucherbatch", "add_voucher"], 403, 403, 403, 200),
    ],
)
def test_only_those_with_the_permissions(
    sams: Client,
    bob: User,
    course: Course,
    permissions: list[str],
    opens: int,
    exports: int,
    sees_uses: int,
    makes: int,
) -> None:
    batch = make_batch(sams)
    bob.is_staff = True
    bob.save()
    bob.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    bobs = Client()
    bobs.force_login(bob)
    base = f"/admin/enrolment/voucherbatch/{batch.pk}"
    assert bobs.get(f"{base}/change/").status_code == opens
    assert bobs.get(f"{base}/export/").status_code == exports
    assert bobs.get(f"{base}/uses/").status_code == sees_uses
    assert bobs.get(ADD).status_code == makes


@pytest.mark.parametrize("key", ["nonsense", "0", "99999999999999999999"])
def test_a_batch_that_is_none_is_not_found(sams: Client, course: Course, key: str) -> None:
    for page in ("export", "uses"):
        assert sams.get(f"/admin/enrolment/voucherbatch/{key}/{page}/").status_code == 404


def test_a_price_is_found_by_its_course_to_be_named_by_a_batch(
    sams: Client, course: Course, intake: Intake
) -> None:
    a_price(an_intake(course, "2126-06", starts_on=date(2126, 6, 3)), 12000, name="With a tutor")
    found = sams.get(
        "/admin/autocomplete/?app_label=enrolment&model_name=voucherbatch&field_name=prices&term=tutor"
    ).json()
    assert [one["text"] for one in found["results"]] == ["With a tutor · Deep learning, 2126-06"]
    batch = make_batch(sams, prices=[found["results"][0]["id"]])
    assert "With a tutor · Deep learning, 2126-06" in sams.get(change(batch)).content.decode()
