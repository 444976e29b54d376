"""Turns away requests that carry a null byte where no browser puts one."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

NULL = "\x00"


class PlainRequestMiddleware:
    """400 for a null byte in the path, the query or a cookie.

    PostgreSQL stores none in a text, so looking one up is an error there, and no address, key or
    word of this site has one. What people type into forms is the forms' own affair.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        if NULL in request.path_info or NULL in query or "%00" in query:
            raise BadRequest("a null byte in the address")
        if any(NULL in value for value in request.COOKIES.values()):
            raise BadRequest("a null byte in a cookie")
        return self.get_response(request)
