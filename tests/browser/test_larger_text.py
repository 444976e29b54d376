"""For those who need it larger: text at 200 %, a page at 400 %, lines and letters set apart."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.admin_pages import ADMIN
from tests.browser.conftest import Enter
from tests.browser.live_site import LiveSite
from tests.browser.looking import faults, picture
from tests.browser.pages import BARE, FAILURES, FULL, REST, SAMPLE
from tests.browser.stops import SETTLE, Stop, visit

pytestmark = pytest.mark.browser

CUT_OFF = Path(__file__).with_name("reflowing.js").read_text(encoding="utf-8")
# WCAG 1.4.12: what a reader's own style may set.
SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important; } p { margin-block-end: 2em !important; }`);
  document.adoptedStyleSheets = [sheet];
}"""


def at_400_percent(page: Page) -> None:
    """1280 pixels wide, four times as large: 320 (WCAG 1.4.10)."""
    page.set_viewport_size({"width": 320, "height": 256})


def with_doubled_text(page: Page) -> None:
    """WCAG 1.4.4."""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate("document.documentElement.style.fontSize = '200%'")


def with_spaced_text(page: Page) -> None:
    """WCAG 1.4.12, on a phone."""
    page.set_viewport_size({"width": 360, "height": 780})
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.evaluate(SPACED)


WAYS: list[Callable[[Page], None]] = [at_400_percent, with_doubled_text, with_spaced_text]


def reads(enter: Enter, site: LiveSite, stop: Stop, *, group: str = "demo") -> None:
    """Nothing is cut off, and nobody scrolls sideways."""
    page, _ = visit(enter, site, stop)
    found = []
    for change in WAYS:
        change(page)
        picture(page, f"{group}-{stop}-{change.__name__}")
        page.evaluate(SETTLE)
        wider = [line for line in faults(page) if "wider than the window" in line]
        found += [f"{change.__name__}: {line}" for line in wider + page.evaluate(CUT_OFF)]
    assert not found, "\n".join(dict.fromkeys(found))


@pytest.mark.parametrize("stop", SAMPLE[:7], ids=str)
def test_a_page_reads_well_however_large(enter: Enter, site: LiveSite, stop: Stop) -> None:
    reads(enter, site, stop)


@pytest.mark.proof
@pytest.mark.parametrize("stop", SAMPLE[7:] + REST + FAILURES, ids=str)
def test_every_page_reads_well_however_large(enter: Enter, site: LiveSite, stop: Stop) -> None:
    reads(enter, site, stop)


@pytest.mark.proof
@pytest.mark.parametrize("stop", ADMIN, ids=str)
def test_every_page_of_the_admin_reads_well_however_large(
    enter: Enter, site: LiveSite, stop: Stop
) -> None:
    reads(enter, site, stop)


@pytest.mark.proof
@pytest.mark.parametrize("stop", BARE, ids=str)
def test_a_bare_page_reads_well_however_large(
    enter: Enter, bare_site: LiveSite, stop: Stop
) -> None:
    reads(enter, bare_site, stop, group="bare")


@pytest.mark.proof
@pytest.mark.parametrize("stop", FULL, ids=str)
def test_a_full_page_reads_well_however_large(
    enter: Enter, full_site: LiveSite, stop: Stop
) -> None:
    reads(enter, full_site, stop, group="full")
