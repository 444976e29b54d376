"""No word of an author, a document or a visitor runs as a script; and if one were to, it could not.

Pages are looked at with the Content-Security-Policy switched off, so that it hides nothing that
sanitising and escaping let through; it is then tried by itself on a page that was broken into.
"""

import io
import json
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.browser.conftest import PATIENCE
from tests.browser.hostile_content import PAYLOADS
from tests.browser.live_site import LiveSite

pytestmark = pytest.mark.browser
Unprotected = Callable[..., tuple[Page, list[str]]]

# Whatever could run, or load something that does, wherever it stands in the page.
ALIVE = """() => {
  const found = [];
  const own = location.origin;
  for (const one of document.querySelectorAll("*")) {
    const name = one.localName;
    if (name === "script" && one.type !== "application/ld+json" && !one.src.startsWith(own))
      found.push(one.outerHTML);
    if (["iframe", "object", "embed", "base", "foreignobject", "animate", "set", "annotation-xml"]
        .includes(name.toLowerCase())) found.push(one.outerHTML);
    // The site's own say which of its scripts is fetched later, and hold nothing.
    if (name === "template" && (one.innerHTML || !one.dataset.script?.startsWith("/static/")))
      found.push(one.outerHTML);
    if (name === "meta" && one.httpEquiv) found.push(one.outerHTML);
    if (name === "style") found.push(one.outerHTML);
    for (const { name: key, value } of one.attributes) {
      if (/^on/i.test(key) || key === "srcdoc" || /hx-on/.test(key)) found.push(one.outerHTML);
      if (/^(xlink:)?href$|^src$|action$|^data$/i.test(key)
          && /^[\\s\\u0000-\\u001f]*(javascript|vbscript|data):/i.test(value))
        found.push(one.outerHTML);
    }
    if (one.closest(".prose, .entry__definition") && one.getAttributeNames()
        .some((key) => /^(data-)?hx-/.test(key))) found.push(one.outerHTML);
  }
  return found.map((text) => text.slice(0, 300));
}"""


@pytest.fixture
def unprotected(chromium: Browser, site: LiveSite) -> Iterator[Unprotected]:
    """A page without a policy, and what ran in it as it runs."""
    contexts = []

    def _enter(who: str = "visitor", **options: Any) -> tuple[Page, list[str]]:
        context = chromium.new_context(base_url=site.url, bypass_csp=True, **options)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        if who != "visitor":
            context.add_cookies(
                [{"name": "termtime_session", "value": site.cookies[who], "url": site.url}]
            )
        page = context.new_page()
        return page, what_runs(page)

    yield _enter
    for context in contexts:
        context.close()


def what_runs(page: Page) -> list[str]:
    """Where a script of ours called for a dialogue, as it does."""
    ran: list[str] = []

    def on_dialog(dialog: Dialog) -> None:
        ran.append(page.url)
        dialog.dismiss()

    page.on("dialog", on_dialog)
    return ran


def visit(page: Page, address: str) -> None:
    page.goto(address)
    assert page.evaluate(ALIVE) == [], address


def test_the_watch_sees_a_script_that_runs(unprotected: Unprotected, site: LiveSite) -> None:
    page, ran = unprotected()
    page.goto(site.places["broken_into"])
    page.wait_for_load_state("networkidle")
    assert len(ran) == 2
    assert len(page.evaluate(ALIVE)) == 2


@pytest.mark.parametrize(
    "address",
    [
        "/glossary/",
        "/glossary/zzz/",
        "/glossary/zzz/zedword/",
        "/maps/zzz/",
        "/maps/zzz/?term=zedword",
        "/courses/",
        "/courses/zzz/",
        "/courses/zzz/terms/",
        "/courses/zzz/lessons/zzz-lesson/",
        "/practice/",
        "/search/?q=zedword",
        "/search/?q=alert&in=terms",
    ],
)
def test_no_page_of_hostile_words_holds_anything_alive(
    unprotected: Unprotected, address: str
) -> None:
    page, ran = unprotected()
    visit(page, address)
    page.wait_for_load_state("networkidle")
    assert ran == []


def test_no_page_or_card_of_any_hostile_term_holds_anything_alive(unprotected: Unprotected) -> None:
    page, ran = unprotected()
    for number in range(1, len(PAYLOADS) + 1):
        visit(page, f"/glossary/zzz/zz{number}/")
        visit(page, f"/glossary/zzz/zz{number}/card/")
    assert ran == []


def test_a_card_that_opens_beside_a_link_holds_nothing_alive(unprotected: Unprotected) -> None:
    page, ran = unprotected()
    page.goto("/courses/zzz/lessons/zzz-lesson/")
    page.locator(".prose a.term").first.hover()
    expect(page.locator(".term-card")).to_be_visible()
    assert page.evaluate(ALIVE) == []
    assert ran == []


def test_what_is_looked_for_is_shown_and_never_run(unprotected: Unprotected) -> None:
    page, ran = unprotected()
    for payload in PAYLOADS:
        visit(page, f"/search/?q={quote(payload)}")
    field = page.get_by_role("searchbox")
    for payload in PAYLOADS[:3]:
        field.fill(payload)
        expect(page.get_by_role("status").filter(has_text=payload[:12]).first).to_be_visible()
        assert page.evaluate(ALIVE) == []
    assert ran == []


