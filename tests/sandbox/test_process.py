"""Starting, stopping, being killed, and two hundred clients at once."""

import http.client
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.sandbox.orders import checkout, order
from tests.sandbox.process import ROOT, SECRET_KEY, WEBHOOK_SECRET, Sandbox, start_sandbox
from tests.sandbox.waiting import until

KEYS = {"STRIPE_SECRET_KEY": SECRET_KEY, "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET}


def run(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run it where it is expected to refuse."""
    return subprocess.run(
        [sys.executable, "-m", "sandbox", *options],
        cwd=ROOT,
        env=os.environ | KEYS | environment,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def test_everything_answered_survives_a_kill(tmp_path: Path) -> None:
    first = start_sandbox(tmp_path)
    options: Any = {"idempotency_key": "k-1"}
    session = first.client().v1.checkout.sessions.create(order(), options)
    first.control(f"sessions/{session.id}/pay")
    first.control("clock", advance=100)
    first.kill()
    second = start_sandbox(tmp_path)
    client = second.client()
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
    assert client.v1.checkout.sessions.create(order(), options).id == session.id
    assert second.see("clock")["offset"] == 100
    assert second.stop() == 0


def test_sessions_whose_time_ended_while_it_was_down_expire_after_the_start(
    tmp_path: Path,
) -> None:
    first = start_sandbox(tmp_path)
    session = checkout(first.client(), expires_at=int(time.time()) + 1801)
    first.kill()
    with closing(sqlite3.connect(tmp_path / "sandbox.sqlite3")) as connection, connection:
        connection.execute("INSERT INTO settings VALUES ('clock_offset', '3600')")
    second = start_sandbox(tmp_path)
    events = second.client().v1.events
    found = until(lambda: events.list({"type": "checkout.session.expired"}).data, what="expiry")
    assert [event.data.object["id"] for event in found] == [session.id]
    assert second.stop() == 0


def test_whatever_is_killed_in_the_middle_is_whole_afterwards(tmp_path: Path) -> None:
    """An object, its answer for the key and its events are there together or not at all."""
    first = start_sandbox(tmp_path)
    answered: dict[str, str] = {}

    def keep_creating(worker: int) -> None:
        client = first.client()
        for turn in range(1000):
            key = f"{worker}-{turn}"
            try:
                made = client.v1.checkout.sessions.create(order(), {"idempotency_key": key})
            except stripe.APIConnectionError:
                return
            answered[key] = made.id

    with ThreadPoolExecutor(8) as pool:
        for worker in range(8):
            pool.submit(keep_creating, worker)
        until(lambda: len(answered) >= 60, what="sixty answers")
        first.kill()
    second = start_sandbox(tmp_path)
    client = second.client()
    kept = {s.id for s in client.v1.checkout.sessions.list({"limit": 100}).auto_paging_iter()}
    assert set(answered.values()) <= kept
    key, identifier = next(iter(answered.items()))
    again = client.v1.checkout.sessions.create(order(), {"idempotency_key": key})
    assert again.id == identifier
    assert second.stop() == 0


def test_however_often_it_is_killed_what_it_knows_agrees_with_itself(tmp_path: Path) -> None:
    """Each time on the same port and file, while sessions are made, paid, refunded and disputed."""
    running = start_sandbox(tmp_path)
    port = int(running.url.rpartition(":")[2])
    for _ in range(5):
        known = len(money(running.client()))
        with ThreadPoolExecutor(6) as pool:
            workers = [pool.submit(keep_selling, running) for _ in range(6)]
            try:
                until(lambda: len(money(running.client())) >= known + 12)  # noqa: B023
            finally:
                running.kill()
        for worker in workers:
            worker.result()
        running = start_sandbox(tmp_path, port=port)
        agree(running.client())
    assert running.stop() == 0


def keep_selling(running: Sandbox) -> None:
    """Take sessions through all that can become of them, until the stand-in is gone."""
    client = running.client()
    try:
        while True:
            paid, debit, left = checkout(client), checkout(client), checkout(client)
            running.control(f"sessions/{paid.id}/pay")
            running.control(f"sessions/{paid.id}/refund", amount=1000)
            running.control("disputes", session=paid.id)
            running.control(f"sessions/{debit.id}/pay", outcome="bacs")
            running.control(f"sessions/{debit.id}/settle", outcome="failure")
            client.v1.checkout.sessions.expire(left.id)
    except (stripe.APIConnectionError, OSError, http.client.HTTPException):
        return


def money(client: stripe.StripeClient) -> list[stripe.Charge]:
    return list(client.v1.charges.list({"limit": 100}).auto_paging_iter())


def agree(client: stripe.StripeClient) -> None:
    """Every object fits the others, and every step was told exactly once."""
    everything: Any = {"limit": 100}
    sessions = list(client.v1.checkout.sessions.list(everything).auto_paging_iter())
    refunds = list(client.v1.refunds.list(everything).auto_paging_iter())
    disputes = list(client.v1.disputes.list(everything).auto_paging_iter())
    events = list(client.v1.events.list(everything).auto_paging_iter())
    told = Counter((str(event.type), event.data.object["id"]) for event in events)
    charges = {charge.payment_intent: charge for charge in money(client)}
    for session in sessions:
        charge = charges.get(session.payment_intent) if session.payment_intent else None
        assert (session.payment_status == "paid") == bool(charge and charge.paid)
        assert (session.status == "complete") == bool(charge)
        for status, kind in (("complete", "completed"), ("expired", "expired")):
            expected = int(session.status == status)
            assert told[f"checkout.session.{kind}", session.id] == expected
    for charge in charges.values():
        of_it = [refund for refund in refunds if refund.charge == charge.id]
        assert charge.amount_refunded == sum(refund.amount for refund in of_it)
        against = [dispute for dispute in disputes if dispute.charge == charge.id]
        assert charge.disputed == bool(against)
    assert all(told["refund.created", refund.id] == 1 for refund in refunds)
    assert all(told["charge.dispute.created", dispute.id] == 1 for dispute in disputes)
    assert refunds
    assert disputes


def test_two_hundred_clients_at_once_are_all_answered(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    barrier = threading.Barrier(200)

    def create(_: int) -> str:
        mine = sandbox.client()
        barrier.wait()
        return checkout(mine).id

    with ThreadPoolExecutor(200) as pool:
        made = list(pool.map(create, range(200)))
    assert len(set(made)) == 200
    listed = client.v1.checkout.sessions.list({"limit": 100}).auto_paging_iter()
    assert {session.id for session in listed} == set(made)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    running = start_sandbox(tmp_path)
    checkout(running.client())
    running.process.send_signal(number)
    assert running.process.wait(timeout=30) == 0
    assert running.process.stdout is not None
    assert running.process.stdout.read() == ""
    running.process.stdout.close()


def test_it_ends_on_sigint_though_a_background_shell_ignores_it(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        running = start_sandbox(tmp_path)
    finally:
        signal.signal(signal.SIGINT, before)
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(timeout=30) == 0
    assert running.stop() == 0


def test_it_ends_while_a_request_is_being_delayed(tmp_path: Path) -> None:
    running = start_sandbox(tmp_path)
    running.control("requests", action="delay", seconds=600)
    impatient = running.client(http_client=stripe.RequestsClient(timeout=0.2))
    with pytest.raises(stripe.APIConnectionError):
        checkout(impatient)
    assert running.stop() == 0


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.com", "::"])  # noqa: S104
def test_it_listens_on_loopback_only(tmp_path: Path, host: str) -> None:
    refused = run("--host", host, "--data", str(tmp_path / "x.sqlite3"))
    assert refused.returncode == 1
    assert refused.stderr == f"sandbox: {host} is not a loopback address\n"


@pytest.mark.parametrize("name", list(KEYS))
def test_it_needs_its_secrets(tmp_path: Path, name: str) -> None:
    refused = run("--data", str(tmp_path / "x.sqlite3"), **{name: ""})
    assert (refused.returncode, refused.stderr) == (1, f"sandbox: {name} is not set\n")


def test_a_port_in_use_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = run("--port", str(port), "--data", str(tmp_path / "x.sqlite3"))
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"sandbox: cannot listen on 127.0.0.1:{port}: ")
    assert refused.stderr.count("\n") == 1


def test_two_do_not_share_one_file(tmp_path: Path) -> None:
    running = start_sandbox(tmp_path)
    path = tmp_path / "sandbox.sqlite3"
    refused = run("--port", "0", "--data", str(path))
    assert refused.returncode == 1
    assert refused.stderr == f"sandbox: {path} is in use by another stand-in\n"
    assert running.stop() == 0


def test_it_works_in_a_folder_with_spaces(tmp_path: Path) -> None:
    running = start_sandbox(tmp_path / "a folder" / "with spaces")
    assert checkout(running.client()).status == "open"
    assert running.stop() == 0


def test_a_public_address_is_the_one_in_the_links(tmp_path: Path) -> None:
    running = start_sandbox(tmp_path, more=("--public-url", "https://pay.example/"))
    session = checkout(running.client())
    assert session.url == f"https://pay.example/c/pay/{session.id}"
    assert running.stop() == 0


def test_the_stand_in_imports_nothing_of_the_site() -> None:
    code = (
        "import sys, sandbox.__main__\n"
        "ours = {'accounts', 'config', 'courses', 'django', 'enrolment', 'glossary'}\n"
        "print(sorted(ours & {name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
