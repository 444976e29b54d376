"""Starting processes that end when we do, and telling ours from other people's."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import psutil

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def end_with_parent() -> None:
    """Ask for SIGTERM when the process that started us ends, where the kernel can do that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def die_with_parent(number: signal.Signals) -> Callable[[], None]:
    """A function for the child, between fork and exec: default signals, and death with its parent.

    On Linux the kernel sends ``number`` when the parent ends, even by SIGKILL. Elsewhere what is
    left behind is found and ended by the next start. A shell starts its background jobs with SIGINT
    ignored, and children would inherit that.
    """
    prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None
    parent = os.getpid()

    def prepare() -> None:
        for received in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            signal.signal(received, signal.SIG_DFL)
        if prctl is not None:
            prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
            if os.getppid() != parent:  # it ended before the kernel was asked
                os._exit(1)

    return prepare


def start_child(
    command: list[str],
    *,
    log: Path,
    cwd: Path,
    environment: dict[str, str],
    at_our_death: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start ``command`` in a session of its own, writing to ``log``, to end when we end."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent(at_our_death),  # noqa: PLW1509 - no threads here
        )


def end(process: subprocess.Popen[Any], *, by: Iterable[signal.Signals], seconds: float) -> None:
    """End ``process`` by each signal in turn, waiting ``seconds`` after each, then by SIGKILL."""
    for number in by:
        if process.poll() is not None:
            break
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    kill_group(process)
    process.wait()


def kill_group(process: subprocess.Popen[Any]) -> None:
    """End whatever is left in the session that ``process`` was started in."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def with_variable(name: str, value: str) -> list[psutil.Process]:
    """Every process that carries ``name=value`` in its environment, except this one."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(name) == value:
                found.append(process)
        except psutil.Error:
            continue
    return found


def end_all(processes: list[psutil.Process], *, seconds: float = 5) -> None:
    """End processes that are not our children: SIGTERM, and SIGKILL after ``seconds``."""
    for process in processes:
        try:
            process.terminate()
        except psutil.NoSuchProcess:
            continue
    for process in psutil.wait_procs(processes, timeout=seconds)[1]:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log, for a message that says where the rest is."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 20_000))
        text = file.read().decode(errors="replace")
    return "\n".join(text.splitlines()[-lines:])
