"""Links put right in the passages that a changed term concerns, and in no others."""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Q

from glossary.models import Glossary, Passage
from glossary.passages import linker_for, own_term_id, set_mentions
from glossary.wording import forms

# Beyond so many names, looking for each costs more than looking at every passage.
MANY_NAMES = 50


def passages_with(glossary: Glossary, names: Sequence[str] | None) -> list[int]:
    """The ids of the glossary's passages whose words contain one of ``names``; None is all."""
    passages = Passage.objects.filter(glossaries=glossary).order_by("pk")
    if names is not None and len(names) <= MANY_NAMES:
        contains = Q(pk=None)
        for form in {form for name in names for form in forms(name)}:
            contains |= Q(folded__contains=form)
        passages = passages.filter(contains)
    return list(passages.values_list("pk", flat=True))


def relink(passage_ids: Iterable[int]) -> int:
    """Link these passages anew, from their finished HTML; how many of them changed."""
    return sum(relink_passage(passage_id) for passage_id in passage_ids)


@transaction.atomic
def relink_passage(passage_id: int) -> bool:
    """Link one passage anew; whether that changed it. A reader sees it before or after.

    A passage deleted meanwhile is nothing to do. The text itself is not touched, so neither its
    history nor its date is.
    """
    glossaries = Glossary.objects.filter(passages=passage_id).order_by("passage_places__position")
    linker = linker_for(glossaries, is_locking=True)
    passage = Passage.objects.select_for_update().filter(pk=passage_id).first()
    if passage is None:
        return False
    linked = linker.link(passage.html, own=own_term_id(passage))
    set_mentions(passage, linked.term_ids)
    if linked.html == passage.linked_html:
        return False
    Passage.objects.filter(pk=passage_id).update(linked_html=linked.html)
    return True
