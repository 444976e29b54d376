"""How the site's own mail is made: from the provider, as text and as HTML, told apart by its name.

A mail is sent at least once; its Message-ID is made from what it is about, so that a mail server
that gets it twice can tell.
"""

from email.utils import formataddr, parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from courses.mail_text import plain_text
from courses.models import Provider


def of_the_house() -> dict[str, Any]:
    """What every mail's templates are told."""
    return {"provider": Provider.current(), "site_url": settings.SITE_URL}


def message(
    template: str,
    *,
    to: str,
    name: str,
    context: dict[str, Any],
    headers: dict[str, str] | None = None,
) -> EmailMultiAlternatives:
    """The mail of ``template`` (``…_subject.txt`` and ``….html``), ready to be sent.

    ``context`` holds ``of_the_house``. ``name`` is what this mail alone is called.
    """
    named = {"Message-ID": f"<{name}@{urlsplit(settings.SITE_URL).hostname}>"}
    page, subject = f"{template}.html", f"{template}_subject.txt"
    return letter(page, subject=subject, to=[to], context=context, headers=named | (headers or {}))


def letter(
    page: str, *, subject: str, to: list[str], context: dict[str, Any], headers: dict[str, str]
) -> EmailMultiAlternatives:
    """A mail of two templates, from the provider; its plain text is that of its HTML."""
    provider = context["provider"]
    line = " ".join(render_to_string(subject, context).split())
    html = render_to_string(page, {**context, "subject": line})
    mail = EmailMultiAlternatives(
        subject=line,
        body=plain_text(html),
        from_email=sender(provider),
        to=to,
        reply_to=[provider.email] if provider else None,
        headers=headers,
    )
    mail.attach_alternative(html, "text/html")
    return mail


def sender(provider: Provider | None) -> str:
    """The provider by name, at the address that our mail server may send from."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    # On one line, whatever the record says: a header cannot hold two.
    return formataddr((" ".join((provider.name if provider else name).split()), address))
