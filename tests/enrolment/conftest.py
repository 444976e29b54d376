"""The stand-in for Stripe as a process, the site's settings turned to it, and a small cast."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from courses.models import Course, Intake
from enrolment import documents
from enrolment.models import Payment
from tests.courses.making import a_course, a_price, a_provider, an_intake
from tests.enrolment.driving import turned_to
from tests.enrolment.leaving import a_place
from tests.sandbox.process import Sandbox, start_sandbox

PASSWORD = "correct horse battery"


@pytest.fixture(scope="session")
def running_stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    running = start_sandbox(tmp_path_factory.mktemp("stand-in"))
    yield running
    running.stop()


@pytest.fixture
def stand_in(running_stand_in: Sandbox, settings: Settings) -> Iterator[Sandbox]:
    """Stripe's stand-in, empty; the site talks to it over HTTP."""
    running_stand_in.control("reset")
    with turned_to(running_stand_in, settings):
        yield running_stand_in


@pytest.fixture
def alice(db: None) -> User:
    """A student."""
    return User.objects.create_user("alice@example.org", PASSWORD, name="Alice Archer")


@pytest.fixture
def bob(db: None) -> User:
    """Another student."""
    return User.objects.create_user("bob@example.org", PASSWORD, name="Bob Baker")


@pytest.fixture
def carol(db: None) -> User:
    """A third student."""
    return User.objects.create_user("carol@example.org", PASSWORD, name="Carol Cook")


@pytest.fixture
def sam(db: None) -> User:
    """Staff."""
    return User.objects.create_superuser("sam@example.org", PASSWORD, name="Sam Staff")


@pytest.fixture
def course(db: None) -> Course:
    """Deep learning, published, by a provider who is not registered for VAT."""
    a_provider()
    return a_course()


@pytest.fixture
def intake(course: Course) -> Intake:
    """May 2126, £90, without a limit: far enough ahead to be open whenever this runs."""
    made = an_intake(course, "2126-05")
    a_price(made)
    return made


@pytest.fixture
def alices(client: Client, alice: User) -> Client:
    """Alice's browser, signed in."""
    client.force_login(alice)
    return client


@pytest.fixture
def june(course: Course) -> Intake:
    """June 2126, one place, £90."""
    made = an_intake(course, "2126-06", capacity=1)
    a_price(made)
    return made


@pytest.fixture
def paid(alice: User, intake: Intake) -> Payment:
    """Alice's £90, with its documents."""
    payment = a_place(alice, intake, timezone.now()).payments.get()
    with transaction.atomic():
        documents.issue_for_payment(payment, at=timezone.now())
    return payment
