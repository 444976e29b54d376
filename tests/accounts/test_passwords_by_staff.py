"""Staff set a password for somebody, and change their own where everybody does."""

import pytest
from django.test import Client

from accounts.models import User
from tests.accounts.signing import PASSWORD, is_signed_in, sign_in

NEW = "a quite different phrase"


@pytest.fixture
def sams() -> Client:
    """The browser of Sam, who may do everything."""
    browser = Client()
    browser.force_login(User.objects.create_superuser("sam@example.org", PASSWORD))
    return browser


def test_one_changes_ones_own_password_on_ones_account_page(sams: Client) -> None:
    for address in ("/admin/password_change/", "/admin/password_change/done/"):
        response = sams.get(address)
        assert (response.status_code, response.url) == (302, "/account/password/change/")
    assert 'href="/account/"' in sams.get("/admin/").text


def test_a_password_set_by_staff_is_the_one_to_sign_in_with(sams: Client, ada: User) -> None:
    adas = Client()
    sign_in(adas)
    address = f"/admin/accounts/user/{ada.pk}/password/"
    page = sams.get(address).text
    assert "They are signed out wherever they are signed in" in page
    assert "Put this right" not in page
    sams.post(address, {"password1": NEW, "password2": NEW})
    assert not is_signed_in(adas)
    assert is_signed_in(sams)
    again = Client()
    sign_in(again, NEW)
    assert is_signed_in(again)


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"password1": NEW, "password2": "something else"},
        {"password1": "12345678", "password2": "12345678"},
        {"usable_password": "false"},
        {"usable_password": "false", "unset-password": "x"},
    ],
)
def test_a_password_that_does_not_do_is_explained_and_none_is_ever_taken_away(
    sams: Client, ada: User, sent: dict[str, str]
) -> None:
    response = sams.post(f"/admin/accounts/user/{ada.pk}/password/", sent)
    assert response.status_code == 422
    assert "Put this right" in response.text
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)
