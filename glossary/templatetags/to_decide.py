"""What waits for somebody's decision, on the admin's front page."""

from typing import Any, NamedTuple

from django import template
from django.db.models import QuerySet
from django.urls import reverse

from glossary.models import Draft, Import

register = template.Library()


class Waiting(NamedTuple):
    """So many things of a kind, and where they are listed."""

    words: str
    url: str


@register.simple_tag
def waiting_for(person: Any) -> list[Waiting]:
    """What ``person`` may decide on: a query for each kind, and none for what they may not."""
    found = []
    if person.has_perms(["glossary.view_draft", "glossary.review_draft"]):
        drafts = Draft.objects.filter(state=Draft.State.WAITING)
        found += _told(drafts, "draft", "for review", state=Draft.State.WAITING)
    if person.has_perms(["glossary.view_import", "glossary.change_import"]):
        imports = Import.objects.filter(state=Import.State.READY)
        found += _told(imports, "import", "for decisions", state=Import.State.READY)
    return found


def _told(rows: QuerySet[Any], noun: str, what_for: str, *, state: str) -> list[Waiting]:
    number = rows.count()
    if not number:
        return []
    words = f"{number} {noun} waits" if number == 1 else f"{number} {noun}s wait"
    address = reverse(f"admin:glossary_{noun}_changelist")
    return [Waiting(f"{words} {what_for}", f"{address}?state__exact={state}")]
