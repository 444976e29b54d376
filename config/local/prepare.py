"""`python -m config.local.prepare`: the database and the static files, ready for the demo.

One process for all of it, since most of each command's time is Django's start. Lines of progress
are marked, to be shown at once; what `load_demo` prints is not, and is shown at the end.
"""

import io
import os
import sys
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config.local import CannotRun
from config.local.static import collect_static


def tell(line: str) -> None:
    """Say a line of progress."""
    print(f"progress: {line}", flush=True)


def main() -> None:
    """Migrate, make the cache table, collect static files and load the demo content."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    quiet = io.StringIO()
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        tell(f"Migrating the database ({len(plan)} steps)")
        call_command("migrate", interactive=False, verbosity=0, stdout=quiet)
    call_command("createcachetable", verbosity=0, stdout=quiet)
    if collect_static(Path(settings.STATIC_ROOT)):
        tell("Collected the static files")
    if not apps.get_model("courses", "Course").objects.exists():
        tell("Loading the demo content")
    call_command("load_demo")


if __name__ == "__main__":
    try:
        main()
    except CannotRun as refusal:
        sys.exit(str(refusal))
