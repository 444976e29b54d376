"""``python -m tests.lighthouse``, which is what ``make lighthouse`` runs.

Serves the demo as production does and lets Lighthouse judge the main pages on the system's
Chromium, as a slow phone and as a desktop computer. Lighthouse comes from npm, in the version
that ``package.json`` names, into ``.local/``; the site knows nothing of it.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import django

from config.local import LOCAL, CannotRun
from config.local.chromium import HOW_TO_INSTALL, find_chromium
from tests.browser.live_site import live_site
from tests.own_database import site_database

PAGES = {
    "home": "/",
    "glossary": "/glossary/deep-learning/",
    "term": "/glossary/deep-learning/backpropagation/",
    "course": "/courses/deep-learning/",
    "lesson": "/courses/deep-learning/lessons/what-deep-learning-is/",
}
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
KINDS = {"phone": [], "desktop": ["--preset=desktop"]}
TRIES = 3  # on a busy machine Chromium now and then loses the trace that it was to keep
TOOL = LOCAL / "lighthouse"


def main(arguments: list[str]) -> int:
    """Print the scores and what is short; 1 where anything is below 100.

    Raises CannotRun where npm, Chromium or Lighthouse itself is missing.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.lighthouse")
    parser.add_argument("--only", choices=PAGES, action="append", help="a page; may be repeated")
    given = parser.parse_args(arguments)
    if find_chromium() is None:
        raise CannotRun(f"There is no Chromium; {HOW_TO_INSTALL}.")
    install()
    short = 0
    with site_database(), tempfile.TemporaryDirectory() as folder:
        django.setup()
        # A demo hides from search engines, which Lighthouse would count as a fault.
        with live_site(Path(folder), given={"SEARCH_ENGINES": "1"}) as site:
            for page in given.only or PAGES:
                for kind, options in KINDS.items():
                    short += tell(page, kind, judge(site.url + PAGES[page], options))
    return 1 if short else 0


def install() -> None:
    """Fetch the version that ``package.json`` names, unless it is there."""
    if shutil.which("npm") is None:
        raise CannotRun("There is no npm; install Node.js (apt-get install npm).")
    wanted = Path(__file__).with_name("package.json").read_text(encoding="utf-8")
    there = TOOL / "package.json"
    if there.exists() and there.read_text(encoding="utf-8") == wanted:
        return
    TOOL.mkdir(parents=True, exist_ok=True)
    unfinished = TOOL / "package.json"
    unfinished.write_text(wanted, encoding="utf-8")
    command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"]
    done = subprocess.run(command, cwd=TOOL, check=False)
    if done.returncode:
        unfinished.unlink()
        raise CannotRun("npm could not fetch Lighthouse.")


def judge(url: str, options: list[str]) -> dict[str, Any]:
    """What Lighthouse says about a page.

    Raises CannotRun where it says nothing.
    """
    command = [
        *("node", str(TOOL / "node_modules" / "lighthouse" / "cli" / "index.js"), url),
        *("--quiet", "--output=json", f"--only-categories={','.join(CATEGORIES)}"),
        # As root, and in containers, Chromium's sandbox cannot start.
        "--chrome-flags=--headless=new --no-sandbox",
        *options,
    ]
    environment = os.environ | {"CHROME_PATH": str(find_chromium())}
    for _ in range(TRIES):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            found: dict[str, Any] = json.loads(done.stdout)
            return found
    raise CannotRun(f"Lighthouse said nothing about {url}: {done.stderr[-500:]}")


def say(line: str) -> None:
    """Tell whoever waits, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def tell(page: str, kind: str, found: dict[str, Any]) -> int:
    """Print a line of scores, and one for whatever costs some; how many scores are below 100."""
    scores = {name: round(100 * (found["categories"][name]["score"] or 0)) for name in CATEGORIES}
    said = "  ".join(f"{name} {score}" for name, score in scores.items())
    say(f"{page:<9} {kind:<8} {said}")
    for name in CATEGORIES:
        for reference in found["categories"][name]["auditRefs"]:
            audit = found["audits"][reference["id"]]
            if reference["weight"] and audit["score"] is not None and audit["score"] < 1:
                value = audit.get("displayValue", "")
                say(f"    {name}: {audit['id']} {audit['score']:.2f}: {audit['title']} {value}")
    return sum(score < 100 for score in scores.values())


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CannotRun as refusal:
        sys.exit(str(refusal))
    except KeyboardInterrupt:
        sys.exit(130)
