"""What every page may show."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from courses.models import Provider


def site(request: HttpRequest) -> dict[str, Any]:
    """The provider (fetched only where a page shows it), and whether this is the demonstration."""
    return {
        "provider": SimpleLazyObject(Provider.current),
        "demo": settings.DEMO,
        "demo_mail_url": settings.DEMO_MAIL_URL,
        "asks_about": getattr(request, "asks_about", None),
    }
