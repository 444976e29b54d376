"""Where allauth asks us how to do something."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    """allauth's own behaviour, except for what it says and whose password counts."""

    # What allauth says of forms, in sentences that say what to do.
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed. Write to us if that is a mistake."),
        "email_password_mismatch": _(
            "This email address and password do not go together. Look at both, or ask for a code."
        ),
        "email_taken": _("There is an account with this email address already. Sign in to it."),
        "enter_current_password": _("Type the password that you have now."),
        "incorrect_code": _("This is not the code. Type the newest that we have sent you."),
        "incorrect_password": _("This is not your password. Type it again."),
        "invalid_login": _("We could not sign you in. Try again."),
        "same_as_current": _("This is what it is already. Type another."),
        "too_many_login_attempts": _(
            "There were too many tries to sign in. Wait a few minutes, then try again."
        ),
        "rate_limited": _("That was a little quick. Wait a minute, then try again."),
    }

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """The ways to prove once more who one is, by the names that their own pages have."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        known = {
            "reauthenticate": gettext("Use your password"),
            "mfa_reauthenticate": gettext("Use your app or a recovery code"),
            "mfa_reauthenticate:webauthn": gettext("Use a passkey or security key"),
        }
        return [{**one, "description": known.get(one["id"], one["description"])} for one in methods]

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Drop a password that was set by somebody who never showed that the address is theirs.

        Anyone can sign up with another person's address and a password, and stop there. When that
        person first signs in, by a code sent to the address, the stranger's password must go.
        """
        methods = {record["method"] for record in get_authentication_records(request, user)}
        if "code" in methods and user.last_login is None and user.has_usable_password():
            user.set_unusable_password()
            user.save(update_fields=["password"])
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return response


class MFAAdapter(DefaultMFAAdapter):
    """What is said of second steps, in sentences that say what to do."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "add_email_blocked": _("Turn off the second step first; then you can add an address."),
        "cannot_delete_authenticator": _("Your account needs a second step, so this one stays."),
        "cannot_generate_recovery_codes": _("Set up an authenticator app or a key first."),
        "incorrect_code": _(
            "This is not the code. Your app shows a new one every half minute: "
            "type the one that stands there now."
        ),
        "unverified_email": _("Confirm your email address first; then you can add a second step."),
    }

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002 - allauth's name
        """What a new key is called as long as its owner calls it nothing."""
        known = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return gettext("Key %(number)d") % {"number": known + 1}