def test_practice_shows_hostile_terms_and_runs_nothing(unprotected: Unprotected) -> None:
    page, ran = unprotected()
    page.goto("/practice/glossary/zzz/")
    for _ in range(4):
        before = page.locator("#question").inner_text()
        page.get_by_text("Show answer").click()
        assert page.evaluate(ALIVE) == []
        page.keyboard.press("4")
        expect(page.locator("#question")).not_to_have_text(before)
    visit(page, "/practice/knowledge/")
    expect(page.get_by_role("rowheader").first).to_be_visible()
    visit(page, "/practice/")
    assert ran == []


def test_a_deck_runs_nothing_where_its_fields_become_a_page(unprotected: Unprotected) -> None:
    page, ran = unprotected()
    answer = page.request.get("/practice/glossary/zzz.apkg")
    connection = sqlite3.connect(":memory:")
    with zipfile.ZipFile(io.BytesIO(answer.body())) as package:
        connection.deserialize(package.read("collection.anki2"))
    notes = [fields for (fields,) in connection.execute("SELECT flds FROM notes")]
    connection.close()
    assert len(notes) > 3 * len(PAYLOADS)
    page.goto("/healthz/")  # an origin for what is set into the page
    for fields in notes:
        page.set_content("".join(f"<div>{field}</div>" for field in fields.split("\x1f")))
        assert page.evaluate(ALIVE) == []
    assert ran == []


def test_downloads_are_no_pages_whatever_a_browser_would_like(
    unprotected: Unprotected, site: LiveSite
) -> None:
    page, ran = unprotected()
    for address, kind in [
        ("/glossary/zzz.json", "application/json"),
        ("/glossary/zzz.csv", "text/csv"),
        ("/practice/glossary/zzz.apkg", "application/octet-stream"),
        ("/practice/terms.csv", "text/csv"),
    ]:
        headers = page.request.get(address).headers
        assert headers["content-type"].startswith(kind)
        assert headers["x-content-type-options"] == "nosniff"
    page.goto("/glossary/zzz.json")
    assert page.evaluate(ALIVE) == []
    assert ran == []


def test_what_search_engines_read_cannot_end_its_element(unprotected: Unprotected) -> None:
    page, _ = unprotected()
    for number, payload in enumerate(PAYLOADS, start=1):
        page.goto(f"/glossary/zzz/zz{number}/")
        blocks = page.locator('script[type="application/ld+json"]')
        expect(blocks).to_have_count(2)
        term, breadcrumbs = [json.loads(text) for text in blocks.all_inner_texts()]
        assert term["name"] == f"Zz{number} {payload}"[:200].strip()
        assert breadcrumbs["itemListElement"][-1]["name"] == term["name"]


@pytest.mark.parametrize(
    "address",
    [
        "/admin/glossary/glossary/",
        "/admin/glossary/term/?q=zedword",
        "/admin/glossary/term/?q=zz1",
        "/admin/courses/searchinvain/",
        "/admin/courses/lesson/",
    ],
)
def test_staff_see_hostile_words_in_lists_and_run_nothing(
    unprotected: Unprotected, address: str
) -> None:
    page, ran = unprotected("staff")
    page.goto(address)
    alive = page.evaluate(ALIVE)
    assert [one for one in alive if "alert(" in one] == []
    assert ran == []


def test_staff_see_hostile_forms_histories_and_previews_and_run_nothing(
    unprotected: Unprotected,
) -> None:
    page, ran = unprotected("staff")
    page.goto("/admin/glossary/term/?q=zedword")
    page.get_by_role("link", name="Zedword", exact=True).click()
    expect(page.get_by_role("textbox", name="Definition:")).to_be_visible()
    address = page.url.split("?")[0]
    page.get_by_role("textbox", name="Definition:").fill(PAYLOADS[1])
    preview = page.get_by_role("region", name="Preview").first
    expect(preview).to_contain_text("onerror")
    for place in (address, address.replace("/change/", "/history/")):
        page.goto(place)
        assert [one for one in page.evaluate(ALIVE) if "alert(" in one] == []
    assert ran == []


def test_the_policy_stops_a_script_that_got_into_a_stored_page_and_says_so(
    chromium: Browser, site: LiveSite
) -> None:
    context = chromium.new_context(base_url=site.url)
    page = context.new_page()
    ran, told = what_runs(page), list[str]()
    page.on("console", lambda message: told.append(message.text))
    page.add_init_script(
        "window.broken = [];"
        "document.addEventListener('securitypolicyviolation',"
        " (event) => window.broken.push(event.effectiveDirective));"
    )
    page.goto(site.places["broken_into"])
    page.wait_for_load_state("networkidle")
    assert page.locator(".entry__definition script").count() == 1
    assert sorted(page.evaluate("window.broken")) == ["script-src-attr", "script-src-elem"]
    assert sum("Content Security Policy" in text for text in told) == 2
    assert ran == []
    context.close()
