"""A glossary, and what to take away from it."""

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
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name_plural = "glossaries"
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("glossary_detail", args=[self.slug])


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
