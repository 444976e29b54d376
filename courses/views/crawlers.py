"""What crawlers read: robots.txt and the sitemaps. They have no session and no cookie."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from courses import sitemaps
from courses.robots import robots_txt

XML = "application/xml; charset=utf-8"
# In seconds. What came or went meanwhile is found at the next visit.
HOUR = 3600


@require_safe
@cache_control(public=True, max_age=HOUR)
def robots(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view's signature
    """What crawlers are asked to leave alone, and where the sitemaps are."""
    return HttpResponse(robots_txt(), "text/plain; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=HOUR)
def sitemap(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view's signature
    """The index of the sitemaps."""
    return HttpResponse(sitemaps.index(), XML)


@require_safe
@cache_control(public=True, max_age=HOUR)
def sitemap_pages(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view's signature
    """The sitemap of the pages that are there once."""
    return HttpResponse(sitemaps.pages(), XML)


@require_safe
@cache_control(public=True, max_age=HOUR)
def sitemap_section(request: HttpRequest, section: str, number: int) -> HttpResponse:  # noqa: ARG001
    """The sitemap of some rows of one kind."""
    known = sitemaps.SECTIONS.get(section)
    places = known.file(number) if known else []
    if not places:
        raise Http404
    return HttpResponse(sitemaps.urlset(places), XML)
