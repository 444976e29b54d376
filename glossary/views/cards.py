"""A term in short, for the card that opens beside a link to it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from glossary.models import Term
from glossary.spreads import see_also

FRESH_FOR = 300  # seconds; after that a browser asks whether it is still the same


@require_safe
@conditional_page
@cache_control(public=True, max_age=FRESH_FOR)
def card(request: HttpRequest, glossary: str, term: str) -> HttpResponse:  # noqa: ARG001 - a view's signature
    """A piece of HTML, the same for everybody: two queries. 404 for what is not public."""
    terms = Term.objects.public().select_related("glossary").prefetch_related(see_also())
    found = get_object_or_404(terms, glossary__slug=glossary, slug=term)
    # Without the request, so that nothing that belongs to a person can get in.
    return HttpResponse(render_to_string("components/term_card.html", {"term": found}))
