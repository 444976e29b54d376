"""A real worker process, killed while it does a job, and another one that takes the job up.

The job sends money back, and Stripe keeps it waiting. The heartbeats of the dead worker are made
two minutes older instead of waiting for as long; all else is done by the workers themselves.
"""

import os
import traceback
from functools import partial

from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.any_order import letters
from tests.any_order.world import World
from tests.kills.beginnings import leaving
from tests.kills.cases import a_world, go_on
from tests.kills.house import House
from tests.kills.outcome import Outcome, difference, outcome
from tests.sandbox.waiting import until
from tests.serving import Process, work

NAME = "a worker dies while it sends money back"
# When Stripe keeps the worker waiting, in words.
MOMENTS = {"before": "and Stripe has done nothing", "after": "and Stripe has sent it"}


def undisturbed(house: House) -> Outcome:
    """What it comes to when nothing dies."""
    with a_world(house, leaving) as world:
        go_on(world)
        return outcome()


def problem_of(house: House, when: str, expected: Outcome) -> str:
    """Try it with the worker killed at this moment: an empty text, or what was wrong."""
    try:
        with a_world(house, leaving) as world:
            _kill_a_worker(house, when)
            pass_two_minutes()
            _let_anotherwork_in(house)
            _finish(world)
            return difference(outcome(), expected)
    except Exception:  # noqa: BLE001 - every case is tried, and each failure is told
        return traceback.format_exc()


def _kill_a_worker(house: House, when: str) -> None:
    """Kill -9, while it waits for Stripe; the job is left as being done."""
    stripe = house.stand_in
    stripe.control(
        "requests", action="delay", when=when, seconds=600, path="/v1/refunds", method="POST"
    )
    worker = work_in(house, "first")
    try:
        until(lambda: not stripe.see("rules")["rules"], what="the call to Stripe")
        if when == "after":
            until(partial(_refunds_made, house), what="the refund at Stripe")
    finally:
        worker.process.kill()
        worker.process.wait()
    if when == "before":
        # What it had asked for is never done.
        house.kill_stand_in()
        house.mend()
    else:
        stripe.control("rules/clear")
    assert _refunds_made(house) == (when == "after")
    assert _refund_job().status == "doing"


def work_in(house: House, name: str) -> Process:
    """Start a worker, with its log in the house."""
    return work(dict(os.environ), log=house.folder / f"{name}_worker.log")


def _refunds_made(house: House) -> int:
    return len(house.stand_in.client().v1.refunds.list().data)


def _refund_job() -> ProcrastinateJob:
    return ProcrastinateJob.objects.get(task_name="enrolment.jobs.carry_out_refund")


def pass_two_minutes() -> None:
    """Nothing is heard of a dead worker for so long, and the schedule is due again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '2 min'"
        )
        # So that the schedule is due again.
        cursor.execute("DELETE FROM procrastinate_periodic_defers")


def _let_anotherwork_in(house: House) -> None:
    worker = work_in(house, "second")
    try:
        until(lambda: _refund_job().status == "succeeded", seconds=120, what="the stalled job")
    finally:
        worker.stop()
    assert "(enrolment.jobs.carry_out_refund) had lost its worker" in worker.log.read_text()


def _finish(world: World) -> None:
    """The books agree; what the schedule had queued and nobody did is done by ours instead."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock IS NOT NULL"
        )
    world.check()
    letters.check()
    go_on(world)
