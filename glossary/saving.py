"""Many terms of one glossary stored at once, with all that follows from what they say.

Queries do not grow with the number of terms (but for pages of ``ROWS_AT_ONCE``). Keys are drawn
first, so that what finds the names is made of the terms as they will be, and each text is linked
before it is written rather than written twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction
from django.utils.text import slugify

from glossary import addresses, versions
from glossary.content import TermContent
from glossary.importing.progress import Told, counted, tell_nobody
from glossary.jobs import defer_relinking
from glossary.linking import words_for_search
from glossary.models import (
    Alias,
    Glossary,
    Import,
    Mention,
    Passage,
    PassageGlossary,
    Term,
    Version,
)
from glossary.passages import linker_for
from glossary.relinking import relink
from glossary.rendering import Rendered, render, render_formula, render_line
from glossary.wording import name_key

# Addresses are cut here, so that a number still fits behind a taken one.
MAX_SLUG = 190
ROWS_AT_ONCE = 2_000


@dataclass(frozen=True)
class _Row:
    """A term on its way into the database."""

    term: Term
    content: TermContent
    rendered: Rendered
    is_new: bool


@transaction.atomic
def save_terms(
    glossary: Glossary,
    pairs: Iterable[tuple[Term, TermContent]],
    *,
    at: datetime,
    by: Any = None,
    what: Version.What | None = None,
    document: Import | None = None,
    told: Told = tell_nobody,
) -> list[Term]:
    """Make each term say its content, and keep that as its next version.

    ``told`` hears how far it has come. The glossary is held by whoever calls
    (``editing.lock``). Terms that are not stored yet get an address made of their name. The texts
    of this glossary are right when this returns; those elsewhere are linked anew by a job.
    IntegrityError where the glossary has a name already.
    """
    rows = list(counted(pairs, "Rendering terms", told, make=lambda pair: _row(*pair)))
    if not rows:
        return []
    _give_keys([row.term for row in rows if row.is_new])
    _give_addresses(glossary, [row.term for row in rows if row.is_new])
    _store_terms(rows)
    _set_aliases(rows)
    _set_see_also(glossary, rows)
    # What finds the names is made anew of what is stored by now.
    glossary.renew_names()
    _store_definitions(glossary, rows, at=at, told=told)
    contents = {row.term.pk: row.content for row in rows}
    versions.record(contents, at=at, by=by, what=what, document=document)
    glossary.note_change(at=at)
    written = [row.term.definition_id for row in rows]
    others = glossary.terms.exclude(definition__in=written)
    _link_anew(glossary, others.values_list("definition_id", flat=True))
    return [row.term for row in rows]


def _link_anew(glossary: Glossary, definitions: Iterable[int]) -> None:
    """Link these at once, and what is elsewhere in a job."""
    defer_relinking(glossary, None)
    relink(definitions)


@transaction.atomic
def delete_terms(
    glossary: Glossary, terms: Sequence[Term], *, at: datetime, by: Any = None
) -> None:
    """Remove terms of the glossary, their definitions, and the links to them.

    They can be brought back. The glossary is held by whoever calls.
    """
    if not terms:
        return
    definitions = [term.definition_id for term in terms]
    rows = Term.objects.filter(pk__in=[term.pk for term in terms])
    rows.hold_to_delete()
    versions.set_aside(terms, at=at, by=by)
    rows.delete()
    Passage.objects.filter(pk__in=definitions).delete()
    glossary.note_change(at=at)
    _link_anew(glossary, glossary.terms.values_list("definition_id", flat=True))


def _row(term: Term, content: TermContent) -> _Row:
    is_new = term.pk is None
    for column in versions.COLUMNS:
        setattr(term, column, getattr(content, column))
    rendered = render(content.definition, anchors=False)
    term.opening = rendered.opening
    term.formula_html, problem = render_formula(term.formula)
    term.formula_caption_html, problems = render_line(term.formula_caption)
    term.problems = [*([problem] if problem else []), *problems]
    return _Row(term, content, rendered, is_new)


# Keys and addresses ----------------------------------------------------------------------------


def _give_keys(terms: Sequence[Term]) -> None:
    for term, key, definition in zip(
        terms, _keys(Term, len(terms)), _keys(Passage, len(terms)), strict=True
    ):
        term.pk, term.definition_id = key, definition


def _keys(model: type[models.Model], number: int) -> list[int]:
    """Keys that nothing else will have: drawn from the table's own sequence."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, number],
        )
        return [key for (key,) in cursor.fetchall()]


