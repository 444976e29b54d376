"""Every kind of mail in a browser, as a program for mail shows it: at two widths, light and dark.

``TERMTIME_SCREENSHOTS=folder`` keeps pictures.
"""

from collections.abc import Iterable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Enter
from tests.browser.letters import SIZES, Letter, letters_of
from tests.browser.live_site import LiveSite
from tests.browser.looking import faults, picture, violations
from tests.browser.stops import show
from tests.words.pseudo import LANGUAGE, write_catalogue

pytestmark = pytest.mark.browser
# The longest, one for staff, and one that is read in a hurry.
SAMPLE = {"enrolled-consents", "dispute_opened-inquiry", "login_code"}


@pytest.fixture(scope="module")
def letters(site: LiveSite) -> list[Letter]:
    return letters_of(site)


def look_at(page: Page, letters: Iterable[Letter], *, group: str = "mail") -> list[str]:
    """What is wrong with how they look."""
    found = []
    for letter in letters:
        page.set_content(letter.html)
        for width, theme in SIZES:
            show(page, width, theme)
            picture(page, f"{group}-{letter}-{width}-{theme}")
            seen = violations(page) + faults(page)
            found += [f"{letter}, {width} {theme}: {line}" for line in seen]
    return found


def test_a_mail_is_sound_on_a_phone_and_in_the_dark(enter: Enter, letters: list[Letter]) -> None:
    chosen = [letter for letter in letters if str(letter) in SAMPLE]
    assert len(chosen) == len(SAMPLE)
    assert look_at(enter(), chosen) == []


@pytest.mark.proof
def test_every_mail_is_sound_on_a_phone_and_in_the_dark(
    enter: Enter, letters: list[Letter]
) -> None:
    assert look_at(enter(), letters) == []


@pytest.mark.proof
def test_longer_words_break_no_mail(
    enter: Enter, site: LiveSite, tmp_path_factory: pytest.TempPathFactory
) -> None:
    catalogue = write_catalogue(tmp_path_factory.mktemp("locale"))
    given = {"LANGUAGE_CODE": LANGUAGE, "LOCALE_PATHS": str(catalogue)}
    assert look_at(enter(), letters_of(site, given), group="longer-mail") == []
