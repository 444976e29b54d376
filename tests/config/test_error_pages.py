"""What people see when a request cannot be answered: what happened, and what to do."""

from typing import Any

from django.test import Client, RequestFactory

from accounts.models import User
from config import errors


def test_an_unknown_address_offers_to_search_and_to_sign_in(client: Client, db: None) -> None:
    page = client.get("/nothing/here/")
    assert page.status_code == 404
    text = page.content.decode()
    assert '<form class="finder" role="search"' in text
    assert '<a href="/account/login/">Sign in</a>, and follow the link again' in text


def test_an_unknown_address_says_to_whom_it_is_unknown(client: Client, db: None) -> None:
    client.force_login(User.objects.create_user("ada@example.org"))
    text = client.get("/account/enrolments/00000000-0000-0000-0000-000000000000/").content.decode()
    assert "You are signed in as ada@example.org." in text


def test_what_makes_no_sense_gets_a_page_without_the_database(
    client: Client, settings: Any
) -> None:
    page = client.get("/courses/", {"page": "\x00"})
    assert page.status_code == 400
    text = page.content.decode()
    assert "We could not read that request" in text
    assert f">{settings.SITE_HOST}</a>" in text


def test_a_fault_of_ours_gets_a_page_without_the_database() -> None:
    page = errors.server_error(RequestFactory().get("/"))
    assert page.status_code == 500
    text = page.content.decode()
    assert "Something went wrong at our end" in text
    assert 'href="/account/payments/"' in text


def test_a_form_without_its_cookie_is_sent_once_more(db: None) -> None:
    page = Client(enforce_csrf_checks=True).post("/account/login/", {"login": "ada@example.org"})
    assert page.status_code == 403
    assert "Send that form once more" in page.content.decode()


def test_whoever_tries_too_often_is_told_how_long_to_wait(
    client: Client, db: None, settings: Any
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "reset_password": "1/h/ip"}
    client.post("/account/password/reset/", {"email": "ada@example.org"})
    page = client.post("/account/password/reset/", {"email": "ada@example.org"})
    assert page.status_code == 429
    assert "Wait a few minutes" in page.content.decode()
