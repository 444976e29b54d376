"""The glossaries, a glossary, a term. What is not published answers 404, but for staff."""

from typing import Any

from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import Count, OuterRef, Q
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404, render
from django.utils.cache import add_never_cache_headers, patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from glossary import json_ld, listing
from glossary.addresses import find_moved_glossary, find_moved_term
from glossary.looking_up import in_vain, look_up
from glossary.models import Glossary, Passage, Term, Version
from glossary.searching import MAX_LENGTH
from glossary.spreads import see_also, spread_of

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
    """A glossary from A to Z, with what to take away from it; with ``?q=`` what is looked up."""
    found = Glossary.objects.select_related("introduction").filter(slug=glossary).first()
    if found is None:
        moved = visible_or_404(request, find_moved_glossary(glossary))
        return moved_to(request, moved.get_absolute_url())
    visible_or_404(request, found)
    order = listing.order_of(found)
    if slug := request.GET.get("term"):
        return _to_place_of(slug, found, order)
    context = {"glossary": found, "count": len(order.keys), "max_length": MAX_LENGTH}
    if "q" in request.GET:
        return _looked_up(request, order, context)
    return render(
        request, "glossary/glossary_detail.html", context | _page_of(request, order, found)
    )


def _page_of(request: HttpRequest, order: listing.Order, glossary: Glossary) -> dict[str, Any]:
    """What a page of a glossary's terms shows. 404 where there is no such page."""
    page = _page_or_404(request, order)
    return {
        "page": page,
        "rail": order.rail(page),
        "spread": spread_of(glossary, page),
        "takeaways": glossary.takeaways.all(),
    }


def _looked_up(request: HttpRequest, order: listing.Order, context: dict[str, Any]) -> HttpResponse:
    """What is found for ``?q=`` as a page, or for htmx that part alone; never kept anywhere.

    An empty field means the glossary itself. What is not there is told when somebody has stopped
    typing: the form was sent, or that part stood for a while and asked with ``?settled=1``, which
    answers nothing.
    """
    glossary = context["glossary"]
    looked_up = look_up(request.GET["q"], glossary)
    headers = request.headers
    is_part = "HX-Request" in headers and "HX-History-Restore-Request" not in headers
    is_settled = not is_part or "settled" in request.GET
    if looked_up.is_in_vain and is_settled:
        in_vain.send(Glossary, request=request, wanted=looked_up.wanted, glossary=glossary)
    if is_part and is_settled:
        return HttpResponse(status=204)
    if looked_up.wanted.key:
        context |= {"looked_up": looked_up, "rail": order.rail(None), "is_settled": is_settled}
    elif is_part:
        context |= _page_of(request, order, glossary)
    else:
        return HttpResponseRedirect(glossary.get_absolute_url())
    name = "glossary/terms_part.html" if is_part else "glossary/glossary_detail.html"
    response = render(request, name, context)
    patch_vary_headers(response, ["HX-Request"])
    add_never_cache_headers(response)
    if not looked_up.wanted.key:
        response["HX-Replace-Url"] = glossary.get_absolute_url()
    return response


def _page_or_404(request: HttpRequest, order: listing.Order) -> "Page[int]":
    try:
        return order.pages.page(request.GET.get("page", 1))
    except InvalidPage as error:
        raise Http404 from error


def _to_place_of(slug: str, glossary: Glossary, order: listing.Order) -> HttpResponse:
    """The way to where a term stands in its glossary, on whichever page that is."""
    term = get_object_or_404(glossary.terms.filter(is_published=True), slug=slug)
    number = order.page_with(term.pk)
    page = f"?page={number}" if number > 1 else ""
    return HttpResponseRedirect(f"{glossary.get_absolute_url()}{page}#term-{term.slug}")


@require_safe
def term_detail(request: HttpRequest, glossary: str, term: str) -> HttpResponse:
    """A term: what it means, where it leads, where lessons use it."""
    last = Version.objects.filter(term=OuterRef("pk")).order_by("-number").values("at")[:1]
    terms = Term.objects.select_related("glossary", "definition").annotate(changed_at=last)
    shown = terms.prefetch_related(see_also(), "aliases")
    found = shown.filter(glossary__slug=glossary, slug=term).first()
    if found is None:
        moved = _visible_term_or_404(request, find_moved_term(glossary, term))
        return moved_to(request, moved.get_absolute_url())
    _visible_term_or_404(request, found)
    before, after = _beside(found)
    context = {
        "term": found,
        "glossary": found.glossary,
        "before": before,
        "after": after,
        "is_public": found.is_public,
        "lessons": [passage.lesson for passage in _lessons_with(found)],
        "changed_at": found.changed_at,
        "json_ld": json_ld.term_block(found, aliases=[each.name for each in found.aliases.all()]),
    }
    return render(request, "glossary/term_detail.html", context)


def _beside(term: Term) -> tuple[Term | None, Term | None]:
    """The terms before and after it in its glossary, as their links need them: one query."""
    before, after = listing.order_of(term.glossary).beside(term.pk)
    rows = Term.objects.filter(pk__in=[before, after]).select_related("glossary")
    found: dict[int | None, Term] = {
        row.pk: row for row in rows.only("name", "slug", "glossary__slug")
    }
    return found.get(before), found.get(after)


def visible_or_404(request: HttpRequest, glossary: Glossary | None) -> Glossary:
    """The glossary, where there is one that this person may see."""
    if glossary is None:
        raise Http404
    if not glossary.is_published and not request.user.has_perm("glossary.view_glossary"):
        raise Http404
    return glossary


def moved_to(request: HttpRequest, address: str, query: str | None = None) -> HttpResponse:
    """A lasting redirect that keeps the query, or has another ``query``.

    Remembered for an hour only: a new glossary or term may take the former address.
    """
    query = request.META.get("QUERY_STRING") if query is None else query
    response = HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)
    patch_cache_control(response, max_age=3600)
    return response


def _visible_term_or_404(request: HttpRequest, term: Term | None) -> Term:
    if term is None:
        raise Http404
    if not term.is_public and not request.user.has_perm("glossary.view_term"):
        raise Http404
    return term


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
