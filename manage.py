#!/usr/bin/env python
"""Django's command line, with the demo's settings where none are given."""

import os
import sys
from pathlib import Path

DEMO_SETTINGS = Path(__file__).resolve().parent / ".local" / "demo.env"


def use_demo_settings() -> None:
    """Take what `make run` wrote, so that commands reach the same database as the running demo.

    Only where the environment says nothing at all: a real site's environment always wins.
    """
    given = {"SECRET_KEY", "DATABASE_URL", "DEMO"} & os.environ.keys()
    if given or not DEMO_SETTINGS.exists():
        return
    for line in DEMO_SETTINGS.read_text().splitlines():
        name, found, value = line.partition("=")
        if found and not line.startswith("#"):
            os.environ.setdefault(name, value)
    print("Using the demo's settings (.local/demo.env).", file=sys.stderr)


def main() -> None:
    """Run one management command."""
    use_demo_settings()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
