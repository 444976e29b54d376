"""Real processes, killed while a document is applied: nothing is half done, and it is taken up.

Whoever applies it is held up where the test wants it, by a lock that the test holds, and is then
killed with all that it had not yet committed.
"""

import http.client
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from threading import Thread
from urllib.parse import urlencode

import psutil
import psycopg
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from courses import jobs, reviewing
from glossary.models import Import, ImportProgress, Term, Version
from tests.any_order.world import World
from tests.concurrency.rushing import TOKEN
from tests.kills.beginnings import document_read
from tests.kills.cases import a_world, let_go_of_the_database
from tests.kills.house import House
from tests.kills.worker import pass_two_minutes, work_in
from tests.sandbox.waiting import until
from tests.serving import Process, environment, free_port, serve

NAME = "a document is applied by real processes"
# Before anything is written, and when all is but what is written last. Neither keeps a worker from
# drawing maps meanwhile, which it does every quarter of an hour, before what is queued.
AT_FIRST = "SELECT 1 FROM glossary_glossary FOR NO KEY UPDATE"
AT_LAST = "LOCK TABLE glossary_version IN SHARE MODE"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


def problem_of(house: House, case: str) -> str:
    """Try one of ``CASES``: an empty text, or what was wrong."""
    try:
        with a_world(house, document_read) as world:
            CASES[case](house, world)
    except Exception:  # noqa: BLE001 - every case is tried, and each failure is told
        return traceback.format_exc()
    return ""


def _worker_dies(house: House, world: World, *, held_by: str) -> None:
    _queue(world)
    with _held_up(house, held_by):
        worker = work_in(house, "first")
        until(partial(_somebody_waits, house), what="the worker to be held up")
        assert ImportProgress.objects.get().step
        worker.process.kill()
        worker.process.wait()
        _is_untouched("applying")
    _is_untouched("applying")
    pass_two_minutes()
    with ExitStack() as ending:
        with _held_up(house, held_by):
            second = work_in(house, "second")
            ending.callback(second.stop)
            until(partial(_says_so, world), seconds=120, what="the page to say it was begun again")
        until(_is_applied, what="the import")
    _is_done()


def _database_dies(house: House, world: World) -> None:
    _queue(world)
    worker = work_in(house, "first")
    try:
        with _held_up(house, AT_LAST):
            until(partial(_somebody_waits, house), what="the worker to be held up")
            house.kill_database()
        house.mend()
        let_go_of_the_database()
        _is_untouched()
        until(partial(_has_given_up, worker), what="the worker to see that its database is gone")
    finally:
        worker.stop()
    # It may have told that it failed; else it is taken up by another.
    if Import.objects.get().state == Import.State.READY:
        assert "Applying it has failed, and nothing was done." in _page(world)
        _queue(world)
    pass_two_minutes()
    second = work_in(house, "second")
    try:
        until(_is_applied, seconds=120, what="the import")
    finally:
        second.stop()
    _is_done()


def _web_process_dies(house: House, world: World) -> None:
    with _site(house) as (port, site):
        with _held_up(house, AT_LAST):
            pressing = Thread(target=_press_and_see_it_fail, args=(port,))
            pressing.start()
            until(partial(_somebody_waits, house), what="the site to be held up")
            for process in [site, *site.children(recursive=True)]:
                process.send_signal(signal.SIGKILL)
            pressing.join(timeout=60)
        _is_untouched("ready")
    assert "Apply all of it" in _page(world)
    with _site(house) as (port, _):
        assert _press(port) == 302
    _is_done()


CASES: dict[str, Callable[[House, World], None]] = {
    "the worker dies before it writes": partial(_worker_dies, held_by=AT_FIRST),
    "the worker dies when it has written": partial(_worker_dies, held_by=AT_LAST),
    "the database dies": _database_dies,
    "the web process dies": _web_process_dies,
}


def _says_so(world: World) -> bool:
    return "Begun again after an interruption." in _page(world)


def _has_given_up(worker: Process) -> bool:
    """Whether it has ended, or has told of the job that it failed."""
    job = ProcrastinateJob.objects.latest("pk")
    return worker.process.poll() is not None or job.status != "doing"


# What there must be -------------------------------------------------------------------------------


def _is_untouched(*states: str) -> None:
    """Nothing of the document is there."""
    assert list(Term.objects.order_by("name").values_list("name", flat=True)) == [
        "Bowline",
        "Cleat",
    ]
    assert Version.objects.count() == 2
    assert not states or Import.objects.get().state in states


def _is_applied() -> bool:
    return Import.objects.get().state == Import.State.APPLIED


def _is_done() -> None:
    """All of it is there, once."""
    assert _is_applied()
    said = Term.objects.order_by("name").values_list("name", "definition__source")
    assert list(said) == [
        ("Bowline", "A fixed loop."),
        ("Cleat", "A bowline is belayed to it."),
        ("Reef knot", "Joins two ends."),
    ]
    assert sorted(Version.objects.values_list("term__name", "number")) == [
        ("Bowline", 1),
        ("Bowline", 2),
        ("Cleat", 1),
        ("Reef knot", 1),
    ]


def _page(world: World) -> str:
    """What staff see of the import."""
    User.objects.filter(pk=world.staff.pk).update(is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(world.staff)
    address = f"/admin/glossary/import/{Import.objects.get().pk}/change/"
    return client.get(address).content.decode()


# How it comes to that -----------------------------------------------------------------------------


def _queue(world: World) -> None:
    """Staff have pressed the button, and the worker is to do it."""
    with transaction.atomic():
        record = reviewing.begin_applying(Import.objects.get().pk, by=world.staff)
        jobs.apply_import.defer(import_id=record.pk)


@contextmanager
def _held_up(house: House, statement: str) -> Iterator[None]:
    """Nobody gets past what the statement locks, until this ends."""
    connection = psycopg.connect(house.cluster.url())
    try:
        connection.execute(statement)
        yield
    finally:
        connection.close()


def _somebody_waits(house: House) -> bool:
    with psycopg.connect(house.cluster.url()) as connection:
        row = connection.execute(WAITING).fetchone()
    return bool(row and row[0])


@contextmanager
def _site(house: House) -> Iterator[tuple[int, psutil.Process]]:
    port = free_port()
    environ = environment(port=port, stripe_url=house.stand_in.url)
    environ["DATABASE_URL"] = house.cluster.url()
    running = serve(environ, port=port, log=house.folder / "site.log")
    try:
        yield port, psutil.Process(running.process.pid)
    finally:
        running.stop()


def _press_and_see_it_fail(port: int) -> None:
    try:
        _press(port)
    except (OSError, http.client.HTTPException):
        return


def _press(port: int) -> int:
    """Press “Apply all of it” as the person who may; the status of the answer."""
    cookie = f"termtime_session={_session()}"
    address = f"/admin/glossary/import/{Import.objects.get().pk}/"
    let_go_of_the_database()
    connection = http.client.HTTPConnection("localhost", port, timeout=60)
    connection.request("GET", f"{address}change/", headers={"Cookie": cookie})
    response = connection.getresponse()
    token = TOKEN.search(response.read().decode())
    assert token
    csrf = (response.headers["Set-Cookie"] or "").partition(";")[0]
    headers = {
        "Cookie": f"{cookie}; {csrf}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    connection.request(
        "POST", f"{address}apply/", urlencode({"csrfmiddlewaretoken": token[1]}), headers
    )
    return connection.getresponse().status


def _session() -> str:
    person = User.objects.get(email="sam@example.org")
    User.objects.filter(pk=person.pk).update(is_staff=True, is_superuser=True)
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return str(session.session_key)
