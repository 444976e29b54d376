"""Making an account: the address is confirmed by a code, and belongs to one person."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from tests.accounts.signing import PASSWORD, SIGN_UP, code_in_last_mail, is_signed_in


def test_signing_up_asks_for_the_code_in_the_mail_and_then_lets_in(client: Client) -> None:
    sent = client.post("/account/signup/", SIGN_UP)
    assert sent.status_code == 302
    assert sent.url == "/account/confirm-email/"
    assert not is_signed_in(client)
    assert [one.to for one in mail.outbox] == [["grace@example.org"]]
    confirmed = client.post("/account/confirm-email/", {"code": code_in_last_mail()})
    assert confirmed.status_code == 302
    assert confirmed.url == "/account/enrolments/"
    assert is_signed_in(client)
    user = User.objects.get(email="grace@example.org")
    assert user.name == "Grace Green"
    assert not user.is_staff
    assert EmailAddress.objects.get(user=user).verified


def test_whoever_started_from_enrol_comes_back_to_that_intake(client: Client) -> None:
    enrol = "/courses/deep-learning/intakes/2126-05/enrol/"
    page = client.get(f"/account/login/?next={enrol}").content.decode()
    assert f"/account/signup/?next={enrol.replace('/', '%2F')}" in page
    client.post("/account/signup/", {**SIGN_UP, "next": enrol})
    done = client.post("/account/confirm-email/", {"code": code_in_last_mail()})
    assert done.url == enrol


def test_a_wrong_code_does_not_confirm_and_a_few_end_it(client: Client) -> None:
    client.post("/account/signup/", SIGN_UP)
    right = code_in_last_mail()
    first = client.post("/account/confirm-email/", {"code": "AAAAAA"})
    assert first.status_code == 200
    assert not is_signed_in(client)
    for _ in range(5):
        client.post("/account/confirm-email/", {"code": "AAAAAA"})
    client.post("/account/confirm-email/", {"code": right})
    assert not is_signed_in(client)
    assert not EmailAddress.objects.get(email="grace@example.org").verified


@pytest.mark.parametrize("email", ["ada@example.org", "ADA@Example.ORG"])
def test_signing_up_twice_tells_the_owner_and_nobody_else(
    client: Client, ada: User, email: str
) -> None:
    known = client.post("/account/signup/", {**SIGN_UP, "email": email})
    unknown = Client().post("/account/signup/", SIGN_UP)
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert User.objects.filter(email__iexact="ada@example.org").count() == 1
    told = [one for one in mail.outbox if one.to[0].lower() == "ada@example.org"]
    assert len(told) == 1
    assert "already" in str(told[0].body)


def test_the_database_refuses_an_address_that_differs_only_in_case(ada: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([User(email="ADA@example.org")])
    assert User.objects.count() == 1


def test_an_address_is_kept_in_lower_case() -> None:
    user = User.objects.create_user(" Grace@Example.ORG ", PASSWORD)
    assert user.email == "grace@example.org"


def test_a_user_needs_an_address() -> None:
    with pytest.raises(ValueError):
        User.objects.create_user("", PASSWORD)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 201),
        ("name", "nu\x00ll"),
        ("email", "nobody"),
        ("email", ""),
        ("password1", "short"),
        ("password1", "password123"),
        ("password1", "grace@example.org"),
    ],
)
def test_what_is_wrong_with_the_form_is_said_and_the_rest_kept(
    client: Client, field: str, value: str
) -> None:
    response = client.post("/account/signup/", {**SIGN_UP, field: value})
    page = response.content.decode()
    assert response.status_code == 200
    assert f'id="id_{field}_error"' in page
    for kept in {"name", "email"} - {field}:
        assert f'value="{SIGN_UP[kept]}"' in page
    assert not User.objects.exists()
    assert mail.outbox == []


def test_strangers_who_sign_up_without_end_are_asked_to_wait(client: Client) -> None:
    answers = [
        Client().post("/account/signup/", {**SIGN_UP, "email": f"g{n}@example.org"})
        for n in range(25)
    ]
    assert answers[0].status_code == 302
    assert answers[-1].status_code == 429
    assert "<h1" in answers[-1].content.decode()


def test_mails_about_accounts_come_from_the_provider_by_name(client: Client) -> None:
    client.post("/account/signup/", SIGN_UP)
    letter = mail.outbox[-1]
    assert letter.from_email.startswith("Example College <")
    assert letter.subject.endswith(" is your code for Example College")
    assert str(letter.body).startswith("Hello Grace,\n\nThis is the code")
    assert "Example College\n--\n" in str(letter.body)
    assert "Termtime" not in str(letter.body) + letter.subject
