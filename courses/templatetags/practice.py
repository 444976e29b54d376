"""What is due today, on pages that are about something else."""

from typing import Any

from django import template
from django.template import RequestContext

from courses.practising import due_today

register = template.Library()


@register.inclusion_tag("courses/due_today.html", takes_context=True)
def terms_due(context: RequestContext) -> dict[str, Any]:
    """How many terms wait for whoever is signed in: one query."""
    request = context["request"]
    return {"due": due_today(request.user, at=request.at)}
