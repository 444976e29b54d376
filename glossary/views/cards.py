"""A term in short, for the card that opens beside a link to it."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from glossary.models import Term
from glossary.spreads import see_also
from glossary.views.public import moved_term_or_404
from glossary.views.reference import moved_to

FRESH_FOR = 300  # seconds; after that a browser asks whether it is still the same


@require_safe
@conditional_page
@cache_control(public=True, max_age=FRESH_FOR)
def card(request: HttpRequest, glossary: str, term: str) -> HttpResponse:
    """A piece of HTML, the same for everybody: two queries. 404 for what is not public."""
    terms = Term.objects.public().select_related("glossary").prefetch_related(see_also())
    found = terms.filter(glossary__slug=glossary, slug=term).first()
    if found is None:
        moved = moved_term_or_404(glossary, term)
        return moved_to(request, reverse("term_card", args=[moved.glossary.slug, moved.slug]))
    # Without the request, so that nothing that belongs to a person can get in.
    return HttpResponse(render_to_string("components/term_card.html", {"term": found}))
