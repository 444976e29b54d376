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
    """The mail of ``template`` (``…_subject.txt``, ``….txt`` and ``….html``), ready to be sent.

    ``context`` holds ``of_the_house``. ``name`` is what this mail alone is called.
    """
    provider = context["provider"]
    mail = EmailMultiAlternatives(
        subject=" ".join(render_to_string(f"{template}_subject.txt", context).split()),
        body=render_to_string(f"{template}.txt", context).strip() + "\n",
        from_email=_sender(provider),
        to=[to],
        reply_to=[provider.email] if provider else None,
        headers={
            "Message-ID": f"<{name}@{urlsplit(settings.SITE_URL).hostname}>",
            **(headers or {}),
        },
    )
    mail.attach_alternative(render_to_string(f"{template}.html", context), "text/html")
    return mail


def _sender(provider: Provider | None) -> str:
    """The provider by name, at the address that our mail server may send from."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    # On one line, whatever the record says: a header cannot hold two.
    return formataddr((" ".join((provider.name if provider else name).split()), address))
