"""Kill the web process, the worker, the database or Stripe in the middle of every journey.

``python -m tests.kills --folder FOLDER [--journeys N] [--also NAME] [--sample N] [--part K/N]
[--only WORDS]`` prints a line a case and ends with exit status 1 where anything was lost, doubled
or stuck.

Each case starts from an empty site, lets a journey run in a process of its own until something
dies at the chosen step, starts again what died, lets the schedule do its work, holds everything
against everything (``tests.any_order.world``), and then what it came to against the same story
with nothing killed. Whether whoever did it does it once more, ``tests.kills.stories`` says.

What is covered: we ourselves die before every single step: each statement, each commit, each call
to Stripe and its answer. The database and Stripe die before and after every commit and every call;
in between, where they could only undo a transaction as a whole, at some steps by lot, others in
each run. A job whose process dies is left as being done, and taken up by the job that looks for
such; this is seen with real workers, too (``tests.kills.worker``, ``tests.kills.documents``).
"""

import argparse
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import django

from config.local.static import collect_static
from tests.kills.house import House
from tests.postgres_plugin import SETTINGS
from tests.sandbox.process import SECRET_KEY, WEBHOOK_SECRET

T = TypeVar("T")


def main() -> int:
    """Run the cases asked for; the exit status."""
    asked = argparse.ArgumentParser(prog="python -m tests.kills")
    asked.add_argument("--folder", type=Path, required=True)
    asked.add_argument("--journeys", type=int, help="so many journeys, drawn by lot")
    asked.add_argument("--sample", type=int, help="so many cases of each journey")
    asked.add_argument("--part", default="1/1", help="of N parts the K-th, as K/N")
    asked.add_argument("--also", action="append", default=[], help="and this journey besides")
    asked.add_argument("--only", default="", help="journeys with these words in their name")
    options = asked.parse_args()
    house = House(options.folder)
    house.open()
    try:
        _set_up(house)
        failed = _run(house, options)
    finally:
        house.close()
    return 1 if failed else 0


def _set_up(house: House) -> None:
    environment = SETTINGS | {
        "DATABASE_URL": house.cluster.url(),
        "STRIPE_API_BASE": house.stand_in.url,
        "STRIPE_SECRET_KEY": SECRET_KEY,
        "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "STRIPE_PAYMENT_METHODS": "card,bacs_debit",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "STATIC_ROOT": str(house.folder / "static"),
    }
    os.environ.update(environment)
    collect_static(house.folder / "static")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("createcachetable")


def _run(house: House, options: argparse.Namespace) -> int:
    """Try them, and say so; how many failed."""
    from tests.kills import documents, worker
    from tests.kills.stories import STORIES

    names = [*(story.name for story in STORIES), worker.NAME, documents.NAME]
    part, parts = (int(number) for number in options.part.split("/"))
    names = [name for name in names if options.only in name][part - 1 :: parts]
    if options.journeys:
        others = [name for name in names if name not in options.also]
        names = [*random.sample(others, min(options.journeys, len(others))), *options.also]
    failed = tried = 0
    for where, problem in _results(house, names, sample=options.sample):
        tried += 1
        failed += bool(problem)
        _say(f"{'FAILED' if problem else 'ok':6} {where}\n{problem}".rstrip())
    _say(f"{tried} cases tried, {failed} failed")
    return failed


def _results(house: House, names: list[str], *, sample: int | None) -> Iterator[tuple[str, str]]:
    """Where something died, and what was wrong then, of each case."""
    from tests.kills import cases, documents, worker
    from tests.kills.stories import STORIES

    for story in (story for story in STORIES if story.name in names):
        quiet = cases.undisturbed(house, story)
        for case in _some(cases.cases_of(quiet.steps), sample):
            step = f"step {case.number} ({quiet.steps[case.number]})"
            where = f"{story.name}: {case.victim} dies before {step}"
            yield where, cases.problem_of(house, story, case, quiet.outcome)
    if worker.NAME in names:
        expected = worker.undisturbed(house)
        for when in _some(list(worker.MOMENTS), sample):
            where = f"{worker.NAME}, {worker.MOMENTS[when]}"
            yield where, worker.problem_of(house, when, expected)
    if documents.NAME in names:
        for who in _some(list(documents.CASES), sample):
            yield f"{documents.NAME}: {who}", documents.problem_of(house, who)


def _some(all_of_them: list[T], sample: int | None) -> list[T]:
    """All of them, or so many, drawn by lot."""
    if sample is None:
        return all_of_them
    return random.sample(all_of_them, min(sample, len(all_of_them)))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
