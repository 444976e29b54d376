"""What terms say, and the record of what they said: queries do not grow with the terms."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import F, QuerySet

from glossary import rows
from glossary.content import TermContent
from glossary.models import (
    Alias,
    DeletedTerm,
    FormerTermAddress,
    Import,
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


def take(content: TermContent, term: Term) -> None:
    """Set the term's own columns, in memory."""
    for column in COLUMNS:
        setattr(term, column, getattr(content, column))


def content_of(term: Term) -> TermContent:
    """What the term says, as the database has it."""
    return contents_of(Term.objects.filter(pk=term.pk))[term.pk]


def contents_of(terms: QuerySet[Term]) -> dict[int, TermContent]:
    """What each of these terms says, by its key, in the order of the keys: three queries.

    ``see_also`` is in the order of the names, and leaves out terms of other glossaries, which no
    name in a document could mean.
    """
    found = terms.order_by("pk")
    keys = terms.order_by().values("pk")
    aliases = _grouped(Alias.objects.filter(term__in=keys).values_list("term_id", "name"))
    leads = terms.filter(see_also__glossary=F("glossary")).order_by()
    see_also = _grouped(leads.values_list("pk", "see_also__name"))
    return {
        key: TermContent(
            **dict(zip(COLUMNS, own, strict=True)),
            definition=definition,
            aliases=_sorted(aliases.get(key, ())),
            see_also=_sorted(see_also.get(key, ())),
        )
        for key, definition, *own in found.values_list("pk", "definition__source", *COLUMNS)
    }


def tidied(content: TermContent) -> TermContent:
    """The same as ``contents_of`` would have it: its names in order, lines that end one way.

    Browsers send a carriage return with every line end.
    """
    tidy = {
        "aliases": _sorted(content.aliases),
        "see_also": _sorted(content.see_also),
        "definition": _with_plain_lines(content.definition),
        "formula": _with_plain_lines(content.formula),
    }
    said = vars(content)
    changed: dict[str, Any] = {name: new for name, new in tidy.items() if new != said[name]}
    return replace(content, **changed) if changed else content


def record(
    contents: Mapping[int, TermContent],
    *,
    at: datetime,
    what: Version.What | None = None,
    by: Any = None,
    document: Import | None = None,
) -> None:
    """Write down what terms (by key) say from now on; nothing for one whose last version says so.

    ``what`` left out is "created" for a first version and "edited" for any other. A query to look
    and one to write. Whoever calls it holds the glossary (``glossary.editing.lock``), so that
    numbers stay unique.
    """
    last = _last(contents)
    document_id, by_id = (each.pk if each else None for each in (document, by))
    new: list[tuple[Any, ...]] = []
    for key, content in contents.items():
        number, said = last.get(key, (0, None))
        now = content.as_json()
        if said is None or (said != now and TermContent.from_json(said) != content):
            kind = what or (Version.What.EDITED if number else Version.What.CREATED)
            new.append((key, number + 1, now, at, by_id, kind.value, document_id))
    columns = ("term_id", "number", "content", "at", "by_id", "what", "document_id")
    rows.insert(Version, columns, new)


def _last(terms: Iterable[int]) -> dict[int, tuple[int, Any]]:
    """The number and the content of the last version of each of these terms (keys)."""
    found = Version.objects.filter(term__in=rows.among(terms)).order_by("term_id", "-number")
    columns = "term_id", "number", "content"
    return {
        key: (number, content)
        for key, number, content in found.distinct("term_id").values_list(*columns)
    }


def set_aside(terms: Sequence[Term], *, at: datetime, by: Any = None) -> None:
    """Keep what there is of terms that are about to be deleted: three queries.

    Whoever calls it holds the glossary, and deletes them in the same transaction.
    """
    keys = [term.pk for term in terms]
    said: dict[int, list[dict[str, Any]]] = {}
    for version in Version.objects.filter(term__in=keys).order_by("number"):
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
        batch_size=rows.ROWS_AT_ONCE,
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
    Version.objects.bulk_create(before, batch_size=rows.ROWS_AT_ONCE)


def _as_json(version: Version) -> dict[str, Any]:
    return {
        "number": version.number,
        "content": version.content,
        "at": version.at.isoformat(),
        "by": version.by_id,
        "what": version.what,
        "document": version.document_id,
    }


def past_names(terms: QuerySet[Term]) -> list[tuple[int, str]]:
    """Every name that these terms have or had, with the term's key, the earliest first."""
    versions = Version.objects.filter(term__in=terms.order_by().values("pk"))
    return list(versions.order_by("at", "pk").values_list("term_id", "content__name"))


def _grouped(rows: Iterable[tuple[int, str]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for key, name in rows:
        found.setdefault(key, []).append(name)
    return found


def _sorted(names: Collection[str]) -> tuple[str, ...]:
    if len(names) < 2:
        return tuple(names)
    return tuple(sorted(names, key=lambda name: " ".join(name.split()).casefold()))


def _with_plain_lines(text: str) -> str:
    return text.replace("\x00", "").replace("\r\n", "\n")
