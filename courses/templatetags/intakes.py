"""The enrol panel, and what is said of an intake anywhere else."""

from functools import partial

from django import template
from django.template import RequestContext
from django.utils.safestring import SafeString, mark_safe

from courses.kept_pages import Hole, panel_html
from courses.models import Course
from courses.panels import panel_for_course, panel_for_glossary
from glossary.models import Glossary

register = template.Library()


@register.simple_tag(takes_context=True)
def enrol_panel(
    context: RequestContext, *, glossary: Glossary | None = None, course: Course | None = None
) -> SafeString:
    """The next intake that can be joined, or a way to be told; nothing where nothing is taught.

    At most two queries. Shows the moment of ``request.at``, which staff may ask about. In a page
    that is kept it leaves a hole.
    """
    request = context["request"]
    if course is not None:
        hole = Hole(partial(panel_for_course, course), names_course=False)
    elif glossary is not None:
        hole = Hole(partial(panel_for_glossary, glossary), names_course=True)
    else:
        return SafeString()
    if holes := getattr(request, "holes", None):
        return mark_safe(holes.leave(hole))  # noqa: S308 - a mark of our own
    return panel_html(hole.find(at=request.at), hole, context.get("csrf_token"))
