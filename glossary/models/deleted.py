"""What staff deleted, kept so that it can be brought back."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from glossary.content import TermContent
from glossary.models.glossary import Glossary


class DeletedTerm(models.Model):
    """A term that is gone, with everything that it ever said.

    ``glossary.versions`` writes it in the transaction that deletes the term, and
    ``glossary.bringing_back`` makes the term anew. It goes with its glossary.
    """

    glossary = models.ForeignKey(Glossary, on_delete=models.CASCADE, related_name="deleted_terms")
    name = models.CharField(max_length=200)
    slug = models.SlugField(_("address"), max_length=200)
    is_published = models.BooleanField(_("published"))
    # Its versions, the earliest first, in the shape of ``glossary.versions.set_aside``; empty once
    # it is brought back, since then the term has them.
    versions = models.JSONField(default=list, editable=False)
    # The addresses that it had before: pairs of the glossary's and its own.
    addresses = models.JSONField(default=list, editable=False)
    at = models.DateTimeField(_("deleted"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    brought_back_at = models.DateTimeField(_("brought back"), null=True, blank=True)
    brought_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("-at", "-pk")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(brought_back_at__isnull=False) | Q(brought_back_by=None),
                name="deleted_term_brought_back",
            ),
            models.CheckConstraint(
                condition=Q(brought_back_at=None) | Q(versions=[]),
                name="deleted_term_versions_are_elsewhere",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def said(self) -> TermContent:
        """What it said last."""
        last: dict[str, Any] = (
            self.versions[-1]["content"] if self.versions else {"name": self.name}
        )
        return TermContent.from_json(last)
