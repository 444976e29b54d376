"""Whatever is sent to whatever page, the answer is never an error of ours."""

import json
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from courses.models import Course, Intake
from tests.access.conftest import EMAILS, As
from tests.access.test_every_page import MATRIX

# Percent-encoded, as they come over the wire: a null byte, bytes that are no UTF-8, half of a
# surrogate pair, numbers without sense, a megabyte.
NASTY = {
    "null": "%00",
    "null inside": "a%00b",
    "no utf-8": "%ff%fe",
    "surrogate": "%ed%a0%80",
    "negative": "-1",
    "huge number": "9" * 400,
    "not a number": "nan",
    "exponent": "1e999",
    "superscript": "%c2%b2",
    "markup": "%3Cscript%3Ealert(1)%3C/script%3E",
    "override": "%e2%80%ae%00%0d%0aSet-Cookie:%20a=b",
}
MEGABYTE = "x" * 1_000_000
# Each is a kind of its own; with the others, all of them are a proof.
TRIED_ALWAYS = {"no utf-8", "override"}
ODD_VALUES = [
    pytest.param(value, id=name, marks=() if name in TRIED_ALWAYS else pytest.mark.proof)
    for name, value in NASTY.items()
]
URLENCODED = "application/x-www-form-urlencoded"

# Every form of the site: who sends it, and its fields.
FORMS: list[tuple[str, str, list[str]]] = [
    ("outsider", "/account/signup/", ["name", "email", "password1", "next"]),
    ("outsider", "/account/login/", ["login", "password", "remember", "next"]),
    ("outsider", "/account/login/code/", ["email", "next"]),
    ("outsider", "/account/login/code/confirm/", ["code"]),
    ("outsider", "/account/password/reset/", ["email"]),
    ("outsider", "/courses/deep-learning/alerts/", ["email"]),
    ("outsider", "/account/password/reset/key/1-a-guess/", ["password1"]),
    ("learner", "/account/", ["name"]),
    ("learner", "/account/email/", ["email", "action_add", "action_send"]),
    ("learner", "/account/password/change/", ["oldpassword", "password1", "password2"]),
    ("learner", "/account/reauthenticate/", ["password", "next"]),
    (
        "learner",
        "/courses/deep-learning/intakes/2126-05/enrol/",
        ["price", "teaching", "digital_content"],
    ),
    ("learner", "/courses/deep-learning/lessons/backpropagation/completion/", ["_method"]),
    ("learner", "/account/logout/", ["next"]),
]


def fine(status: int) -> bool:
    return 200 <= status < 500


@pytest.mark.parametrize("nasty", ODD_VALUES)
def test_odd_words_in_an_address_are_answered(as_: As, nasty: str) -> None:
    for person in ("learner", "superuser"):
        browser = as_(person)
        for _, address, _ in MATRIX:
            start = address.rstrip("/").rpartition("/")[0]
            for tried in (f"{start}/{nasty}/", f"{address}{nasty}/", f"{address}{nasty}"):
                assert fine(browser.get(tried).status_code), (person, tried)
    for tried in (f"/alerts/{nasty}/", f"/account/password/reset/key/1-{nasty}/"):
        assert fine(as_("outsider").post(tried).status_code), tried


@pytest.mark.parametrize("nasty", ODD_VALUES)
def test_odd_values_in_a_query_are_answered(as_: As, nasty: str) -> None:
    query = "&".join(f"{name}={nasty}" for name in ("at", "page", "next", "q", "session", "key"))
    for person in ("outsider", "superuser"):
        browser = as_(person)
        for _, address, _ in MATRIX:
            for asked in (query, nasty, f"at={nasty}", f"page={nasty}"):
                assert fine(browser.get(f"{address}?{asked}").status_code), (address, asked)


@pytest.mark.parametrize(
    "moment",
    [
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00%2B23:59",
        "2026-03-29T01:30",
        *(
            pytest.param(moment, marks=pytest.mark.proof)
            for moment in (
                "0001-01-01T00:00",
                "9999-12-31T23:59:59",
                "2026-02-30T12:00",
                "2026-10-25T01:30",
                "99999-01-01T00:00",
                "2026-04-15",
                "2026-04-15T12:00:00.999999999",
            )
        ),
    ],
)
def test_odd_moments_are_answered(as_: As, moment: str) -> None:
    browser = as_("superuser")
    for _, address, _ in MATRIX:
        assert fine(browser.get(f"{address}?at={moment}").status_code), address


@pytest.mark.parametrize(
    ("person", "address", "fields"), FORMS, ids=[f"{form[1]}" for form in FORMS]
)
def test_odd_values_in_a_form_are_answered(
    as_: As, person: str, address: str, fields: list[str]
) -> None:
    for nasty in (*NASTY.values(), MEGABYTE):
        for field in fields:
            others = "".join(f"&{name}=x" for name in fields if name != field)
            response = as_(person).post(address, f"{field}={nasty}{others}", URLENCODED)
            assert fine(response.status_code), (field, nasty[:20])


