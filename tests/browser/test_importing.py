"""A document brought in by staff: sent, looked through, decided on, applied, taken back."""

import io
import re

import pytest
from openpyxl import Workbook
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Enter
from tests.browser.live_site import LiveSite
from tests.browser.stops import EVERY_SIZE, PHONE_AND_DARK, Stop, look

pytestmark = pytest.mark.browser
ADD = "/admin/glossary/import/add/"


def send_nothing(page: Page) -> None:
    page.get_by_role("button", name="Read it").click()
    page.get_by_text("Send a file or paste text.").wait_for()


def ask_to_undo(page: Page) -> None:
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo this import").wait_for()


def stand_still(page: Page) -> None:
    """Without its header that asks again every other second, under the hands of who looks."""

    def answer(route: Route) -> None:
        given = route.fetch()
        kept = {name: text for name, text in given.headers.items() if name != "refresh"}
        route.fulfill(response=given, headers=kept)

    page.route("**/change/", answer)
    page.reload()


REVIEW = Stop("{import_doubtful}change/", "staff")
STOPS = [
    Stop(ADD, "staff"),
    Stop(ADD, "staff", act=send_nothing),
    REVIEW,
    Stop("{import_doubtful}change/?show=all", "staff", "import_doubtful-all"),
    Stop("{import_plain}change/", "staff"),
    Stop("{import_applied}change/", "staff"),
    Stop("{import_applied}change/", "staff", act=ask_to_undo),
    Stop("{import_undone}change/", "staff"),
    Stop("{import_refused}change/", "staff"),
    Stop("{import_dropped}change/", "staff"),
    Stop("{import_reading}change/", "staff", act=stand_still),
    Stop("{import_applying}change/", "staff", act=stand_still),
]


def test_what_is_doubtful_is_shown_soundly_on_a_phone_and_in_the_dark(
    enter: Enter, site: LiveSite
) -> None:
    look(enter, site, REVIEW, PHONE_AND_DARK)


@pytest.mark.proof
@pytest.mark.parametrize("stop", STOPS, ids=str)
def test_every_page_of_an_import_is_sound_at_every_width_in_light_and_in_dark(
    enter: Enter, site: LiveSite, stop: Stop
) -> None:
    look(enter, site, stop, EVERY_SIZE)


def entry(page: Page, name: str) -> Locator:
    """The row of a term."""
    return page.get_by_role("row").filter(
        has=page.get_by_role("rowheader", name=re.compile(f"^{name}"))
    )


def paste(page: Page, text: str) -> None:
    """Send a text for a glossary that is new."""
    page.goto(ADD)
    page.get_by_label("Or pasted text").fill(text)
    page.get_by_role("button", name="Read it").click()


def rigging(title: str) -> str:
    """A document in which one term is in doubt."""
    return (
        f"{title}\n\nShroud: Holds the mast from the side.\n\n"
        "Stay: Holds the mast lengthwise.\n\nStay: A rope before or behind the mast.\n"
    )


def workbook(title: str) -> dict[str, str | bytes]:
    """The file of an Excel workbook, as a browser sends it."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in (("Term", "Definition"), ("Halyard", "Hoists a sail."), ("Sheet", "Trims a sail.")):
        sheet.append(row)
    kept = io.BytesIO()
    book.save(kept)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return {"name": f"{title}.xlsx", "mimeType": kind, "buffer": kept.getvalue()}


def test_a_workbook_is_sent_applied_read_by_visitors_and_taken_back(enter: Enter) -> None:
    page, visitor = enter("staff"), enter()
    page.goto(ADD)
    page.get_by_label("File").set_input_files(workbook("Ropes"))  # type: ignore[arg-type]
    page.get_by_label("Address of a new glossary").fill("ropes-of-a-workbook")
    page.get_by_role("button", name="Read it").click()
    expect(entry(page, "Halyard")).to_contain_text("Hoists a sail.")
    assert visitor.goto("/glossary/ropes-of-a-workbook/").status == 404
    page.get_by_role("button", name="Apply all of it").click()
    expect(page.get_by_text("Applied. It can be undone")).to_be_visible()
    visitor.reload()
    expect(visitor.get_by_text("Trims a sail.")).to_be_visible()
    ask_to_undo(page)
    page.get_by_role("button", name="Undo this import").click()
    expect(page.get_by_text("Undone. What was changed since")).to_be_visible()
    assert visitor.reload().status == 404


def test_a_doubt_is_decided_and_all_applied_by_keys_alone(enter: Enter) -> None:
    page = enter("staff")
    page.goto(ADD)
    page.get_by_label("Or pasted text").focus()
    page.keyboard.insert_text(rigging("Rigging by keys"))
    tab_to(page, page.get_by_role("button", name="Read it"), skipping=False)
    page.keyboard.press("Enter")
    group = page.get_by_role("group", name="Stay")
    tab_to(page, group.get_by_role("radio").first)
    page.keyboard.press("ArrowDown")
    expect(group.get_by_label("Take the document’s other definition")).to_be_checked()
    tab_to(page, page.get_by_role("button", name="Note these decisions"), skipping=False)
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 decision is noted.")).to_be_visible()
    tab_to(page, page.get_by_role("button", name="Apply all of it"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Applied. It can be undone")).to_be_visible()
    page.goto("/glossary/rigging-by-keys/stay/")
    expect(page.get_by_text("A rope before or behind the mast.")).to_be_visible()


def tab_to(page: Page, wanted: Locator, *, skipping: bool = True) -> None:
    """Press the tabulator until it is reached; on a new page, skip to its content first."""
    wanted.wait_for()
    if skipping:
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
    for _ in range(30):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"the keyboard never gets to {wanted}")


def test_all_of_it_works_without_javascript(enter: Enter) -> None:
    page = enter("staff", java_script_enabled=False)
    paste(page, rigging("Rigging without scripts"))
    expect(page.get_by_text("1 term waits for a decision")).to_be_visible()
    expect(page.get_by_role("button", name="Apply all of it")).to_have_count(0)
    page.get_by_label("Leave it out").check()
    page.get_by_role("button", name="Note these decisions").click()
    page.get_by_role("button", name="Apply all of it").click()
    expect(page.get_by_text("Applied. It can be undone")).to_be_visible()
    page.goto("/glossary/rigging-without-scripts/")
    expect(page.get_by_text("Holds the mast from the side.")).to_be_visible()
    expect(page.get_by_text("Holds the mast lengthwise.")).to_have_count(0)


def test_a_long_document_is_read_by_the_worker_and_the_page_comes_to_its_end_by_itself(
    enter: Enter,
) -> None:
    page = enter("staff", java_script_enabled=False)
    lines = [
        f"Line {number}: Rope number {number}, {'which is long, ' * 40}and ends."
        for number in range(400)
    ]
    paste(page, "\n\n".join(["Lines of all lengths", *lines]))
    expect(page.get_by_role("status")).to_contain_text("is being read")
    expect(page.get_by_role("button", name="Apply all of it")).to_be_visible()
    expect(page.get_by_text("All (400)")).to_be_visible()
