"""Queries that Django puts together once in a process, and that are then only sent.

Putting a query with many parts together costs Django several times what the database needs to
answer it. What differs from one time to the next is ``Given`` by name when the query is run.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, DateTimeField, Expression, Field, QuerySet, TextField
from django.db.models.sql.compiler import SQLCompiler


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


class Prepared:
    """A query for one row, from what ``make`` returns the first time that it is run.

    The query is for values rather than for models, and the values are what psycopg makes of them:
    fit for texts, numbers, truth and JSON (as text).
    """

    def __init__(self, make: Callable[[], "QuerySet[Any, Any]"]) -> None:
        self._make = make

    @cached_property
    def _sql(self) -> tuple[str, tuple[Any, ...]]:
        sql, parameters = self._make().query.sql_with_params()
        return sql, tuple(parameters)

    def first(self, **given: Any) -> tuple[Any, ...] | None:
        """The first row there is, or None. Raises KeyError where a value was not given."""
        sql, parameters = self._sql
        values = [given[one.name] if isinstance(one, Given) else one for one in parameters]
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            found: tuple[Any, ...] | None = cursor.fetchone()
        return found
