"""Closes the site for a while: ``MAINTENANCE=1`` in the environment."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from config.errors import bare_page

# What callers are asked to wait, in seconds. Stripe tries again for days by itself.
RETRY_AFTER = 300


class MaintenanceMiddleware:
    """503 for everybody, without asking the database; nothing at all where the site is open.

    That includes Stripe, which sends its events again. ``/healthz/`` alone answers 200: whoever
    distributes visitors is to send them on to the page that says what is going on.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.MAINTENANCE:
            raise MiddlewareNotUsed

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == reverse("healthz"):
            response = HttpResponse("maintenance\n", "text/plain")
        else:
            response = bare_page("503.html", status=503)
            response["Retry-After"] = str(RETRY_AFTER)
        add_never_cache_headers(response)
        return response
