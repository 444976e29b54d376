"""How well somebody knows the terms that they practise."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from glossary.models import Term
from glossary.practice import picture
from glossary.practice.keeping import memories_of
from glossary.views.practice import PractiseRequest

TERMS_ON_A_PAGE = 50


@never_cache
@require_safe
def knowledge(request: PractiseRequest) -> HttpResponse:
    """Every term that was begun, the weakest first, and the last twelve weeks."""
    memories, at = memories_of(request), request.at
    kept = memories.all()
    public = set(Term.objects.public().filter(pk__in=memories.begun()).values_list("pk", flat=True))
    shown = {term: one for term, one in kept.items() if term in public}
    page = Paginator(picture.weakest_first(shown, at=at), TERMS_ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    known, due, learning = picture.in_phase(shown, at=at)
    context = {
        "page": page,
        "rows": picture.rows(page.object_list, shown, at=at),
        "weeks": picture.weeks(memories, shown, at=at),
        "known": known,
        "due": due,
        "learning": learning,
    }
    return render(request, "glossary/practice_knowledge.html", context)
