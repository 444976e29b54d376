"""What terms say, and the record of what they said: queries do not grow with the terms."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import F

from glossary.content import TermContent
from glossary.models import (
    Alias,
    DeletedTerm,
    FormerTermAddress,
    Import,
    Passage,
    Term,
    Version,
)

# What a term's own columns hold of its content; the rest is in other tables.
COLUMNS = (
    "name",
    "abbreviation",
    "formula",
    "formula_caption",
    "source",
    "source_url",
    "is_linked",
    "matches_case",
)
ROWS_AT_ONCE = 2_000


def content_of(term: Term) -> TermContent:
    """What the term says, as the database has it."""
    return contents_of([term])[term.pk]


def contents_of(terms: Iterable[Term]) -> dict[int, TermContent]:
    """What each of these terms says, by its key: three queries however many they are.

    ``see_also`` is in the order of the names, and leaves out terms of other glossaries, which no
    name in a document could mean. A term's own columns are taken as they are in memory.
    """
    found = list(terms)
    sources = dict(
        Passage.objects.filter(pk__in=[term.definition_id for term in found]).values_list(
            "pk", "source"
        )
    )
    keys = [term.pk for term in found]
    aliases = _grouped(Alias.objects.filter(term__in=keys).values_list("term_id", "name"))
    see_also = _see_also(keys)
    return {
        term.pk: TermContent(
            **{column: getattr(term, column) for column in COLUMNS},
            definition=sources[term.definition_id],
            aliases=_sorted(aliases.get(term.pk, ())),
            see_also=_sorted(see_also.get(term.pk, ())),
        )
        for term in found
    }


def tidied(content: TermContent) -> TermContent:
    """The same as ``contents_of`` would have it: its names in order, lines that end one way.

    Browsers send a carriage return with every line end.
    """
    return replace(
        content,
        aliases=_sorted(content.aliases),
        see_also=_sorted(content.see_also),
        definition=_with_plain_lines(content.definition),
        formula=_with_plain_lines(content.formula),
    )


def record(
    contents: Mapping[int, TermContent],
    *,
    at: datetime,
    what: Version.What | None = None,
    by: Any = None,
    document: Import | None = None,
) -> list[Version]:
    """Write down what terms (by key) say from now on; nothing for one whose last version says so.

    ``what`` left out is "created" for a first version and "edited" for any other. The versions
    that were written are returned. A query to look and one to write for every 2,000 rows.
    Whoever calls it holds the glossary (``glossary.editing.lock``), so that numbers stay unique.
    """
    last = {
        version.term_id: version
        for version in Version.objects.filter(term__in=contents)
        .order_by("term_id", "-number")
        .distinct("term_id")
    }
    rows = [
        Version(
            term_id=key,
            number=last[key].number + 1 if key in last else 1,
            content=content.as_json(),
            at=at,
            by=by,
            what=what or (Version.What.EDITED if key in last else Version.What.CREATED),
            document=document,
        )
        for key, content in contents.items()
        if key not in last or last[key].said != content
    ]
    return Version.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)


def set_aside(terms: Sequence[Term], *, at: datetime, by: Any = None) -> None:
    """Keep what there is of terms that are about to be deleted: three queries.

    Whoever calls it holds the glossary, and deletes them in the same transaction.
    """
    keys = [term.pk for term in terms]
    rows = Version.objects.filter(term__in=keys).order_by("number")
    said: dict[int, list[dict[str, Any]]] = {}
    for version in rows:
        said.setdefault(version.term_id, []).append(_as_json(version))
    former = FormerTermAddress.objects.filter(term__in=keys).order_by("pk")
    addresses: dict[int, list[tuple[str, str]]] = {}
    for key, *address in former.values_list("term_id", "glossary_slug", "slug"):
        addresses.setdefault(key, []).append((address[0], address[1]))
    DeletedTerm.objects.bulk_create(
        [
            DeletedTerm(
                glossary_id=term.glossary_id,
                name=term.name,
                slug=term.slug,
                is_published=term.is_published,
                versions=said.get(term.pk, []),
                addresses=addresses.get(term.pk, []),
                at=at,
                by=by,
            )
            for term in terms
        ],
        batch_size=ROWS_AT_ONCE,
    )


def versions_of(deleted: DeletedTerm) -> list[Version]:
    """What was set aside, the earliest first, in memory; who and what is gone is left out."""
    people = {one["by"] for one in deleted.versions} - {None}
    documents = {one["document"] for one in deleted.versions} - {None}
    there = get_user_model().objects.in_bulk(people) if people else {}
    imports = Import.objects.defer("data", "content").in_bulk(documents) if documents else {}
    return [
        Version(
            number=one["number"],
            content=one["content"],
            at=datetime.fromisoformat(one["at"]),
            by=there.get(one["by"]),
            what=one["what"],
            document=imports.get(one["document"]),
        )
        for one in deleted.versions
    ]


def set_back(term: Term, deleted: DeletedTerm) -> None:
    """Give a term that was made anew the versions that it had; those it has come after them."""
    before = versions_of(deleted)
    for version in before:
        version.term = term
    if before:
        Version.objects.filter(term=term).update(number=F("number") + before[-1].number)
    Version.objects.bulk_create(before, batch_size=ROWS_AT_ONCE)


def _as_json(version: Version) -> dict[str, Any]:
    return {
        "number": version.number,
        "content": version.content,
        "at": version.at.isoformat(),
        "by": version.by_id,
        "what": version.what,
        "document": version.document_id,
    }


def past_names(terms: Iterable[int]) -> list[tuple[int, str]]:
    """Every name that these terms (keys) have or had, with the term, the earliest first."""
    versions = Version.objects.filter(term__in=terms).order_by("at", "pk")
    return list(versions.values_list("term_id", "content__name"))


def _see_also(keys: Sequence[int]) -> dict[int, list[str]]:
    """The names of the terms of the same glossary, by the key of the term that leads to them."""
    rows = Term.objects.filter(pk__in=keys, see_also__glossary=F("glossary"))
    return _grouped(rows.order_by().values_list("pk", "see_also__name"))


def _grouped(rows: Iterable[tuple[int, str]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for key, name in rows:
        found.setdefault(key, []).append(name)
    return found


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=lambda name: " ".join(name.split()).casefold()))


def _with_plain_lines(text: str) -> str:
    return text.replace("\x00", "").replace("\r\n", "\n")
