"""Idempotency keys, as https://docs.stripe.com/api/idempotent_requests describes them."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sandbox.errors import ApiError, invalid
from sandbox.store import Work

#: Keys may be pruned once they are at least this old, in seconds.
KEPT = 24 * 60 * 60
LONGEST = 255


@dataclass(frozen=True)
class Saved:
    """The answer that a key got first."""

    status: int
    body: str
    request_id: str


class InFlight:
    """Keys whose first request is still being worked on, in this process."""

    def __init__(self) -> None:
        """Start with none."""
        self._keys: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def claim(self, key: str | None) -> Iterator[None]:
        """Hold a key. Raises the 409 `idempotency_key_in_use` when somebody else does."""
        if key is None:
            yield
            return
        with self._lock:
            if key in self._keys:
                raise _in_use(key)
            self._keys.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._keys.discard(key)


def _in_use(key: str) -> ApiError:
    return ApiError(
        409,
        "There is currently another in-progress request using this Idempotent Key (that probably "
        "means you submitted twice, and the other request is still going through): "
        f"{key}. Please try your request again with a slightly longer delay.",
        kind="idempotency_error",
        code="idempotency_key_in_use",
        should_retry=True,
    )


def check_length(key: str | None) -> None:
    """Raise a 400 for a key longer than 255 characters."""
    if key is not None and len(key) > LONGEST:
        raise invalid(f"Idempotency keys can be up to {LONGEST} characters long.")


def fingerprint(pairs: list[tuple[str, str]]) -> str:
    """Return what is compared between two requests that use one key."""
    return json.dumps(sorted(pairs))


def find(work: Work, key: str, path: str, parameters: str) -> Saved | None:
    """Return the first answer for a key, or None when it is new or was pruned.

    Raises the 400 `idempotency_error` for another path or other parameters.
    """
    work.connection.execute("DELETE FROM idempotency WHERE created <= ?", (work.now - KEPT,))
    row = work.connection.execute("SELECT * FROM idempotency WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    hint = f"Try using a key other than '{key}' if you meant to execute a different request."
    if row["path"] != path:
        raise ApiError(
            400,
            "Keys for idempotent requests can only be used for the same endpoint they were first "
            f"used for ('{path}' vs '{row['path']}'). {hint}",
            kind="idempotency_error",
        )
    if row["parameters"] != parameters:
        raise ApiError(
            400,
            "Keys for idempotent requests can only be used with the same parameters they were "
            f"first used with. {hint}",
            kind="idempotency_error",
        )
    return Saved(row["status"], row["body"], row["request_id"])


def save(work: Work, key: str, path: str, parameters: str, answer: Saved) -> None:
    """Keep the first answer for a key, errors and 500s included."""
    work.connection.execute(
        "INSERT INTO idempotency VALUES (?, ?, ?, ?, ?, ?, ?)",
        (key, path, parameters, answer.status, answer.body, answer.request_id, work.now),
    )
