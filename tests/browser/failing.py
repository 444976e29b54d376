"""The site's addresses, and such at which it fails in each way that it has a page for."""

from typing import NoReturn

from allauth.core.internal.ratelimit import respond_429
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.views.csrf import csrf_failure

from config import urls
from config.errors import bare_page

__all__ = ["handler400", "handler500", "urlpatterns"]

ERRORS = {400: BadRequest, 403: PermissionDenied, 404: Http404, 500: RuntimeError}


def fail(request: HttpRequest, status: int) -> NoReturn:
    """As a view does that cannot answer."""
    raise ERRORS[status]("as asked for by a test")


def too_often(request: HttpRequest) -> HttpResponse:
    """As allauth answers who tries too often."""
    answer: HttpResponse = respond_429(request)
    return answer


def closed(request: HttpRequest) -> HttpResponse:
    """As ``config.maintenance`` answers everybody."""
    return bare_page("503.html", status=503)


handler400, handler500 = urls.handler400, urls.handler500
urlpatterns = [
    *urls.urlpatterns,
    path("fails/429/", too_often),
    path("fails/503/", closed),
    path("fails/cookie/", csrf_failure),
    path("fails/<int:status>/", fail),
]
