"""The settings fail closed: a real site that is not safe does not start, and says which setting."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.local.check import AS_PRODUCTION, NOT_SET

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "postgres://termtime:secret@db.invalid/termtime"


def start(**changes: str | None) -> subprocess.CompletedProcess[str]:
    """``manage.py check`` as a real site runs it, but for ``changes``; None unsets."""
    safe = {name: value for name, value in os.environ.items() if name not in NOT_SET}
    wanted = safe | AS_PRODUCTION | {"DATABASE_URL": DATABASE}
    for name, value in changes.items():
        if value is None:
            wanted.pop(name, None)
        else:
            wanted[name] = value
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=wanted,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_site_may_speak_any_language_that_there_is_a_catalogue_for() -> None:
    started = start(LANGUAGE_CODE="pt-BR")
    assert started.returncode == 0, started.stderr


def test_a_site_that_is_set_up_starts() -> None:
    started = start()
    assert started.returncode == 0, started.stderr


@pytest.mark.parametrize(
    ("setting", "changes"),
    [
        ("SECRET_KEY", {"SECRET_KEY": None}),
        ("SECRET_KEY", {"SECRET_KEY": ""}),
        ("SECRET_KEY", {"SECRET_KEY": "short"}),
        ("SECRET_KEY", {"SECRET_KEY": "a" * 60}),
        ("DATABASE_URL", {"DATABASE_URL": None}),
        ("DATABASE_URL", {"DATABASE_URL": "sqlite:///site.sqlite3"}),
        ("SITE_URL", {"SITE_URL": None}),
        ("SITE_URL", {"SITE_URL": "http://termtime.example"}),
        ("DEBUG", {"DEBUG": "1"}),
        ("EMAIL_URL", {"EMAIL_URL": None}),
        ("STRIPE_SECRET_KEY", {"STRIPE_SECRET_KEY": None}),
        ("STRIPE_WEBHOOK_SECRET", {"STRIPE_WEBHOOK_SECRET": None}),
        ("STRIPE_API_BASE", {"STRIPE_API_BASE": "http://localhost:8010"}),
        ("STRIPE_SECRET_KEY", {"DEMO": "1", "STRIPE_SECRET_KEY": "sk_live_something"}),
        ("STRIPE_SECRET_KEY", {"DEMO": "1", "STRIPE_SECRET_KEY": "rk_live_something"}),
        ("PLACE_HOLD_MINUTES", {"PLACE_HOLD_MINUTES": "30"}),
        ("LANGUAGE_CODE", {"LANGUAGE_CODE": "xx"}),
    ],
)
def test_a_setting_that_is_missing_or_unsafe_is_named(
    setting: str, changes: dict[str, str | None]
) -> None:
    refused = start(**changes)
    assert refused.returncode != 0
    # The last line is what a person reads; the value itself is never shown.
    said = refused.stderr.strip().splitlines()[-1]
    assert "ImproperlyConfigured" in said
    assert setting in said
    for value in changes.values():
        assert value is None or len(value) < 5 or value not in refused.stderr


@pytest.mark.parametrize("unset", ["SECRET_KEY", "STRIPE_SECRET_KEY", "EMAIL_URL"])
def test_the_demonstration_makes_up_no_secret_either(unset: str) -> None:
    refused = start(DEMO="1", SITE_URL="http://localhost:8000", **{unset: None})
    assert refused.returncode != 0
    assert unset in refused.stderr


def test_the_demonstration_may_use_the_stand_in_and_a_plain_address() -> None:
    started = start(
        DEMO="1", SITE_URL="http://localhost:8000", STRIPE_API_BASE="http://localhost:8010"
    )
    assert started.returncode == 0, started.stderr


@pytest.mark.parametrize(
    "name", ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT"]
)
def test_cookies_of_a_real_site_travel_encrypted_alone(name: str) -> None:
    asked = subprocess.run(
        [sys.executable, "-c", f"from config import settings; print(settings.{name})"],
        cwd=ROOT,
        env=os.environ | AS_PRODUCTION | {"DATABASE_URL": DATABASE},
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.stdout.strip() == "True"
