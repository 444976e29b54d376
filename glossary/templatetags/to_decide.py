"""What waits for somebody's decision or for more work, on the admin's front page."""

from typing import Any, NamedTuple

from django import template
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import ngettext

from glossary.models import AlternativeDefinition, Draft, Glossary, Import, Term

register = template.Library()

# So many of a kind are named; the rest is in its list.
SHOWN = 5


class Waiting(NamedTuple):
    """So many things of a kind, and where they are listed."""

    words: str
    url: str


@register.simple_tag
def waiting_for(person: Any) -> list[Waiting]:
    """What ``person`` may decide on: a query for each kind, and none for what they may not."""
    told = []
    if _may_review(person):
        drafts = Draft.objects.filter(state=Draft.State.WAITING).count()
        words = ngettext("%(n)d draft waits for review", "%(n)d drafts wait for review", drafts)
        told.append((drafts, words, "draft", f"state__exact={Draft.State.WAITING}"))
    if person.has_perms(["glossary.view_import", "glossary.change_import"]):
        imports = Import.objects.filter(state=Import.State.READY).count()
        words = ngettext(
            "%(n)d import waits for decisions", "%(n)d imports wait for decisions", imports
        )
        told.append((imports, words, "import", f"state__exact={Import.State.READY}"))
    if person.has_perm("glossary.change_alternativedefinition"):
        waits = AlternativeDefinition.Decision.WAITING
        others = AlternativeDefinition.objects.filter(decision=waits).count()
        words = ngettext(
            "%(n)d definition to choose between", "%(n)d definitions to choose between", others
        )
        told.append((others, words, "alternativedefinition", f"decision__exact={waits}"))
    return [
        Waiting(words % {"n": n}, f"{reverse(f'admin:glossary_{noun}_changelist')}?{query}")
        for n, words, noun, query in told
        if n
    ]


@register.simple_tag
def drafts_to_review(person: Any) -> list[Draft]:
    """Those that have waited longest, for whoever may review: one query."""
    if not _may_review(person):
        return []
    waiting = Draft.objects.filter(state=Draft.State.WAITING).select_related("glossary")
    return list(waiting.order_by("updated_at", "pk")[:SHOWN])


@register.simple_tag
def unfinished_glossaries(person: Any) -> QuerySet[Glossary] | list[Glossary]:
    """Those that visitors see nothing of, with the ``number`` of their terms: one query."""
    if not person.has_perm("glossary.change_glossary"):
        return []
    shown = Term.objects.filter(glossary=OuterRef("pk"), is_published=True)
    unseen = Glossary.objects.filter(Q(is_published=False) | ~Exists(shown))
    return list(unseen.annotate(number=Count("terms")).order_by("-updated_at", "pk")[:SHOWN])


def _may_review(person: Any) -> bool:
    return bool(person.has_perms(["glossary.view_draft", "glossary.review_draft"]))
