"""Passkeys and security keys, whatever a browser sends, or somebody who is none.

A key's answer is JSON with bytes in it. allauth hands it to a package that reads it and raises
whatever it stumbles over, and expects two kinds of exception of it. Here nothing that was sent is
more than a key that is not accepted.
"""

import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.webauthn import forms as allauths
from cryptography.exceptions import UnsupportedAlgorithm
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

# In characters: a key's answer has some hundreds, with a certificate some thousands.
LONGEST_ANSWER = 50_000
LONGEST_NAME = 100
# What reading bytes that somebody made up can raise.
UNREADABLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    RecursionError,
    TypeError,
    UnsupportedAlgorithm,
    ValueError,
    struct.error,
)


@contextmanager
def read_with_care() -> Iterator[None]:
    """Inside, what cannot be read or is not right raises ValidationError, and nothing else."""
    try:
        yield
    except UNREADABLE as error:
        raise _not_accepted() from error
    except ValidationError as error:
        # allauth calls it a code.
        if getattr(error, "code", None) == "incorrect_code":
            raise _not_accepted() from error
        raise


def _not_accepted() -> ValidationError:
    return ValidationError(
        gettext("This key was not accepted. Try it once more, or go another way."),
        code="not_accepted",
    )


class AnswerField(forms.JSONField):
    """What a key answered: an object of JSON that the database can keep."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        """The object. Raises ValidationError, whatever was sent."""
        with read_with_care():
            text = value if isinstance(value, str) else ""
            # Browsers escape what is no character of its own, which PostgreSQL does not keep.
            if len(text) > LONGEST_ANSWER or "\\u" in text:
                raise ValueError
            found = json.loads(text, parse_constant=_no_number) if text else None
            if text and not isinstance(found, dict):
                raise TypeError
        return found

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Nothing: an answer holds once, and what was refused is not sent back."""
        return None

    def prepare_value(self, value: Any) -> str:
        """The page comes without an answer; its script puts one in."""
        return ""


def _no_number(name: str) -> Any:
    """JSON has no ``NaN``; Python reads it all the same."""
    raise ValueError(name)


class _Asked(forms.Form):
    """A form with a key's answer in it, which is looked into while it is cleaned."""

    credential = AnswerField()

    def clean_credential(self) -> Any:
        with read_with_care():
            return super().clean_credential()  # type: ignore[misc]


class AuthenticateForm(_Asked, allauths.AuthenticateWebAuthnForm):
    """The second step of signing in."""


class LoginForm(_Asked, allauths.LoginWebAuthnForm):
    """Signing in with nothing but a passkey."""


class ReauthenticateForm(_Asked, allauths.ReauthenticateWebAuthnForm):
    """Somebody who is signed in proves it once more."""


class AddForm(allauths.AddWebAuthnForm):
    """A new key."""

    name = forms.CharField(label=_("Name"), required=False, max_length=LONGEST_NAME)
    credential = AnswerField()
    passwordless = forms.BooleanField(
        label=_("Let me sign in with it alone"),
        required=False,
        help_text=_(
            "That makes it a passkey: in place of your password it asks for your fingerprint, "
            "your face or its own PIN."
        ),
    )

    def clean(self) -> dict[str, Any]:
        with read_with_care():
            cleaned: dict[str, Any] = super().clean()
        return cleaned


class EditForm(allauths.EditWebAuthnForm):
    """Another name for a key."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)
