"""`python -m config.local.run`: the whole demo on one machine, which is what `make run` starts.

It supervises PostgreSQL, the stand-in for Stripe, the job worker and the site, and ends all of
them when it ends: on Ctrl-C, SIGTERM or a closed terminal in order, on SIGKILL through the kernel
(or, where that cannot be, at the next start).
"""

import contextlib
import errno
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from types import FrameType
from typing import Any, NoReturn

from config.local import CHECKOUT, LOCAL, CannotRun, postgres
from config.local.demo_settings import (
    demo_settings,
    keep_secrets,
    read_settings,
    uses_stand_in,
    write_settings,
)
from config.local.ports import next_free, site_port
from config.local.processes import (
    die_with_parent,
    end,
    end_all,
    end_with_parent,
    tail,
    with_variable,
)
from config.local.services import (
    Service,
    answers,
    sandbox_command,
    site_command,
    worker_command,
)

SETTINGS_FILE = LOCAL / "demo.env"
RECORD = LOCAL / "run.json"
TOKEN = "TERMTIME_RUN"  # noqa: S105 - a variable's name
LEASH = "TERMTIME_LEASH"
PROGRESS = "progress: "  # how config.local.prepare marks a line to be shown at once
NEEDED_BYTES = 300_000_000
HANDOVER_SECONDS = 15
STOPPING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """A signal asked us to end. Not an Exception, so that nothing on the way handles it."""


def say(line: str = "") -> None:
    """Tell the person something, if their terminal is still there."""
    with contextlib.suppress(OSError):
        print(line, flush=True)


def main() -> int:
    """Run until told to stop. The exit status: 0 after a signal, 1 where it could not run."""
    for number in STOPPING_SIGNALS:
        signal.signal(number, _stop)
    if os.environ.pop(LEASH, None):
        end_with_parent()
    try:
        with only_one():
            demo = Demo()
            try:
                demo.start()
                demo.supervise()
            finally:
                demo.stop()
        return 0
    except Stopped:
        return 0
    except CannotRun as refusal:
        say(str(refusal))
    except OSError as error:
        say(in_one_line(error))
    return 1


