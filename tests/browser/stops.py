"""Pages that somebody looks at, and what each must hold."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from django.urls import resolve
from playwright.sync_api import Page

from tests.browser.conftest import Enter
from tests.browser.live_site import LiveSite
from tests.browser.looking import faults, picture, violations

Theme = Literal["light", "dark"]
Size = tuple[int, Theme]
PHONE_AND_DARK: list[Size] = [(360, "light"), (1280, "dark")]
THEMES: list[Theme] = ["light", "dark"]
EVERY_SIZE: list[Size] = [(width, theme) for theme in THEMES for width in (360, 768, 1280, 1920)]
POLICY = re.compile(
    r"object-src 'none'|base-uri 'none'|form-action 'self' http://\S+|default-src 'self'"
    r"|frame-ancestors 'none'"
)
# In a tag: an attribute that styles or acts. Scripts that are data (JSON-LD) run nothing.
INLINE = re.compile(
    r"""<[a-z][^<>]*\s(?:style|on[a-z]+)\s*=\s*["'][^<>]*>|<style\b[^>]*>"""
    r"""|<script(?![^>]*\s(?:src=|type=["']application/(?:ld\+)?json["']))[^>]*>""",
    re.IGNORECASE,
)

# The other theme fades in, where colours do.
SETTLE = """() => Promise.allSettled(document.getAnimations()
  .filter((one) => one.effect.getComputedTiming().endTime !== Infinity)
  .map((one) => one.finished))"""


def as_it_is(page: Page) -> None:
    """Nothing more to do: the page is looked at as it comes."""


@dataclass(frozen=True)
class Stop:
    """A page, who looks at it, and what is done there first."""

    path: str
    who: str = "visitor"
    name: str = ""
    act: Callable[[Page], None] = as_it_is
    status: int = 200
    #: The name of the address to which ``act`` leads, where that is another.
    leads_to: str = ""

    def __str__(self) -> str:
        """As the test and its picture are named."""
        said = self.name or re.sub(r"[{}]", "", self.path).strip("/").replace("/", "_") or "home"
        done = "" if self.act is as_it_is else f"-{self.act.__name__}"
        return f"{said}-{self.who}{done}"


def visit(enter: Enter, site: LiveSite, stop: Stop) -> tuple[Page, list[str]]:
    """Go there as that person; the page, and what is wrong with how it was answered."""
    page = enter(stop.who, at=site, reduced_motion="reduce")
    address = stop.path.format(**site.places)
    answer = page.goto(address)
    assert answer is not None
    found = broken_promises(answer.headers.get("content-security-policy", ""), answer.text())
    if answer.status != stop.status:
        found.append(f"{answer.status} instead of {stop.status}")
    if urlsplit(page.url).path != urlsplit(address).path and not stop.leads_to:
        found.append(f"{address} led to {page.url}")
    stop.act(page)
    if stop.leads_to:
        page.wait_for_url(lambda url: resolve(urlsplit(url).path).url_name == stop.leads_to)
    return page, found


def broken_promises(policy: str, html: str) -> list[str]:
    """Where an answer's policy is another than the strict one, or its HTML breaks it."""
    said = {part.strip() for part in policy.split(";")}
    found = [f"in the policy: {part}" for part in said if not POLICY.fullmatch(part)]
    if len(said) != 5:
        found.append(f"the policy is not whole: {policy}")
    return found + [f"inline: {tag[:120]}" for tag in INLINE.findall(html)]


def show(page: Page, width: int, theme: Theme) -> None:
    """In a window of that width and that theme."""
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900 if width > 500 else 780})
    page.evaluate(SETTLE)


def look(
    enter: Enter, site: LiveSite, stop: Stop, sizes: Iterable[Size], *, group: str = "demo"
) -> Page:
    """Look at the page in windows of these sizes, take a picture of each, and hold it sound.

    ``group`` goes before the pictures' names.
    """
    page, found = visit(enter, site, stop)
    for width, theme in sizes:
        show(page, width, theme)
        picture(page, f"{group}-{stop}-{width}-{theme}")
        seen = violations(page) + faults(page)
        found += [f"{width} {theme}: {line}" for line in seen]
    assert not found, "\n".join(dict.fromkeys(found))
    return page
