"""A document compared with a glossary, term by term. Looks, and writes nothing.

Of each term: what the last import that had it said, what the site says, what the document says
(``merging``). So what staff edited, decided or deleted is never overwritten or brought back
unasked, and what is doubtful waits for their word.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from textwrap import shorten

from django.utils.translation import gettext as _

from glossary.collecting import uncollected
from glossary.content import TermContent
from glossary.documents import Document, DocumentTerm, DoubtKind
from glossary.importing.merging import Change, compare, merge
from glossary.importing.present import Known, Present, Said, near_terms
from glossary.models import Glossary
from glossary.wording import name_key

_PAGE = re.compile(r"(?:http|ftp)s?://", re.IGNORECASE)
MAX_SOURCE = 500

# Doubts that a decision about a term settles; the others are for staff to know.
TO_DECIDE = frozenset(
    {
        DoubtKind.GUESSED,
        DoubtKind.CUT_OFF,
        DoubtKind.ABBREVIATION,
        DoubtKind.NEAR,
        DoubtKind.CIRCULAR,
    }
)


@dataclass(frozen=True)
class TermPlan:
    """What an import finds of one term.

    ``before`` is what the site says; ``taken`` what it would say with the document's word,
    ``kept`` with the site's own where both changed. None is where there is no such term.
    """

    key: str
    name: str
    change: Change
    term_id: int | None = None
    before: TermContent | None = None
    taken: TermContent | None = None
    kept: TermContent | None = None
    # Definitions (Markdown) besides, which staff were never asked about.
    others: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    # A term of the site that this may be another name of.
    near_id: int | None = None
    line: int | None = None

    @property
    def needs_decision(self) -> bool:
        """Whether it is for staff to say what is done."""
        return self.change == Change.CONFLICT or bool(self.others) or bool(self.doubts)

    @property
    def does_something(self) -> bool:
        """Whether applying it would write anything, if nobody decides otherwise."""
        return self.change in WRITTEN or self.kept != self.before or bool(self.others)


WRITTEN = frozenset({Change.ADDED, Change.CHANGED})


@dataclass(frozen=True)
class TextPlan:
    """What an import does with the summary, or with the takeaways (one a line)."""

    change: Change
    before: str = ""
    after: str = ""

    @property
    def does_something(self) -> bool:
        """Whether applying it would write anything."""
        return self.change in WRITTEN


@dataclass(frozen=True)
class Plan:
    """What an import would do to one glossary."""

    document: Document
    slug: str
    title: str
    glossary_id: int | None
    terms: tuple[TermPlan, ...]
    summary: TextPlan
    takeaways: TextPlan
    is_known_document: bool = False
    notes: tuple[str, ...] = ()
    # Which state of the glossary it was made for; None where there was none.
    revision: int | None = field(default=None, compare=False)

    @property
    def is_new(self) -> bool:
        """Whether the glossary is not there yet."""
        return self.glossary_id is None

    @property
    def does_something(self) -> bool:
        """Whether the site would be any different afterwards."""
        parts: Iterable[TermPlan | TextPlan] = (*self.terms, self.summary, self.takeaways)
        return self.is_new or any(part.does_something for part in parts)

    def having(self, change: Change) -> tuple[TermPlan, ...]:
        """The terms with this outcome."""
        return tuple(term for term in self.terms if term.change == change)


def find_glossary(slug: str) -> Glossary | None:
    """The glossary at this address."""
    return Glossary.objects.filter(slug=slug).first()


def hold_glossary(slug: str) -> Glossary | None:
    """The same, held until the transaction ends: what is planned from now on stays true."""
    return Glossary.objects.select_for_update().filter(slug=slug).first()


def is_outdated(plan: Plan, present: Glossary | None) -> bool:
    """Whether the site, whose glossary is held, is no longer as it was planned for.

    Every change of the glossary, of its terms, and every import raises its revision; so mostly a
    look at that will do. A change that does not matter to the document is none.
    """
    if plan.revision == (present.revision if present else None):
        return False
    return plan_import(plan.document, slug=plan.slug) != plan


@uncollected()
def plan_import(document: Document, *, slug: str) -> Plan:
    """What importing ``document`` into the glossary at ``slug`` would do. Writes nothing."""
    glossary = find_glossary(slug)
    said = Said.of(glossary)
    takeaways = glossary.takeaways.values_list("text", flat=True) if glossary else ()
    is_hidden = glossary is not None and not glossary.is_published
    return Plan(
        document=document,
        slug=slug,
        title=glossary.title if glossary else document.title,
        glossary_id=glossary.pk if glossary else None,
        terms=_plan_terms(document, Present.of(glossary), said),
        summary=_plan_text(said.summary, glossary.summary if glossary else "", document.summary),
        takeaways=_plan_text(said.takeaways, "\n".join(takeaways), "\n".join(document.takeaways)),
        is_known_document=said.last == document.as_json(),
        notes=("The glossary is not published, and stays so.",) if is_hidden else (),
        revision=glossary.revision if glossary else None,
    )


def _plan_text(base: str | None, current: str, new: str) -> TextPlan:
    """A text that is empty on the site and was never imported is one that is not there."""
    if not new:
        return TextPlan(Change.SAME, current, current)
    if not current and base in {None, ""}:
        return TextPlan(Change.ADDED, current, new)
    return TextPlan(compare(base=base, current=current, new=new), current, new)


def _plan_terms(document: Document, present: Present, said: Said) -> tuple[TermPlan, ...]:
    """A plan for each term of the document, and for each that the last one had and it has not."""
    world = _World.of(document, present, said)
    plans = [_plan(term, world) for term in document.terms]
    in_document = {plan.key for plan in plans}
    return (*plans, *_missing(said, present, in_document))


@dataclass(frozen=True)
class _World:
    """All that one term of the document is compared with."""

    present: Present
    said: Said
    speaks_of: Collection[str]
    # Every name in the glossary once the document is in it, by its key, as it is written.
    names: Mapping[str, str]
    in_document: Collection[str]
    doubts: Mapping[str, tuple[str, ...]]
    near: Mapping[str, Known]

    @classmethod
    def of(cls, document: Document, present: Present, said: Said) -> "_World":
        coming = {term.key: term.name for term in document.terms}
        there = {key: row.name for key, row in present.by_name.items()}
        new = [term for term in document.terms if present.find(term.name) is None]
        return cls(
            present=present,
            said=said,
            speaks_of=document.speaks_of,
            names={**coming, **there},
            in_document=coming.keys(),
            doubts=_doubts_by_key(document),
            near=near_terms(new, present),
        )

    def find(self, term: DocumentTerm) -> Known | None:
        """The term that this is about, unless another of the document is it."""
        if self.present.named_beside(term.key, self.in_document):
            return None
        return self.present.find(term.name)

    def settled(self, content: TermContent) -> TermContent:
        """The content as saving it leaves it: names of terms in their spelling and order."""
        see_also = {self.names.get(name_key(name)) for name in content.see_also}
        return replace(
            _with_sound_address(content),
            aliases=_in_order(_aliases(content)),
            see_also=_in_order(name for name in see_also if name and name != content.name),
        )

    def unasked(self, texts: Iterable[str], row: Known) -> tuple[str, ...]:
        """The definitions that the term neither has nor had staff asked about."""
        definition = self.present.contents[row.pk].definition
        known = {definition, *self.present.alternatives.get(row.pk, ())}
        return tuple(text for text in texts if text not in known)


def _leads_to_a_page(address: str) -> bool:
    """Whether the database takes it as the address of a source."""
    return not address or _PAGE.match(address) is not None


def _with_sound_address(content: TermContent) -> TermContent:
    """What is no address of a page is told as the source's name, rather than linked or lost."""
    if _leads_to_a_page(content.source_url):
        return content
    named = "; ".join(text for text in (content.source, content.source_url) if text)
    return replace(content, source=named[:MAX_SOURCE], source_url="")


