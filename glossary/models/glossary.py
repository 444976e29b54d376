"""A glossary, and what to take away from it."""

import uuid
from typing import Any

from django.db import models
from django.urls import reverse
from simple_history.models import HistoricalRecords

from glossary.models.passage import Passage


class Glossary(models.Model):
    """A set of terms with a page of its own."""

    title = models.CharField(max_length=200)
    slug = models.SlugField("address", max_length=200, unique=True)
    summary = models.TextField(
        blank=True, help_text="Plain text; shown under the title and by search engines."
    )
    introduction = models.OneToOneField(
        Passage, on_delete=models.PROTECT, null=True, blank=True, related_name="introduces"
    )
    is_published = models.BooleanField("published", default=False)
    # Another one with every change that links to its terms depend on; never one that was before,
    # so that what was worked out in a transaction that failed is not taken for what is.
    names_version = models.UUIDField(default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    history = HistoricalRecords(excluded_fields=["names_version"])

    class Meta:
        verbose_name_plural = "glossaries"
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("glossary_detail", args=[self.slug])

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store what staff set, never ``names_version``: a copy read before would bring one back.

        A new row stores it too.
        """
        is_new = self._state.adding or kwargs.get("force_insert")
        if not is_new and kwargs.get("update_fields") is None:
            names = {field.name for field in self._meta.concrete_fields}
            kwargs["update_fields"] = names - {"id", "names_version"}
        super().save(*args, **kwargs)

    def renew_names(self) -> None:
        """Say, in the transaction that is under way, that links to its terms may be others now."""
        self.names_version = uuid.uuid4()
        Glossary.objects.filter(pk=self.pk).update(names_version=self.names_version)


class Takeaway(models.Model):
    """A sentence that a reader of the glossary should take away."""

    glossary = models.ForeignKey(Glossary, on_delete=models.CASCADE, related_name="takeaways")
    position = models.PositiveIntegerField()
    text = models.TextField(help_text="One sentence, plain text.")

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(
                fields=("glossary", "position"),
                name="takeaway_position_unique",
                deferrable=models.Deferrable.DEFERRED,
            ),
        )

    def __str__(self) -> str:
        return self.text[:60]
