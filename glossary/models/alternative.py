"""Definitions that documents leave for staff to decide between."""

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from glossary.models.imports import Import
from glossary.models.term import Term


class AlternativeDefinition(models.Model):
    """A definition that a document gives besides the published one; staff decide between them."""

    class Decision(models.TextChoices):
        WAITING = "waiting", _("waiting for a decision")
        ADOPTED = "adopted", _("published instead")
        DISMISSED = "dismissed", _("dismissed")

    term = models.ForeignKey(Term, on_delete=models.CASCADE, related_name="alternatives")
    text = models.TextField()
    document = models.ForeignKey(
        Import, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
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
        return gettext("another definition of %(term)s") % {"term": self.term}

    def decide(self, decision: Decision, *, by: Any, at: datetime) -> "AlternativeDefinition":
        """Record what staff decided; ``glossary.editing`` does what follows from it."""
        self.decision = decision
        self.decided_by = by
        self.decided_at = at
        self.save(update_fields=["decision", "decided_by", "decided_at"])
        return self
