"""Pages that somebody looks at, and what each must hold."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Page

from tests.browser.conftest import Enter
from tests.browser.live_site import LiveSite
from tests.browser.looking import overflow, picture, violations

Theme = Literal["light", "dark"]


def as_it_is(page: Page) -> None:
    """Nothing more to do: the page is looked at as it comes."""


@dataclass(frozen=True)
class Stop:
    """A page, who looks at it, and what is done there first."""

    path: str
    who: str = "visitor"
    name: str = ""
    act: Callable[[Page], None] = as_it_is

    def __str__(self) -> str:
        """As the test and its picture are named."""
        said = self.name or self.path.strip("{}/").replace("/", "_") or "home"
        done = "" if self.act is as_it_is else f"-{self.act.__name__}"
        return f"{said}-{self.who}{done}"


def look(enter: Enter, site: LiveSite, stop: Stop, *, width: int, theme: Theme) -> Page:
    """Go there as that person, with a window of that width; take a picture."""
    size = {"width": width, "height": 900 if width > 500 else 780}
    page = enter(stop.who, viewport=size, color_scheme=theme, reduced_motion="reduce")
    page.goto(stop.path.format(**site.places))
    stop.act(page)
    picture(page, f"{stop}-{width}-{theme}")
    return page


def holds(page: Page) -> None:
    """The page reads well to everyone, and stays within its window."""
    found = violations(page)
    if wider := overflow(page):
        found.append(f"{wider} pixels wider than the window")
    assert not found, "\n".join(found)
