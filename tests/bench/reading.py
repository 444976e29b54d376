"""``python -m tests.bench.reading``: pages that are read, served as in production, beside floors.

A learner's lesson page, with 40 and with 10,000 terms in its glossary, beside the bare page of the
enrolment benchmark; and a visitor's lesson and glossary pages beside a view that returns the same
bytes. One server with two workers, the same clients, by turns in the same run.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from django.core.cache import cache

from accounts.models import User
from courses.models import Course, Lesson
from glossary.models import Glossary, Memory, Passage, Term
from tests.bench.__main__ import say, site_database
from tests.bench.starting import BenchFailed, close_connections, run_together
from tests.bench.visiting import exchange, get, visit

SMALL, LARGE = 40, 10_000
# Of the lesson's forty terms, every second is known.
USED = 40
ROUNDS, VISITS, CLIENTS = 5, 300, 4
BARE = "/bench/students/"
SAME = "/bench/same/"


def main() -> None:
    """Measure and print the table."""
    with site_database(), tempfile.TemporaryDirectory() as folder:
        import django

        django.setup()
        from django.core.management import call_command

        say("Migrating an empty database")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        found = measure(
            SMALL, LARGE, Path(folder), rounds=ROUNDS, visits=VISITS, clients=CLIENTS
        )
        close_connections()
    sys.stdout.write(f"{table(found)}\n")
