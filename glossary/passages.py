"""The one place where a passage's text becomes its page.

Nothing is rendered at view time: templates show ``passage.linked_html``.
"""

from collections.abc import Iterable

from django.db import transaction

from glossary.linking import Linkable, Linker, words_for_search
from glossary.models import Alias, Glossary, Mention, Passage, Term
from glossary.rendering import render

NO_TERMS = Linker(())


def linker_for(glossary: Glossary | None) -> Linker:
    """A linker of the terms that a visitor can follow a link to: two queries."""
    if glossary is None or not glossary.is_published:
        return NO_TERMS
    terms = list(
        glossary.terms.filter(is_published=True, is_linked=True)
        .order_by("pk")
        .only("pk", "name", "abbreviation", "slug", "glossary")
    )
    aliases: dict[int, list[str]] = {}
    for term_id, name in Alias.objects.filter(term__in=terms).values_list("term_id", "name"):
        aliases.setdefault(term_id, []).append(name)
    for term in terms:
        term.glossary = glossary
    return Linker(
        Linkable(
            term_id=term.pk,
            url=term.get_absolute_url(),
            names=(term.name, term.abbreviation, *aliases.get(term.pk, ())),
        )
        for term in terms
    )


@transaction.atomic
def write_passage(
    passage: Passage | None,
    *,
    source: str,
    glossary: Glossary | None,
    linker: Linker | None = None,
    anchors: bool | None = None,
) -> Passage:
    """Render, sanitise, link and store ``source`` as ``passage`` (a new one where it is None).

    ``glossary`` is the one whose terms are linked. Whoever writes many passages passes one
    ``linker`` for them all. Headings get an address unless the passage defines a term, since a
    definition stands on a page with others; a new passage that will define one says
    ``anchors=False``. Formulas that cannot be shown are told in ``passage.problems``.
    """
    passage = passage or Passage()
    source = source.replace("\x00", "").replace("\r\n", "\n")
    if linker is None:
        linker = linker_for(_locked(glossary))
    own = own_term_id(passage)
    rendered = render(source, anchors=own is None if anchors is None else anchors)
    linked = linker.link(rendered.html, own=own)
    if _is_unchanged(passage, source=source, glossary=glossary, linked_html=linked.html):
        return passage
    passage.source = source
    passage.glossary = glossary
    passage.html = rendered.html
    passage.linked_html = linked.html
    passage.folded = words_for_search(rendered.html)
    passage.problems = list(rendered.problems)
    passage.word_count = rendered.word_count
    passage.save()
    set_mentions(passage, linked.term_ids)
    return passage


def own_term_id(passage: Passage) -> int | None:
    """The term that this passage defines; its own text never links to it."""
    if passage.pk is None:
        return None
    return Term.objects.filter(definition=passage).values_list("pk", flat=True).first()


def set_mentions(passage: Passage, term_ids: Iterable[int]) -> None:
    """Make the mention rows of a passage say what its text says."""
    wanted = set(term_ids)
    present = set(passage.mentions.values_list("term_id", flat=True))
    if present - wanted:
        passage.mentions.filter(term__in=present - wanted).delete()
    Mention.objects.bulk_create(
        [Mention(passage=passage, term_id=term_id) for term_id in sorted(wanted - present)],
        ignore_conflicts=True,
    )


def _locked(glossary: Glossary | None) -> Glossary | None:
    """The glossary, held until the transaction ends.

    Whoever changes a term holds it too (``glossary.editing``), so a text is either linked with
    the new names, or there for the job that links them.
    """
    if glossary is None or glossary.pk is None:
        return glossary
    return Glossary.objects.select_for_update().get(pk=glossary.pk)


def _is_unchanged(
    passage: Passage, *, source: str, glossary: Glossary | None, linked_html: str
) -> bool:
    return (
        passage.pk is not None
        and passage.source == source
        and passage.glossary_id == (glossary.pk if glossary else None)
        and passage.linked_html == linked_html
    )
