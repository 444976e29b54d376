"""What happens by itself: sessions expire, debits settle, refunds change, disputes are lost."""

import threading
import traceback
from typing import Any

from sandbox import disputes, payments, refunds, sessions
from sandbox.cards import NOT_AUTHORISED
from sandbox.store import Store, Work

Json = dict[str, Any]
EVERY = 0.25


def sweep(work: Work) -> int:
    """Do what is due; return how many objects were touched."""
    rows = work.connection.execute(
        "SELECT id, note FROM objects WHERE due IS NOT NULL AND due <= ? ORDER BY due LIMIT 200",
        (work.now,),
    ).fetchall()
    for row in rows:
        body = work.get(row["id"]) or {}
        if body["object"] == "checkout.session":
            sessions.close(work, body, "expired")
        elif body["object"] == "payment_intent":
            succeeded = row["note"] == "success"
            payments.settle(work, body, succeeded=succeeded, decline=NOT_AUTHORISED)
        elif body["object"] == "refund":
            refunds.become(work, body, row["note"])
        elif body["object"] == "dispute":
            disputes.close(work, body, "lost")
    return len(rows)


def sweep_all(store: Store) -> int:
    """Sweep in small transactions until nothing is due; return how many objects were touched."""
    total = 0
    while True:
        with store.work() as work:
            done = sweep(work)
        total += done
        if not done:
            return total


def start(store: Store, wake: Any) -> None:
    """Sweep for as long as the process lives; also what fell due while it did not."""
    pause = threading.Event()

    def run() -> None:
        while True:
            try:
                if sweep_all(store):
                    wake()
            except Exception:  # noqa: BLE001 - said out loud, and the next round tries again
                traceback.print_exc()
            pause.wait(EVERY)

    threading.Thread(target=run, daemon=True).start()
