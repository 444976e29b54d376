"""A document on its way into a glossary: as it was read, what was found, what was decided."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from glossary.models.glossary import Glossary
from glossary.models.term import Term


class Import(models.Model):
    """One document brought into one glossary, or on its way there.

    It is kept for good: the next import tells by it whose change is whose, and it can be undone.
    """

    class State(models.TextChoices):
        READING = "reading", _("being read")
        REFUSED = "refused", _("cannot be read")
        READY = "ready", _("waiting for decisions")
        APPLYING = "applying", _("being applied")
        APPLIED = "applied", _("applied")
        UNDONE = "undone", _("undone")
        DROPPED = "dropped", _("given up")

    # None until it is applied, where the glossary is new.
    glossary = models.ForeignKey(
        Glossary, on_delete=models.CASCADE, null=True, blank=True, related_name="imports"
    )
    slug = models.SlugField(_("glossary's address"), max_length=200)
    course_slug = models.SlugField(_("course's address"), max_length=200, blank=True)
    name = models.CharField(_("document"), max_length=255)
    data = models.BinaryField(editable=False)
    # What was read: the shape is ``glossary.documents.Document.as_json``.
    content = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.READING)
    # Whether the course and the intake that the document names are made as well.
    brings_intake = models.BooleanField(default=False)
    # Why it cannot be read, or why it was not applied.
    message = models.TextField(blank=True)
    # What was read and what would be done, as rows of two texts.
    report = models.JSONField(default=list, editable=False)
    # What undoing brings back besides terms: the shape is ``glossary.imports.applying.Before``.
    before = models.JSONField(default=dict, editable=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    applied_at = models.DateTimeField(null=True, blank=True)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "reading",
                        "refused",
                        "ready",
                        "applying",
                        "applied",
                        "undone",
                        "dropped",
                    ]
                ),
                name="import_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["applied", "undone"], applied_at__isnull=False)
                | (~Q(state__in=["applied", "undone"]) & Q(applied_at=None)),
                name="import_applied_at",
            ),
            models.CheckConstraint(
                condition=Q(state="undone", undone_at__gte=F("applied_at"))
                | (~Q(state="undone") & Q(undone_at=None)),
                name="import_undone_at",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["applied", "undone"]) | Q(glossary__isnull=False),
                name="import_applied_to_a_glossary",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.created_at:%-d %B %Y}"

    def glossary_needs_another(self, person: Any) -> bool:
        """Whether the glossary asks for reviews, and ``person`` is who brought this."""
        asks = Glossary.objects.filter(slug=self.slug, needs_review=True)
        return self.created_by == person and asks.exists()


class ImportProgress(models.Model):
    """How far the work on an import has come; a row of its own, since the import's is held."""

    document = models.OneToOneField(Import, on_delete=models.CASCADE, related_name="progress")
    step = models.CharField(max_length=100, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.step}: {self.done} of {self.total}"


class ImportEntryQuerySet(models.QuerySet["ImportEntry"]):
    """Which entries."""

    def in_doubt(self) -> "ImportEntryQuerySet":
        """Those that staff have to decide on, decided or not."""
        return self.filter(needs_decision=True)

    def undecided(self) -> "ImportEntryQuerySet":
        """Those that wait for a decision."""
        return self.in_doubt().filter(choice="")


class ImportEntry(models.Model):
    """One thing that a document says, beside what the site says: most often a term."""

    class Kind(models.TextChoices):
        TERM = "term", _("term")
        SUMMARY = "summary", _("summary")
        TAKEAWAYS = "takeaways", _("takeaways")

    class Change(models.TextChoices):
        ADDED = "added", _("added")
        CHANGED = "changed", _("changed")
        KEPT = "kept", _("changed by staff, stays")
        CONFLICT = "conflict", _("changed by both")
        SAME = "same", _("same")
        GONE = "gone", _("not in the document, stays")
        DELETED = "deleted", _("deleted by staff, stays so")

    class Choice(models.TextChoices):
        TAKE = "take", _("take what the document says")
        OTHER = "other", _("take the document's other definition")
        KEEP = "keep", _("leave the site as it is")
        ALIAS = "alias", _("make it another name of the term there")
        LATER = "later", _("leave the site as it is, and decide on the definition later")

    document = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="entries")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.TERM)
    key = models.CharField(max_length=250, blank=True)
    name = models.CharField(max_length=200)
    change = models.CharField(max_length=10, choices=Change.choices)
    term = models.ForeignKey(
        Term, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # ``TermContent.as_json``, or a text's ``{"text": …}``; None where there is none.
    before = models.JSONField(null=True)
    taken = models.JSONField(null=True)
    kept = models.JSONField(null=True)
    others = models.JSONField(default=list)
    doubts = models.JSONField(default=list)
    near = models.ForeignKey(
        Term, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    line = models.PositiveIntegerField(null=True)
    needs_decision = models.BooleanField(default=False)
    choice = models.CharField(_("decision"), max_length=10, choices=Choice.choices, blank=True)

    objects = ImportEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("import entries")
        ordering = ("document", "position")
        constraints: ClassVar = [
            models.UniqueConstraint("document", "position", name="import_entry_position"),
            models.CheckConstraint(
                condition=Q(choice__in=["", "take", "other", "keep", "alias", "later"]),
                name="import_entry_choice_known",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["term", "summary", "takeaways"]),
                name="import_entry_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name
