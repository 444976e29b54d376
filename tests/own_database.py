"""For programs among the tests: the settings of a site, and a database of its own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from config.local import LOCAL
from config.local.postgres import start
from config.local.static import collect_static
from tests.postgres_plugin import NOT_SETTINGS, SETTINGS


@contextmanager
def site_database() -> Iterator[None]:
    """The settings of a site on an empty database of its own, as environment variables.

    Starts a PostgreSQL as the tests do (``DATABASE_URL`` replaces it), and ends it.
    """
    for name in NOT_SETTINGS:
        os.environ.pop(name, None)
    os.environ.update(SETTINGS | {"LOG_LEVEL": "WARNING"})
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    cluster = None if os.environ.get("DATABASE_URL") else start("test")
    try:
        server = cluster.url("postgres") if cluster else os.environ["DATABASE_URL"]
        place = cluster.folder.name.replace("postgres", "static") if cluster else "static-test"
        with _own_database(server) as address:
            os.environ["DATABASE_URL"] = address
            os.environ["STATIC_ROOT"] = str(LOCAL / place)
            collect_static(LOCAL / place)
            yield
    finally:
        if cluster:
            cluster.stop()


@contextmanager
def _own_database(server: str) -> Iterator[str]:
    name = f"termtime_own_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            given = urlsplit(server)
            yield f"postgres://{given.netloc}/{name}?{given.query}"
        finally:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            connection.execute(drop)
