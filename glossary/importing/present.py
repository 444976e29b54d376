"""What a comparison starts from: what the site has, and what earlier documents said."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from glossary import versions
from glossary.content import TermContent
from glossary.documents import DocumentTerm, DoubtKind
from glossary.models import AlternativeDefinition, Glossary, Import
from glossary.parsing.nearness import near_names
from glossary.wording import name_key


class Known(NamedTuple):
    """A term that is there."""

    pk: int
    name: str


@dataclass(frozen=True)
class Present:
    """The glossary's terms by every name they go by, what they say, and what else was offered."""

    by_spelling: Mapping[str, Known]
    by_name: Mapping[str, Known]
    by_other_name: Mapping[str, Known]
    contents: Mapping[int, TermContent]
    # The definitions besides theirs that staff were asked about, decided or not.
    alternatives: Mapping[int, frozenset[str]]

    @classmethod
    def of(cls, glossary: Glossary | None) -> "Present":
        """Five queries, however many terms."""
        if glossary is None:
            return cls({}, {}, {}, {}, {})
        contents = versions.contents_of(glossary.terms.all())
        by_id = {key: Known(key, content.name) for key, content in contents.items()}
        terms = by_id.values()
        other: dict[str, Known] = {}
        # A term that staff renamed is found by the name it was imported with.
        for term_id, name in versions.past_names(glossary.terms.all()):
            # Another import may have added terms since the query before.
            if term_id in by_id:
                other.setdefault(name_key(name), by_id[term_id])
        for term_id, content in contents.items():
            for alias in content.aliases:
                other.setdefault(name_key(alias), by_id[term_id])
        return cls(
            by_spelling={term.name.lower(): term for term in terms},
            by_name={name_key(term.name): term for term in terms},
            by_other_name=other,
            contents=contents,
            alternatives=_alternatives(glossary),
        )

    def find(self, name: str) -> Known | None:
        """The term that goes, or once went, by this name."""
        key = name_key(name)
        spelled = self.by_spelling.get(name.lower())
        return spelled or self.by_name.get(key) or self.by_other_name.get(key)

    def named_beside(self, key: str, in_document: Collection[str]) -> Known | None:
        """The term that goes by this name, where the document has the term itself as well."""
        other = self.by_other_name.get(key)
        if other is None or key in self.by_name:
            return None
        return other if name_key(other.name) in in_document else None


def near_terms(new: Iterable[DocumentTerm], present: Present) -> dict[str, Known]:
    """Terms of the site with nearly the same name as these, which it has not, by their keys."""
    coming = {term.name: term.key for term in new}
    if not coming:
        return {}
    there = [DocumentTerm(content, line=0) for content in present.contents.values()]
    by_name = {term.name: term for term in present.by_name.values()}
    found: dict[str, Known] = {}
    for doubt in near_names([*there, *new]):
        first, second = doubt.names
        for name, other in ((first, second), (second, first)):
            if doubt.kind == DoubtKind.NEAR and name in coming and other in by_name:
                found.setdefault(coming[name], by_name[other])
    return found


@dataclass(frozen=True)
class Said:
    """What imports brought before: of each term, what the last document that had it said."""

    by_key: Mapping[str, TermContent]
    in_last: frozenset[str]
    summary: str | None = None
    takeaways: str | None = None
    # The last document as it was read; None where there was none.
    last: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, glossary: Glossary | None) -> "Said":
        """One query. What was taken back counts as never said."""
        documents = Import.objects.filter(glossary=glossary, state=Import.State.APPLIED).exclude(
            content={}
        )
        contents = list(documents.order_by("applied_at", "pk").values_list("content", flat=True))
        if glossary is None or not contents:
            return cls({}, frozenset())
        last = contents[-1]
        return cls(
            by_key={
                name_key(term["name"]): TermContent.from_json(term)
                for content in contents
                for term in content["terms"]
            },
            in_last=frozenset(name_key(term["name"]) for term in last["terms"]),
            summary=last["summary"],
            takeaways="\n".join(last["takeaways"]),
            last=last,
        )


def _alternatives(glossary: Glossary) -> dict[int, frozenset[str]]:
    rows = AlternativeDefinition.objects.filter(term__glossary=glossary)
    found: dict[int, set[str]] = {}
    for term_id, text in rows.values_list("term_id", "text"):
        found.setdefault(term_id, set()).add(text)
    return {term_id: frozenset(texts) for term_id, texts in found.items()}
