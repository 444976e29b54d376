"""What `make run` decides: ports, settings, and when a process is started again."""

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import environ
import psutil
import pytest

from config.local import CHECKOUT, CannotRun
from config.local.demo_settings import demo_settings, keep_secrets, read_settings, write_settings
from config.local.ports import is_free, next_free, site_port
from config.local.processes import end_all, tail, with_variable
from config.local.services import Service


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def settings(local: Path, **given: str) -> dict[str, str]:
    return demo_settings(kept={}, given=given, local=local, port=8000, sandbox=8001)


def a_service(tmp_path: Path, program: str, **environment: str) -> Service:
    log = CHECKOUT / ".local" / "log" / f"test-{tmp_path.name}.log"
    return Service(
        "job worker", [sys.executable, "-c", program], log, dict(os.environ) | environment
    )


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A process that would run for ever, in the environment of a run with its own token."""
    made = a_service(tmp_path, "import signal; signal.pause()", TERMTIME_RUN=str(tmp_path))
    yield made
    made.stop()
    made.log.unlink(missing_ok=True)


def test_a_port_that_somebody_listens_on_is_refused_in_one_line(taken_port: int) -> None:
    with pytest.raises(CannotRun) as refusal:
        site_port(str(taken_port))
    assert str(taken_port) in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("given", ["http", "0", "65536", "-1", "80.5"])
def test_a_port_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(CannotRun, match="is no port"):
        site_port(given)


def test_what_stands_beside_the_site_moves_past_a_port_that_is_taken(taken_port: int) -> None:
    found = next_free(taken_port - 1)
    assert found > taken_port
    assert is_free(found)


def test_secrets_stay_the_same_from_run_to_run(tmp_path: Path) -> None:
    first = settings(tmp_path)
    write_settings(tmp_path / "demo.env", first)
    assert keep_secrets(read_settings(tmp_path / "demo.env")) == {
        name: first[name] for name in ("SECRET_KEY", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET")
    }


def test_a_stripe_key_once_given_by_hand_is_not_used_again() -> None:
    kept = keep_secrets({"STRIPE_SECRET_KEY": "sk_test_of_a_person"})
    assert kept["STRIPE_SECRET_KEY"].startswith("sk_test_termtime")


def test_the_settings_are_for_nobody_else_s_eyes(tmp_path: Path) -> None:
    write_settings(tmp_path / "demo.env", settings(tmp_path))
    assert (tmp_path / "demo.env").stat().st_mode & 0o777 == 0o600


def test_both_secrets_of_stripe_put_it_in_the_stand_in_s_place(tmp_path: Path) -> None:
    real = settings(tmp_path, STRIPE_SECRET_KEY="sk_test_x", STRIPE_WEBHOOK_SECRET="whsec_x")
    assert "STRIPE_API_BASE" not in real
    assert real["STRIPE_SECRET_KEY"] == "sk_test_x"
    assert settings(tmp_path)["STRIPE_API_BASE"] == "http://127.0.0.1:8001"


def test_mail_goes_to_a_folder_whose_path_has_spaces(tmp_path: Path) -> None:
    local = tmp_path / "a checkout + more"
    config = environ.Env.email_url_config(settings(local)["EMAIL_URL"])
    assert config["EMAIL_FILE_PATH"] == str(local / "mail")


def test_a_process_that_ends_is_started_again_after_a_moment(service: Service) -> None:
    said: list[str] = []
    service.start()
    assert service.process is not None
    first = service.process
    first.kill()
    first.wait()
    service.look_after(said.append)
    assert said == [line for line in said if "job worker ended (status -9)" in line]
    assert len(said) == 1
    assert service.process is first
    service.due = 0.0
    service.look_after(said.append)
    assert service.process is not first
    assert service.process.poll() is None


def test_the_wait_doubles_while_a_process_keeps_ending(service: Service) -> None:
    waits = []
    for _ in range(7):
        service.start()
        assert service.process is not None
        service.process.kill()
        service.process.wait()
        service.look_after(print)
        waits.append(service.delay)
    assert waits == [2, 4, 8, 16, 30, 30, 30]


def test_a_process_that_never_gets_ready_shows_its_last_words(tmp_path: Path) -> None:
    broken = a_service(tmp_path, "print('no such table'); raise SystemExit(3)")
    broken.start()
    with pytest.raises(CannotRun, match="no such table"):
        broken.wait_until(lambda: False)
    broken.log.unlink()


def test_what_a_killed_run_left_is_found_by_its_token_and_ended(
    service: Service, tmp_path: Path
) -> None:
    service.start()
    assert service.process is not None
    left = with_variable("TERMTIME_RUN", str(tmp_path))
    assert [process.pid for process in left] == [service.process.pid]
    end_all(left)
    assert not psutil.pid_exists(service.process.pid)


def test_the_end_of_a_log_is_its_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "site.log"
    log.write_text("\n".join(f"line {n}" for n in range(100)))
    assert tail(log, lines=2) == "line 98\nline 99"
    assert tail(tmp_path / "absent.log") == ""
