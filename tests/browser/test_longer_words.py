"""The site in the made language: every word looked up, and longer words break nothing."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.admin_pages import ADMIN
from tests.browser.conftest import Enter
from tests.browser.live_site import LiveSite, live_site
from tests.browser.looking import faults, picture
from tests.browser.pages import REST, SAMPLE
from tests.browser.stops import Stop, as_it_is, visit
from tests.serving import ROOT
from tests.words.forgotten import forgotten
from tests.words.pseudo import LANGUAGE, write_catalogue

pytestmark = [pytest.mark.browser, pytest.mark.proof]

# What is done on other pages is done by its English name.
STOPS = [stop for stop in SAMPLE + REST if stop.act is as_it_is and stop.path != "/style-guide/"]
# Written into Django's own templates in English.
DJANGOS = {"img[alt]: Search", "img[alt]: True", "img[alt]: False", "img[alt]: None"}
# Words that end before they are over: they are wider than what shows them, which hides the rest.
CUT = """() => [...document.querySelectorAll("main *, header *, footer *")]
  .filter((one) => one.innerText?.trim() && !one.closest("select, .results, .selector"))
  .filter((one) => !/auto|scroll/.test(getComputedStyle(one).overflowX) || !one.matches(".tabular"))
  .filter((one) => one.checkVisibility() && one.childNodes.length && !one.closest("svg, math"))
  .filter((one) => !one.closest(".visually-hidden, .table-scroll, [data-scrolls], [tabindex='0']"))
  .filter((one) => getComputedStyle(one).overflowX !== "visible")
  .filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1)
  .map((one) => `${one.localName}.${one.className}: ${one.innerText.trim().slice(0, 60)}`)"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    catalogue = write_catalogue(tmp_path_factory.mktemp("locale"))
    given = {"LANGUAGE_CODE": LANGUAGE, "LOCALE_PATHS": str(catalogue)}
    with live_site(tmp_path_factory.mktemp("longer"), given=given) as running:
        yield running


@pytest.fixture(scope="module")
def written(site: LiveSite) -> set[str]:
    """What the people of this site wrote."""
    command = [sys.executable, "-m", "tests.words.forgotten"]
    done = subprocess.run(command, cwd=ROOT, env=site.environ, capture_output=True, check=True)
    return set(json.loads(done.stdout))


def words_of(page: Page, stop: Stop) -> str:
    """The page; of the admin as it is sent, for what its scripts add Django translates alone."""
    if not stop.path.startswith("/admin/"):
        return page.content()
    return page.request.get(page.url).text()


def cut_off(page: Page) -> list[str]:
    found: list[str] = page.evaluate(CUT)
    return found


@pytest.mark.parametrize("stop", [*STOPS, *ADMIN], ids=str)
def test_longer_words_break_nothing_and_none_was_forgotten(
    enter: Enter, site: LiveSite, written: set[str], stop: Stop
) -> None:
    page, found = visit(enter, site, stop)
    if not stop.path.startswith("/search/?"):  # shows scraps of what people wrote
        found += [one for one in forgotten(words_of(page, stop), written) if one not in DJANGOS]
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        picture(page, f"longer-{stop}-{width}")
        found += [f"{width}: {line}" for line in faults(page) + cut_off(page)]
    assert not found, "\n".join(dict.fromkeys(found))
