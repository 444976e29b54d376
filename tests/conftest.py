"""What holds for every test."""

import pytest
from pytest_django import Settings

# Their processes read passwords with the settings of a real site.
WITH_PROCESSES = {"browser", "concurrency"}


@pytest.fixture(autouse=True)
def quick_passwords(request: pytest.FixtureRequest, settings: Settings) -> None:
    """Hashing a password is slow on purpose; a cast of five would cost each test seconds."""
    if not WITH_PROCESSES & set(request.path.parts):
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
