"""Text that terms are linked in."""

from typing import TYPE_CHECKING

from django.db import models
from simple_history.models import HistoricalRecords

if TYPE_CHECKING:
    from glossary.models.mention import Mention
    from glossary.models.term import Term


class Passage(models.Model):
    """A piece of text that staff wrote, and the finished page it became when it was saved.

    ``html`` is rendered and sanitised; ``linked_html`` is the same with terms linked, and is what
    pages show. Both are made by ``glossary.passages``, never at view time.
    """

    source = models.TextField(
        "text",
        blank=True,
        help_text="Markdown. Mathematics as $…$ or $$…$$. To keep words from being linked: "
        "[these words]{-}.",
    )
    glossary = models.ForeignKey(
        "Glossary",
        verbose_name="terms from",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="passages",
        help_text="The glossary whose terms are linked in this text.",
    )
    html = models.TextField(blank=True, editable=False)
    linked_html = models.TextField(blank=True, editable=False)
    # The words in which terms may be linked, folded: what a name is looked for in.
    folded = models.TextField(blank=True, editable=False)
    # Sentences for staff about what could not be rendered (a formula, mostly).
    problems = models.JSONField(default=list, blank=True, editable=False)
    word_count = models.PositiveIntegerField(default=0, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    terms: "models.ManyToManyField[Term, Mention]" = models.ManyToManyField(
        "Term", through="Mention", related_name="mentioned_in"
    )

    history = HistoricalRecords(
        excluded_fields=["html", "linked_html", "folded", "problems", "word_count"]
    )

    def __str__(self) -> str:
        return self.source[:60]
