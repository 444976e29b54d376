"""Links put right in the passages that a changed term concerns, and in no others."""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Q

from glossary.linking import Linker
from glossary.models import Glossary, Passage, Term
from glossary.passages import linker_for, set_mentions
from glossary.wording import forms

# Beyond so many names, looking for each costs more than looking at every passage.
MANY_NAMES = 50


def passages_with(glossary: Glossary, names: Sequence[str] | None) -> list[int]:
    """The ids of the glossary's passages whose words contain one of ``names``; None is all."""
    passages = Passage.objects.filter(glossary=glossary).order_by("pk")
    if names is not None and len(names) <= MANY_NAMES:
        contains = Q(pk=None)
        for form in {form for name in names for form in forms(name)}:
            contains |= Q(folded__contains=form)
        passages = passages.filter(contains)
    return list(passages.values_list("pk", flat=True))


def relink(glossary: Glossary, passage_ids: Iterable[int]) -> int:
    """Link these passages anew, from their finished HTML; how many of them changed."""
    linker = linker_for(glossary)
    own = dict(Term.objects.filter(glossary=glossary).values_list("definition_id", "pk"))
    return sum(
        relink_passage(passage_id, linker, own=own.get(passage_id)) for passage_id in passage_ids
    )


@transaction.atomic
def relink_passage(passage_id: int, linker: Linker, *, own: int | None) -> bool:
    """Link one passage anew; whether that changed it. A reader sees it before or after.

    A passage deleted meanwhile is nothing to do. The text itself is not touched, so neither its
    history nor its date is.
    """
    passage = Passage.objects.select_for_update().filter(pk=passage_id).first()
    if passage is None:
        return False
    linked = linker.link(passage.html, own=own)
    set_mentions(passage, linked.term_ids)
    if linked.html == passage.linked_html:
        return False
    Passage.objects.filter(pk=passage_id).update(linked_html=linked.html)
    return True
