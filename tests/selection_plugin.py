"""Which tests a run leaves out, and says so.

- ``proof``: unless asked for by ``-m``, because they take long.
- ``browser``: where there is no Chromium. With ``CI=true`` a missing one is an error.
- ``input``: where ``TERMTIME_INPUT`` names no folder. With ``CI=true`` that is an error.
"""

import os
from pathlib import Path

import pytest

from config.local.chromium import HOW_TO_INSTALL, find_chromium

IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}


def _left_out(config: pytest.Config) -> dict[str, str]:
    """The markers that this run leaves out, each with the reason a person is given."""
    reasons = {}
    if "proof" not in (config.getoption("markexpr") or ""):
        reasons["proof"] = "proofs take long; `make proof` runs them"
    if find_chromium() is None:
        reasons["browser"] = f"there is no Chromium; {HOW_TO_INSTALL}"
    folder = os.environ.get("TERMTIME_INPUT", "")
    if not folder or not Path(folder).is_dir():
        reasons["input"] = "TERMTIME_INPUT names no folder with the real document"
    return reasons


def pytest_configure(config: pytest.Config) -> None:
    """In CI nothing but the proofs may be missing."""
    if not IN_CI:
        return
    for marker, reason in _left_out(config).items():
        if marker != "proof":
            raise pytest.UsageError(f"{marker} tests cannot run: {reason}")


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say at the start what is left out; at the end it would be lost among failures."""
    return [f"left out: {marker} tests: {why}" for marker, why in _left_out(config).items()]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """And say it once more, since `-q` prints no header."""
    for marker, reason in _left_out(config).items():
        terminalreporter.write_line(f"left out: {marker} tests: {reason}", yellow=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect, on every worker alike, the tests that carry a marker left out."""
    reasons = _left_out(config)
    gone = [item for item in items if any(item.get_closest_marker(name) for name in reasons)]
    if gone:
        config.hook.pytest_deselected(items=gone)
        items[:] = [item for item in items if item not in set(gone)]
