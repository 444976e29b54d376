"""Finding the system's Chromium, which the browser tests drive."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
HOW_TO_INSTALL = "install the package chromium (apt-get install chromium) or set CHROMIUM to one"


def find_chromium() -> str | None:
    """The path of a Chromium: what ``CHROMIUM`` names, or the first of the usual names found."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    return next((path for name in NAMES if (path := shutil.which(name))), None)
