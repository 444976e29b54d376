"""The head of each public page, and where its breadcrumbs lead."""

from collections.abc import Callable
from typing import Any

from django import template
from django.template import RequestContext

from courses import heads

register = template.Library()

# By the name of a page's address.
HEADS: dict[str, Callable[..., heads.Head]] = {
    "home": heads.of_home,
    "course_list": heads.of_course_list,
    "course_detail": heads.of_course,
    "course_terms": heads.of_course_terms,
    "lesson_detail": heads.of_lesson,
    "glossary_list": heads.of_glossary_list,
    "glossary_detail": heads.of_glossary,
    "glossary_map": heads.of_map,
    "term_detail": heads.of_term,
    "legal_page": heads.of_legal_page,
}


@register.inclusion_tag("components/head.html", takes_context=True)
def head_of(context: RequestContext, name: str, *shown: Any, **facts: Any) -> dict[str, Any]:
    """Title, description, canonical address and card of a public page.

    ``name`` is that of its address; what it shows follows. Pages without this tag are not for
    search engines (``courses.indexing``).
    """
    provider = context.get("provider") or None
    head = HEADS[name](*shown, **facts)
    return {"head": head, "title": head.title_at(provider), "provider": provider}
