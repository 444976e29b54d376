"""Mails about accounts: made like all the others, and from the provider by name."""

from typing import Any

from django.core.mail import EmailMessage

from accounts.adapter import AccountAdapter
from courses import mailing


class MailingAccountAdapter(AccountAdapter):
    """The account adapter, with the mails of the house."""

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """The mail of ``…_subject.txt`` and ``…_message.html``; allauth sends it at once."""
        return mailing.letter(
            f"{template_prefix}_message.html",
            subject=f"{template_prefix}_subject.txt",
            to=[email] if isinstance(email, str) else email,
            context={**context, **mailing.of_the_house()},
            headers=headers or {},
        )
