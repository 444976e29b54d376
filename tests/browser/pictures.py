"""``python -m tests.browser.pictures``, which is what ``make pictures`` runs.

Takes a picture of every page at every width, in light and in dark, and of every mail, and lays
them out on sheets that a person can look through in a minute. Judges nothing; the proofs of every
page and every mail do.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from html import escape
from pathlib import Path

import django
from playwright.sync_api import Browser, sync_playwright

from config.local import LOCAL, CannotRun
from config.local.chromium import HOW_TO_INSTALL, find_chromium
from tests.browser import pages
from tests.browser.letters import SIZES, letters_of
from tests.browser.live_site import LiveSite, live_site
from tests.browser.looking import picture
from tests.browser.sheets import Row, lay_out
from tests.browser.stops import EVERY_SIZE, Stop, show
from tests.browser.visiting import come_as, launch
from tests.own_database import site_database

FOLDER = LOCAL / "pictures"


def main(arguments: list[str]) -> None:
    """Take the pictures and lay them out.

    Raises CannotRun where there is no browser.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.browser.pictures")
    parser.add_argument(
        "--only", default="", metavar="WORD", help="pages whose name has it; mail for every mail"
    )
    parser.add_argument("--folder", type=Path, default=FOLDER, metavar="PATH")
    given = parser.parse_args(arguments)
    if find_chromium() is None:
        raise CannotRun(f"There is no Chromium; {HOW_TO_INSTALL}.")
    began = time.monotonic()
    shutil.rmtree(given.folder, ignore_errors=True)
    os.environ["TERMTIME_SCREENSHOTS"] = str(given.folder / "pages")
    with site_database(), tempfile.TemporaryDirectory() as folder:
        django.setup()
        groups = {
            group: list(_taken(group, given.only, Path(folder)))
            for group in ("demo", "bare", "full")
        }
        groups["mail"] = list(_mails(given.only, Path(folder)))
    index = lay_out(groups, given.folder)
    seconds = time.monotonic() - began
    pictures = sum(len(row.pictures) for rows in groups.values() for row in rows)
    sys.stdout.write(f"{pictures} pictures in {seconds:.0f} s: {index}\n")


def _taken(group: str, only: str, folder: Path) -> Iterator[Row]:
    """A row of pictures for each page of one site."""
    from tests.browser import admin_pages  # which asks the admin what it has

    stops = {
        "demo": pages.SAMPLE + pages.REST + pages.FAILURES + admin_pages.ADMIN,
        "bare": pages.BARE,
        "full": pages.FULL,
    }[group]
    chosen = [stop for stop in stops if only in f"{group}-{stop}"]
    if not chosen:
        return
    place = folder / group
    place.mkdir()
    with live_site(place, kind=group) as site, sync_playwright() as playwright:
        browser = launch(playwright)
        for stop in chosen:
            yield Row(str(stop), _pictures(browser, site, group, stop))
        browser.close()


def _mails(only: str, folder: Path) -> Iterator[Row]:
    """A row for each case of each kind of mail, its plain text last."""
    if only not in "mail":
        return
    place = folder / "mail"
    place.mkdir()
    with live_site(place, kind="bare") as site:
        letters = letters_of(site)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page()
        for letter in letters:
            found = []
            page.set_content(letter.html)
            for width, theme in SIZES:
                show(page, width, theme)
                found.append(picture(page, f"mail-{letter}-{width}-{theme}"))
            page.set_content(f'<pre style="white-space: pre-wrap">{escape(letter.text)}</pre>')
            show(page, 360, "light")
            found.append(picture(page, f"mail-{letter}-360-text"))
            yield Row(f"{letter}: {letter.subject}", [path for path in found if path])
        browser.close()


def _pictures(browser: Browser, site: LiveSite, group: str, stop: Stop) -> list[Path]:
    context = come_as(browser, stop.who, site, reduced_motion="reduce")
    page = context.new_page()
    page.goto(stop.path.format(**site.places))
    stop.act(page)
    found = []
    for width, theme in EVERY_SIZE:
        show(page, width, theme)
        found.append(picture(page, f"{group}-{stop}-{width}-{theme}"))
    context.close()
    return [path for path in found if path]


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except CannotRun as refusal:
        sys.exit(str(refusal))
    except KeyboardInterrupt:
        sys.exit(130)
