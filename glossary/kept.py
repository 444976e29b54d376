"""What a process keeps at hand of finished pages: those last used, as long as there is room."""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

from cachetools import LRUCache
from django.contrib.postgres.aggregates import StringAgg
from django.db.models import F, Func, QuerySet, TextField, Value
from django.db.models.functions import Concat
from django.db.models.sql.compiler import SQLCompiler

from glossary.models import Glossary
from glossary.prepared import Prepared

V = TypeVar("V")
# In bytes, for each process.
ROOM = 32 * 2**20


class Kept:
    """Values by keys that say all that they were made of. Safe to share between threads.

    So nothing here is ever wrong; what nobody asks for any more is the first to go.
    """

    def __init__(self, room: int = ROOM) -> None:
        self._values: LRUCache[Hashable, tuple[Any, int]] = LRUCache(
            room, getsizeof=lambda entry: entry[1]
        )
        self._lock = Lock()

    def get(self, key: Hashable) -> Any:
        """What is kept under ``key``; None where nothing is."""
        with self._lock:
            value, _ = self._values.get(key, (None, 0))
        return value

    def put(self, key: Hashable, value: Any, *, size: int) -> None:
        """Keep it, and let go of others if it has to be; one that has no room at all is not kept.

        ``size`` is in bytes, about.
        """
        if size <= self._values.maxsize:
            with self._lock:
                self._values[key] = (value, size)

    def clear(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._values.clear()

    def remember(
        self,
        key: Hashable,
        make: Callable[[], V],
        *,
        size: Callable[[V], int] = len,  # type: ignore[assignment]
    ) -> V:
        """What is kept under ``key``, made now where nothing is."""
        found: V | None = self.get(key)
        if found is None:
            found = make()
            self.put(key, found, size=size(found))
        return found


KEPT = Kept()


class _Written(Func):
    """Another text with every change of a row: a column of it, who wrote it last, where it stands.

    https://www.postgresql.org/docs/current/ddl-system-columns.html
    """

    output_field = TextField()

    def as_sql(
        self,
        compiler: SQLCompiler,
        connection: Any,
        *_: Any,
        **__: Any,
    ) -> tuple[str, tuple[Any, ...]]:
        column, parameters = compiler.compile(self.get_source_expressions()[0])
        table = column.rpartition(".")[0]
        written = f"{table}.xmin::text || {table}.ctid::text"
        return f"({column}::text || ' ' || {written})", tuple(parameters)


def stamped(rows: "QuerySet[Any]", *paths: str) -> "QuerySet[Any, Any]":
    """One row with one text, which is another one with every change of any of ``rows``.

    ``paths`` lead to a column of theirs and to one of each row that counts with them; not to a key
    of another table, which Django reads from this one.
    """
    written = [_Written(F(path)) for path in paths or ("pk",)]
    text = Concat(*written, output_field=TextField()) if len(written) > 1 else written[0]
    one_group = rows.order_by().values(one=Value(1))
    return one_group.annotate(
        stamp=StringAgg(text, Value(" "), order_by=(paths or ("pk",))[0])
    ).values_list("stamp")


_STANDING = Prepared(lambda: stamped(Glossary.objects.all()))


def standing() -> str:
    """Another text with every change of any glossary or of a term of one: one query.

    What a glossary's page says of its terms depends on no more: whoever changes a term counts it
    in the glossary's row (``Glossary.note_change``), and so does who links its definitions anew.
    """
    found = _STANDING.first()
    return str(found[0]) if found else ""
