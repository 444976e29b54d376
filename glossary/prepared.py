"""Queries that Django puts together once in a process, and PostgreSQL plans once in a connection.

Putting a query with many parts together costs Django several times what the database needs to
answer it, and so does planning it. What differs from one time to the next is ``Given`` by name
when the query is run; everything else stands in the query itself, so that it is planned for that.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any, Self, TypeVar

from django.db import connection
from django.db.models import (
    BigIntegerField,
    DateTimeField,
    Expression,
    Field,
    Model,
    QuerySet,
    TextField,
)
from django.db.models.sql.compiler import SQLCompiler
from psycopg import RawCursor
from psycopg.sql import Literal

M = TypeVar("M", bound=Model)


class Given(Expression):
    """Stands in a query for a value that comes when the query is run."""

    def __init__(self, name: str, output_field: "Field[Any, Any]") -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


def a_key(name: str) -> Given:
    """The key of a row that is given later."""
    return Given(name, BigIntegerField())


def a_moment(name: str) -> Given:
    """A moment that is given later."""
    return Given(name, DateTimeField())


def a_text(name: str) -> Given:
    """A text that is given later."""
    return Given(name, TextField())


def partial_row(model: type[M], known: dict[str, Any]) -> M:
    """A row of which some columns are known; the others are fetched when they are asked for."""
    # ``from_db`` takes them in the model's own order.
    names = [field.attname for field in model._meta.concrete_fields if field.attname in known]
    return model.from_db(None, names, [known[name] for name in names])


class Prepared:
    """A query for one row, from what ``make`` returns the first time that it is run.

    The query is for values rather than for models, and the values are what psycopg makes of them:
    fit for texts, numbers, truth and JSON (as text).
    """

    def __init__(self, make: Callable[[], "QuerySet[Any, Any]"]) -> None:
        self._make = make

    @cached_property
    def _statement(self) -> tuple[str, list[str]]:
        """It as PostgreSQL reads it, and which value goes where."""
        sql, parameters = self._make().query.sql_with_params()
        names: list[str] = []
        parts = []
        for one in parameters:
            if not isinstance(one, Given):
                parts.append(Literal(one).as_string(connection.connection))
                continue
            if one.name not in names:
                names.append(one.name)
            kind = one.output_field.db_type(connection)
            parts.append(f"${names.index(one.name) + 1}::{kind}")
        return sql % tuple(parts), names

    def first(self, **given: Any) -> tuple[Any, ...] | None:
        """The first row there is, or None. Raises KeyError where a value is not given."""
        with connection.cursor() as cursor:
            sql, names = self._statement
            cursor.cursor = _Giving(connection.connection, [given[name] for name in names])
            cursor.execute(sql)
            found: tuple[Any, ...] | None = cursor.fetchone()
        return found


class _Giving(RawCursor[Any]):
    """Sends the values beside the query rather than in it, so the server knows it again.

    It has them from the beginning: Django's own cursor, which counts and times queries, would look
    for places for them that are written otherwise. Nothing is looked for in the query's text.
    """

    def __init__(self, connection: Any, values: list[Any]) -> None:
        super().__init__(connection)
        self._values = values

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        """As ``psycopg.RawCursor.execute``."""
        return super().execute(query, params or self._values, **options)
