"""What a term said, each time that it was changed."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from glossary.content import TermContent
from glossary.models.imports import Import
from glossary.models.term import Term


class Version(models.Model):
    """A term as it was from one moment on, until the next version.

    ``glossary.versions`` writes them, in the transaction that changed the term; none is changed
    afterwards. They go with their term, into ``DeletedTerm`` where staff delete it.
    """

    class What(models.TextChoices):
        CREATED = "created", _("created")
        EDITED = "edited", _("edited")
        IMPORTED = "imported", _("imported")
        ADOPTED = "adopted", _("another definition published")
        RESTORED = "restored", _("an earlier version restored")
        UNDONE = "undone", _("an import undone")

    term = models.ForeignKey(Term, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    # The shape is ``glossary.content.TermContent.as_json``.
    content = models.JSONField()
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    what = models.CharField(max_length=10, choices=What.choices)
    # The document that brought it, where one did.
    document = models.ForeignKey(
        Import,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="versions",
    )

    class Meta:
        ordering = ("-number",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("term", "number"), name="version_number_unique"),
            models.CheckConstraint(
                condition=models.Q(number__gte=1), name="version_number_from_one"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    what__in=["created", "edited", "imported", "adopted", "restored", "undone"]
                ),
                name="version_what_known",
            ),
        ]

    def __str__(self) -> str:
        return gettext("version %(number)s of %(term)s") % {
            "number": self.number,
            "term": self.term,
        }

    @property
    def said(self) -> TermContent:
        """What the term said."""
        return TermContent.from_json(self.content)
