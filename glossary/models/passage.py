"""Text that terms are linked in."""

from typing import TYPE_CHECKING

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Value
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

if TYPE_CHECKING:
    from glossary.models.glossary import Glossary
    from glossary.models.mention import Mention
    from glossary.models.term import Term


class Passage(models.Model):
    """A piece of text that staff wrote, and the finished page it became when it was saved.

    ``html`` is rendered and sanitised; ``linked_html`` is the same with terms linked, and is what
    pages show. Both are made by ``glossary.passages``, never at view time.
    """

    source = models.TextField(
        _("text"),
        blank=True,
        help_text=_(
            "Markdown. Mathematics as $…$ or $$…$$. To keep words from being linked: "
            "[these words]{-}."
        ),
    )
    # Whose terms are linked in this text; what it belongs to says which, and in which order.
    glossaries: "models.ManyToManyField[Glossary, PassageGlossary]" = models.ManyToManyField(
        "Glossary", through="PassageGlossary", related_name="passages"
    )
    html = models.TextField(blank=True, editable=False)
    linked_html = models.TextField(blank=True, editable=False)
    # The words in which terms may be linked, folded: what a name is looked for in.
    folded = models.TextField(blank=True, editable=False)
    # Sentences for staff about what could not be rendered (a formula, mostly).
    problems = models.JSONField(default=list, blank=True, editable=False)
    word_count = models.PositiveIntegerField(default=0, editable=False)
    # Its chapters as a table of contents has them, in order: each with its "id" on the page and
    # its heading as "html" without links. A text on a page with others has none.
    sections = models.JSONField(
        default=list,
        db_default=Value([], output_field=models.JSONField()),
        blank=True,
        editable=False,
    )
    updated_at = models.DateTimeField(auto_now=True)
    terms: "models.ManyToManyField[Term, Mention]" = models.ManyToManyField(
        "Term", through="Mention", related_name="mentioned_in"
    )

    history = HistoricalRecords(
        excluded_fields=["html", "linked_html", "folded", "problems", "word_count", "sections"]
    )

    class Meta:
        # For finding the few passages with a name among any number of them.
        indexes = (
            GinIndex(fields=["folded"], opclasses=["gin_trgm_ops"], name="passage_folded_trigrams"),
        )

    def __str__(self) -> str:
        return Truncator(self.source).chars(60)


class PassageGlossary(models.Model):
    """A glossary whose terms are linked in a passage. Of two terms with one name, the first's."""

    passage = models.ForeignKey(Passage, on_delete=models.CASCADE, related_name="glossary_places")
    glossary = models.ForeignKey(
        "Glossary", on_delete=models.CASCADE, related_name="passage_places"
    )
    position = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("glossary of a text")
        verbose_name_plural = _("glossaries of texts")
        ordering = ("passage", "position")
        constraints = (
            models.UniqueConstraint("passage", "glossary", name="passage_glossary_once"),
            models.UniqueConstraint("passage", "position", name="passage_glossary_position"),
        )

    def __str__(self) -> str:
        return f"{self.glossary_id} for {self.passage_id}"
