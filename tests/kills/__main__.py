"""Kill the web process, the worker, the database or Stripe at every step of every journey.

``python -m tests.kills --folder FOLDER [--sample N] [--only WORDS]`` prints a line a case and ends
with exit status 1 where anything was lost, doubled or stuck.

Each case starts from an empty site, lets a journey run in a process of its own until something
dies at the chosen step, starts again what died, lets the student try again and the schedule do its
work, and then holds everything against everything (``tests.any_order.world``).
"""

import argparse
import os
import random
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import django

from tests.kills.house import House
from tests.postgres_plugin import SETTINGS
from tests.sandbox.process import SECRET_KEY, WEBHOOK_SECRET

if TYPE_CHECKING:
    from tests.any_order.world import World
    from tests.kills.stories import Story

VICTIMS = ("us", "database", "stripe")
# What every site has from its migrations on, and no case changes.
KEPT = {"django_migrations", "django_content_type", "auth_permission", "auth_group",
        "auth_group_permissions", "django_site"}  # fmt: skip


def main() -> int:
    """Run the cases asked for; the exit status."""
    asked = argparse.ArgumentParser(prog="python -m tests.kills")
    asked.add_argument("--folder", type=Path, required=True)
    asked.add_argument("--sample", type=int, help="so many cases of each journey")
    asked.add_argument("--only", default="", help="journeys with these words in their name")
    options = asked.parse_args()
    house = House(options.folder)
    house.open()
    try:
        _set_up(house)
        failed = _run(house, sample=options.sample, only=options.only)
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
    }
    os.environ.update(environment)
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("createcachetable")


def _run(house: House, *, sample: int | None, only: str) -> int:
    from tests.kills.stories import STORIES

    failed = tried = 0
    for story in (story for story in STORIES if only in story.name):
        steps = _steps_of(house, story)
        cases = [
            (number, victim)
            for number in range(len(steps))
            for victim in VICTIMS
            if victim == "us" or _is_an_edge(steps, number)
        ]
        chosen = random.sample(cases, min(sample, len(cases))) if sample else cases
        for number, victim in sorted(chosen):
            problem = _try(house, story, number, victim)
            tried += 1
            failed += bool(problem)
            where = f"{story.name}: {victim} dies before step {number} ({steps[number]})"
            _say(f"{'FAILED' if problem else 'ok':6} {where}\n{problem}".rstrip())
    _say(f"{tried} cases tried, {failed} failed")
    return failed


def _is_an_edge(steps: list[str], number: int) -> bool:
    """Whether something outside changes at this step, or has changed at the one before.

    What else dies between two of these finds the same: a transaction that is rolled back as a
    whole, whichever of its statements was on its way.
    """
    around = steps[max(0, number - 1) : number + 1]
    return number == 0 or any(step == "COMMIT" or "v1/" in step for step in around)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _empty(house: House) -> None:
    from django.db import connection

    tables = sorted(set(connection.introspection.table_names()) - KEPT)
    names = ", ".join(f'"{table}"' for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {names} CASCADE")
    house.stand_in.control("rules/clear")


def _begin(house: House, story: "Story") -> "World":
    from tests.any_order.world import World

    _empty(house)
    world = World(house.stand_in)
    story.prepare(world)
    _let_go_of_the_database()
    return world


def _let_go_of_the_database() -> None:
    """So that a fork and its parent do not speak on one connection."""
    from django.db import connection

    connection.close()
    connection.close_pool()


def _steps_of(house: House, story: "Story") -> list[str]:
    """The names of the steps that the journey takes when nothing dies."""
    from tests.kills.steps import watched
    from tests.kills.stories import do

    world = _begin(house, story)
    names: list[str] = []
    try:
        with watched(names.append):
            do(story.act, world)
    finally:
        world.close()
        _let_go_of_the_database()
    return names


def _try(house: House, story: "Story", number: int, victim: str) -> str:
    """One case: an empty text, or what was wrong."""
    world = _begin(house, story)
    try:
        child = os.fork()
        if child == 0:
            _act_and_die(house, story, world, number, victim)
        os.waitpid(child, 0)
        house.mend()
        _recover(story, world)
    except Exception:  # noqa: BLE001 - every case is tried, and each failure is told
        return traceback.format_exc()
    finally:
        world.close()
        _let_go_of_the_database()
    return ""


def _act_and_die(house: House, story: "Story", world: "World", number: int, victim: str) -> None:
    """In the child: run the journey until the step, and never return."""
    from tests.kills.steps import die, dying_at, watched
    from tests.kills.stories import do

    kill = {"us": die, "database": house.kill_database, "stripe": house.kill_stand_in}[victim]
    try:
        with watched(dying_at(number, kill)):
            do(story.act, world)
    except Exception:  # noqa: BLE001, S110 - whoever asked sees an error page
        pass
    finally:
        os._exit(0)


def _recover(story: "Story", world: "World") -> None:
    """The person tries once more, time passes, the schedule works; then the books must agree."""
    from tests.kills.stories import do

    world.check()
    do(story.act, world)
    world.come_to_rest()


if __name__ == "__main__":
    sys.exit(main())
