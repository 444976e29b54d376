"""For those whose machine says how they want it: forced colours, no motion; and unlike titles."""

import re
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import Enter
from tests.browser.live_site import LiveSite
from tests.browser.looking import picture
from tests.browser.pages import REST, SAMPLE
from tests.browser.stops import Stop, as_it_is, visit

pytestmark = pytest.mark.browser

# Where colours are forced, a fill says nothing any more: what can be pressed or filled in has a
# line around it or under it.
BORDERLESS = """() => [...document.querySelectorAll(
    "button, .button, input:not([type=hidden]), select, textarea")].filter(one => {
  if (!one.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
  if (["checkbox", "radio", "range", "file"].includes(one.type)) return false;
  const { width, height } = one.getBoundingClientRect();
  if (width <= 2 || height <= 2) return false;
  const look = getComputedStyle(one);
  const lines = ["Top", "Bottom"].map(side =>
    look[`border${side}Style`] !== "none" && parseFloat(look[`border${side}Width`]) > 0);
  const isUnderlined = look.textDecorationLine.includes("underline");
  return !lines.some(Boolean) && !isUnderlined && look.outlineStyle === "none";
}).map(one => one.outerHTML.slice(0, 120))"""
MOVING = """() => [...document.querySelectorAll("*")].filter(one => {
  const look = getComputedStyle(one);
  const longest = Math.max(...`${look.transitionDuration}, ${look.animationDuration}`
    .split(", ").map(parseFloat));
  return longest > 0.01 && (look.transitionProperty !== "none" || look.animationName !== "none");
}).map(one => `${one.localName}.${one.className}`)"""
SEEN = [
    Stop("/"),
    Stop("/courses/deep-learning/"),
    Stop("{next_intake}", "student"),
    Stop("/practice/glossary/deep-learning/"),
    Stop("/account/login/"),
    Stop("/admin/courses/intake/", "staff"),
]


@pytest.mark.parametrize("stop", SEEN, ids=str)
def test_where_colours_are_forced_what_can_be_used_still_has_an_edge(
    enter: Enter, site: LiveSite, stop: Stop
) -> None:
    page = enter(stop.who, forced_colors="active")
    page.goto(stop.path.format(**site.places))
    picture(page, f"{stop}-forced")
    assert page.evaluate(BORDERLESS) == []
    page.keyboard.press("Tab")
    edge = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert edge != "none"


@pytest.mark.parametrize("stop", SEEN, ids=str)
def test_nothing_moves_for_those_who_ask_for_that(enter: Enter, site: LiveSite, stop: Stop) -> None:
    page, _ = visit(enter, site, stop)
    assert page.evaluate(MOVING) == []
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


@pytest.mark.proof
def test_no_two_pages_of_a_person_have_one_title(enter: Enter, site: LiveSite) -> None:
    titles: dict[tuple[str, str], set[str]] = {}
    for who in sorted({stop.who for stop in SAMPLE + REST}):
        page = enter(who)
        for stop in SAMPLE + REST:
            if stop.who != who or stop.act is not as_it_is:
                continue
            answer = page.request.get(stop.path.format(**site.places))
            found = re.search("<title>(.*?)</title>", answer.text(), re.DOTALL)
            assert found, stop
            titles.setdefault((who, found[1].strip()), set()).add(urlsplit(answer.url).path)
    alike = {title: places for (_, title), places in titles.items() if len(places) > 1}
    # One question, in three ways to answer it.
    assert {title for title in alike if not title.startswith("Is it you?")} == set(), alike
