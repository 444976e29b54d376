"""What a page must hold wherever it is looked at: accessible, no wider than its window."""

import os
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
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
OURS = Path(__file__).with_name("looking.js").read_text(encoding="utf-8")
# A page that goes on for ever is pictured this far, in CSS pixels.
TALLEST = 3_200


def violations(page: Page) -> list[str]:
    """What axe-core finds, a line each: the rule, what it says, and where."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE_SCRIPT)
    found: list[dict[str, Any]] = page.evaluate(
        "options => axe.run(document, options).then(found => found.violations)", AXE
    )
    return [
        f"{one['id']}: {one['help']}: {places[:4]}"
        for one in found
        if (places := [node["target"] for node in one["nodes"] if not _only_a_formula(one, node)])
    ]


def _only_a_formula(rule: dict[str, Any], node: dict[str, Any]) -> bool:
    """Whether axe takes the head of a column for empty, because it reads no MathML."""
    return rule["id"] == "empty-table-header" and "<math" in node["html"]


def faults(page: Page) -> list[str]:
    """What axe-core does not look for: sideways scrolling, missing pictures, small targets."""
    found: list[str] = page.evaluate(OURS)
    return found


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window: 0, or somebody scrolls sideways."""
    wider: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wider


def picture(page: Page, name: str) -> Path | None:
    """Keep a screenshot of the page, where ``TERMTIME_SCREENSHOTS`` names a folder; its path."""
    folder = os.environ.get("TERMTIME_SCREENSHOTS", "")
    if not folder:
        return None
    Path(folder).mkdir(parents=True, exist_ok=True)
    width, height = page.evaluate(
        "[document.documentElement.clientWidth, document.documentElement.scrollHeight]"
    )
    part: Any = {"x": 0, "y": 0, "width": width, "height": min(height, TALLEST)}
    path = Path(folder, f"{name}.png")
    page.screenshot(path=path, full_page=True, clip=part)
    return path
