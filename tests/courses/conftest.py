"""The cast: Ada, who learns; Bob, who does not; Sam, who is staff."""

import pytest
from django.test import Client

from accounts.models import User

PASSWORD = "correct horse battery"


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada@example.org", PASSWORD, name="Ada Learner")


@pytest.fixture
def bob() -> User:
    return User.objects.create_user("bob@example.org", PASSWORD, name="Bob Other")


@pytest.fixture
def sam() -> User:
    return User.objects.create_superuser("sam@example.org", PASSWORD, name="Sam Staff")


def signed_in(user: User) -> Client:
    """A client that is signed in as ``user``."""
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def as_ada(ada: User) -> Client:
    return signed_in(ada)


@pytest.fixture
def as_bob(bob: User) -> Client:
    return signed_in(bob)


@pytest.fixture
def as_sam(sam: User) -> Client:
    return signed_in(sam)
