"""What a page must hold wherever it is looked at: accessible, no wider than its window."""

import os
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# preload off: else axe fetches every style sheet that is imported by another once more.
AXE = {
    "resultTypes": ["violations"],
    "preload": False,
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
}


def violations(page: Page) -> list[str]:
    """What axe-core finds, a line each: the rule, what it says, and where."""
    found: list[dict[str, Any]] = Axe().run(page, options=AXE).response["violations"]
    return [
        f"{one['id']}: {one['help']}: {places[:4]}"
        for one in found
        if (places := [node["target"] for node in one["nodes"] if not _only_a_formula(one, node)])
    ]


def _only_a_formula(rule: dict[str, Any], node: dict[str, Any]) -> bool:
    """Whether axe takes the head of a column for empty, because it reads no MathML."""
    return rule["id"] == "empty-table-header" and "<math" in node["html"]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window: 0, or somebody scrolls sideways."""
    wider: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wider


def picture(page: Page, name: str) -> None:
    """Keep a screenshot of the whole page, where ``TERMTIME_SCREENSHOTS`` names a folder."""
    folder = os.environ.get("TERMTIME_SCREENSHOTS", "")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
