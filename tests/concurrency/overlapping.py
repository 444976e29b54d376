"""Two things that are done at the same moment: the second begins before the first has ended."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import QuerySet

T = TypeVar("T")
WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def both(first: Callable[[], object], second: Callable[[], T]) -> T:
    """``second`` is done while the transaction of ``first`` has done all, but for its end."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            other = pool.submit(elsewhere, second)
            until_somebody_waits(other)
        return other.result(timeout=60)


def elsewhere(action: Callable[[], T]) -> T:
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


def unlocked(self: QuerySet[Any], **options: Any) -> QuerySet[Any]:
    """The rows, and no lock on them: instead of ``QuerySet.select_for_update``."""
    return self.all()
