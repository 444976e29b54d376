"""Where allauth asks us how to do something."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    """allauth's own behaviour, except for who mail comes from and whose password counts."""

    def get_from_email(self) -> str:
        return str(settings.DEFAULT_FROM_EMAIL)

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