def _address_doubts(content: TermContent) -> tuple[str, ...]:
    if _leads_to_a_page(content.source_url):
        return ()
    shown = shorten(content.source_url, 80, placeholder=" …")
    return (f"“{shown}” is no address of a page, and stands as the source's name.",)


def _aliases(content: TermContent) -> Iterator[str]:
    seen: set[str] = set()
    for alias in content.aliases:
        is_own = name_key(alias) == name_key(content.name) or alias == content.abbreviation
        if not is_own and alias.lower() not in seen:
            seen.add(alias.lower())
            yield alias


def _in_order(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=lambda name: (name.casefold(), name)))


def _plan(term: DocumentTerm, world: _World) -> TermPlan:
    row = world.find(term)
    base = world.said.by_key.get(term.key)
    if row is None and base is not None:
        return TermPlan(term.key, term.name, Change.DELETED, line=term.line)
    return _plan_new(term, world) if row is None else _plan_known(term, row, base, world)


def _plan_new(term: DocumentTerm, world: _World) -> TermPlan:
    named = world.present.named_beside(term.key, world.in_document)
    near = named or world.near.get(term.key)
    told = (
        (_("The glossary has “%(name)s” already, nearly the same name.") % {"name": near.name},)
        if near
        else ()
    )
    return TermPlan(
        key=term.key,
        name=term.name,
        change=Change.ADDED,
        taken=world.settled(term.content),
        kept=None,
        others=tuple(term.others),
        doubts=(*world.doubts.get(term.key, ()), *_address_doubts(term.content), *told),
        near_id=near.pk if near else None,
        line=term.line,
    )


def _plan_known(
    term: DocumentTerm, row: Known, base: TermContent | None, world: _World
) -> TermPlan:
    before = world.present.contents[row.pk]
    merged = merge(
        base=world.settled(base) if base else None,
        current=before,
        new=world.settled(term.content),
        speaks_of=world.speaks_of,
    )
    change, taken = merged.change, merged.taken
    was_asked = not world.unasked([term.definition], row)
    if merged.conflicts == ("definition",) and was_asked:
        change, taken = (Change.CHANGED if merged.kept != before else Change.KEPT), merged.kept
    is_news = change in {Change.CHANGED, Change.CONFLICT}
    return TermPlan(
        key=term.key,
        name=before.name,
        change=change,
        term_id=row.pk,
        before=before,
        taken=taken,
        kept=merged.kept,
        others=world.unasked(term.others, row),
        doubts=(
            (*world.doubts.get(term.key, ()), *_address_doubts(term.content)) if is_news else ()
        ),
        line=term.line,
    )


def _missing(said: Said, present: Present, in_document: Collection[str]) -> Iterator[TermPlan]:
    for key in sorted(said.in_last - frozenset(in_document)):
        name = said.by_key[key].name
        row = present.find(name)
        name = row.name if row else name
        yield TermPlan(key, name, Change.GONE if row else Change.DELETED, row.pk if row else None)


def _doubts_by_key(document: Document) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for doubt in document.doubts:
        if doubt.kind in TO_DECIDE:
            for name in doubt.names:
                found.setdefault(name_key(name), {})[doubt.sentence] = None
    return {key: tuple(sentences) for key, sentences in found.items()}
