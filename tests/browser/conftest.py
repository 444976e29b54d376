"""A browser, and the site it visits.

The site is started once a run. The browser is started once a module and closed after it: while
it is open its event loop belongs to this thread, and Django refuses database calls beside one.
"""

from collections.abc import Callable, Iterator
from typing import Any
from zlib import crc32

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.live_site import LiveSite, live_site
from tests.browser.visiting import PATIENCE, come_as, launch

Enter = Callable[..., Page]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    with live_site(tmp_path_factory.mktemp("live")) as running:
        yield running


@pytest.fixture(scope="session")
def full_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """One whose names are too long and whose lists do not end."""
    with live_site(tmp_path_factory.mktemp("full"), kind="full") as running:
        yield running


@pytest.fixture(scope="session")
def bare_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """One on its first day, with nothing in it."""
    with live_site(tmp_path_factory.mktemp("bare"), kind="bare") as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


# A policy that is only reported says nothing in the console's errors.
TELL_OF_POLICIES = """
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
  console.error(`policy: ${violatedDirective} ${blockedURI}`));
"""


def watch(context: BrowserContext) -> list[str]:
    """What goes wrong in any page of the context, as it goes wrong.

    Errors in the console (a policy broken is one of them), exceptions, requests that fail. A page
    that answers 4xx, or fails as asked, is left to the test that asked for it; a part of a page
    that does is not.
    """
    complaints: list[str] = []

    def on_console(message: Any) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            complaints.append(f"console: {message.text}")

    def on_response(response: Any) -> None:
        is_page = response.request.is_navigation_request()
        if response.status >= (500 if is_page else 400) and "/fails/" not in response.url:
            complaints.append(f"{response.status}: {response.url}")

    def on_failure(request: Any) -> None:
        # Leaving a page gives up what it was still waiting for.
        if "ERR_ABORTED" not in (request.failure or ""):
            complaints.append(f"{request.failure}: {request.url}")

    context.add_init_script(TELL_OF_POLICIES)
    context.on("console", on_console)
    context.on("response", on_response)
    context.on("requestfailed", on_failure)
    context.on("weberror", lambda error: complaints.append(f"exception: {error.error}"))
    return complaints


@pytest.fixture
def enter(chromium: Browser, site: LiveSite) -> Iterator[Enter]:
    """Open a page as somebody: ``enter("learner")``, ``enter(java_script_enabled=False)``.

    ``at`` is another site than the demo's. At the end of the test nothing may have gone wrong in
    any of the pages.
    """
    contexts: list[tuple[BrowserContext, list[str]]] = []

    def _enter(who: str = "visitor", *, at: LiveSite = site, **options: Any) -> Page:
        context = come_as(chromium, who, at, **options)
        contexts.append((context, watch(context)))
        return context.new_page()

    yield _enter
    for context, _ in contexts:
        context.close()
    assert [line for _, complaints in contexts for line in complaints] == []


@pytest.fixture
def address(request: pytest.FixtureRequest) -> str:
    """An email address that no other test uses."""
    return f"{crc32(request.node.nodeid.encode()):x}@example.org"
