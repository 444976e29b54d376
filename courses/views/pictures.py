"""The pictures that stand beside links to pages."""

from allauth.core.ratelimit import consume_or_429
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from courses import sharing
from courses.drawing import png
from glossary.kept import Kept

# In bytes, for each process: some hundred pictures.
KEPT = Kept(4 * 2**20)
HOUR, YEAR = 3600, 365 * 24 * 3600


@require_safe
def picture(request: HttpRequest, kind: str, key: int, digest: str) -> HttpResponse:
    """The picture; from an address that it had before, the way to where it is now."""
    found = sharing.find(kind, key)
    if found is None:
        raise Http404
    if digest != found.digest:
        moved = HttpResponseRedirect(found.path)
        patch_cache_control(moved, public=True, max_age=HOUR)
        return moved
    response = get_conditional_response(request, etag=f'"{digest}"') or _made(request, found)
    if response.status_code < 400:
        response.headers["ETag"] = f'"{digest}"'
        patch_cache_control(response, public=True, max_age=YEAR, immutable=True)
    return response


def _made(request: HttpRequest, found: sharing.Picture) -> HttpResponse:
    """The picture, drawn where this process has not kept it, so often and no oftener."""
    file: bytes | None = KEPT.get(found.digest)
    if file is None:
        # Drawing is the dearest thing that somebody who only reads can ask for.
        if too_many := consume_or_429(request, action="draw_picture", limit_get=True):
            return too_many
        file = png(found.leaf)
        KEPT.put(found.digest, file, size=len(file))
    return HttpResponse(file, "image/png")
