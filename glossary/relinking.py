"""Links put right in the passages that a changed term concerns, and in no others."""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import F, Q, QuerySet

from glossary import rows
from glossary.collecting import uncollected
from glossary.linking import Linker
from glossary.models import Glossary, Passage, PassageGlossary, Term
from glossary.naming import MANY_NAMES
from glossary.passages import linker_of, set_mentions
from glossary.wording import forms

# Passages linked in one transaction.
AT_ONCE = 100


def passages_with(
    glossary: Glossary, names: Sequence[str] | None, *, elsewhere: bool = False
) -> list[int]:
    """The ids of the glossary's passages whose words contain one of ``names``; None is all.

    ``elsewhere`` leaves out the definitions of its own terms.
    """
    found = concerned(glossary, names)
    if elsewhere:
        found = found.exclude(defines__glossary=glossary)
    return list(found.values_list("pk", flat=True))


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


@uncollected()
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
    changed: list[tuple[int, str]] = []
    mentioned: set[tuple[int, int]] = set()
    linkers: dict[tuple[int, ...], Linker] = {}
    for key, html, linked_html in passages.values_list("pk", "html", "linked_html"):
        wanted = tuple(chosen.get(key, ()))
        if wanted not in linkers:
            linkers[wanted] = linker_of(glossaries[pk] for pk in wanted if pk in glossaries)
        linked = linkers[wanted].link(html, own=own.get(key))
        mentioned |= {(key, term_id) for term_id in linked.term_ids}
        if linked.html != linked_html:
            changed.append((key, linked.html))
    rows.update(Passage, ["linked_html"], changed)
    if changed:
        # Their pages show other links now.
        Glossary.objects.filter(pk__in=glossaries).update(revision=F("revision") + 1)
    set_mentions(passage_ids, mentioned)
    return len(changed)


def _hold_glossaries(passage_ids: Sequence[int]) -> dict[int, Glossary]:
    """The glossaries of these passages, by key, held until the transaction ends.

    Whoever writes terms or texts takes these before any text, and in this order; so nobody waits
    for us who holds what we wait for.
    """
    of_them = PassageGlossary.objects.filter(passage__in=passage_ids).values("glossary")
    held = Glossary.objects.select_for_update().filter(pk__in=of_them).order_by("pk")
    return {glossary.pk: glossary for glossary in held}


def _chosen_glossaries(passage_ids: Sequence[int]) -> dict[int, list[int]]:
    """The keys of each passage's glossaries, in their order."""
    found: dict[int, list[int]] = {}
    places = PassageGlossary.objects.filter(passage__in=passage_ids).order_by("position")
    for passage_id, glossary_id in places.values_list("passage", "glossary"):
        found.setdefault(passage_id, []).append(glossary_id)
    return found
