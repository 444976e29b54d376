"""A browser, and somebody in it."""

from typing import Any

from playwright.sync_api import Browser, BrowserContext, Playwright

from config.local.chromium import find_chromium
from tests.browser.live_site import LiveSite

# Two cores may be busy with other tests; a page that needs longer than this is at fault.
PATIENCE = 30_000


def launch(playwright: Playwright) -> Browser:
    """The system's Chromium. As root, and in containers, its sandbox cannot start."""
    return playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])


def come_as(browser: Browser, who: str, site: LiveSite, **options: Any) -> BrowserContext:
    """A window of somebody who is signed in, or of a ``visitor``."""
    context = browser.new_context(**{"base_url": site.url, "locale": "en-GB", **options})
    context.set_default_timeout(PATIENCE)
    if who != "visitor":
        cookie: Any = {"name": "termtime_session", "value": site.cookies[who], "url": site.url}
        context.add_cookies([cookie])
    return context
