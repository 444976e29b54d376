"""The steps of a journey, found by watching it, and dying at one of them.

A step is a statement sent to the database, a commit, a request to Stripe, or its answer. What is
wrapped is Django's and the HTTP library's, never code of ours, so a journey that changes its steps
is watched as it is.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
from django.db import connection

Watch = Callable[[str], None]
# What changes something; outside a transaction, each is one of its own.
WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass
class Writing:
    """Whether anything has been written by now that is not committed."""

    committed: Callable[[], None]
    is_under_way: bool = False

    def did(self, step: str) -> None:
        """A statement has been carried out."""
        if step.startswith(WRITES):
            self.is_under_way = True
            if not connection.in_atomic_block:
                self.keep()

    def keep(self) -> None:
        """What has been written is there for good."""
        if self.is_under_way:
            self.committed()
        self.is_under_way = False

    def undo(self) -> None:
        """It never was."""
        self.is_under_way = False


@contextmanager
def watched(tell: Watch, *, committed: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Call ``tell`` with the name of each step, just before it is taken.

    ``committed`` is called whenever something has been written for good.
    """
    commit, rollback, send = connection._commit, connection._rollback, requests.Session.send
    writing = Writing(committed)

    def on_statement(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        step = _short(sql)
        tell(step)
        result = execute(sql, params, many, context)
        writing.did(step)
        return result

    def on_commit() -> None:
        is_one = connection.connection is not None and not connection.get_autocommit()
        if is_one:
            tell("COMMIT")
        commit()
        if is_one:
            writing.keep()

    def on_rollback() -> None:
        writing.undo()
        rollback()

    def on_request(self: requests.Session, request: Any, **options: Any) -> Any:
        tell(f"{request.method} {_address(request.url)}")
        answer = send(self, request, **options)
        tell(f"the answer to {request.method} {_address(request.url)}")
        return answer

    connection._commit, connection._rollback = on_commit, on_rollback
    requests.Session.send = on_request  # type: ignore[method-assign]
    try:
        with connection.execute_wrapper(on_statement):
            yield
    finally:
        connection._commit, connection._rollback = commit, rollback
        requests.Session.send = send  # type: ignore[method-assign]


def _short(sql: str) -> str:
    """The verb and the table of a statement: ``INSERT enrolment_payment``."""
    words = sql.replace('"', " ").split()
    verb = words[0].upper()
    after = {"SELECT": "FROM", "INSERT": "INTO", "DELETE": "FROM", "UPDATE": "UPDATE"}.get(verb)
    table = words[words.index(after) + 1] if after in words[:-1] else ""
    lock = " FOR UPDATE" if verb == "SELECT" and "FOR" in words[-6:] else ""
    return f"{verb} {table.strip('(')}{lock}".strip()


def _address(url: str) -> str:
    """The path of a request to Stripe, with ids left out."""
    path = url.partition("//")[2].partition("/")[2].partition("?")[0]
    return "/".join("…" if any(sign.isdigit() for sign in part[2:]) else part
                    for part in path.split("/"))  # fmt: skip


def dying_at(number: int, kill: Callable[[], None]) -> Watch:
    """A watch that calls ``kill`` when the step with this number, from 0, is about to be taken."""
    taken = 0

    def watch(name: str) -> None:
        nonlocal taken
        if taken == number:
            taken += 1
            kill()
        else:
            taken += 1

    return watch


def die() -> None:
    """As ``kill -9`` does it."""
    os.kill(os.getpid(), signal.SIGKILL)
