"""One case: a journey runs until something dies at one of its steps, and everything recovers."""

import asyncio
import os
import random
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from asgiref.sync import sync_to_async
from django.db import connection, connections

from enrolment import jobs
from tests.any_order import letters
from tests.any_order.world import World
from tests.kills.house import House
from tests.kills.outcome import Outcome, difference, outcome
from tests.kills.steps import die, dying_at, watched
from tests.kills.stories import Story, do, nothing

VICTIMS = ("us", "database", "stripe")
# How many steps the database and Stripe die at besides the edges, each journey and victim.
WITHIN = 2
# Longer than the schedule leaves what is new to those who are at it.
A_FEW_MINUTES = 5
# What every site has from its migrations on, and no case changes.
KEPT = {"django_migrations", "django_content_type", "auth_permission", "auth_group",
        "auth_group_permissions", "django_site"}  # fmt: skip


@dataclass(frozen=True)
class Undisturbed:
    """A story in which nothing dies: the steps that it takes, and what it comes to."""

    steps: list[str]
    outcome: Outcome


@dataclass(frozen=True)
class Case:
    """``victim`` dies just before the step with this ``number``, from 0."""

    number: int
    victim: str


def undisturbed(house: House, story: Story) -> Undisturbed:
    """See what a story does when nothing dies."""
    steps: list[str] = []
    with a_world(house, story.prepare) as world:
        with watched(steps.append):
            do(story.act, world)
        go_on(world, story.then)
        return Undisturbed(steps, outcome())


def cases_of(steps: list[str]) -> list[Case]:
    """Where we die: everywhere. Where the others do: at every edge, and within by lot."""
    numbers = range(len(steps))
    edges = [number for number in numbers if _is_an_edge(steps, number)]
    within = sorted(set(numbers) - set(edges))
    cases = [Case(number, "us") for number in numbers]
    for victim in ("database", "stripe"):
        chosen = edges + random.sample(within, min(WITHIN, len(within)))
        cases += [Case(number, victim) for number in chosen]
    return cases


def _is_an_edge(steps: list[str], number: int) -> bool:
    """Whether something outside changes at this step, or has changed at the one before."""
    around = steps[max(0, number - 1) : number + 1]
    return number == 0 or any(step == "COMMIT" or "v1/" in step for step in around)


def problem_of(house: House, story: Story, case: Case, expected: Outcome) -> str:
    """Try one case: an empty text, or what was wrong."""
    try:
        with a_world(house, story.prepare) as world:
            child = os.fork()
            if child == 0:
                _act_and_die(house, story, world, case)
            os.waitpid(child, 0)
            house.mend()
            _recover(house, story, world)
            return difference(outcome(), expected)
    except Exception:  # noqa: BLE001 - every case is tried, and each failure is told
        return traceback.format_exc()


@contextmanager
def a_world(house: House, prepare: Callable[[World], None]) -> Iterator[World]:
    """A world at the beginning of a story, on an empty site."""
    _empty(house)
    world = World(house.stand_in)
    try:
        prepare(world)
        let_go_of_the_database()
        yield world
    finally:
        world.close()
        let_go_of_the_database()


def _empty(house: House) -> None:
    tables = sorted(set(connection.introspection.table_names()) - KEPT)
    names = ", ".join(f'"{table}"' for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {names} CASCADE")
    house.stand_in.control("rules/clear")


def let_go_of_the_database() -> None:
    """So that a fork and its parent do not speak on one connection."""
    connection.close()
    connection.close_pool()


def _act_and_die(house: House, story: Story, world: World, case: Case) -> None:
    """In the child: run the journey until the step, and never return."""
    kill = {"us": die, "database": house.kill_database, "stripe": house.kill_stand_in}
    try:
        watch = dying_at(case.number, kill[case.victim])
        with watched(watch, committed=lambda: house.mark("committed")):
            do(story.act, world)
    except Exception:  # noqa: BLE001, S110 - whoever asked sees an error page
        pass
    finally:
        os._exit(0)


def _recover(house: House, story: Story, world: World) -> None:
    """The person tries once more if they have to; then it goes on as without them."""
    world.check()
    letters.check()
    world.wait(1)
    if story.is_done_again(committed=house.take_mark("committed")):
        do(story.act, world)
    go_on(world, story.then)


def go_on(world: World, then: Callable[[World], None] = nothing) -> None:
    """The schedule works, what follows happens, and days pass; then the books must agree."""
    take_up_stalled_jobs()
    for _ in range(2):
        world.reconcile()
        world.work()
        world.wait(A_FEW_MINUTES)
    then(world)
    world.come_to_rest()


def take_up_stalled_jobs() -> None:
    """The schedule's turn at jobs whose worker has died, on a loop of its own as in a worker."""

    async def once() -> None:
        await jobs.run_stalled_jobs_again.func(timestamp=0)
        await sync_to_async(connections.close_all)()

    asyncio.run(once())