def _stop(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - signal's signature
    """Leave whatever is being done. Once: nothing may interrupt the tidying up that follows."""
    ignore_signals()
    raise Stopped


def ignore_signals() -> None:
    """From here on only SIGKILL ends us; what we still do takes seconds at most."""
    for number in STOPPING_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def in_one_line(error: OSError) -> str:
    """What the system refused, without a traceback."""
    if error.errno == errno.ENOSPC:
        return "The disk is full."
    return f"{error.strerror or error}: {error.filename or 'no file named'}"


def read_record() -> dict[str, Any]:
    """What the last run wrote about itself; empty where it ended in order."""
    try:
        record: dict[str, Any] = json.loads(RECORD.read_text())
    except (OSError, ValueError):
        return {}
    return record


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Hold the checkout's lock, after an ending run if there is one.

    Raises CannotRun, saying where the demo runs, where another run has it.
    """
    LOCAL.mkdir(exist_ok=True)
    (LOCAL / "log").mkdir(exist_ok=True)
    deadline = time.monotonic() + HANDOVER_SECONDS
    while (lock := postgres.take_lock(LOCAL / "run.lock")) is None:
        other = read_record()
        if not other.get("stopping") or time.monotonic() > deadline:
            where = other.get("url", "soon")
            raise CannotRun(f"Already running: {where} (process {other.get('pid', 'unknown')})")
        time.sleep(0.1)
    with lock:
        yield


def end_leftovers() -> None:
    """End what a run that was killed left behind, told by the token in its environment."""
    token = read_record().get("token")
    left = with_variable(TOKEN, token) if token else []
    if left:
        say(f"Ending what a killed run left behind ({len(left)} processes)")
        end_all(left)


@dataclass
class Demo:
    """Everything that one run has started."""

    token: str = field(default_factory=lambda: secrets.token_hex(16))
    url: str = ""
    cluster: postgres.Cluster | None = None
    services: list[Service] = field(default_factory=list)
    preparing: subprocess.Popen[str] | None = None
    is_up: bool = False

    def start(self) -> None:
        """Start everything in order, saying so. Raises CannotRun."""
        if shutil.disk_usage(LOCAL).free < NEEDED_BYTES:
            raise CannotRun(f"The disk is nearly full: {NEEDED_BYTES // 10**6} MB are needed.")
        end_leftovers()
        port = site_port(os.environ.get("PORT") or "8000")
        sandbox_port = next_free(port)
        self.url = f"http://localhost:{port}/"
        self.record(stopping=False)
        environment = self.environment(port, sandbox_port)
        self.make_services(port, sandbox_port, environment)
        sandbox, worker, site = self.services
        sandbox.start()
        accounts = self.prepare(environment)
        worker.start()
        site.start()
        say("Starting the stand-in for Stripe, the job worker and the site")
        sandbox.wait_until(lambda: answers(sandbox_port))
        site.wait_until(lambda: is_healthy(port))
        self.is_up = True
        say(f"\nThe site is at    {self.url}")
        say(f"Its mail is at    {environment['DEMO_MAIL_URL']}")
        if uses_stand_in(os.environ):
            say("Payments go to a stand-in for Stripe; no money moves.")
        say(f"\n{accounts.strip()}\n\nLogs are in .local/log/. Ctrl-C stops everything.")

    def environment(self, port: int, sandbox_port: int) -> dict[str, str]:
        """The environment of every process, with the database started, kept in `.local`."""
        settings = demo_settings(
            kept=read_settings(SETTINGS_FILE),
            given=os.environ,
            local=LOCAL,
            port=port,
            sandbox=sandbox_port,
        )
        settings["DATABASE_URL"] = os.environ.get("DATABASE_URL") or self.start_postgres()
        write_settings(SETTINGS_FILE, settings)
        (LOCAL / "mail").mkdir(mode=0o700, exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if name != "STRIPE_API_BASE"}
        return kept | settings | {TOKEN: self.token, "PYTHONUNBUFFERED": "1"}

    def start_postgres(self) -> str:
        """Start the embedded PostgreSQL and return the address of the demo's database."""
        say("Starting PostgreSQL")
        self.cluster = postgres.start("demo")
        return self.cluster.url()

    def make_services(self, port: int, sandbox_port: int, environment: dict[str, str]) -> None:
        """Lay out the three services, in the order in which they start."""
        commands = {
            "sandbox": sandbox_command(sandbox_port, f"http://127.0.0.1:{port}", LOCAL),
            "worker": worker_command(),
            "site": site_command(port),
        }
        self.services = [
            Service(name, command, LOCAL / "log" / f"{name}.log", environment)
            for name, command in commands.items()
        ]
        if not uses_stand_in(os.environ):
            # It still shows the mail, and is none of a real key's business.
            self.services[0].environment = environment | keep_secrets({})
        # Where we are killed the database goes too, and without it the worker waits for ever.
        self.services[1].at_our_death = signal.SIGKILL

    def prepare(self, environment: dict[str, str]) -> str:
        """Prepare the database and the static files; what `load_demo` said, for the end."""
        log = LOCAL / "log" / "prepare.log"
        with log.open("w") as errors:
            self.preparing = subprocess.Popen(
                [sys.executable, "-m", "config.local.prepare"],
                cwd=CHECKOUT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - no threads here
            )
        said = []
        for line in self.preparing.stdout or ():
            if line.startswith(PROGRESS):
                say(line.removeprefix(PROGRESS).rstrip())
            else:
                said.append(line)
        if self.preparing.wait() != 0:
            raise CannotRun(f"{tail(log, lines=1)}\nThe whole story is in .local/log/prepare.log")
        return "".join(said)

    def supervise(self) -> None:
        """Start again what ends before it should, until a signal comes or the terminal goes."""
        terminals = [stream for stream in (1, 2) if os.isatty(stream)]
        # A shell passes SIGHUP on to us; where `make` itself leads the session, nobody does.
        while all(os.isatty(stream) for stream in terminals):
            if self.cluster is not None and self.cluster.process.poll() is not None:
                say(f"PostgreSQL ended; starting it again. See {self.cluster.log}")
                self.cluster.stop()
                self.cluster = postgres.start("demo")
            for service in self.services:
                service.look_after(say)
            time.sleep(0.3)

    def stop(self) -> None:
        """End everything, the site first and the database last."""
        ignore_signals()
        self.record(stopping=True)
        if self.is_up:
            say("\nStopping")
        if self.preparing is not None:
            end(self.preparing, by=[signal.SIGTERM], seconds=1)
        for service in reversed(self.services):
            service.stop()
        if self.cluster is not None:
            self.cluster.stop()
        RECORD.unlink(missing_ok=True)

    def record(self, *, stopping: bool) -> None:
        """Say on disk who we are, for another run that finds us here, or finds what we left."""
        facts = {"pid": os.getpid(), "token": self.token, "url": self.url, "stopping": stopping}
        with contextlib.suppress(OSError):
            RECORD.write_text(json.dumps(facts))


def is_healthy(port: int) -> bool:
    """Whether the site answers that it is well."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz/", timeout=5) as answer:
            return bool(answer.status == HTTPStatus.OK)
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
