"""The glossaries, a glossary, a term. What is not published answers 404, but for staff."""

from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from glossary.listing import by_letter
from glossary.models import Glossary, Passage, Term

GLOSSARIES_ON_A_PAGE = 24


@require_safe
def glossary_list(request: HttpRequest) -> HttpResponse:
    """The published glossaries, each with the number of its terms."""
    terms = Count("terms", filter=Q(terms__is_published=True))
    glossaries = Glossary.objects.filter(is_published=True).annotate(term_count=terms)
    page = Paginator(glossaries.order_by("title", "pk"), GLOSSARIES_ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    return render(request, "glossary/glossary_list.html", {"page": page})


@require_safe
def glossary_detail(request: HttpRequest, glossary: str) -> HttpResponse:
    """A glossary from A to Z, with what to take away from it."""
    found = get_object_or_404(Glossary.objects.select_related("introduction"), slug=glossary)
    if not found.is_published and not request.user.has_perm("glossary.view_glossary"):
        raise Http404
    terms = list(
        found.terms.filter(is_published=True)
        .in_order()
        .select_related("definition")
        .prefetch_related(_see_also(), "aliases")
    )
    for term in terms:
        term.glossary = found
    letters = by_letter(terms)
    context = {
        "glossary": found,
        "letters": letters,
        "initials": [letter for letter, _ in letters],
        "term_count": len(terms),
        "takeaways": found.takeaways.all(),
    }
    return render(request, "glossary/glossary_detail.html", context)


@require_safe
def term_detail(request: HttpRequest, glossary: str, term: str) -> HttpResponse:
    """A term: what it means, where it leads, where lessons use it."""
    terms = Term.objects.select_related("glossary", "definition")
    found = get_object_or_404(
        terms.prefetch_related(_see_also(), "aliases"), glossary__slug=glossary, slug=term
    )
    is_public = found.is_published and found.glossary.is_published
    if not is_public and not request.user.has_perm("glossary.view_term"):
        raise Http404
    context = {
        "term": found,
        "glossary": found.glossary,
        "is_public": is_public,
        "lessons": [passage.lesson for passage in _lessons_with(found)],
        "changed_at": max(found.updated_at, found.definition.updated_at),
    }
    return render(request, "glossary/term_detail.html", context)


def _see_also() -> Prefetch:
    """The public ones, with what their addresses need."""
    return Prefetch("see_also", Term.objects.public().select_related("glossary").in_order())


def _lessons_with(term: Term) -> list[Passage]:
    """The passages of published lessons that mention the term, in the courses' order.

    Lessons belong to another application, which knows this one; here they are only followed back
    from the passage that they show.
    """
    passages = term.mentioned_in.filter(
        lesson__is_published=True, lesson__course__is_published=True
    )
    return list(
        passages.select_related("lesson__course").order_by(
            "lesson__course__title", "lesson__position"
        )
    )
