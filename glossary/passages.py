"""The one place where a passage's text becomes its page.

Nothing is rendered at view time: templates show ``passage.linked_html``.
"""

from collections.abc import Collection, Iterable, Sequence

from django.db import transaction

from glossary import rows
from glossary.finders import FINDERS
from glossary.linking import Linker
from glossary.models import Glossary, Mention, Passage, PassageGlossary, Term
from glossary.rendering import render


def linker_for(glossaries: Iterable[Glossary], *, is_locking: bool = False) -> Linker:
    """A linker of the terms that a visitor can follow a link to, the first glossary's first.

    One query, and two for each glossary that changed since this process last asked. ``is_locking``
    holds the glossaries until the transaction ends. Whoever changes a term holds them too
    (``glossary.editing``), so a text is either linked with the new names, or there for the job
    that links them.
    """
    wanted = [glossary.pk for glossary in glossaries]
    # Always taken in this order, so that two who hold some never wait for each other.
    rows = Glossary.objects.filter(pk__in=wanted).order_by("pk")
    present = {
        glossary.pk: glossary for glossary in (rows.select_for_update() if is_locking else rows)
    }
    return linker_of(present[key] for key in wanted if key in present)


def linker_of(glossaries: Iterable[Glossary]) -> Linker:
    """The same of glossaries that were read in this transaction, after the last change in it."""
    return Linker(FINDERS.finder_for(each) for each in glossaries if each.is_published)


@transaction.atomic
def write_passage(
    passage: Passage | None,
    *,
    source: str,
    glossaries: Sequence[Glossary] = (),
) -> Passage:
    """Render, sanitise, link and store ``source`` as ``passage`` (a new one where it is None).

    ``glossaries`` are those whose terms are linked; of two terms with one name, the first's.
    Headings get an address unless the passage defines a term, since a definition stands on a page
    with others. Formulas that cannot be shown are told in ``passage.problems``.
    """
    passage = passage or Passage()
    source = source.replace("\x00", "").replace("\r\n", "\n")
    linker = linker_for(glossaries, is_locking=True)
    own = own_term_id(passage)
    rendered = render(source, anchors=own is None)
    linked = linker.link(rendered.html, own=own)
    if _is_unchanged(passage, source=source, glossaries=glossaries, linked_html=linked.html):
        return passage
    passage.source = source
    passage.html = rendered.html
    passage.linked_html = linked.html
    passage.folded = linked.folded
    passage.problems = list(rendered.problems)
    passage.word_count = rendered.word_count
    passage.sections = list(rendered.sections)
    passage.save()
    set_glossaries(passage, glossaries)
    set_mentions([passage.pk], [(passage.pk, key) for key in linked.term_ids])
    return passage


def own_term_id(passage: Passage) -> int | None:
    """The term that this passage defines; its own text never links to it."""
    if passage.pk is None:
        return None
    return Term.objects.filter(definition=passage).values_list("pk", flat=True).first()


def set_mentions(passage_ids: Collection[int], mentioned: Collection[tuple[int, int]]) -> None:
    """Make the mention rows of these passages say what their texts say.

    ``mentioned`` are passages with the terms that they mention (keys), those of new passages too.
    """
    present: dict[tuple[int, int], int] = {}
    if passage_ids:
        stored = Mention.objects.filter(passage__in=rows.among(passage_ids))
        columns = "passage_id", "term_id", "pk"
        present = {(text, term): key for text, term, key in stored.values_list(*columns)}
    wanted = set(mentioned)
    if gone := [key for pair, key in present.items() if pair not in wanted]:
        Mention.objects.filter(pk__in=rows.among(gone)).delete()
    rows.insert(Mention, ("passage_id", "term_id"), sorted(wanted - present.keys()))


def set_glossaries(passage: Passage, glossaries: Sequence[Glossary]) -> None:
    """Make the terms of these, in this order, the ones to link in a passage."""
    wanted = [glossary.pk for glossary in glossaries]
    if _glossary_ids(passage) == wanted:
        return
    passage.glossary_places.all().delete()
    PassageGlossary.objects.bulk_create(
        PassageGlossary(passage=passage, glossary_id=glossary_id, position=position)
        for position, glossary_id in enumerate(wanted, start=1)
    )


def _glossary_ids(passage: Passage) -> list[int]:
    places = passage.glossary_places.order_by("position")
    return list(places.values_list("glossary_id", flat=True))


def _is_unchanged(
    passage: Passage, *, source: str, glossaries: Sequence[Glossary], linked_html: str
) -> bool:
    return (
        passage.pk is not None
        and passage.source == source
        and passage.linked_html == linked_html
        and _glossary_ids(passage) == [glossary.pk for glossary in glossaries]
    )
