"""What a term says: the one shape in which terms are read, written out, kept and compared."""

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class TermContent:
    """A term without its place on the site: no keys, no address, nothing worked out.

    ``definition`` is Markdown, ``formula`` LaTeX without dollar signs, ``see_also`` names of other
    terms of the same glossary.
    """

    name: str
    abbreviation: str = ""
    aliases: tuple[str, ...] = ()
    definition: str = ""
    formula: str = ""
    formula_caption: str = ""
    see_also: tuple[str, ...] = ()
    source: str = ""
    source_url: str = ""
    is_linked: bool = True
    matches_case: bool = False

    def as_json(self) -> dict[str, Any]:
        """As JSON can hold it."""
        # Like asdict, which copies every value and takes ten times as long.
        return {**vars(self), "aliases": list(self.aliases), "see_also": list(self.see_also)}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "TermContent":
        """What ``as_json`` gave, also where it was written before a field was thought of."""
        known = {field.name for field in fields(cls)}
        kept: dict[str, Any] = {name: stored[name] for name in known & stored.keys()}
        for name in {"aliases", "see_also"} & kept.keys():
            kept[name] = tuple(kept[name])
        return cls(**kept)
