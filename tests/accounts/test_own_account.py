"""Changing a password, an address or a name; staff's first account."""

import re
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from tests.accounts.paying import a_paid_receipt
from tests.accounts.signing import PASSWORD, code_in_last_mail, is_signed_in, sign_in

NEW = "a quite different phrase"


@pytest.fixture
def adas(client: Client, ada: User) -> Client:
    """Ada's browser, just signed in."""
    sign_in(client)
    return client


def test_a_forgotten_password_is_set_anew_by_the_link_in_the_mail(
    client: Client, ada: User
) -> None:
    client.post("/account/password/reset/", {"email": "ADA@example.org"})
    link = re.search(r"https?://\S+(/account/password/reset/key/\S+)", str(mail.outbox[-1].body))
    assert link, mail.outbox[-1].body
    form = client.get(link[1])
    assert form.status_code == 302, "the key moves out of the address"
    done = client.post(form.url, {"password1": NEW, "password2": NEW})
    assert done.status_code == 302
    fresh = Client()
    sign_in(fresh)
    assert not is_signed_in(fresh)
    sign_in(fresh, NEW)
    assert is_signed_in(fresh)
    assert "password" in mail.outbox[-1].subject.lower()


def test_the_link_is_good_once(client: Client, ada: User) -> None:
    client.post("/account/password/reset/", {"email": "ada@example.org"})
    link = re.search(r"(/account/password/reset/key/\S+)", str(mail.outbox[-1].body))
    assert link
    client.post(client.get(link[1]).url, {"password1": NEW, "password2": NEW})
    again = Client().get(link[1], follow=True)
    assert 'name="password1"' not in again.content.decode()


def test_asking_for_a_new_password_tells_nobody_who_has_an_account(
    client: Client, ada: User
) -> None:
    known = client.post("/account/password/reset/", {"email": "ada@example.org"})
    unknown = Client().post("/account/password/reset/", {"email": "nobody@example.org"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)


def test_a_password_is_changed_by_who_knows_the_old_one(adas: Client, ada: User) -> None:
    wrong = {"oldpassword": "a wrong guess", "password1": NEW, "password2": NEW}
    assert adas.post("/account/password/change/", wrong).status_code == 200
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)
    adas.post("/account/password/change/", {**wrong, "oldpassword": PASSWORD})
    ada.refresh_from_db()
    assert ada.check_password(NEW)
    assert is_signed_in(adas)


def test_changing_the_password_signs_other_browsers_out(adas: Client, ada: User) -> None:
    other = Client()
    sign_in(other)
    new = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    adas.post("/account/password/change/", new)
    assert not is_signed_in(other)


def test_a_new_address_counts_once_its_code_came_back(adas: Client, ada: User) -> None:
    adas.post("/account/email/", {"email": "ada@new.example", "action_add": ""})
    ada.refresh_from_db()
    assert ada.email == "ada@example.org"
    assert mail.outbox[-1].to == ["ada@new.example"]
    adas.post("/account/confirm-email/", {"code": code_in_last_mail()})
    ada.refresh_from_db()
    assert ada.email == "ada@new.example"
    told = [one for one in mail.outbox if one.to == ["ada@example.org"]]
    assert told, "the old address is told"


def test_an_address_of_somebody_else_is_not_taken_over(adas: Client, ada: User) -> None:
    User.objects.create_user("bob@example.org", PASSWORD)
    adas.post("/account/email/", {"email": "BOB@example.org", "action_add": ""})
    ada.refresh_from_db()
    assert ada.email == "ada@example.org"
    assert User.objects.get(email="bob@example.org").pk != ada.pk


def test_a_name_is_changed_and_stands_on_receipts_from_then_on(adas: Client, ada: User) -> None:
    before = a_paid_receipt(ada)
    assert "Ada Adams" in adas.get(before).content.decode()
    done = adas.post("/account/", {"name": "Ada <b>Adams</b>-Brown"}, follow=True)
    assert "Your name has been changed" in done.content.decode()
    assert "Ada Adams" in adas.get(before).content.decode()
    ada.refresh_from_db()
    receipt = adas.get(a_paid_receipt(ada)).content.decode()
    assert "Ada &lt;b&gt;Adams&lt;/b&gt;-Brown" in receipt


def test_the_form_changes_a_name_and_nothing_else(adas: Client, ada: User) -> None:
    sent = {"name": "Ada", "email": "x@example.org", "is_staff": "on", "is_superuser": "on"}
    adas.post("/account/", sent)
    ada.refresh_from_db()
    assert (ada.name, ada.email) == ("Ada", "ada@example.org")
    assert not ada.is_staff
    assert not ada.is_superuser


def test_the_command_makes_staffs_first_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    said = StringIO()
    call_command("createsuperuser", email="Sam@Example.org", interactive=False, stdout=said)
    sam = User.objects.get(email="sam@example.org")
    assert sam.is_staff
    assert sam.is_superuser
    assert sam.check_password(PASSWORD)
    with pytest.raises(CommandError):
        call_command("createsuperuser", email="sam@example.org", interactive=False, stdout=said)


def test_an_account_made_by_the_command_can_sign_in_to_the_admin(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", email="sam@example.org", interactive=False, verbosity=0)
    client.post("/account/login/?next=/admin/", {"login": "sam@example.org", "password": PASSWORD})
    if not is_signed_in(client):
        client.post("/account/confirm-email/", {"code": code_in_last_mail()})
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    ("name", "called"),
    [("Ada Adams", "Ada"), ("Ada", "Ada"), ("  ", ""), ("", ""), (" Ada Adams", "Ada")],
)
def test_what_a_person_is_called(name: str, called: str) -> None:
    assert User(email="ada@example.org", name=name).get_short_name() == called
