"""Queries that Django puts together once in a process, and PostgreSQL plans once in a connection.

Putting a query with many parts together costs Django several times what the database needs to
answer it, and so does planning it. What differs from one time to the next is ``Given`` by name
when the query is run; everything else stands in the query itself, so that it is planned for that.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

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
from psycopg import Cursor
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
    def _sql(self) -> str:
        sql, parameters = self._make().query.sql_with_params()
        names: dict[str, str] = {}
        parts = []
        for one in parameters:
            if isinstance(one, Given):
                kind = one.output_field.db_type(connection)
                # Nothing else in a query has a null in it, so this is found again.
                names[f"\0{one.name}\0"] = f"%({one.name})s::{kind}"
                parts.append(f"\0{one.name}\0")
            else:
                parts.append(Literal(one).as_string(connection.connection))
        text = (sql % tuple(parts)).replace("%", "%%")
        for mark, parameter in names.items():
            text = text.replace(mark, parameter)
        return text

    def first(self, **given: Any) -> tuple[Any, ...] | None:
        """The first row there is, or None. Raises ProgrammingError where a value is not given."""
        with connection.cursor() as cursor:
            # Django's own cursor puts values into the text, so the server sees another each time.
            cursor.cursor = Cursor(connection.connection)
            cursor.execute(self._sql, given)
            found: tuple[Any, ...] | None = cursor.fetchone()
        return found
