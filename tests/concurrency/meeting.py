"""Two who do something at the same moment, in an order that is known, each over a connection."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import QuerySet

WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
Answer = TypeVar("Answer")


def unlocked(self: QuerySet[Any], **options: Any) -> QuerySet[Any]:
    """The rows, and no lock on them: in place of ``QuerySet.select_for_update``."""
    return self.all()


def nothing() -> None:
    """Nothing more."""


def both(
    first: Callable[[], Any],
    second: Callable[[], Answer],
    *,
    then: Callable[[], Any] = nothing,
) -> Answer:
    """``second`` is done while the transaction of ``first`` has done all, but for its end.

    ``then`` is done in that transaction too, once ``second`` is held up by it, or through.
    """

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            other = pool.submit(elsewhere, second)
            until_somebody_waits(other)
            then()
        return other.result(timeout=60)


def elsewhere(action: Callable[[], Answer]) -> Answer:
    """Do it in a thread of its own, and so over a connection of its own."""
    try:
        return action()
    finally:
        connection.close()


def until_somebody_waits(other: "Future[Any]") -> None:
    """Look until the other one is held up by this transaction, or through."""
    with connection.cursor() as cursor:
        while not other.done():
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
