"""The moment a page speaks of: now, or the one that a member of staff asks about."""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.dateparse import parse_datetime

from accounts.models import User
from courses.calendar import LONDON

# Years about which something can be said; the ends of the calendar overflow when zones are applied.
EARLIEST, LATEST = 1900, 2999


class MomentRequest(HttpRequest):
    """A request as views see it once the middleware has been there."""

    at: datetime
    asks_about: datetime | None


class SignedInRequest(MomentRequest):
    """A request as views behind ``login_required`` see it."""

    user: User


class MomentMiddleware:
    """Sets ``request.at``.

    ``?at=2026-04-15T12:00`` (London time unless it names a zone) shows staff what any public page
    says at another moment. For everyone else, on anything but a read, and where the value is no
    date and time of these centuries, it is ignored. Such a page is never cached.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = _moment_asked(request)
        request.asks_about = asked  # type: ignore[attr-defined]
        request.at = asked or timezone.now()  # type: ignore[attr-defined]
        response = self.get_response(request)
        if asked:
            add_never_cache_headers(response)
        return response


def _moment_asked(request: HttpRequest) -> datetime | None:
    value = request.GET.get("at")
    if not value or request.method not in {"GET", "HEAD"} or not request.user.is_staff:
        return None
    try:
        moment = parse_datetime(value)
    except ValueError:
        return None
    if moment is None or not EARLIEST <= moment.year <= LATEST:
        return None
    return moment if timezone.is_aware(moment) else moment.replace(tzinfo=LONDON)
