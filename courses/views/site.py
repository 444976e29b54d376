"""Pages that belong to the site as a whole."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, render
from django.templatetags.static import static
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from courses.models import LegalPage


@require_safe
def legal_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Terms, privacy, cancellation, accessibility."""
    page = get_object_or_404(LegalPage, slug=slug)
    return render(request, "courses/legal_page.html", {"page": page})


@require_safe
@cache_control(public=True, max_age=24 * 3600)
def favicon(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view's signature
    """The way to the icon, for what reads no page before it asks for one."""
    return HttpResponsePermanentRedirect(static("img/favicon.ico"))


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view's signature
    """200 where the database answers, 503 where it does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("The database does not answer.\n", "text/plain", status=503)
    return HttpResponse("ok\n", "text/plain")
