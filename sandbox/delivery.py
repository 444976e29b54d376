"""Webhook deliveries: signed as Stripe signs, retried until a 2xx, kept over a restart.

Signature: https://docs.stripe.com/webhooks#verify-manually
Retries: https://docs.stripe.com/webhooks#automatic-retries (up to three days, backing off).
"""

import hashlib
import hmac
import http.client
import itertools
import json
import queue
import threading
import time
import traceback
from typing import Any
from urllib.parse import urlsplit

from sandbox.store import Store, Work

Json = dict[str, Any]
#: Seconds between attempts, then hourly: Stripe's, scaled for a developer's patience.
BACK_OFF = (1, 5, 30, 120, 600, 3600)
GIVE_UP = 3 * 24 * 60 * 60
TIMEOUT = 10
WORKERS = 8


def signature(payload: bytes, secret: str, timestamp: int) -> str:
    """Return the `Stripe-Signature` header for a body."""
    signed = str(timestamp).encode() + b"." + payload
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


class Courier:
    """Threads that take due deliveries to the site."""

    def __init__(self, store: Store, url: str, secret: str) -> None:
        """Take where to deliver to, and the secret that signs."""
        self.store = store
        self.url = urlsplit(url)
        self.secret = secret
        self._wake = threading.Event()
        self._jobs: queue.SimpleQueue[list[int]] = queue.SimpleQueue()
        self._under_way: set[int] = set()
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start the threads; they end with the process."""
        threading.Thread(target=self._dispatch, daemon=True).start()
        for _ in range(WORKERS):
            threading.Thread(target=self._run, daemon=True).start()

    def wake(self) -> None:
        """Say that there may be something to deliver."""
        self._wake.set()

    def _dispatch(self) -> None:
        while True:
            self._wake.clear()
            jobs, pause = self._due()
            for job in jobs:
                self._jobs.put(job)
            self._wake.wait(pause)

    def _due(self) -> tuple[list[list[int]], float]:
        """Return the jobs due now, and the seconds until there may be another.

        A released batch is one job, newest first: that is what a reorder rule asks for.
        """
        now = time.time()
        with self.store.work() as work, self._lock:
            rows = work.connection.execute(
                "SELECT seq, due, batch, attempts FROM deliveries WHERE state = 'pending'"
                " ORDER BY due, seq LIMIT 1000"
            ).fetchall()
            rows = [row for row in rows if row["seq"] not in self._under_way]
            due = [row for row in rows if row["due"] <= now]
            self._under_way |= {row["seq"] for row in due}
        batches: dict[int, list[int]] = {}
        singles = [[row["seq"]] for row in due if row["batch"] is None or row["attempts"]]
        for row in due:
            if row["batch"] is not None and not row["attempts"]:
                batches.setdefault(row["batch"], []).insert(0, row["seq"])
        pause = min([row["due"] - now for row in rows if row["due"] > now], default=1.0)
        return [*singles, *batches.values()], min(max(pause, 0.01), 1.0)

    def _run(self) -> None:
        while True:
            for seq in self._jobs.get():
                try:
                    # Counted before it is read: emptied now, it is either not sent, or waited for.
                    with self.store.deliveries.one():
                        self._deliver(seq)
                except Exception:  # noqa: BLE001 - said out loud; the row is still due
                    traceback.print_exc()
                    time.sleep(1)
                finally:
                    with self._lock:
                        self._under_way.discard(seq)
            self.wake()

    def _deliver(self, seq: int) -> None:
        with self.store.work() as work:
            row = work.connection.execute(
                "SELECT * FROM deliveries WHERE seq = ? AND state = 'pending'", (seq,)
            ).fetchone()
            event = work.get(row["event"]) if row else None
        if row is None or event is None:
            return  # the stand-in was reset meanwhile
        answer = self._post(event, forged=bool(row["forged"]) and row["attempts"] == 0)
        with self.store.work() as work:
            _record(work, row, event["id"], answer)

    def _post(self, event: Json, *, forged: bool) -> str:
        """Send one event and return the status, or what went wrong, in words."""
        payload = json.dumps(event, indent=2, ensure_ascii=False).encode()
        secret = f"forged-{self.secret}" if forged else self.secret
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Stripe-Signature": signature(payload, secret, int(time.time())),
        }
        secure = self.url.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(self.url.hostname or "", self.url.port, timeout=TIMEOUT)
        try:
            target = self.url.path or "/"
            connection.request("POST", target, body=payload, headers=headers)
            return str(connection.getresponse().status)
        except (OSError, http.client.HTTPException) as error:
            return type(error).__name__
        finally:
            connection.close()


def _record(work: Work, row: Any, event_id: str, answer: str) -> None:
    attempts = row["attempts"] + 1
    delivered = len(answer) == 3 and answer.startswith("2")
    now = time.time()
    wait = next(itertools.islice(BACK_OFF, attempts - 1, None), BACK_OFF[-1])
    state = "delivered" if delivered else "pending"
    if not delivered and now + wait > row["first_due"] + GIVE_UP:
        state = "given up"
    work.connection.execute(
        "UPDATE deliveries SET attempts = ?, state = ?, due = ?, answer = ? WHERE seq = ?",
        (attempts, state, now + wait, answer, row["seq"]),
    )
    if delivered:
        event = work.get(event_id)
        if event:
            work.save(event | {"pending_webhooks": 0})
