"""A small site that receives webhooks and checks each signature with the real SDK."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import stripe

from tests.sandbox.process import WEBHOOK_SECRET
from tests.sandbox.waiting import until


class Receiver:
    """Remembers every delivery; `answers` are the statuses of the next ones, then 200."""

    def __init__(self) -> None:
        """Listen on a free port."""
        self.events: list[stripe.Event] = []
        self.forged = 0
        self.answers: list[int] = []
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.take(body, self.headers.get("Stripe-Signature"))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/stripe/webhook/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, body: bytes, header: str | None) -> int:
        """Check one delivery and return the status to answer with."""
        with self._lock:
            try:
                event = stripe.Webhook.construct_event(
                    body, header, WEBHOOK_SECRET, api_key="sk_test_unused"
                )
            except stripe.SignatureVerificationError:
                self.forged += 1
                return 400
            self.events.append(event)
            return self.answers.pop(0) if self.answers else 200

    def types(self, about: str | None = None) -> list[str]:
        """Return the types that came so far, of one object or of all, in order of arrival."""
        with self._lock:
            return [e.type for e in self.events if about in (None, e.data.object["id"])]

    def wait_for(self, event_type: str, about: str | None = None, times: int = 1) -> None:
        """Wait until an event has come that often."""
        counted: Callable[[], bool] = lambda: self.types(about).count(event_type) >= times  # noqa: E731
        until(counted, what=f"{event_type} × {times}; came: {self.types(about)}")

    def clear(self) -> None:
        """Forget what came."""
        with self._lock:
            self.events.clear()
            self.answers.clear()
            self.forged = 0

    def close(self) -> None:
        """Stop listening."""
        self.server.shutdown()
        self.server.server_close()
