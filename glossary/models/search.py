"""What terms are found by. PostgreSQL keeps these rows itself: triggers write them, nothing else.

Terms, aliases and definitions lie in three tables and are written from many places; a trigger on
each table cannot be forgotten (``docs/decisions/search.md``). What is deleted goes by a trigger
too, so ``on_delete`` has nothing to do.
"""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from glossary.models.term import Term


class SearchedName(models.Model):
    """One name of a term (its own, its abbreviation, an alias), as it is compared."""

    term = models.ForeignKey(Term, on_delete=models.DO_NOTHING, related_name="searched_names")
    # Like ``glossary.searching.search_key``: case, hyphens, spacing and accents do not count.
    # In this collation one index serves "is", "begins with" and the order, in every database.
    key = models.TextField(db_collation="C")

    class Meta:
        indexes: ClassVar = [
            models.Index("key", name="searched_name_begins"),
            GinIndex(OpClass("key", name="gin_trgm_ops"), name="searched_name_alike"),
        ]

    def __str__(self) -> str:
        return self.key


class SearchedTerm(models.Model):
    """The words of a term: those of its names alone, and all of them."""

    term = models.OneToOneField(
        Term, on_delete=models.DO_NOTHING, primary_key=True, related_name="searched"
    )
    names = SearchVectorField()
    # Name and abbreviation weigh A, aliases B, the definition D.
    words = SearchVectorField()

    class Meta:
        indexes: ClassVar = [
            GinIndex("names", name="searched_term_names"),
            GinIndex("words", name="searched_term_words"),
        ]

    def __str__(self) -> str:
        return str(self.term_id)
