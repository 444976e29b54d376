"""One stand-in and one receiver for the whole folder, emptied before each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import stripe

from tests.sandbox.process import Sandbox, start_sandbox
from tests.sandbox.receiver import Receiver


@pytest.fixture(scope="session")
def running_receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture(scope="session")
def running_sandbox(
    running_receiver: Receiver, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sandbox]:
    folder = tmp_path_factory.mktemp("sandbox")
    running = start_sandbox(folder, webhook_url=running_receiver.url, mail_folder=folder / "mail")
    yield running
    running.stop()


@pytest.fixture
def sandbox(running_sandbox: Sandbox, running_receiver: Receiver) -> Sandbox:
    running_sandbox.control("reset")
    running_receiver.clear()
    return running_sandbox


@pytest.fixture
def receiver(sandbox: Sandbox, running_receiver: Receiver) -> Receiver:
    return running_receiver


@pytest.fixture
def client(sandbox: Sandbox) -> stripe.StripeClient:
    return sandbox.client()


@pytest.fixture
def mail_folder(sandbox: Sandbox) -> Path:
    folder = sandbox.folder / "mail"
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    return folder