def _give_addresses(glossary: Glossary, terms: Sequence[Term]) -> None:
    taken = set(glossary.terms.values_list("slug", flat=True))
    last: dict[str, int] = {}
    for term in terms:
        wanted = slugify(term.name)[:MAX_SLUG] or "term"
        term.slug, number = wanted, last.get(wanted, 1)
        while term.slug in taken:
            number += 1
            term.slug = f"{wanted}-{number}"
        last[wanted] = number
        taken.add(term.slug)
    addresses.terms_added(glossary, [term.slug for term in terms])


# Rows ------------------------------------------------------------------------------------------

_COLUMNS = (
    *versions.COLUMNS,
    "opening",
    "formula_html",
    "formula_caption_html",
    "problems",
    "updated_at",
)


def _store_terms(rows: Sequence[_Row]) -> None:
    Term.objects.bulk_create([row.term for row in rows if row.is_new], batch_size=ROWS_AT_ONCE)
    changed = [row.term for row in rows if not row.is_new]
    for term in changed:
        term.updated_at = Term._meta.get_field("updated_at").pre_save(term, add=False)
    Term.objects.bulk_update(changed, _COLUMNS, batch_size=ROWS_AT_ONCE)


def _set_aliases(rows: Sequence[_Row]) -> None:
    """Make the aliases those that the contents name."""
    stored: dict[int, dict[str, int]] = {}
    known = Alias.objects.filter(term__in=[row.term.pk for row in rows if not row.is_new])
    for key, term_id, name in known.values_list("pk", "term_id", "name"):
        stored.setdefault(term_id, {})[name] = key
    gone: list[int] = []
    new: list[Alias] = []
    for row in rows:
        present = stored.get(row.term.pk, {})
        gone += [key for name, key in present.items() if name not in row.content.aliases]
        new += [Alias(term=row.term, name=n) for n in row.content.aliases if n not in present]
    Alias.objects.filter(pk__in=gone).delete()
    Alias.objects.bulk_create(new, batch_size=ROWS_AT_ONCE)


def _set_see_also(glossary: Glossary, rows: Sequence[_Row]) -> None:
    """Make what leads from these terms to others what the contents name."""
    through: Any = Term.see_also.through
    wanted = _see_also_keys(glossary, rows)
    keys = [row.term.pk for row in rows if not row.is_new]
    leads = through.objects.filter(from_term__in=keys, to_term__glossary=glossary)
    stored = {
        (start, end): key for key, start, end in leads.values_list("pk", "from_term", "to_term")
    }
    gone = [key for pair, key in stored.items() if pair not in wanted]
    through.objects.filter(pk__in=gone).delete()
    new = [
        through(from_term_id=start, to_term_id=end) for start, end in sorted(wanted - stored.keys())
    ]
    through.objects.bulk_create(new, batch_size=ROWS_AT_ONCE)


def _see_also_keys(glossary: Glossary, rows: Sequence[_Row]) -> set[tuple[int, int]]:
    if not any(row.content.see_also for row in rows):
        return set()
    by_key = {name_key(name): key for key, name in glossary.terms.values_list("pk", "name")}
    return {
        (row.term.pk, by_key[name_key(name)])
        for row in rows
        for name in row.content.see_also
        if name_key(name) in by_key
    }


# Definitions -----------------------------------------------------------------------------------


def _store_definitions(
    glossary: Glossary, rows: Sequence[_Row], *, at: datetime, told: Told
) -> None:
    linker = linker_for([glossary])
    mentions: list[Mention] = []
    new: list[Passage] = []
    changed: list[Passage] = []
    for row in counted(rows, "Linking terms", told, make=lambda row: row):
        linked = linker.link(row.rendered.html, own=row.term.pk)
        passage = Passage(
            pk=row.term.definition_id,
            source=row.content.definition,
            html=row.rendered.html,
            linked_html=linked.html,
            folded=words_for_search(row.rendered.html),
            problems=list(row.rendered.problems),
            word_count=row.rendered.word_count,
            updated_at=at,
        )
        (new if row.is_new else changed).append(passage)
        mentions += [Mention(passage=passage, term_id=key) for key in sorted(linked.term_ids)]
    Passage.objects.bulk_create(new, batch_size=ROWS_AT_ONCE)
    Passage.objects.bulk_update(changed, _TEXT, batch_size=ROWS_AT_ONCE)
    PassageGlossary.objects.bulk_create(
        [PassageGlossary(passage=passage, glossary=glossary, position=1) for passage in new],
        batch_size=ROWS_AT_ONCE,
    )
    Mention.objects.filter(passage__in=[passage.pk for passage in changed]).delete()
    Mention.objects.bulk_create(mentions, batch_size=ROWS_AT_ONCE)


_TEXT = ("source", "html", "linked_html", "folded", "problems", "word_count", "updated_at")
