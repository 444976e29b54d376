"""Somebody else's address, signed up with by a stranger who cannot read its mail."""

import re

import pytest
from django.core import mail
from django.test import Client

ADDRESS = "dora@example.org"
STRANGERS = "a stranger's secret 7"


def sign_in(password: str) -> int:
    """Try the password from a new browser: 302 where it lets in, 200 where it does not."""
    answer = Client().post("/account/login/", {"login": ADDRESS, "password": password})
    return answer.status_code


def newest_code() -> str:
    found = re.search(r"^[A-Z0-9]{3,4}-[A-Z0-9]{3,4}$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found
    return found[0]


@pytest.mark.django_db
def test_a_password_set_before_the_owner_came_does_not_let_in() -> None:
    form = {"name": "Stranger", "email": ADDRESS, "password1": STRANGERS}
    assert Client().post("/account/signup/", form).url == "/account/confirm-email/"
    owner = Client()
    owner.post("/account/login/code/", {"email": ADDRESS})
    owner.post("/account/login/code/confirm/", {"code": newest_code()})
    assert owner.get("/account/").status_code == 200
    assert sign_in(STRANGERS) == 200


@pytest.mark.django_db
def test_a_password_outlives_later_sign_ins_by_code() -> None:
    owner = Client()
    form = {"name": "Dora", "email": ADDRESS, "password1": STRANGERS}
    owner.post("/account/signup/", form)
    owner.post("/account/confirm-email/", {"code": newest_code()})
    assert owner.get("/account/").status_code == 200
    again = Client()
    again.post("/account/login/code/", {"email": ADDRESS})
    again.post("/account/login/code/confirm/", {"code": newest_code()})
    assert again.get("/account/").status_code == 200
    assert sign_in(STRANGERS) == 302
