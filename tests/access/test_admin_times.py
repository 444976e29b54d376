"""In the admin, days and times read as everywhere on the site."""

import re
from datetime import timedelta

from django.contrib import admin
from django.test import Client

from courses.models import Intake, SearchInVain
from tests.access.conftest import ENROLMENT, As
from tests.courses.making import london

# Django's own way, and the one with 24 hours; neither names a zone.
OTHERWISE = re.compile(r"\b[ap]\.m\.|>[^<]*\b\d{1,2}:\d{2}(?![\d:]*[ap]m (?:GMT|BST))[^<]*<")
IN_FIELDS = re.compile(r"<(?:input|option|script)\b[^>]*>")


def written_otherwise(page: str) -> list[str]:
    return OTHERWISE.findall(IN_FIELDS.sub("", page))


def places_of(browser: Client, place: str) -> list[str]:
    """The list, and the first row's page and history."""
    listed = browser.get(place, follow=True).text
    row = re.search(rf'href="({place}[^"?]+/change/)', listed)
    return [place, row[1], row[1].replace("/change/", "/history/")] if row else [place]


def test_no_page_of_the_admin_writes_a_time_in_a_way_of_its_own(as_: As) -> None:
    at = london("2026-05-03 14:30")
    SearchInVain.objects.create(words="sextant", first_at=at, last_at=at)
    browser, visited, found = as_("superuser"), 0, {}
    for model in admin.site._registry:
        place = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        for address in places_of(browser, place):
            page = browser.get(address, follow=True).text
            visited += 1
            if words := written_otherwise(page):
                found[address] = words
    assert found == {}
    assert visited > 60


def test_a_list_says_its_times_with_their_zone_and_still_sorts_by_them(as_: As) -> None:
    at = london("2026-05-03 14:30")
    for number, words in enumerate(("astrolabe", "sextant")):
        later = at + timedelta(days=number)
        SearchInVain.objects.create(words=words, first_at=later, last_at=later)
    browser = as_("superuser")
    page = browser.get("/admin/courses/searchinvain/?o=-4").text
    assert "2:30pm BST on 3 May 2026" in page
    assert page.index("sextant") < page.index("astrolabe")


def test_what_nobody_may_change_says_its_times_in_the_same_way(as_: As) -> None:
    page = as_("superuser").get(f"/admin/enrolment/enrolment/{ENROLMENT}/change/").text
    assert re.search(r"field-created_at.*?\d[ap]m (GMT|BST) on \d", page, re.DOTALL)


def test_a_field_of_time_that_may_be_changed_stays_a_field(as_: As) -> None:
    intake = Intake.objects.order_by("pk").first()
    assert intake is not None
    page = as_("superuser").get(f"/admin/courses/intake/{intake.pk}/change/").text
    assert 'name="enrolment_opens_at_0"' in page
