"""Gives a test run its database and its settings, before Django reads them.

Loaded with ``-p`` from pyproject.toml, so that ``pytest tests/some/test_file.py`` works as it is.
Only the controlling process starts a server; the workers of pytest-xdist inherit its address, and
pytest-django gives each a database of its own on it. ``DATABASE_URL`` replaces the server.
"""

import os
from collections.abc import Generator

import pytest

from config.local import LOCAL, CannotRun
from config.local.postgres import Cluster, start
from config.local.static import collect_static

SETTINGS = {
    "DEMO": "1",
    "DEBUG": "0",
    "SECRET_KEY": "a-key-for-tests-only-with-nothing-secret-about-it",
    "SITE_URL": "http://localhost:8000",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1],testserver",
    "EMAIL_URL": "memorymail://",
    "STRIPE_SECRET_KEY": "sk_test_termtime",
    "STRIPE_WEBHOOK_SECRET": "whsec_termtime_tests",
}
# What a person's shell may carry and a test must not see.
NOT_SETTINGS = (
    "STRIPE_API_BASE",
    "CACHE_URL",
    "DEMO_MAIL_URL",
    "BEHIND_PROXY",
    "LANGUAGE_CODE",
    "LOCALE_PATHS",
)

IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ

_cluster: Cluster | None = None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None, None, None]:
    """Set the environment before pytest-django and the conftest files import the settings."""
    try:
        if not IS_WORKER:
            _prepare()
        return (yield)
    except CannotRun as refusal:
        pytest_unconfigure()
        raise pytest.UsageError(str(refusal)) from refusal
    except BaseException:
        pytest_unconfigure()  # which pytest itself only calls for what it has configured
        raise


def _prepare() -> None:
    global _cluster  # noqa: PLW0603 - one run of pytest, one server
    for name in NOT_SETTINGS:
        os.environ.pop(name, None)
    os.environ.update(SETTINGS)
    place = "static-test"
    if not os.environ.get("DATABASE_URL"):
        _cluster = start("test")
        os.environ["DATABASE_URL"] = _cluster.url()
        place = _cluster.folder.name.replace("postgres", "static")
    os.environ["STATIC_ROOT"] = str(LOCAL / place)
    collect_static(LOCAL / place)


def pytest_unconfigure() -> None:
    """Stop the server. Where pytest is killed before this, the kernel ends the server with it."""
    global _cluster  # noqa: PLW0603
    if _cluster is not None:
        _cluster.stop()
        _cluster = None
