"""Rows stored past Django's models: what thousands of them need.

No instance is made, and no statement is put together value by value. Whoever writes so keeps what
a model's ``save`` would (there are no signals here, and no history is written).
"""

import json
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from django.db import connection, models
from django.db.models.expressions import RawSQL

ROWS_AT_ONCE = 2_000


def new_keys(model: type[models.Model], number: int) -> list[int]:
    """Keys that nothing else will have: drawn from the table's own sequence."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, number],
        )
        return [key for (key,) in cursor.fetchall()]


def among(keys: Iterable[int]) -> RawSQL:
    """For ``pk__in``: any number of keys as one parameter, where Django would make one of each."""
    return RawSQL("SELECT unnest(%s::bigint[])", [f"{{{','.join(map(str, keys))}}}"])


def insert(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Add rows, each with a value for every one of ``columns``, by COPY; no statement for none.

    Each row is sent as it comes, so that the database stores some while others are made. No other
    statement may be run in between. Raises IntegrityError as any insert does.
    """
    coming = iter(rows)
    first = next(coming, None)
    if first is None:
        return
    documents = [
        place for place, name in enumerate(columns) if isinstance(_field(model, name), _JSON)
    ]
    statement = f"COPY {_table(model)} ({_names(columns)}) FROM STDIN"
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(statement) as copying,
    ):
        for row in chain([first], coming):
            if documents:
                values = list(row)
                for place in documents:
                    values[place] = json.dumps(values[place], ensure_ascii=False)
                copying.write_row(values)
            else:
                copying.write_row(row)


def update(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Set these columns of rows that are there; the first value of each row is its key."""
    found = list(rows)
    sets = ", ".join(f'"{name}" = new."{name}"' for name in columns)
    statement = (
        f"UPDATE {_table(model)} AS old SET {sets} "  # noqa: S608 - names of ours alone
        f"FROM {_recordset(model, ['id', *columns])} WHERE old.id = new.id"
    )
    _execute(statement, ["id", *columns], found)


def insert_unless_there(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> list[tuple[Any, ...]]:
    """Add those of the rows that break no rule of uniqueness; what was added."""
    statement = (
        f"INSERT INTO {_table(model)} ({_names(columns)}) "  # noqa: S608 - names of ours alone
        f"SELECT {_names(columns)} FROM {_recordset(model, columns)} "
        f"ON CONFLICT DO NOTHING RETURNING {_names(columns)}"
    )
    return _execute(statement, columns, list(rows))


def _execute(
    statement: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> list[tuple[Any, ...]]:
    """Run it for every ``ROWS_AT_ONCE`` rows; what it returned."""
    returned: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        for start in range(0, len(rows), ROWS_AT_ONCE):
            part = [
                dict(zip(columns, row, strict=True)) for row in rows[start : start + ROWS_AT_ONCE]
            ]
            cursor.execute(statement, [json.dumps(part, ensure_ascii=False, default=str)])
            if cursor.description:
                returned += cursor.fetchall()
    return returned


_JSON = models.JSONField


def _recordset(model: type[models.Model], columns: Sequence[str]) -> str:
    types = ", ".join(f'"{name}" {_type(_field(model, name))}' for name in columns)
    return f"json_to_recordset(%s) AS new({types})"


def _field(model: type[models.Model], column: str) -> Any:
    return next(field for field in model._meta.concrete_fields if field.column == column)


def _type(field: Any) -> str:
    """The column's type; a key's is what it points to."""
    found: str = field.rel_db_type(connection) if field.primary_key else field.db_type(connection)
    return found


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _names(columns: Sequence[str]) -> str:
    return ", ".join(map(connection.ops.quote_name, columns))
