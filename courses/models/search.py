"""What lessons and courses are found by, and what people looked for in vain.

As with terms (``glossary.models.search``), triggers write the rows that are searched.
"""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F

from courses.models.course import Course, Lesson


class SearchedLesson(models.Model):
    """The words of a lesson: those that its course's page shows to anyone, and all of them."""

    lesson = models.OneToOneField(
        Lesson, on_delete=models.DO_NOTHING, primary_key=True, related_name="searched"
    )
    key = models.TextField(db_collation="C")
    # Title A, summary B.
    names = SearchVectorField()
    # The same, and the text D: for those who may read it.
    words = SearchVectorField()

    class Meta:
        indexes: ClassVar = [
            models.Index("key", name="searched_lesson_begins"),
            GinIndex(OpClass("key", name="gin_trgm_ops"), name="searched_lesson_alike"),
            GinIndex("names", name="searched_lesson_names"),
            GinIndex("words", name="searched_lesson_words"),
        ]

    def __str__(self) -> str:
        return self.key


class SearchedCourse(models.Model):
    """The words of a course: of its title, subject and summary, and of its whole page."""

    course = models.OneToOneField(
        Course, on_delete=models.DO_NOTHING, primary_key=True, related_name="searched"
    )
    key = models.TextField(db_collation="C")
    # Title A, subject and summary B.
    names = SearchVectorField()
    # The same, outcomes C and description D.
    words = SearchVectorField()

    class Meta:
        indexes: ClassVar = [
            models.Index("key", name="searched_course_begins"),
            GinIndex(OpClass("key", name="gin_trgm_ops"), name="searched_course_alike"),
            GinIndex("names", name="searched_course_names"),
            GinIndex("words", name="searched_course_words"),
        ]

    def __str__(self) -> str:
        return self.key


class SearchInVain(models.Model):
    """Something that people looked for and that is not there; nothing about who they were."""

    words = models.CharField("looked for", max_length=100, unique=True)
    times = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField("first time")
    last_at = models.DateTimeField("last time")

    class Meta:
        verbose_name = "search in vain"
        verbose_name_plural = "searches in vain"
        ordering = ("-times", "-last_at", "pk")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(last_at__gte=F("first_at")), name="search_in_vain_in_order"
            )
        ]

    def __str__(self) -> str:
        return self.words
