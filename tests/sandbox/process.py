"""Start the stand-in for Stripe as a process of its own, and drive it.

Needs neither Django nor a database, so that any test can use it.
"""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import stripe

SECRET_KEY = "sk_test_standin0123456789"
WEBHOOK_SECRET = "whsec_standin0123456789"
ROOT = Path(__file__).resolve().parents[2]


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Leaves redirects to whoever looks at them."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Follow nothing."""


OPENER = urllib.request.build_opener(NoRedirect)


@dataclass
class Answer:
    """What came back over HTTP."""

    status: int
    body: str
    headers: dict[str, str]

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)


def fetch(url: str, data: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
    """Make one request, without following redirects or raising for a status."""
    request = urllib.request.Request(url, data=data, headers=headers or {})  # noqa: S310 - http
    try:
        with OPENER.open(request, timeout=60) as response:
            body, status, found = response.read(), response.status, response.headers
    except urllib.error.HTTPError as error:
        body, status, found = error.read(), error.code, error.headers
    lower = {name.lower(): value for name, value in found.items()}
    return Answer(status, body.decode(), lower)


@dataclass
class Sandbox:
    """A running stand-in."""

    url: str
    process: subprocess.Popen[str]
    folder: Path

    def client(self, http_client: stripe.HTTPClient | None = None) -> stripe.StripeClient:
        """Return a real client that talks to it, and never retries by itself."""
        return stripe.StripeClient(
            SECRET_KEY,
            base_addresses={"api": self.url},
            max_network_retries=0,
            http_client=http_client,
        )

    def control(self, command: str, /, **values: Any) -> Any:
        """POST a command, for instance `control("clock", advance=60)`; return its answer."""
        url = f"{self.url}/_control/{command}"
        answer = fetch(url, json.dumps(values).encode(), {"Content-Type": "application/json"})
        if answer.status != 200:
            raise ValueError(f"{command}: {answer.status} {answer.body}")
        return answer.json()

    def see(self, path: str) -> Any:
        """GET what the control address tells, for instance `see("log")`."""
        return fetch(f"{self.url}/_control/{path}").json()

    def stop(self) -> int:
        """End it as Ctrl-C's sibling does; return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self._end()

    def kill(self) -> None:
        """End it as a crash does."""
        self.process.kill()
        self._end()

    def _end(self) -> int:
        status = self.process.wait(timeout=30)
        if self.process.stdout:
            self.process.stdout.close()
        return status


def start_sandbox(
    folder: Path,
    *,
    webhook_url: str | None = None,
    mail_folder: Path | None = None,
    port: int = 0,
    more: tuple[str, ...] = (),
) -> Sandbox:
    """Start it on a free port with its data in `folder`; return when it accepts connections."""
    command = [sys.executable, "-m", "sandbox", "--port", str(port)]
    command += ["--data", str(folder / "sandbox.sqlite3"), *more]
    if webhook_url:
        command += ["--webhook-url", webhook_url]
    if mail_folder:
        command += ["--mail-folder", str(mail_folder)]
    environment = os.environ | {
        "STRIPE_SECRET_KEY": SECRET_KEY,
        "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
    }
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    line = process.stdout.readline() if process.stdout else ""
    if not line.startswith("sandbox ready on "):
        process.kill()
        process.wait()
        raise RuntimeError(f"the stand-in did not start: {line!r}")
    return Sandbox(line.removeprefix("sandbox ready on ").strip(), process, folder)
