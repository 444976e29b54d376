"""Glossaries to take away. Whoever has the latest is told so without any of it being read."""

from collections.abc import Callable
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from glossary import downloads
from glossary.addresses import find_moved_glossary
from glossary.exporting import Format, export
from glossary.models import Glossary
from glossary.views.reference import moved_to, visible_or_404

# A date says seconds: within one, a second change would look like the first.
SETTLED = timedelta(seconds=2)


@require_safe
def glossary_json(request: HttpRequest, glossary: str) -> HttpResponse:
    """The public terms as JSON."""
    return _download(request, glossary, Format.JSON, "application/json")


@require_safe
def glossary_csv(request: HttpRequest, glossary: str) -> HttpResponse:
    """The public terms as CSV."""
    return _download(request, glossary, Format.CSV, "text/csv; charset=utf-8")


def _download(request: HttpRequest, slug: str, kind: Format, media_type: str) -> HttpResponse:
    found = Glossary.objects.filter(slug=slug).first()
    if found is None:
        moved = visible_or_404(request, find_moved_glossary(slug))
        return moved_to(request, reverse(f"glossary_{kind}", args=[moved.slug]))
    visible_or_404(request, found)

    def made() -> HttpResponse:
        body = export(downloads.public_content(found), kind)
        name = {"Content-Disposition": f'inline; filename="{found.slug}.{kind}"'}
        return HttpResponse(body, media_type, headers=name)

    return unless_kept(request, found, f"{downloads.SHAPE}-{kind}", made)


def unless_kept(
    request: HttpRequest, found: Glossary, form: str, made: Callable[[], HttpResponse]
) -> HttpResponse:
    """What is ``made`` of a glossary's public terms, or 304 where the asker has the latest.

    ``form`` tells this from whatever else is made of them, and from what was made otherwise.
    """
    etag = f'"{found.pk}-{found.revision}-{form}"'
    changed_at = found.changed_at
    is_settled = timezone.now() - changed_at > SETTLED
    modified = int(changed_at.timestamp()) if is_settled else None
    unchanged = get_conditional_response(request, etag=etag, last_modified=modified)
    response = unchanged or made()
    response.headers.setdefault("ETag", etag)
    if modified is not None:
        response.headers.setdefault("Last-Modified", http_date(modified))
    # Kept, but asked about each time: that costs one look at the glossary's row.
    patch_cache_control(
        response, no_cache=True, **({} if found.is_published else {"private": True})
    )
    return response
