"""Links put right in the passages that a changed term concerns, and in no others."""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import F, Q, QuerySet

from glossary.models import Glossary, Mention, Passage, PassageGlossary, Term
from glossary.passages import linker_of
from glossary.wording import forms

# Beyond so many names, looking for each costs more than looking at every passage.
MANY_NAMES = 50
# Passages linked in one transaction.
AT_ONCE = 100


def passages_with(glossary: Glossary, names: Sequence[str] | None) -> list[int]:
    """The ids of the glossary's passages whose words contain one of ``names``; None is all."""
    return list(concerned(glossary, names).values_list("pk", flat=True))


def concerned(glossary: Glossary, names: Sequence[str] | None) -> QuerySet[Passage]:
    """The same as a query, which finds three characters or more by an index."""
    passages = Passage.objects.filter(glossaries=glossary).order_by("pk")
    if names is None or len(names) > MANY_NAMES:
        return passages
    wanted = shortest({form for name in names for form in forms(name)})
    if not wanted:
        return passages.none()
    contains = (Q(folded__contains=form) for form in wanted)
    return passages.filter(reduce(or_, contains))


def shortest(wanted: Iterable[str]) -> list[str]:
    """Those of ``wanted`` that contain no other of them: who has another has one of these."""
    found: list[str] = []
    for form in sorted(wanted, key=len):
        if not any(other in form for other in found):
            found.append(form)
    return found


def relink(passage_ids: Iterable[int]) -> int:
    """Link these passages anew, from their finished HTML; how many of them changed.

    A hundred at a time, each hundred as one: a reader sees each text as it was before or as it is
    after. Passages deleted meanwhile are nothing to do. The texts themselves are not touched, so
    neither their histories nor their dates are.
    """
    wanted = sorted(set(passage_ids))
    parts = (wanted[start : start + AT_ONCE] for start in range(0, len(wanted), AT_ONCE))
    return sum(_relink_some(part) for part in parts)


@transaction.atomic
def _relink_some(passage_ids: Sequence[int]) -> int:
    """At most nine queries, however many they are."""
    glossaries = _hold_glossaries(passage_ids)
    passages = Passage.objects.select_for_update().filter(pk__in=passage_ids).order_by("pk")
    chosen = _chosen_glossaries(passage_ids)
    own = dict(Term.objects.filter(definition__in=passage_ids).values_list("definition", "pk"))
    changed: list[Passage] = []
    mentioned: set[tuple[int, int]] = set()
    for passage in passages:
        wanted = [glossaries[key] for key in chosen.get(passage.pk, ()) if key in glossaries]
        linked = linker_of(wanted).link(passage.html, own=own.get(passage.pk))
        mentioned |= {(passage.pk, term_id) for term_id in linked.term_ids}
        if linked.html != passage.linked_html:
            passage.linked_html = linked.html
            changed.append(passage)
    Passage.objects.bulk_update(changed, ["linked_html"])
    if changed:
        # Their pages show other links now.
        Glossary.objects.filter(pk__in=glossaries).update(revision=F("revision") + 1)
    _set_mentions(passage_ids, mentioned)
    return len(changed)


def _hold_glossaries(passage_ids: Sequence[int]) -> dict[int, Glossary]:
    """The glossaries of these passages, by key, held until the transaction ends.

    Whoever writes terms or texts takes these before any text, and in this order; so nobody waits
    for us who holds what we wait for.
    """
    of_them = PassageGlossary.objects.filter(passage__in=passage_ids).values("glossary")
    rows = Glossary.objects.select_for_update().filter(pk__in=of_them).order_by("pk")
    return {glossary.pk: glossary for glossary in rows}


def _chosen_glossaries(passage_ids: Sequence[int]) -> dict[int, list[int]]:
    """The keys of each passage's glossaries, in their order."""
    found: dict[int, list[int]] = {}
    places = PassageGlossary.objects.filter(passage__in=passage_ids).order_by("position")
    for passage_id, glossary_id in places.values_list("passage", "glossary"):
        found.setdefault(passage_id, []).append(glossary_id)
    return found


def _set_mentions(passage_ids: Sequence[int], mentioned: set[tuple[int, int]]) -> None:
    """Make the mention rows of these passages say what their texts say."""
    rows = Mention.objects.filter(passage__in=passage_ids)
    present = {
        (passage, term): pk for pk, passage, term in rows.values_list("pk", "passage", "term")
    }
    gone = [pk for pair, pk in present.items() if pair not in mentioned]
    if gone:
        Mention.objects.filter(pk__in=gone).delete()
    Mention.objects.bulk_create(
        [
            Mention(passage_id=passage_id, term_id=term_id)
            for passage_id, term_id in sorted(mentioned - present.keys())
        ],
        ignore_conflicts=True,
    )
