"""What a site writes to people, as its mails: ``python -m tests.browser.letters`` prints them all.

A process of its own writes them, with the settings of a site, which it leaves as it was: where a
browser is open, Django refuses database calls.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType

import django

from tests.browser.live_site import LiveSite
from tests.browser.stops import Size
from tests.serving import ROOT

# A phone, and a mail program's window; wider ones only add to its margins.
SIZES: list[Size] = [(360, "light"), (360, "dark"), (800, "light"), (800, "dark")]


@dataclass(frozen=True)
class Letter:
    """A mail as it goes out; ``kind`` is the name of its template, ``which`` one of its cases."""

    kind: str
    which: str
    subject: str
    html: str
    text: str

    def __str__(self) -> str:
        """As its picture is named."""
        return "-".join(f"{self.kind} {self.which}".split())


def letters_of(site: LiveSite, given: Mapping[str, str] = MappingProxyType({})) -> list[Letter]:
    """Every mail in each of its cases; ``given`` are other settings than the site's."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.browser.letters"],
        cwd=ROOT,
        env={**site.environ, "EMAIL_URL": "memorymail://", **given},
        capture_output=True,
        check=True,
    )
    return [Letter(**one) for one in json.loads(done.stdout)]


def main() -> None:
    """Print them as JSON, and give up the rows that they are about."""
    django.setup()
    from django.db import transaction

    from tests.browser.mails import every_letter

    with transaction.atomic():
        json.dump([asdict(letter) for letter in every_letter()], sys.stdout)
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
