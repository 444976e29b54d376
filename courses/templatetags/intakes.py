"""The enrol panel, and what is said of an intake anywhere else."""

from typing import Any

from django import template
from django.template import RequestContext

from courses.models import Course
from courses.panels import Panel, panel_for_course, panel_for_glossary
from glossary.models import Glossary

register = template.Library()


@register.inclusion_tag("courses/panel.html", takes_context=True)
def enrol_panel(
    context: RequestContext, *, glossary: Glossary | None = None, course: Course | None = None
) -> dict[str, Any]:
    """The next intake that can be joined, or a way to be told; nothing where nothing is taught.

    At most two queries. Shows the moment of ``request.at``, which staff may ask about.
    """
    at = context["request"].at
    panel: Panel | None = None
    if course is not None:
        panel = panel_for_course(course, at=at)
    elif glossary is not None:
        panel = panel_for_glossary(glossary, at=at)
    return {
        "panel": panel,
        "names_course": course is None,
        "csrf_token": context.get("csrf_token"),
    }
