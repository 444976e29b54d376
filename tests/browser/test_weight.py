"""How little a page asks of the line and of whoever waits for it, and that nothing jumps."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Enter

pytestmark = pytest.mark.browser

LESSON = "/courses/deep-learning/lessons/what-deep-learning-is/"
MAIN = [
    "/",
    "/glossary/",
    "/glossary/deep-learning/",
    "/glossary/deep-learning/backpropagation/",
    "/courses/",
    "/courses/deep-learning/",
    LESSON,
    "/search/?q=gradient",
    "/practice/glossary/deep-learning/",
    "/account/login/",
]
SHIFTS = """() => new Promise(done => {
  const shifts = [];
  new PerformanceObserver(list => shifts.push(...list.getEntries()))
    .observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => done(shifts
    .filter(one => !one.hadRecentInput)
    .map(({ value, sources }) =>
      `${value}: ${sources.map(source => source.node?.outerHTML?.slice(0, 80))}`))));
})"""


def fetched(page: Page, address: str) -> list[tuple[str, int]]:
    """What a visit fetches: the kind of each part, and its bytes on the line, headers included."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    kinds: dict[str, str] = {}
    sizes: dict[str, int] = {}

    def came(event: Any) -> None:
        kinds[event["requestId"]] = event["type"]

    def ended(event: Any) -> None:
        sizes[event["requestId"]] = int(event["encodedDataLength"])

    session.on("Network.responseReceived", came)
    session.on("Network.loadingFinished", ended)
    page.goto(address, wait_until="networkidle")
    return [(kinds[one], size) for one, size in sizes.items()]


@pytest.mark.parametrize("who", ["visitor", "learner"])
def test_a_lesson_is_light(enter: Enter, who: str) -> None:
    parts = fetched(enter(who), LESSON)
    assert {"Document", "Stylesheet", "Script"} <= {kind for kind, _ in parts}
    assert sum(size for kind, size in parts if kind != "Image") < 60_000, parts
    assert [kind for kind, _ in parts if kind == "Font"] == []
    assert len([kind for kind, _ in parts if kind == "Script"]) <= 1
    assert len([kind for kind, _ in parts if kind == "Stylesheet"]) == 1


def test_a_second_visit_fetches_the_page_alone(enter: Enter) -> None:
    page = enter()
    fetched(page, LESSON)
    again = fetched(page, LESSON)
    assert [kind for kind, size in again if size] == ["Document"]


@pytest.mark.parametrize("width", [360, pytest.param(1280, marks=pytest.mark.proof)])
def test_nothing_jumps_while_a_page_comes(enter: Enter, width: int) -> None:
    page = enter(viewport={"width": width, "height": 800})
    jumped = {}
    for address in MAIN:
        page.goto(address, wait_until="networkidle")
        if shifts := page.evaluate(SHIFTS):
            jumped[address] = shifts
    assert jumped == {}


def test_nothing_jumps_where_what_is_found_comes_as_one_types(enter: Enter) -> None:
    page = enter()
    page.goto("/search/")
    field = page.get_by_role("searchbox")
    before = field.bounding_box()
    field.press_sequentially("gradient")
    page.get_by_role("region", name="Terms").get_by_role("link").first.wait_for()
    assert field.bounding_box() == before
