"""The launcher of the embedded PostgreSQL, on real clusters."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from config.local import CHECKOUT, CannotRun
from config.local.accounts import Account, folder_outside, make_private_folder
from config.local.postgres import Cluster, start

HOLDER = """
import sys
from pathlib import Path
from config.local.postgres import start
cluster = start("demo", checkout=Path(sys.argv[1]))
print(cluster.process.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def checkout() -> Iterator[Path]:
    """A folder with spaces in its path that every account may enter, as a checkout may be."""
    base = Path(tempfile.mkdtemp(prefix="a checkout "))
    base.chmod(0o755)
    yield base
    shutil.rmtree(base)


@pytest.fixture
def closed_checkout(tmp_path: Path) -> Iterator[Path]:
    """A folder with spaces in its path that only its owner may enter."""
    folder = tmp_path / "a closed checkout"
    folder.mkdir(mode=0o700)
    yield folder
    shutil.rmtree(folder_outside(folder), ignore_errors=True)


@pytest.fixture(scope="module")
def running() -> Iterator[Cluster]:
    """One for those that only ask."""
    base = Path(tempfile.mkdtemp(prefix="a checkout "))
    base.chmod(0o755)
    with start("test", checkout=base) as cluster:
        yield cluster
    shutil.rmtree(base)


def ask(cluster: Cluster, question: str) -> list[tuple[object, ...]]:
    with psycopg.connect(cluster.url()) as connection:
        return connection.execute(question.encode()).fetchall()


def test_the_database_sorts_by_code_point_and_knows_its_letters(running: Cluster) -> None:
    provider = "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'termtime'"
    assert ask(running, provider) == [("b", "C.UTF-8")]
    assert ask(running, "SHOW server_encoding") == [("UTF8",)]
    assert ask(running, "SELECT upper('é')") == [("É",)]


def test_there_are_connections_for_a_crowd_and_none_from_the_network(running: Cluster) -> None:
    [(connections,)] = ask(running, "SHOW max_connections")
    assert int(str(connections)) >= 300
    assert ask(running, "SHOW listen_addresses") == [("",)]


def test_similarity_search_is_at_hand(running: Cluster) -> None:
    with psycopg.connect(running.url(), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
    [(similarity,)] = ask(running, "SELECT similarity('gradient', 'gradients')::float8")
    assert float(str(similarity)) > 0.5


def test_the_socket_is_for_the_server_alone(checkout: Path) -> None:
    with start("demo", checkout=checkout) as cluster:
        assert cluster.sockets.stat().st_mode & 0o077 == 0
        assert len(os.fsencode(cluster.sockets / ".s.PGSQL.5432")) <= 107
    assert not cluster.sockets.exists()


def test_no_folder_is_opened_for_the_server(closed_checkout: Path) -> None:
    before = {
        folder: folder.stat().st_mode for folder in [closed_checkout, *closed_checkout.parents]
    }
    with start("test", checkout=closed_checkout) as cluster:
        assert ask(cluster, "SELECT 1") == [(1,)]
    assert {folder: folder.stat().st_mode for folder in before} == before


def test_data_are_there_at_the_next_start(closed_checkout: Path) -> None:
    with (
        start("demo", checkout=closed_checkout) as cluster,
        psycopg.connect(cluster.url()) as connection,
    ):
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    with start("demo", checkout=closed_checkout) as cluster:
        assert ask(cluster, "SELECT number FROM kept") == [(7,)]


def test_a_demo_in_use_is_not_started_twice(checkout: Path) -> None:
    with (
        start("demo", checkout=checkout),
        pytest.raises(CannotRun, match="in use by another process"),
    ):
        start("demo", checkout=checkout)


def test_two_test_runs_at_once_have_a_cluster_each(checkout: Path) -> None:
    with start("test", checkout=checkout) as one, start("test", checkout=checkout) as other:
        assert one.url() != other.url()
        assert ask(other, "SELECT count(*) FROM pg_database WHERE datname = 'termtime'") == [(1,)]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_the_server_ends_when_its_holder_is_killed_and_starts_again(checkout: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(checkout)],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        server = psutil.Process(int(holder.stdout.readline()))
        holder.kill()
        holder.wait()
        server.wait(timeout=20)
    with start("demo", checkout=checkout) as cluster:
        assert ask(cluster, "SELECT 1") == [(1,)]


def test_a_killed_server_s_files_do_not_stop_the_next_start(checkout: Path) -> None:
    cluster = start("demo", checkout=checkout)
    cluster.process.send_signal(signal.SIGKILL)
    cluster.process.wait()
    assert (cluster.folder / "data" / "postmaster.pid").exists()
    cluster.lock.close()
    with start("demo", checkout=checkout) as again:
        assert ask(again, "SELECT 1") == [(1,)]


def test_another_process_with_a_stale_number_is_left_alone(checkout: Path) -> None:
    with start("demo", checkout=checkout) as cluster:
        data = cluster.folder / "data"
    with subprocess.Popen(["/usr/bin/env", "cat"], stdin=subprocess.PIPE) as stranger:
        (data / "postmaster.pid").write_text(f"{stranger.pid}\n{data}\n1\n5432\n\n\n\n\n")
        account = data.stat()
        os.chown(data / "postmaster.pid", account.st_uid, account.st_gid)
        (data / "postmaster.pid").chmod(0o600)
        start("demo", checkout=checkout).stop()
        assert stranger.poll() is None
        stranger.terminate()


@pytest.mark.proof
def test_data_of_another_version_are_kept_for_a_demo_and_made_anew_for_tests(
    checkout: Path,
) -> None:
    for kind in ("demo", "test"):
        with start(kind, checkout=checkout) as cluster:
            version = cluster.folder / "data" / "PG_VERSION"
        version.write_text("12\n")
    with pytest.raises(CannotRun, match="made by PostgreSQL 12"):
        start("demo", checkout=checkout)
    with start("test", checkout=checkout) as cluster:
        assert ask(cluster, "SELECT 1") == [(1,)]


def test_a_link_in_the_place_of_a_private_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "sockets").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CannotRun, match="is not a folder"):
        make_private_folder(tmp_path / "sockets", Account(os.geteuid(), os.getegid()))
