"""Signing in by password or by code, and out again; guessing is slowed down."""

import pytest
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.accounts.signing import PASSWORD, code_in_last_mail, is_signed_in, sign_in

ENROL = "/courses/deep-learning/intakes/2126-05/enrol/"


def test_the_right_password_lets_in(client: Client, ada: User) -> None:
    response = sign_in(client)
    assert response.status_code == 302
    assert response.url == "/account/enrolments/"
    assert is_signed_in(client)


def test_the_address_is_known_in_capitals_too(client: Client, ada: User) -> None:
    client.post("/account/login/", {"login": "ADA@EXAMPLE.ORG", "password": PASSWORD})
    assert is_signed_in(client)


@pytest.mark.parametrize("login", ["ada@example.org", "nobody@example.org"])
def test_a_wrong_password_and_an_unknown_address_look_the_same(
    client: Client, ada: User, login: str
) -> None:
    response = client.post("/account/login/", {"login": login, "password": "a wrong guess"})
    page = response.content.decode()
    assert response.status_code == 200
    assert "do not go together" in page
    assert f'value="{login}"' in page
    assert "a wrong guess" not in page
    assert not is_signed_in(client)


def test_guessing_passwords_is_stopped_even_for_the_right_one(client: Client, ada: User) -> None:
    for number in range(12):
        sign_in(client, f"guess {number}")
    sign_in(client)
    assert not is_signed_in(client)


def test_a_code_by_mail_lets_in_without_a_password(client: Client, ada: User) -> None:
    asked = client.post("/account/login/code/", {"email": "Ada@example.org"})
    assert asked.url == "/account/login/code/confirm/"
    assert mail.outbox[-1].to == ["ada@example.org"]
    client.post("/account/login/code/confirm/", {"code": code_in_last_mail()})
    assert is_signed_in(client)


def test_a_code_is_good_once(client: Client, ada: User) -> None:
    client.post("/account/login/code/", {"email": "ada@example.org"})
    code = code_in_last_mail()
    client.post("/account/login/code/confirm/", {"code": code})
    client.post("/account/logout/")
    client.post("/account/login/code/confirm/", {"code": code})
    assert not is_signed_in(client)


def test_a_code_is_good_in_the_browser_that_asked_for_it_alone(client: Client, ada: User) -> None:
    client.post("/account/login/code/", {"email": "ada@example.org"})
    other = Client()
    other.post("/account/login/code/confirm/", {"code": code_in_last_mail()})
    assert not is_signed_in(other)


def test_a_few_wrong_codes_end_the_attempt(client: Client, ada: User) -> None:
    client.post("/account/login/code/", {"email": "ada@example.org"})
    right = code_in_last_mail()
    for _ in range(4):
        client.post("/account/login/code/confirm/", {"code": "AAAAAA"})
    client.post("/account/login/code/confirm/", {"code": right})
    assert not is_signed_in(client)


def test_a_code_for_an_unknown_address_looks_the_same(client: Client, ada: User) -> None:
    known = client.post("/account/login/code/", {"email": "ada@example.org"})
    unknown = Client().post("/account/login/code/", {"email": "nobody@example.org"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)


def test_asking_for_codes_without_end_is_stopped_and_said_so(client: Client, ada: User) -> None:
    for _ in range(25):
        response = Client().post("/account/login/code/", {"email": "ada@example.org"})
    assert response.status_code == 200
    assert "too many tries" in response.content.decode()
    assert len(mail.outbox) <= 5


@pytest.mark.parametrize("how", ["password", "code"])
def test_one_comes_back_to_where_one_was_going(client: Client, ada: User, how: str) -> None:
    if how == "password":
        response = sign_in(client, next=ENROL)
    else:
        client.post("/account/login/code/", {"email": "ada@example.org", "next": ENROL})
        response = client.post(
            "/account/login/code/confirm/", {"code": code_in_last_mail(), "next": ENROL}
        )
    assert response.url == ENROL


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "http:evil.example",
        "javascript:alert(1)",
        "\thttps://evil.example/",
        "https://localhost:8000@evil.example/",
    ],
)
def test_one_is_never_led_to_another_site(client: Client, ada: User, elsewhere: str) -> None:
    assert sign_in(client, next=elsewhere).url == "/account/enrolments/"
    assert client.get("/account/login/", {"next": elsewhere}).url == "/account/enrolments/"
    assert client.post("/account/logout/", {"next": elsewhere}).url == "/"


def test_signing_out_takes_a_button_and_then_holds(client: Client, ada: User) -> None:
    client.force_login(ada, "django.contrib.auth.backends.ModelBackend")
    assert client.get("/account/logout/").status_code == 200
    assert is_signed_in(client)
    response = client.post("/account/logout/")
    assert response.url == "/"
    assert not is_signed_in(client)


def test_a_forged_form_signs_nobody_in_or_out(ada: User) -> None:
    client = Client(enforce_csrf_checks=True)
    assert sign_in(client).status_code == 403
    client.force_login(ada, "django.contrib.auth.backends.ModelBackend")
    assert client.post("/account/logout/").status_code == 403
    assert is_signed_in(client)


def test_someone_switched_off_is_not_let_in(client: Client, ada: User) -> None:
    ada.is_active = False
    ada.save()
    assert sign_in(client).url == "/account/inactive/"
    assert not is_signed_in(client)


def test_an_address_that_was_never_confirmed_does_not_let_in(client: Client, ada: User) -> None:
    ada.emailaddress_set.update(verified=False)
    assert sign_in(client).url == "/account/confirm-email/"
    assert not is_signed_in(client)


def test_a_session_gets_a_new_key_on_signing_in(client: Client, ada: User) -> None:
    client.post("/account/login/code/", {"email": "ada@example.org"})
    before = client.cookies["termtime_session"].value
    client.post("/account/login/code/confirm/", {"code": code_in_last_mail()})
    assert client.cookies["termtime_session"].value != before
