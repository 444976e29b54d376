"""How far long work has come, told while its transaction is still open."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from types import TracebackType
from typing import TypeVar

from django.db import connection

from glossary.models import ImportProgress

# What is being done, how much of it is done, of how much.
Told = Callable[[str, int, int], None]
Item = TypeVar("Item")
Made = TypeVar("Made")

EVERY = 0.5  # seconds between two writings
AT_ONCE = 500


def tell_nobody(_step: str, _done: int, _total: int) -> None:
    """For work that nobody watches."""


def counted(
    items: Iterable[Item], step: str, told: Told, *, make: Callable[[Item], Made]
) -> Iterator[Made]:
    """Each item made, telling now and then how many are."""
    all_of_them = list(items)
    for place, item in enumerate(all_of_them):
        if place % AT_ONCE == 0:
            told(step, place, len(all_of_them))
        yield make(item)


class Progress:
    """Writes down how far an import has come, over a connection of its own.

    The import's transaction is open for as long as the work takes, and nobody sees what is
    written in it; a thread has another connection.
    """

    def __init__(self, import_id: int) -> None:
        self._import_id = import_id
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._told: tuple[str, float] = ("", 0.0)
        self._before = ""

    def __enter__(self) -> "Progress":
        told = ImportProgress.objects.filter(document=self._import_id).exclude(step="")
        # Somebody was at it before, and has died: what they had done was never kept.
        self._before = "Begun again after an interruption. " if told.exists() else ""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._thread.submit(_close).result()
        self._thread.shutdown()

    def tell(self, step: str, done: int, total: int) -> None:
        """Write it down, unless the last time is hardly past."""
        last, at = self._told
        if step == last and monotonic() - at < EVERY:
            return
        self._told = step, monotonic()
        self._thread.submit(self._write, step, done, total)

    def _write(self, step: str, done: int, total: int) -> None:
        rows = ImportProgress.objects.filter(document=self._import_id)
        rows.update(step=f"{self._before}{step}", done=done, total=total)


def _close() -> None:
    """Close the connection of the thread that this runs in."""
    connection.close()
