"""Where allauth asks us how to do something."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings


class AccountAdapter(DefaultAccountAdapter):
    """allauth's own behaviour, except for who mail comes from."""

    def get_from_email(self) -> str:
        return str(settings.DEFAULT_FROM_EMAIL)
