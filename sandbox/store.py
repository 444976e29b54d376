"""Everything the stand-in remembers, in one SQLite file.

One connection behind one lock: a unit of work takes well under a millisecond, and an object,
its idempotency record and its events are written in one transaction. With write-ahead logging
a killed process loses nothing that was committed, so nothing that was answered.
"""

import fcntl
import json
import secrets
import sqlite3
import string
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.pauses import Pauses, UnderWay

Json = dict[str, Any]
TABLES = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, kind TEXT NOT NULL,
    created INTEGER NOT NULL, parent TEXT, due INTEGER, note TEXT, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS objects_by_kind ON objects (kind, seq);
CREATE INDEX IF NOT EXISTS objects_by_parent ON objects (parent) WHERE parent IS NOT NULL;
CREATE INDEX IF NOT EXISTS objects_by_due ON objects (due) WHERE due IS NOT NULL;
CREATE INDEX IF NOT EXISTS objects_by_intent
    ON objects (json_extract(body, '$.payment_intent'), kind);
CREATE TABLE IF NOT EXISTS deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, type TEXT NOT NULL,
    due REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL,
    batch INTEGER, forged INTEGER NOT NULL DEFAULT 0, first_due REAL NOT NULL, answer TEXT);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, due);
CREATE TABLE IF NOT EXISTS idempotency (
    key TEXT PRIMARY KEY, path TEXT NOT NULL, parameters TEXT NOT NULL, status INTEGER NOT NULL,
    body TEXT NOT NULL, request_id TEXT NOT NULL, created INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS idempotency_by_age ON idempotency (created);
CREATE TABLE IF NOT EXISTS rules (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, remaining INTEGER,
    body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS requests (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, method TEXT NOT NULL,
    path TEXT NOT NULL, idempotency_key TEXT, request_id TEXT NOT NULL, status INTEGER,
    replayed INTEGER NOT NULL, misbehaviour TEXT);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
EMPTIED = ("objects", "deliveries", "idempotency", "rules", "requests", "settings")
ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    """Return an id that looks like Stripe's, for instance `pi_3Qx…`."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(length))


class InUse(Exception):
    """Another stand-in has the data file open."""


class Work:
    """One unit of work: reads and writes inside one transaction, at one moment."""

    def __init__(self, connection: sqlite3.Connection, now: int, webhooks: bool) -> None:
        """Wrap a connection that is inside a transaction; `now` is in Unix seconds."""
        self.connection = connection
        self.now = now
        self.webhooks = webhooks
        self.base_url = ""
        self.request_id: str | None = None
        self.idempotency_key: str | None = None

    def get(self, identifier: str, kind: str | None = None) -> Json | None:
        """Return the object of that id (and kind), or None."""
        row = self.connection.execute(
            "SELECT body FROM objects WHERE id = ? AND kind = coalesce(?, kind)", (identifier, kind)
        ).fetchone()
        return json.loads(row[0]) if row else None

    def save(self, body: Json, parent: str | None = None) -> Json:
        """Insert or replace an object; its place in lists stays where it was."""
        self.connection.execute(
            "INSERT INTO objects (id, kind, created, parent, body) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            (
                body["id"],
                body["object"],
                body.get("created", self.now),
                parent,
                json.dumps(body, default=str),
            ),
        )
        return body

    def children(self, parent: str, kind: str) -> list[Json]:
        """Return what hangs under an object, oldest first."""
        rows = self.connection.execute(
            "SELECT body FROM objects WHERE parent = ? AND kind = ? ORDER BY seq", (parent, kind)
        )
        return [json.loads(row[0]) for row in rows]

    def schedule(self, identifier: str, due: int | None, note: str | None = None) -> None:
        """Say when the sweeper shall look at an object (never, for None), and why."""
        self.connection.execute(
            "UPDATE objects SET due = ?, note = ? WHERE id = ?", (due, note, identifier)
        )

    def note(self, identifier: str) -> str | None:
        """Return what was noted beside an object, where nobody outside sees it."""
        row = self.connection.execute(
            "SELECT note FROM objects WHERE id = ?", (identifier,)
        ).fetchone()
        return row["note"] if row else None

    def setting(self, name: str, default: Any = None) -> Any:
        """Return a stored setting."""
        row = self.connection.execute(
            "SELECT value FROM settings WHERE name = ?", (name,)
        ).fetchone()
        return json.loads(row[0]) if row else default

    def set(self, name: str, value: Any) -> None:
        """Store a setting."""
        self.connection.execute(
            "INSERT INTO settings VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, json.dumps(value)),
        )


class Store:
    """The file, the lock, and the clock."""

    def __init__(self, path: Path, webhooks: bool) -> None:
        """Open or make the file. Raises InUse when another process has it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._guard = path.with_name(f"{path.name}.lock").open("w")
        try:
            fcntl.flock(self._guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InUse(f"{path} is in use by another stand-in") from None
        self.webhooks = webhooks
        self.pauses = Pauses()
        self.deliveries = UnderWay()
        self.emptied = 0
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(TABLES)

    @contextmanager
    def work(self) -> Iterator[Work]:
        """Run one transaction; an exception undoes it."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                work = Work(self._connection, 0, self.webhooks)
                work.now = int(time.time()) + int(work.setting("clock_offset", 0))
                yield work
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def empty(self) -> None:
        """Forget everything, the clock's offset and the rules included."""
        with self.work() as work:
            self.emptied += 1
            for table in EMPTIED:
                work.connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names are ours

    def close(self) -> None:
        """Close the file once nothing is being written, and let nobody write any more."""
        self._lock.acquire()  # for good: threads that are left wait here until the process ends
        self._connection.close()
        self._guard.close()
