"""Which pages search engines may show, told to them in one way: the header ``X-Robots-Tag``.

https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag#xrobotstag
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# By the name of the address. A page that somebody adds is not among them until they say so.
INDEXED = frozenset(
    {
        "home",
        "course_list",
        "course_detail",
        "course_terms",
        "lesson_detail",
        "glossary_list",
        "glossary_detail",
        "glossary_map",
        "term_detail",
        "legal_page",
        "picture",
    }
)
# Asked for with one of these, they show what was asked rather than what there is.
ASKED = frozenset({"q", "at", "term"})


class IndexingMiddleware:
    """Says ``noindex`` of everything but the public pages, and of those where the site is hidden.

    A demonstration is: its courses are not there to be found (``SEARCH_ENGINES``).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # What has moved is judged where it has moved to.
        has_moved = 300 <= response.status_code < 400
        is_there = response.status_code == 200 and _is_public(request)
        if not (has_moved or is_there):
            response.headers["X-Robots-Tag"] = "noindex"
        return response


def _is_public(request: HttpRequest) -> bool:
    match = request.resolver_match
    is_page = match is not None and match.view_name in INDEXED
    return settings.SEARCH_ENGINES and is_page and ASKED.isdisjoint(request.GET)
