"""``python -m tests.bench``, which is what ``make bench`` runs.

Needs nothing that runs already: it starts a PostgreSQL as the tests do (``DATABASE_URL`` replaces
it), makes a database of its own there, and drops it at the end.
"""

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import django

from config.local import LOCAL, CannotRun
from tests.bench.starting import BenchFailed, close_connections
from tests.own_database import site_database


def say(line: str) -> None:
    """Tell whoever waits."""
    sys.stderr.write(f"{line}\n")


def main(arguments: list[str]) -> None:
    """Measure, print the table and write the JSON.

    Raises CannotRun where something outside the program is missing, BenchFailed where what was
    measured went wrong. A goal that is missed is no failure: it stands in the table.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--json", type=Path, default=LOCAL / "bench.json", metavar="PATH")
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that all that started is stopped
    began = time.monotonic()
    with site_database(), tempfile.TemporaryDirectory() as folder:
        found = _measured(Path(folder))
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    say(f"Took {time.monotonic() - began:.0f} s; the figures are in {given.json}")


def _measured(folder: Path) -> dict[str, Any]:
    """Migrate, measure, and print the table; what goes into the JSON."""
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from tests.bench.measuring import Sizes, measure

    say("Migrating an empty database")
    call_command("migrate", interactive=False, verbosity=0)
    figures = measure(Sizes(), folder, tell=say)
    sys.stdout.write(f"\n{figures.table()}\n\n")
    version = connection.pg_version
    close_connections()
    machine = {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "postgresql": f"{version // 10_000}.{version % 10_000}",
        "django": django.get_version(),
    }
    return {"machine": machine, **figures.as_json()}


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (CannotRun, BenchFailed) as refusal:
        sys.exit(str(refusal))
    except KeyboardInterrupt:
        sys.exit(130)