def test_a_form_with_everything_odd_at_once_is_answered(as_: As) -> None:
    for person, address, fields in FORMS:
        for nasty in NASTY.values():
            body = "&".join(f"{field}={nasty}" for field in fields)
            assert fine(as_(person).post(address, body, URLENCODED).status_code), (address, nasty)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (URLENCODED, "a=1&" * 2_000),
        (URLENCODED, "x=" + "y" * 3_000_000),
        ("multipart/form-data", "no boundary"),
        ("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data"),
        ("application/json", '{"a": '),
        ("text/plain; charset=no-such", "price=1"),
        (f"{URLENCODED}; charset=utf-16", "price=1"),
    ],
)
def test_odd_bodies_are_answered(as_: As, content_type: str, body: str) -> None:
    for person, address, _ in FORMS:
        response = as_(person).generic("POST", address, body.encode(), content_type)
        assert fine(response.status_code), address


def test_odd_webhooks_are_turned_away(as_: As) -> None:
    browser = as_("outsider")
    for body in (b"", b"\x00", b"\xff", b"[]", b"null", json.dumps({"id": "\x00"}).encode()):
        for signature in ("", "t=,v1=", "t=x,v1=y", "t=99999999999999999999,v1=00", "v1", "\xa3"):
            response = browser.post(
                "/stripe/webhook/",
                body,
                content_type="application/json",
                headers={"Stripe-Signature": signature},
            )
            assert response.status_code == 400, (body, signature)


@pytest.mark.parametrize("name", ["termtime_session", "termtime_csrf", "messages"])
def test_odd_cookies_are_answered(as_: As, name: str) -> None:
    for value in ('"' + r"\000" * 32 + '"', "x" * 4_000, "\xff" * 40, '"\\"'):
        browser = Client(headers={"Cookie": f"{name}={value}"})
        for address in ("/", "/account/", "/admin/"):
            assert fine(browser.get(address).status_code), (address, value[:20])


def parameter(one: Any) -> str:
    """How a filter of a list is named in its address."""
    if isinstance(one, str | tuple):
        return one if isinstance(one, str) else str(one[0])
    return str(one.parameter_name)


@pytest.mark.parametrize("nasty", ODD_VALUES)
def test_the_admins_lists_and_forms_answer_odd_values(as_: As, nasty: str) -> None:
    browser = as_("superuser")
    for model, shown in admin.site._registry.items():
        place = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        filters = [parameter(one) for one in shown.list_filter]
        names = ["q", "p", "o", "e", "all", *filters, *(f"{name}__exact" for name in filters)]
        for name in names:
            assert fine(browser.get(f"{place}?{name}={nasty}").status_code), (place, name)
        for tried in (f"{nasty}/change/", f"{nasty}/history/", f"{nasty}/delete/", f"{nasty}/"):
            assert fine(browser.get(f"{place}{tried}").status_code), (place, tried)
        history = f"{place}1/history/{nasty}/"
        assert fine(browser.get(history).status_code), history
        assert fine(browser.get(f"{place}{nasty}/history/1/").status_code), place


@pytest.mark.parametrize("nasty", [*ODD_VALUES, pytest.param(MEGABYTE, id="megabyte")])
def test_staffs_own_forms_answer_odd_values(as_: As, nasty: str) -> None:
    browser = as_("superuser")
    intake = Intake.objects.get(course__slug="deep-learning", slug="2126-05")
    course = Course.objects.get(slug="deep-learning")
    places = [f"glossary_places-{name}" for name in ("TOTAL_FORMS", "0-glossary", "0-position")]
    forms = {
        reverse("admin:courses_intake_lay_out", args=[intake.pk]): ["first_month", "count"],
        "/admin/courses/course/add/": ["title", "slug", "summary", "description_text"],
        "/admin/courses/lesson/add/": ["course", "title", "slug", "text", "position"],
        "/admin/courses/intake/add/": ["course", "month_0", "month", "capacity", "starts_on"],
        "/admin/glossary/term/add/": ["glossary", "name", "definition_text", "formula"],
        "/admin/glossary/glossary/add/": ["title", "slug", "introduction_text"],
        "/admin/glossary/passage/preview/?glossary=1": ["preview", "text"],
        "/admin/courses/legalpage/preview/": ["preview", "source"],
        "/admin/accounts/user/add/": ["email", "name", "password1", "password2"],
        f"/admin/courses/course/{course.pk}/change/": ["title", "lessons-TOTAL_FORMS", *places],
    }
    for address, fields in forms.items():
        body = "&".join(f"{field}={nasty}" for field in fields)
        assert fine(browser.post(address, body, URLENCODED).status_code), address
    preview = f"preview=text&text={nasty}"
    assert fine(browser.post("/admin/glossary/passage/preview/", preview, URLENCODED).status_code)
    assert EMAILS["superuser"] in browser.get("/account/").content.decode()
