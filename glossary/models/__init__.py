"""A glossary, its terms, and the text that terms are linked in."""

from glossary.models.alternative import AlternativeDefinition
from glossary.models.deleted import DeletedTerm
from glossary.models.draft import Draft, DraftQuerySet
from glossary.models.former import FormerGlossaryAddress, FormerTermAddress
from glossary.models.glossary import Glossary, Takeaway
from glossary.models.imports import Import, ImportEntry, ImportProgress
from glossary.models.map import GlossaryMap
from glossary.models.mention import Mention
from glossary.models.passage import Passage, PassageGlossary
from glossary.models.practice import Memory, Review
from glossary.models.search import SearchedName, SearchedTerm
from glossary.models.term import Alias, Term, TermQuerySet
from glossary.models.version import Version

__all__ = [
    "Alias",
    "AlternativeDefinition",
    "DeletedTerm",
    "Draft",
    "DraftQuerySet",
    "FormerGlossaryAddress",
    "FormerTermAddress",
    "Glossary",
    "GlossaryMap",
    "Import",
    "ImportEntry",
    "ImportProgress",
    "Memory",
    "Mention",
    "Passage",
    "PassageGlossary",
    "Review",
    "SearchedName",
    "SearchedTerm",
    "Takeaway",
    "Term",
    "TermQuerySet",
    "Version",
]
