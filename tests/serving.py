"""The site as it is served: gunicorn and the worker as processes, on a test's database."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.db import connection

from tests.sandbox.process import SECRET_KEY, WEBHOOK_SECRET

ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    """A port that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def database_url(name: str = "") -> str:
    """The address of this test's own database, or of another on the same server."""
    given = urlsplit(os.environ["DATABASE_URL"])
    query = f"?{given.query}" if given.query else ""
    return f"postgres://{given.netloc}/{name or connection.settings_dict['NAME']}{query}"


def environment(*, port: int, stripe_url: str, mail_folder: Path | None = None) -> dict[str, str]:
    """What the processes need to know; as production runs, but for ``DEMO``."""
    mail = f"filemail:///{quote(str(mail_folder))}" if mail_folder else "dummymail://"
    return os.environ | {
        "DATABASE_URL": database_url(),
        "SITE_URL": f"http://localhost:{port}",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "STRIPE_API_BASE": stripe_url,
        "STRIPE_SECRET_KEY": SECRET_KEY,
        "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "STATIC_ROOT": str(settings.STATIC_ROOT),
        "EMAIL_URL": mail,
        "DEMO": "1",
        "DEBUG": "0",
    }


@dataclass
class Process:
    """One process that belongs to a test."""

    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> None:
        """End it as an operator does; kill it where it does not listen."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start(command: list[str], environ: dict[str, str], log: Path) -> Process:
    """Start one process with its output in ``log``."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environ, stdout=output, stderr=subprocess.STDOUT
        )
    return Process(process, log)


def serve(
    environ: dict[str, str], *, port: int, log: Path, application: str = "config.wsgi"
) -> Process:
    """Serve the site with two workers, as in production; return when it answers.

    Raises RuntimeError with the log where it does not within 90 seconds.
    """
    command = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "2", "--worker-class", "gthread", "--threads", "8"]
    command += ["--no-control-socket"]
    running = start(command, environ, log)
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if running.process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz/", timeout=20):
                return running
        except OSError:
            continue
    running.stop()
    raise RuntimeError(f"the site did not start: {log.read_text()}")


def work(environ: dict[str, str], *, log: Path) -> Process:
    """Start the job worker."""
    return start([sys.executable, "manage.py", "procrastinate", "worker"], environ, log)
