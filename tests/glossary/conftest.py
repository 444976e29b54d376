"""Who writes and reviews terms, and a term."""

import pytest
from django.test import Client

from accounts.models import User
from glossary.models import Term
from tests.glossary.writing import a_glossary, a_term


@pytest.fixture
def ann() -> User:
    return User.objects.create_superuser("ann@example.org", "x")


@pytest.fixture
def ben() -> User:
    return User.objects.create_superuser("ben@example.org", "x")


@pytest.fixture
def staff(client: Client, ann: User) -> Client:
    """Ann, at work."""
    client.force_login(ann)
    return client


@pytest.fixture
def term() -> Term:
    return a_term(a_glossary())


@pytest.fixture
def reviewed() -> Term:
    """A term of a glossary that asks for reviews."""
    return a_term(a_glossary(needs_review=True))
