"""The page of the search: whole, or as somebody types its results alone."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_htmx.middleware import HtmxDetails

from courses import finding
from courses.moment import MomentRequest
from glossary.searching import MAX_LENGTH


class SearchRequest(MomentRequest):
    """A request as views see it behind the middleware of ``django_htmx``."""

    htmx: HtmxDetails


@never_cache
@require_safe
def search(request: SearchRequest) -> HttpResponse:
    """Results for ``?q=``, grouped, or a page of one group (``?in=lessons&page=2``).

    What is looked for in vain is counted when somebody has stopped typing: the form was sent, or
    the results that found nothing stood for a while and asked with ``?settled=1``, which answers
    nothing.
    """
    typed = request.GET.get("q", "")
    only = request.GET.get("in", "")
    found = finding.search(
        typed, user=request.user, only=only, page=_number(request.GET.get("page", ""))
    )
    is_settled = not request.htmx or "settled" in request.GET
    # What staff ask about another moment is nothing that anybody misses now.
    if found.is_in_vain and is_settled and not request.asks_about:
        finding.count_in_vain(found.wanted, at=request.at)
    part = bool(request.htmx) and not request.htmx.history_restore_request
    if part and is_settled:
        return HttpResponse(status=204)
    context = {
        "found": found,
        "only": only if only in finding.HEADINGS else "",
        "q": found.wanted.text,
        "max_length": MAX_LENGTH,
        "is_settled": is_settled,
    }
    template = "courses/search_results.html" if part else "courses/search.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _number(text: str) -> int:
    """A page's number; 1 for anything else."""
    return int(text) if text.isdecimal() and len(text) < 6 else 1
