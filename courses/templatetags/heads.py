"""The head of each public page, and what pages say in JSON-LD."""

from collections.abc import Callable, Iterable
from typing import Any

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.template import RequestContext
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

from courses import heads, json_ld
from courses.models import Course, CourseQuestion
from courses.panels import Offered
from courses.sharing import picture_of

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
    row = head.shown or provider
    return {
        "head": head,
        "title": head.title_at(provider),
        "provider": provider,
        "locale": to_locale(get_language() or settings.LANGUAGE_CODE),
        "picture": picture_of(row, provider=provider) if row else None,
    }


@register.simple_tag(takes_context=True)
def home_json_ld(context: RequestContext) -> SafeString:
    """The provider and its site."""
    return json_ld.home_block(context.get("provider") or None)


@register.simple_tag(takes_context=True)
def course_json_ld(
    context: RequestContext, course: Course, intakes: Iterable[Offered]
) -> SafeString:
    """A course with the intakes that its page shows."""
    return json_ld.course_block(course, intakes, provider=context.get("provider") or None)


@register.simple_tag
def questions_json_ld(course: Course, questions: Iterable[CourseQuestion]) -> SafeString:
    """The questions about a course that its page answers."""
    return json_ld.questions_block(course, questions)


@register.simple_tag
def course_list_json_ld(page: "Page[Course]") -> SafeString:
    """The courses on a page of the catalogue."""
    return json_ld.course_list_block(page)


@register.simple_tag
def breadcrumbs_json_ld(*steps: str, here: str) -> SafeString:
    """The same breadcrumbs as the page shows: address and name by turns, as far as there are."""
    pairs = zip(steps[::2], steps[1::2], strict=True)
    return json_ld.breadcrumbs_block([pair for pair in pairs if pair[1]], here)


@register.simple_tag
def feed_link(course: Course | None = None) -> SafeString:
    """Where feed readers find the new intakes, of all courses or of one."""
    title, path = _("New intakes"), reverse("intakes_feed")
    if course:
        title = _("New intakes of %(course)s") % {"course": course.title}
        path = reverse("course_intakes_feed", args=[course.slug])
    link = '<link rel="alternate" type="application/rss+xml" title="{}" href="{}">'
    return format_html(link, title, path)
