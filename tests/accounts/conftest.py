"""Ada, who has an account with a confirmed address."""

import pytest
from allauth.account.models import EmailAddress

from accounts.models import User
from tests.accounts.signing import PASSWORD
from tests.courses.making import a_provider


@pytest.fixture(autouse=True)
def provider(db: None) -> None:
    a_provider()


@pytest.fixture
def ada() -> User:
    user = User.objects.create_user("ada@example.org", PASSWORD, name="Ada Adams")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user
