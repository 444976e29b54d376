"""The whole product for the browser tests: site, worker and stand-in on a database of their own.

The database is not the one that pytest-django makes: what stands here stays for the whole run,
and other tests expect theirs to be empty.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import psycopg
from psycopg import sql

from tests.sandbox.process import Sandbox, start_sandbox
from tests.serving import ROOT, database_url, environment, free_port, serve, work


@dataclass(frozen=True)
class LiveSite:
    """Where everything is, once it runs."""

    url: str
    sandbox: Sandbox
    #: Session keys by person: staff, learner, student, payer, waiting.
    cookies: dict[str, str]
    #: Addresses that have keys in them, by name; see ``tests.browser.preparing``.
    places: dict[str, str]
    log: Path
    #: What its processes are told.
    environ: dict[str, str]


@contextmanager
def database(purpose: str) -> Iterator[str]:
    """An empty database beside the tests' own; its address."""
    name = f"test_{purpose}_{os.getpid()}"
    with psycopg.connect(database_url("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield database_url(name)
        finally:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            connection.execute(drop)


def _run(command: list[str], environ: dict[str, str]) -> str:
    whole = [sys.executable, *command]
    done = subprocess.run(whole, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command} failed: {done.stderr}")
    return done.stdout


def _all_delivered(sandbox: Sandbox) -> None:
    """Return when the site has taken every webhook; RuntimeError where it does not within 90 s."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        deliveries = sandbox.see("deliveries")["deliveries"]
        if deliveries and all(each["state"] == "delivered" for each in deliveries):
            return
    raise RuntimeError(f"webhooks were not taken: {deliveries}")


# What fills a site: the demo and more, nothing, or too much.
KINDS = {
    "demo": ["-m", "tests.browser.preparing"],
    "bare": ["-m", "tests.browser.crowding", "bare"],
    "full": ["-m", "tests.browser.crowding", "full"],
}


@contextmanager
def live_site(
    folder: Path,
    *,
    kind: str = "demo",
    given: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[LiveSite]:
    """Start everything, and stop it at the end; logs and mail lie in ``folder``.

    ``kind`` is one of ``KINDS``; ``given`` are settings that this site alone has.
    """
    mail = folder / "mail"
    mail.mkdir()
    port = free_port()
    hook = f"http://127.0.0.1:{port}/stripe/webhook/"
    with database(f"browser_{port}") as address:
        sandbox = start_sandbox(folder, webhook_url=hook, mail_folder=mail)
        environ = environment(port=port, stripe_url=sandbox.url, mail_folder=mail)
        environ |= {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "config.settings"}
        environ |= given
        running = []
        try:
            _run(["manage.py", "migrate", "--verbosity=0"], environ)
            _run(["manage.py", "createcachetable"], environ)
            # Served before it is filled: a webhook that finds nobody there comes again in its own
            # time, which may be after the test that looks for what it brought.
            running.append(
                serve(
                    environ,
                    port=port,
                    log=folder / "site.log",
                    application="tests.browser.application",
                )
            )
            found = json.loads(_run(KINDS[kind], environ))
            running.append(work(environ, log=folder / "worker.log"))
            if kind == "demo":
                _all_delivered(sandbox)
            place = f"http://localhost:{port}"
            yield LiveSite(place, sandbox, log=folder / "site.log", environ=environ, **found)
        finally:
            for process in reversed(running):
                process.stop()
            sandbox.stop()
