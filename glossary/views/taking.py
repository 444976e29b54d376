"""Terms to take away: a deck for Anki, and a table."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from glossary import decks
from glossary.models import Term
from glossary.practice import picture
from glossary.practice.keeping import memories_of
from glossary.views.downloads import unless_kept
from glossary.views.practice import PractiseRequest
from glossary.views.public import public_glossary_or_404
from glossary.views.reference import moved_to

APKG, CSV = "application/octet-stream", "text/csv; charset=utf-8"


@require_safe
def glossary_apkg(request: HttpRequest, glossary: str) -> HttpResponse:
    """A published glossary as an Anki deck."""
    found = public_glossary_or_404(glossary)
    if found.slug != glossary:
        return moved_to(request, reverse("glossary_apkg", args=[found.slug]))

    def made() -> HttpResponse:
        terms = decks.terms_to_take(Term.objects.public().filter(glossary=found))
        deck = decks.as_apkg(terms, title=found.title, key=f"glossary {found.pk}")
        return _file(deck, APKG, f"{found.slug}.apkg")

    return unless_kept(request, found, f"{decks.SHAPE}-apkg", made)


@never_cache
@require_safe
def own_apkg(request: PractiseRequest) -> HttpResponse:
    """The terms that somebody practises, as an Anki deck."""
    begun = memories_of(request).begun()
    terms = decks.terms_to_take(Term.objects.public().filter(pk__in=begun))
    return _file(decks.as_apkg(terms, title=_("My terms"), key="own"), APKG, "my-terms.apkg")


@never_cache
@require_safe
def own_csv(request: PractiseRequest) -> HttpResponse:
    """The same as a table, with how well each is known."""
    memories = memories_of(request)
    kept = memories.all()
    terms = decks.terms_to_take(Term.objects.public().filter(pk__in=memories.begun()))
    rows = picture.rows(picture.weakest_first(kept, at=request.at), kept, at=request.at)
    return _file(decks.as_csv(terms, rows={row.term.pk: row for row in rows}), CSV, "my-terms.csv")


def _file(content: bytes | str, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
