"""Every form says what to do about what is missing, and pages with such a form say so first."""

import pytest
from django import forms
from django.test import Client

from accounts.models import User

SUMMARY = 'role="group" aria-labelledby="error-summary-title" tabindex="-1" autofocus'


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/account/signup/", ["Enter your full name.", "Enter your email address."]),
        ("/account/signup/", ["Choose a password."]),
        ("/account/login/", ["Enter your email address.", "Enter your password."]),
        ("/account/login/code/", ["Enter your email address."]),
        ("/account/password/reset/", ["Enter your email address."]),
    ],
)
def test_what_is_missing_is_asked_for_in_a_sentence_that_leads_to_its_field(
    client: Client, db: None, path: str, said: list[str]
) -> None:
    page = client.post(path, {}).content.decode()
    for sentence in said:
        assert f">{sentence}</a></li>" in page
        assert f"<li>{sentence}</li>" in page
    assert "required." not in page
    assert SUMMARY in page
    assert "<title>Error: " in page


def test_a_page_without_errors_has_none_in_its_title(client: Client, db: None) -> None:
    page = client.get("/account/signup/").content.decode()
    assert "<title>Create an account" in page
    assert SUMMARY not in page


def test_a_password_changed_is_asked_for_field_by_field(client: Client, db: None) -> None:
    user = User.objects.create_user("ada@example.org", "a-long-pass-phrase")
    client.force_login(user)
    page = client.post("/account/password/change/", {}).content.decode()
    for sentence in ("Enter your password.", "Choose a password."):
        assert f">{sentence}</a></li>" in page
    assert "Type the new password once more." in page


class Anything(forms.Form):
    """One field of each kind, none of which says what to do by itself."""

    title = forms.CharField(max_length=3)
    agreed = forms.BooleanField(label="I have read it")
    size = forms.ChoiceField(choices=[("s", "Small")])
    kind = forms.ChoiceField(choices=[("a", "One")], widget=forms.RadioSelect)
    file = forms.FileField()
    told = forms.CharField(error_messages={"required": "Say it."})


def test_any_field_says_what_to_do_by_its_label_unless_it_says_so_itself() -> None:
    assert Anything({}).errors == {
        "title": ["Fill in “Title”."],
        "agreed": ["Tick “I have read it”."],
        "size": ["Make a choice for “Size”."],
        "kind": ["Make a choice for “Kind”."],
        "file": ["Choose a file for “File”."],
        "told": ["Say it."],
    }


def test_what_is_too_long_says_by_how_much() -> None:
    assert Anything({"title": "Fours"}).errors["title"] == [
        "Use at most 3 characters; there are 5 now."
    ]


def test_an_address_that_is_none_is_shown_how_one_looks(client: Client, db: None) -> None:
    page = client.post("/account/password/reset/", {"email": "ada"}).content.decode()
    assert "Enter an email address in full, like name@example.com." in page
