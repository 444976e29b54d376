"""Mails about accounts: made like all the others, and from the provider by name."""

from typing import Any

from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from accounts.adapter import AccountAdapter
from accounts.models import User
from courses import mailing

# What a browser says of itself, by the word that no other says, or none that stands before it: all
# of them name older ones besides (MDN, "Browser detection using the user agent").
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "Chrome/": "Chrome",
    "CriOS/": "Chrome",
    "Safari/": "Safari",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


def browser_of(user_agent: str) -> str:
    """``Firefox on Linux``, as its owner calls it; empty where it is none that we know."""
    browser = next((name for word, name in BROWSERS.items() if word in user_agent), "")
    system = next((name for word, name in SYSTEMS.items() if word in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system


class MailingAccountAdapter(AccountAdapter):
    """The account adapter, with the mails of the house."""

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """What happened to an account; the mail greets its person by name."""
        browser = browser_of(self.get_http_user_agent(self.request))
        known = {**(context or {}), "user": user, "browser": browser}
        super().send_notification_mail(template_prefix, user, context=known, email=email)

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
