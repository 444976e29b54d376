"""In the made language, no page of the admin says a word that was not looked up."""

import re

import pytest
from django.contrib import admin
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from courses.models import CourseGlossary
from tests.access.conftest import As
from tests.access.test_admin import NEVER_ADDED
from tests.words.forgotten import content, forgotten

OWN = (
    "/admin/",
    "/admin/password_change/",
    "/admin/enrolment/enrolment/by-hand/",
)
# What each record of these kinds has besides the five pages of every record.
BESIDES = {
    "courses/intake": ("decision", "lay-out", "prices"),
    "enrolment/enrolment": ("cancel", "move"),
}


# Written into Django's own templates in English.
DJANGOS = {
    *("img[alt]: Search", "img[alt]: True", "img[alt]: False", "img[alt]: None"),
    "text: md5",  # how a test's password is kept
}


def pages_of(browser: Client, place: str) -> list[str]:
    """The list, what adds one, and the pages of the first that is there."""
    there = f"/admin/{place}/"
    found = [there] if place in NEVER_ADDED else [there, f"{there}add/"]
    if row := re.search(rf'href="({there}[^"?/]+/)change/', browser.get(there, follow=True).text):
        ends = ("change", "history", "delete", *BESIDES.get(place, ()))
        found += [f"{row[1]}{end}/" for end in ends]
    return found


@pytest.mark.proof
def test_every_page_of_the_admin_says_what_was_looked_up(as_: As, made_language: Settings) -> None:
    known = content() | {str(job) for job in ProcrastinateJob.objects.all()}
    known |= {str(place) for place in CourseGlossary.objects.all()}
    browser = as_("superuser")
    addresses = list(OWN)
    for model in admin.site._registry:
        addresses += pages_of(browser, f"{model._meta.app_label}/{model._meta.model_name}")
    found, visited = {}, 0
    for address in addresses:
        page = browser.get(address, follow=True).text
        visited += "⟦" in page
        if words := set(forgotten(page, known)) - DJANGOS:
            found[address] = words
    assert found == {}
    assert visited > 90
