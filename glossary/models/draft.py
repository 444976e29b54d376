"""What a term is to say, before it does."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from glossary.content import TermContent
from glossary.models.glossary import Glossary
from glossary.models.term import Term


class DraftQuerySet(models.QuerySet["Draft"]):
    """Which drafts."""

    def open(self) -> "DraftQuerySet":
        """Those that may still be published."""
        return self.filter(state__in=Draft.OPEN)

    def due(self, *, at: Any) -> "DraftQuerySet":
        """Those whose time has come."""
        return self.filter(state=Draft.State.SCHEDULED, publish_at__lte=at)


class Draft(models.Model):
    """A change of a term, or a new term, that the public page does not show yet.

    ``glossary.drafting`` has its journeys: written, handed in for review where the glossary asks
    for one, approved by another person than its author or sent back, published at once or later.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("being written")
        WAITING = "waiting", _("waits for review")
        SCHEDULED = "scheduled", _("to be published at its time")
        PUBLISHED = "published", _("published")
        DISMISSED = "dismissed", _("dismissed")

    OPEN: ClassVar = (State.DRAFT, State.WAITING, State.SCHEDULED)

    glossary = models.ForeignKey(Glossary, on_delete=models.CASCADE, related_name="drafts")
    # None while it is of a new term.
    term = models.ForeignKey(
        Term, on_delete=models.CASCADE, null=True, blank=True, related_name="drafts"
    )
    # The shape is ``glossary.content.TermContent.as_json``.
    content = models.JSONField(editable=False)
    slug = models.SlugField(
        _("address"),
        max_length=200,
        blank=True,
        help_text=_("Left empty, it is made from the name."),
    )
    is_published = models.BooleanField(_("published"), default=True)
    # The term's version that its author, or whoever approved it, had before them; 0 for a new one.
    based_on = models.PositiveIntegerField(default=0, editable=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    # Whether the glossary asked for a review when it was handed in.
    needs_review = models.BooleanField(default=False, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True, help_text=_("Why it was sent back."))
    publish_at = models.DateTimeField(
        _("publish on"), null=True, blank=True, help_text=_("Left empty, it is published at once.")
    )
    published_at = models.DateTimeField(null=True, blank=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        ordering = ("-updated_at", "-pk")
        permissions = (("review_draft", "Can review drafts, and ask for reviews"),)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "waiting", "scheduled", "published", "dismissed"]),
                name="draft_state_known",
            ),
            models.UniqueConstraint(
                fields=("term",),
                condition=Q(state__in=["draft", "waiting", "scheduled"]),
                name="draft_one_open_per_term",
            ),
            models.CheckConstraint(
                condition=Q(needs_review=False) | ~Q(reviewed_by=F("by")),
                name="draft_reviewed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(needs_review=False)
                | Q(state__in=["draft", "waiting", "dismissed"])
                | Q(reviewed_at__isnull=False),
                name="draft_reviewed_before_publishing",
            ),
            models.CheckConstraint(
                condition=~Q(state="scheduled") | Q(publish_at__isnull=False),
                name="draft_scheduled_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state="published", published_at__isnull=False)
                | (~Q(state="published") & Q(published_at=None)),
                name="draft_published_at",
            ),
        ]

    def __str__(self) -> str:
        return str(self.content.get("name", ""))

    @property
    def says(self) -> TermContent:
        """What the term is to say."""
        return TermContent.from_json(self.content)

    @property
    def is_open(self) -> bool:
        """Whether it may still be published."""
        return self.state in self.OPEN
