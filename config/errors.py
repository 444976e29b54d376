"""Pages for when a request cannot be answered, made without the database or anything of a visitor.

They say what the site is called by its host: the provider's name is in the database.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """400: what was sent made no sense."""
    return bare_page("400.html", status=400)


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a handler's signature
    """500: something broke here."""
    return bare_page("500.html", status=500)


def bare_page(template: str, *, status: int) -> HttpResponse:
    """The page of ``template`` with nothing in it that could break again."""
    return HttpResponse(render_to_string(template, {"host": settings.SITE_HOST}), status=status)
