"""What lessons and courses are found by, and what people looked for in vain.

As with terms (``glossary.models.search``), triggers write the rows that are searched.
"""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from courses.models.course import Course, Lesson
from glossary.models import Glossary


class Searched(models.Model):
    """The words of a page: those that anyone is shown, and all of them."""

    key = models.TextField(db_collation="C")
    names = SearchVectorField()
    words = SearchVectorField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.key


def _indexes(what: str) -> list[models.Index]:
    return [
        models.Index("key", name=f"searched_{what}_begins"),
        GinIndex(OpClass("key", name="gin_trgm_ops"), name=f"searched_{what}_alike"),
        GinIndex("names", name=f"searched_{what}_names"),
        GinIndex("words", name=f"searched_{what}_words"),
    ]


class SearchedLesson(Searched):
    """A lesson. Names: title A, summary B, which its course's page shows to anyone.

    Words: the same, and the text D, for those who may read it.
    """

    lesson = models.OneToOneField(
        Lesson, on_delete=models.DO_NOTHING, primary_key=True, related_name="searched"
    )

    class Meta:
        indexes = _indexes("lesson")


class SearchedCourse(Searched):
    """A course. Names: title A, subject and summary B.

    Words: also outcomes and questions C, description and answers D.
    """

    course = models.OneToOneField(
        Course, on_delete=models.DO_NOTHING, primary_key=True, related_name="searched"
    )

    class Meta:
        indexes = _indexes("course")


class SearchInVain(models.Model):
    """Something that people looked for and that is not there; nothing about who they were."""

    words = models.CharField(_("looked for"), max_length=100)
    # Where it was looked up; None is the search over everything.
    glossary = models.ForeignKey(
        Glossary,
        on_delete=models.CASCADE,
        null=True,
        related_name="searches_in_vain",
        verbose_name=_("in the glossary"),
    )
    times = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField(_("first time"))
    last_at = models.DateTimeField(_("last time"))

    class Meta:
        verbose_name = _("search in vain")
        verbose_name_plural = _("searches in vain")
        ordering = ("-times", "-last_at", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["words", "glossary"], nulls_distinct=False, name="search_in_vain_once"
            ),
            models.CheckConstraint(
                condition=models.Q(last_at__gte=F("first_at")), name="search_in_vain_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.words
