"""The processes of the demo: their commands, and keeping them alive."""

import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from config.local import CHECKOUT, CannotRun
from config.local.ports import loopback_addresses
from config.local.processes import end, start_child, tail

READY_SECONDS = 60
STOP_SECONDS = 4
FIRST_DELAY = 1.0
LONGEST_DELAY = 30.0
# A process that lived this long had started well: its next crash is a new story.
SETTLED_SECONDS = 60
LOG_BYTES = 5_000_000


@dataclass
class Service:
    """One process that is started again when it ends before it should."""

    name: str
    command: list[str]
    log: Path
    environment: dict[str, str] = field(repr=False)
    at_our_death: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    delay: float = FIRST_DELAY
    due: float | None = None

    def start(self) -> None:
        """Start the process, its words going to its log."""
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".1.log"))
        self.due = None
        self.started = time.monotonic()
        self.process = start_child(
            self.command,
            log=self.log,
            cwd=CHECKOUT,
            environment=self.environment,
            at_our_death=self.at_our_death,
        )

    def has_ended(self) -> bool:
        """Whether the process ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def look_after(self, say: Callable[[str], None]) -> None:
        """Start the process again if it has ended, after a delay that doubles each time."""
        now = time.monotonic()
        if self.due is not None:
            if now >= self.due:
                self.start()
        elif self.has_ended() and self.process is not None:
            settled = now - self.started > SETTLED_SECONDS
            self.delay = FIRST_DELAY if settled else min(self.delay * 2, LONGEST_DELAY)
            self.due = now + self.delay
            say(
                f"The {self.name} ended (status {self.process.returncode}); starting it again in "
                f"{self.delay:.0f} s. See {self.log.relative_to(CHECKOUT)}"
            )

    def stop(self) -> None:
        """End the process and whatever it started."""
        if self.process is not None:
            end(self.process, by=[signal.SIGTERM], seconds=STOP_SECONDS)

    def wait_until(self, is_ready: Callable[[], bool]) -> None:
        """Wait for the process to be of use. Raises CannotRun with its last words if it is not."""
        deadline = time.monotonic() + READY_SECONDS
        while not is_ready():
            if self.has_ended() or time.monotonic() > deadline:
                raise CannotRun(
                    f"The {self.name} did not start; the end of {self.log.relative_to(CHECKOUT)}:\n"
                    + tail(self.log)
                )
            time.sleep(0.05)


def sandbox_command(port: int, site: str, local: Path) -> list[str]:
    """The stand-in for Stripe, which also shows the demo's mail."""
    return [
        *(sys.executable, "-m", "sandbox", "--port", str(port)),
        *("--data", str(local / "sandbox.sqlite3")),
        *("--webhook-url", f"{site}/stripe/webhook/"),
        *("--mail-folder", str(local / "mail")),
    ]


def worker_command() -> list[str]:
    """The job worker. Jobs that it cannot finish in time are found and run again later."""
    return [
        *(sys.executable, "manage.py", "procrastinate", "worker"),
        *("--concurrency", "2", "--shutdown-graceful-timeout", str(STOP_SECONDS - 1)),
    ]


def site_command(port: int) -> list[str]:
    """The site under gunicorn, on the loopback addresses only."""
    bindings = []
    for address in loopback_addresses():
        host = f"[{address}]" if ":" in address else address
        bindings += ["--bind", f"{host}:{port}"]
    return [
        *(sys.executable, "-m", "gunicorn", "config.wsgi"),
        *("--workers", "2", "--worker-class", "gthread", "--threads", "8"),
        *("--graceful-timeout", str(STOP_SECONDS - 1), "--access-logfile", "-"),
        "--no-control-socket",  # it would make a folder in the person's home
        *bindings,
    ]


def answers(port: int) -> bool:
    """Whether something listens on ``port``."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
