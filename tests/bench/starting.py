"""Forked processes that get ready, wait for the others, and start at the same moment."""

import gc
import multiprocessing
import os
import signal
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Generic, TypeVar

from django.db import connection

PREPARING_SECONDS = 120
RUNNING_SECONDS = 120

T = TypeVar("T")
# Called in the new process before the clock starts: makes everything ready, and returns what is to
# be done once it runs.
Preparation = Callable[[], Sequence[Callable[[], T]]]

# When a process had done its last step, and what each step returned.
Haul = tuple[float, list[T]]


class BenchFailed(Exception):
    """What was measured went wrong, so there is no figure to give."""


@dataclass(frozen=True)
class Run(Generic[T]):
    """What came of one start: until the last had finished, and what each step returned."""

    seconds: float
    answers: list[T]


def run_together(preparations: Sequence[Preparation[T]]) -> Run[T]:
    """Fork a process for each preparation, start all when all are ready, and time them.

    The clock runs from the shot, which is given once every process has said that it is ready,
    until the last process has done its last step. Raises BenchFailed with the traceback of a
    process that could not go on.
    """
    close_connections()  # a connection belongs to one process, and a pool's threads do not fork
    gc.collect()
    gc.freeze()  # else the first collection in each child copies every page of ours
    context = multiprocessing.get_context("fork")
    trigger, shot = os.pipe()
    lines: list[Connection] = []
    processes = []
    try:
        for prepare in preparations:
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(
                target=_run_one, args=(prepare, trigger, shot, theirs), daemon=True
            )
            process.start()
            theirs.close()
            lines.append(ours)
            processes.append(process)
        for line in lines:
            _receive(line, PREPARING_SECONDS)
        began = time.monotonic()
        os.close(shot)
        shot = -1
        hauls: list[Haul[T]] = [_receive(line, RUNNING_SECONDS) for line in lines]
    finally:
        _clear(trigger, shot)
        for process in processes:
            process.join(timeout=10 if shot == -1 else 0)
            process.terminate()
            process.join()
        for line in lines:
            line.close()
        gc.unfreeze()
    ended = max(when for when, _ in hauls)
    return Run(ended - began, [answer for _, answers in hauls for answer in answers])


def close_connections() -> None:
    """Leave nothing open to the database, neither a connection nor the pool."""
    connection.close()
    connection.close_pool()


def _open_connection() -> None:
    """One connection, and no more: a pool that is asked while it opens its first opens a second."""
    if connection.pool:
        connection.pool.open(wait=True, timeout=PREPARING_SECONDS)
    connection.ensure_connection()


def _clear(*descriptors: int) -> None:
    for descriptor in descriptors:
        if descriptor != -1:
            os.close(descriptor)


def _receive(line: Connection, seconds: float) -> Haul[T]:
    """What a process says next: that it is ready, or when it ended and with which answers."""
    if not line.poll(seconds):
        raise BenchFailed(f"a process said nothing for {seconds} seconds")
    try:
        said = line.recv()
    except EOFError as error:
        raise BenchFailed("a process ended without a word") from error
    if isinstance(said, str):
        raise BenchFailed(said)
    when, answers = said
    return when, answers


def _run_one(prepare: Preparation[T], trigger: int, shot: int, line: Connection) -> None:
    """What a forked process does."""
    os.close(shot)  # so that only the parent holds it
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        _open_connection()
        steps = prepare()
        line.send((time.monotonic(), []))
        os.read(trigger, 1)  # returns, empty, when the parent closes the other end
        answers = [step() for step in steps]
        line.send((time.monotonic(), answers))
    except Exception:  # noqa: BLE001 - whatever it was, the parent stops for it
        line.send(traceback.format_exc())
    finally:
        close_connections()
