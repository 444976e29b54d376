"""A glossary, its terms, and the text that terms are linked in."""

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from simple_history.models import HistoricalRecords


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


class TermQuerySet(models.QuerySet["Term"]):
    """Which terms."""

    def public(self) -> "TermQuerySet":
        """Those that a visitor may see."""
        return self.filter(is_published=True, glossary__is_published=True)

    def in_order(self) -> "TermQuerySet":
        """From A to Z, without regard to case."""
        return self.order_by(Lower("name"), "pk")


class Term(models.Model):
    """A headword and what it means."""

    glossary = models.ForeignKey(Glossary, on_delete=models.CASCADE, related_name="terms")
    name = models.CharField(max_length=200)
    slug = models.SlugField("address", max_length=200)
    abbreviation = models.CharField(max_length=40, blank=True)
    definition = models.OneToOneField(Passage, on_delete=models.PROTECT, related_name="defines")
    # The definition's first sentence as plain text: lists, previews and search engines use it.
    opening = models.TextField(blank=True, editable=False)
    formula = models.TextField(blank=True, help_text="LaTeX, without dollar signs.")
    formula_html = models.TextField(blank=True, editable=False)
    formula_caption = models.CharField(
        max_length=500, blank=True, help_text="One line that says what the symbols mean."
    )
    formula_caption_html = models.TextField(blank=True, editable=False)
    # Sentences for staff about what could not be shown of the formula or its caption.
    problems = models.JSONField(default=list, blank=True, editable=False)
    see_also: "models.ManyToManyField[Term, models.Model]" = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="seen_from"
    )
    source = models.CharField(max_length=500, blank=True, help_text="The work this rests on.")
    source_url = models.URLField("source's address", max_length=500, blank=True)
    is_linked = models.BooleanField(
        "link in texts", default=True, help_text="Clear this for a word too common to link."
    )
    is_published = models.BooleanField("published", default=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TermQuerySet.as_manager()
    history = HistoricalRecords(
        excluded_fields=["formula_html", "formula_caption_html", "opening", "problems"]
    )

    class Meta:
        ordering = (Lower("name"), "pk")
        constraints = (
            models.UniqueConstraint(
                "glossary",
                "slug",
                name="term_slug_unique",
                violation_error_message="This glossary has a term with this address already.",
            ),
            models.UniqueConstraint(
                models.F("glossary"),
                Lower("name"),
                name="term_name_unique",
                violation_error_message="This glossary has a term with this name already.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("term_detail", args=[self.glossary.slug, self.slug])


class Alias(models.Model):
    """Another name of a term."""

    term = models.ForeignKey(Term, on_delete=models.CASCADE, related_name="aliases")
    name = models.CharField("also known as", max_length=200)

    class Meta:
        verbose_name_plural = "aliases"
        ordering = (Lower("name"),)
        constraints = (
            models.UniqueConstraint(
                models.F("term"),
                Lower("name"),
                name="alias_unique",
                violation_error_message="This term has this alias already.",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Mention(models.Model):
    """A passage uses a term; the links in it and the lists at the term come from these rows."""

    passage = models.ForeignKey(Passage, on_delete=models.CASCADE, related_name="mentions")
    term = models.ForeignKey(Term, on_delete=models.CASCADE, related_name="mentions")

    class Meta:
        constraints = (models.UniqueConstraint("passage", "term", name="mention_once_per_passage"),)

    def __str__(self) -> str:
        return f"{self.term_id} in {self.passage_id}"


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


class ImportedDocument(models.Model):
    """A document as it was read, kept so that the next import can tell whose change is whose."""

    glossary = models.ForeignKey(Glossary, on_delete=models.CASCADE, related_name="documents")
    name = models.CharField(max_length=255)
    text = models.TextField()
    # What was read from the text: the shape is ``glossary.documents.Document.as_json``.
    content = models.JSONField(default=dict)
    imported_at = models.DateTimeField()
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("-imported_at", "-pk")
        get_latest_by = ("imported_at", "pk")

    def __str__(self) -> str:
        return f"{self.name}, {self.imported_at:%-d %B %Y}"


class AlternativeDefinition(models.Model):
    """A definition that a document gives besides the published one; staff decide between them."""

    class Decision(models.TextChoices):
        WAITING = "waiting", "waiting for a decision"
        ADOPTED = "adopted", "published instead"
        DISMISSED = "dismissed", "dismissed"

    term = models.ForeignKey(Term, on_delete=models.CASCADE, related_name="alternatives")
    text = models.TextField()
    document = models.ForeignKey(
        ImportedDocument, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decision = models.CharField(max_length=10, choices=Decision.choices, default=Decision.WAITING)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("created_at", "pk")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(decision__in=["waiting", "adopted", "dismissed"]),
                name="alternative_decision_known",
            ),
            models.CheckConstraint(
                condition=models.Q(decision="waiting", decided_at=None)
                | (~models.Q(decision="waiting") & models.Q(decided_at__isnull=False)),
                name="alternative_decided_at",
            ),
        ]

    def __str__(self) -> str:
        return f"another definition of {self.term}"

    def decide(self, decision: Decision, *, by: Any, at: datetime) -> "AlternativeDefinition":
        """Record what staff decided; ``glossary.editing`` does what follows from it."""
        self.decision = decision
        self.decided_by = by
        self.decided_at = at
        self.save(update_fields=["decision", "decided_by", "decided_at"])
        return self
