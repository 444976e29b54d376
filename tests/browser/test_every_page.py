"""Every page, from a phone to a wide screen, in light and in dark.

A sample in each run; all of it is a proof. ``TERMTIME_SCREENSHOTS=folder`` keeps pictures.
"""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

import pytest
from django.urls import URLResolver, get_resolver, resolve

from tests.browser import admin_pages, pages
from tests.browser.admin_pages import ADMIN
from tests.browser.conftest import Enter
from tests.browser.live_site import LiveSite
from tests.browser.pages import BARE, FAILURES, FULL, REST, SAMPLE
from tests.browser.stops import EVERY_SIZE, PHONE_AND_DARK, Stop, look
from tests.browser.test_importing import STOPS

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("stop", SAMPLE, ids=str)
def test_a_page_is_sound_on_a_phone_and_in_the_dark(
    enter: Enter, site: LiveSite, stop: Stop
) -> None:
    look(enter, site, stop, PHONE_AND_DARK)


@pytest.mark.proof
@pytest.mark.parametrize("stop", SAMPLE + REST + FAILURES, ids=str)
def test_every_page_is_sound_at_every_width_in_light_and_in_dark(
    enter: Enter, site: LiveSite, stop: Stop
) -> None:
    look(enter, site, stop, EVERY_SIZE)


@pytest.mark.proof
@pytest.mark.parametrize("stop", ADMIN, ids=str)
def test_every_page_of_the_admin_is_sound_at_every_width_in_light_and_in_dark(
    enter: Enter, site: LiveSite, stop: Stop
) -> None:
    look(enter, site, stop, EVERY_SIZE)


@pytest.mark.proof
@pytest.mark.parametrize("stop", BARE, ids=str)
def test_a_page_without_anything_in_it_is_sound(
    enter: Enter, bare_site: LiveSite, stop: Stop
) -> None:
    look(enter, bare_site, stop, EVERY_SIZE, group="bare")


@pytest.mark.proof
@pytest.mark.parametrize("stop", FULL, ids=str)
def test_a_page_with_too_much_in_it_is_sound(enter: Enter, full_site: LiveSite, stop: Stop) -> None:
    look(enter, full_site, stop, EVERY_SIZE, group="full")


def names(entries: Iterable[object], *, of_admin: bool) -> Iterator[str]:
    """The names of all addresses of the admin, or of all others."""
    for entry in entries:
        if not isinstance(entry, URLResolver):
            yield getattr(entry, "name", None) or ""
        elif (entry.app_name == "admin") == of_admin or entry.app_name is None:
            yield from names(entry.url_patterns, of_admin=of_admin)


def looked_at(stops: Iterable[Stop], site: LiveSite) -> set[str]:
    """The names of the addresses at which they end."""
    return {
        stop.leads_to or resolve(urlsplit(stop.path.format(**site.places)).path).url_name or ""
        for stop in stops
    }


def test_every_page_is_every_page(site: LiveSite) -> None:
    there = set(names(get_resolver().url_patterns, of_admin=False))
    seen, known = looked_at(SAMPLE + REST, site), set(pages.NOT_LOOKED_AT)
    assert sorted(there - seen - known) == []
    assert sorted(known - there | known & seen) == []


def test_every_page_of_the_admin_is_every_page(site: LiveSite) -> None:
    (admin,) = [
        entry
        for entry in get_resolver().url_patterns
        if isinstance(entry, URLResolver) and entry.app_name == "admin"
    ]
    there = set(names(admin.url_patterns, of_admin=True)) - {""}
    seen, known = looked_at([*ADMIN, *STOPS], site), set(admin_pages.NOT_LOOKED_AT)
    assert sorted(there - seen - known) == []
    assert sorted(known - there | known & seen) == []
