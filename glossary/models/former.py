"""Where glossaries and terms were once, so that links to them lead on for ever."""

from typing import ClassVar

from django.db import models

from glossary.models.glossary import Glossary
from glossary.models.term import Term


class FormerGlossaryAddress(models.Model):
    """An address that a glossary had.

    Several may have had the same in turn: the terms of each are still looked for there.
    """

    slug = models.SlugField(max_length=200)
    glossary = models.ForeignKey(
        Glossary, on_delete=models.CASCADE, related_name="former_addresses"
    )
    left_at = models.DateTimeField()

    class Meta:
        ordering = ("-left_at", "-pk")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("slug", "glossary"), name="former_glossary_once")
        ]

    def __str__(self) -> str:
        return self.slug


class FormerTermAddress(models.Model):
    """An address that a term had: both parts as they stood, whoever has them now.

    It belongs to whom it belonged to last.
    """

    glossary_slug = models.SlugField(max_length=200)
    slug = models.SlugField(max_length=200)
    term = models.ForeignKey(Term, on_delete=models.CASCADE, related_name="former_addresses")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("glossary_slug", "slug"), name="former_term_unique")
        ]

    def __str__(self) -> str:
        return f"{self.glossary_slug}/{self.slug}"
