"""The glossary in the admin. Every save goes through ``glossary.editing``."""

from glossary.admin.alternative import AlternativeDefinitionAdmin
from glossary.admin.deleted import DeletedTermAdmin
from glossary.admin.draft import DraftAdmin
from glossary.admin.glossary import GlossaryAdmin
from glossary.admin.passage import PassageAdmin
from glossary.admin.term import TermAdmin

__all__ = [
    "AlternativeDefinitionAdmin",
    "DeletedTermAdmin",
    "DraftAdmin",
    "GlossaryAdmin",
    "PassageAdmin",
    "TermAdmin",
]
