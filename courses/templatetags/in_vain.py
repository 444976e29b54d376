"""What people looked for in vain, on the admin's front page."""

from typing import Any

from django import template

from courses.models import SearchInVain

register = template.Library()

SHOWN = 5


@register.simple_tag
def searched_in_vain(person: Any) -> list[SearchInVain]:
    """The most frequent, for whoever may see them: one query, and none for others."""
    return list(SearchInVain.objects.select_related("glossary")[:SHOWN]) if _may(person) else []


def _may(person: Any) -> bool:
    return bool(person.has_perm("courses.view_searchinvain"))
