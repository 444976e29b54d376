"""A glossary, and what to take away from it."""

import uuid
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from glossary.models.passage import Passage

# Set by queries of their own, whatever an instance read before.
KEPT = ("names_version", "revision", "changed_at")


class Glossary(models.Model):
    """A set of terms with a page of its own."""

    title = models.CharField(max_length=200)
    slug = models.SlugField(_("address"), max_length=200, unique=True)
    summary = models.TextField(
        blank=True, help_text=_("Plain text; shown under the title and by search engines.")
    )
    introduction = models.OneToOneField(
        Passage, on_delete=models.PROTECT, null=True, blank=True, related_name="introduces"
    )
    is_published = models.BooleanField(_("published"), default=False)
    # Another one with every change that links to its terms depend on; never one that was before,
    # so that what was worked out in a transaction that failed is not taken for what is.
    names_version = models.UUIDField(default=uuid.uuid4, editable=False)
    needs_review = models.BooleanField(
        _("ask for reviews"),
        default=False,
        help_text=_("Changes of terms are published once another person has approved them."),
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    # How often the glossary or any of its terms was changed, and when last: by these two a
    # visitor's copy is known to be the latest. ``glossary.editing`` keeps them.
    revision = models.PositiveBigIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    history = HistoricalRecords(excluded_fields=list(KEPT))

    class Meta:
        verbose_name_plural = _("glossaries")
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title

    def note_change(self, *, at: datetime) -> None:
        """Count a change of the glossary or of its terms, in the transaction under way."""
        Glossary.objects.filter(pk=self.pk).update(revision=F("revision") + 1, changed_at=at)

    def get_absolute_url(self) -> str:
        return reverse("glossary_detail", args=[self.slug])

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store what staff set, and nothing of ``KEPT``: a copy read before would bring it back.

        A new row stores it too.
        """
        is_new = self._state.adding or kwargs.get("force_insert")
        if not is_new and kwargs.get("update_fields") is None:
            names = {field.name for field in self._meta.concrete_fields}
            kwargs["update_fields"] = names - {"id", *KEPT}
        super().save(*args, **kwargs)

    def renew_names(self) -> None:
        """Say, in the transaction that is under way, that links to its terms may be others now."""
        self.names_version = uuid.uuid4()
        Glossary.objects.filter(pk=self.pk).update(names_version=self.names_version)


class Takeaway(models.Model):
    """A sentence that a reader of the glossary should take away."""

    glossary = models.ForeignKey(Glossary, on_delete=models.CASCADE, related_name="takeaways")
    position = models.PositiveIntegerField()
    text = models.TextField(help_text=_("One sentence, plain text."))

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
        return Truncator(self.text).chars(60)
