"""What a person does with forms and mails to sign up and in."""

import re

from django.core import mail
from django.http import HttpResponseBase
from django.test import Client

PASSWORD = "correct horse battery"
SIGN_UP = {"name": "Grace Green", "email": "grace@example.org", "password1": PASSWORD}


def code_in_last_mail() -> str:
    """The code that stands on a line of its own."""
    found = re.search(r"^\s*([A-Z0-9]{3,5}-?[A-Z0-9]{3,5})\s*$", str(mail.outbox[-1].body), re.M)
    assert found, mail.outbox[-1].body
    return found[1]


def sign_in(client: Client, password: str = PASSWORD, **more: str) -> HttpResponseBase:
    """Send Ada's address and a password."""
    return client.post(
        "/account/login/", {"login": "ada@example.org", "password": password, **more}
    )


def is_signed_in(client: Client) -> bool:
    """Whether the person's own page opens."""
    return client.get("/account/").status_code == 200
