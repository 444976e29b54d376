"""The admin is for staff, and each part of it for those who were given it."""

import re
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from config.admin_site import GROUPS
from enrolment.jobs import send_mail
from tests.access.conftest import As

# What any member of staff may open: the front page, one's own password, words for the widgets.
FOR_ALL_STAFF = {
    "/admin/",
    "/admin/jsi18n/",
    "/admin/password_change/",
    "/admin/password_change/done/",
}
SIGNING_IN = {"/admin/login/", "/admin/logout/"}
PREVIEW = "/admin/glossary/passage/preview/"  # is posted to, and 405 for a GET from anybody
# Written by people for themselves, by Stripe, by the import or by the worker; staff read them.
NEVER_ADDED = {
    "courses/price",
    "courses/provider",
    "courses/searchinvain",
    "enrolment/dispute",
    "enrolment/document",
    "enrolment/enrolment",
    "enrolment/intakealert",
    "enrolment/payment",
    "enrolment/refund",
    "enrolment/stripeevent",
    "enrolment/voucher",
    "enrolment/waitinglistentry",
    "glossary/alternativedefinition",
    "glossary/deletedterm",
    "glossary/draft",
    "glossary/passage",
    "procrastinate/procrastinatejob",
}
NEVER_CHANGED = {
    "enrolment/dispute",
    "enrolment/document",
    "enrolment/enrolment",
    "enrolment/payment",
    "enrolment/refund",
    "enrolment/stripeevent",
    "enrolment/waitinglistentry",
}


def patterns(entries: list[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for entry in entries:
        here = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry.url_patterns, here)
        else:
            yield here


def admin_addresses() -> list[str]:
    """An address for each entry of the admin, with 1 wherever a key belongs."""
    (mounted,) = (
        entry
        for entry in get_resolver().url_patterns
        if isinstance(entry, URLResolver) and entry.app_name == "admin"
    )
    found = []
    for pattern in patterns(mounted.url_patterns, "/admin/"):
        plain = pattern.replace("(?P<url>.*)$", "nothing/of/the/kind/")
        plain = re.sub(r"\(\?P<app_label>(\w+)[^)]*\)", r"\1", plain)
        plain = re.sub(r"<[^>]+>|\(\[\^/\]\+\)", "1", plain).replace("^", "").replace("$", "")
        assert re.fullmatch(r"[a-z0-9/_-]+", plain), pattern
        found.append(plain)
    return found


def test_the_admin_has_addresses() -> None:
    assert "/admin/courses/course/1/change/" in admin_addresses()
    assert len(admin_addresses()) > 100


@pytest.mark.parametrize("person", ["outsider", "student", "learner", "other"])
def test_the_admin_sends_everyone_but_staff_to_sign_in(as_: As, person: str) -> None:
    browser = as_(person)
    for address in set(admin_addresses()) - SIGNING_IN:
        asked = [browser.post(address, {"x": "y"})]
        if address != PREVIEW:
            asked.append(browser.get(address))
        for response in asked:
            assert response.status_code == 302, address
            assert response.url.startswith("/admin/login/?next=/admin/"), address


def test_the_admins_door_is_the_sites_own(as_: As) -> None:
    response = as_("outsider").get("/admin/login/?next=/admin/courses/course/")
    assert response.status_code == 302
    assert response.url == "/account/login/?next=%2Fadmin%2Fcourses%2Fcourse%2F"
    for person in ("student", "learner", "other"):
        assert as_(person).get("/admin/login/").status_code == 403


def test_staff_without_permissions_see_an_empty_admin(as_: As) -> None:
    browser = as_("staff")
    for address in set(admin_addresses()) - SIGNING_IN - FOR_ALL_STAFF - {PREVIEW}:
        # A bare key leads to its form, which then is refused; a key that is not, to the front.
        response = browser.get(address, follow=True)
        at_the_front = response.redirect_chain[-1:] == [("/admin/", 302)]
        assert at_the_front or response.status_code in {403, 404}, (address, response.status_code)
    assert "You don’t have permission to view or edit anything." in (
        browser.get("/admin/").content.decode()
    )


def test_every_record_stands_in_one_group_of_the_admins_list(as_: As) -> None:
    groups = as_("superuser").get("/admin/").context["app_list"]
    listed = [one["model"]._meta.label_lower for group in groups for one in group["models"]]
    assert sorted(listed) == sorted(label for group in GROUPS for label in group.models)


def test_what_waits_to_be_done_is_listed_without_an_inline_style(as_: As) -> None:
    """The package's own list of jobs carries some; the policy refuses them."""
    send_mail.defer(kind="offer", key="a key long enough to be shown on several lines")
    browser = as_("superuser")
    place = "/admin/procrastinate/procrastinatejob/"
    key = first_key(browser, "procrastinate/procrastinatejob")
    for page in (browser.get(place).text, browser.get(f"{place}{key}/change/").text):
        assert "a key long enough" in page
        assert " style=" not in page


def test_a_superuser_opens_every_list_and_form(as_: As) -> None:
    browser = as_("superuser")
    for model in admin.site._registry:
        place = f"{model._meta.app_label}/{model._meta.model_name}"
        list_page = browser.get(f"/admin/{place}/", follow=True)
        assert list_page.status_code == 200, place
        adding = browser.get(f"/admin/{place}/add/").status_code
        assert adding == (403 if place in NEVER_ADDED else 200), place


def test_money_and_what_stripe_told_are_read_and_never_written(as_: As) -> None:
    browser = as_("superuser")
    for place in NEVER_CHANGED:
        key = first_key(browser, place)
        if key is None:
            assert place in {"enrolment/dispute", "enrolment/refund", "enrolment/stripeevent"}
            continue
        page = browser.get(f"/admin/{place}/{key}/change/")
        assert page.status_code == 200
        assert 'name="_save"' not in page.content.decode()
        assert browser.post(f"/admin/{place}/{key}/change/", {"amount": "1"}).status_code == 403
        assert browser.post(f"/admin/{place}/{key}/delete/", {"post": "yes"}).status_code == 403


def test_what_has_no_field_to_change_has_no_button_to_save(as_: As) -> None:
    browser = as_("superuser")
    odd, asked = [], 0
    for model in admin.site._registry:
        place = f"{model._meta.app_label}/{model._meta.model_name}"
        if (key := first_key(browser, place)) is None:
            continue
        page = browser.get(f"/admin/{place}/{key}/change/").text
        form = page.partition(f'id="{model._meta.model_name}_form"')[2].partition("</form>")[0]
        fields = re.findall(r'<(?:input type="(?!hidden|submit)|select|textarea)', form)
        if bool(fields) != ('name="_save"' in form):
            odd.append(place)
        asked += 1
    assert odd == []
    assert asked > 15


def first_key(browser: Client, place: str) -> str | None:
    found = re.search(rf"/admin/{place}/([^/]+)/change/", browser.get(f"/admin/{place}/").text)
    return found[1] if found else None


@pytest.mark.parametrize(
    "address",
    [
        "/admin/glossary/glossary/?created_at__year=99999",
        "/admin/glossary/alternativedefinition/?created_at__year=99999",
        "/admin/enrolment/refund/?created_at__year=99999",
        "/admin/enrolment/payment/?created_at__year=99999",
        "/admin/enrolment/stripeevent/?received_at__year=99999",
        "/admin/enrolment/enrolment/?created_at__year=99999",
    ],
)
def test_a_lookup_that_no_row_can_answer_shows_the_whole_list(as_: As, address: str) -> None:
    response = as_("superuser").get(address, follow=True)
    assert response.status_code == 200
