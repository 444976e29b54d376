"""What every page may show."""

from typing import Any

from django.conf import settings
from django.db.models import JSONField
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from courses.models import Provider
from glossary.prepared import Prepared, partial_row

# What pages say of it; what is JSON is not among it.
SAID = [
    field.attname for field in Provider._meta.concrete_fields if not isinstance(field, JSONField)
]
PROVIDER = Prepared(lambda: Provider.objects.filter(pk=1).values_list(*SAID))


def site(request: HttpRequest) -> dict[str, Any]:
    """The provider (fetched only where a page shows it), and whether this is the demonstration."""
    return {
        "provider": SimpleLazyObject(_provider),
        "demo": settings.DEMO,
        "demo_mail_url": settings.DEMO_MAIL_URL,
        "asks_about": getattr(request, "asks_about", None),
    }


def _provider() -> Provider | None:
    found = PROVIDER.first()
    return partial_row(Provider, dict(zip(SAID, found, strict=True))) if found else None
