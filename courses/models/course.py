"""A course, its lessons, and how far each learner has read."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from glossary.models import Glossary, Passage


class CourseQuerySet(models.QuerySet["Course"]):
    """Which courses."""

    def public(self) -> "CourseQuerySet":
        """Those that a visitor may see."""
        return self.filter(is_published=True)


class Course(models.Model):
    """What is taught, sold by intake."""

    title = models.CharField(max_length=200)
    slug = models.SlugField(_("address"), max_length=200, unique=True)
    subject = models.CharField(max_length=100, blank=True)
    summary = models.TextField(blank=True, help_text=_("One sentence, plain text."))
    description = models.OneToOneField(
        Passage, on_delete=models.PROTECT, null=True, blank=True, related_name="describes"
    )
    outcomes = models.TextField(
        blank=True, help_text=_("What a learner will be able to do; one a line.")
    )
    # Their terms are linked in its texts; their pages show its next intake.
    glossaries: "models.ManyToManyField[Glossary, CourseGlossary]" = models.ManyToManyField(
        Glossary, through="CourseGlossary", blank=True, related_name="courses"
    )
    is_published = models.BooleanField(_("published"), default=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = CourseQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("course_detail", args=[self.slug])

    def glossaries_in_order(self) -> list[Glossary]:
        """Whose terms its texts are linked to; of two terms with one name, the first's."""
        if self.pk is None:
            return []
        return list(self.glossaries.order_by("course_places__position"))

    def outcome_list(self) -> list[str]:
        """The outcomes, one a line, without empty lines."""
        return [line.strip() for line in self.outcomes.splitlines() if line.strip()]


class CourseGlossary(models.Model):
    """A glossary whose terms are linked in a course's texts, and its place among them."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="glossary_places")
    glossary = models.ForeignKey(Glossary, on_delete=models.CASCADE, related_name="course_places")
    position = models.PositiveSmallIntegerField()

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("glossary of a course")
        verbose_name_plural = _("glossaries of courses")
        ordering = ("course", "position")
        constraints = (
            models.UniqueConstraint("course", "glossary", name="course_glossary_once"),
            models.UniqueConstraint("course", "position", name="course_glossary_position"),
        )

    def __str__(self) -> str:
        return f"{self.position}. {self.glossary}"


class CourseQuestion(models.Model):
    """Something that people ask before they enrol, and the answer on the course's page."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    question = models.CharField(max_length=200)
    answer = models.OneToOneField(Passage, on_delete=models.PROTECT, related_name="answers")

    history = HistoricalRecords()

    class Meta:
        verbose_name = "question about a course"
        verbose_name_plural = "questions about courses"
        ordering = ("course", "position")
        constraints = (
            models.UniqueConstraint(
                fields=("course", "position"),
                name="course_question_position_unique",
                deferrable=models.Deferrable.DEFERRED,
            ),
        )

    def __str__(self) -> str:
        return self.question


class LessonQuerySet(models.QuerySet["Lesson"]):
    """Which lessons."""

    def public(self) -> "LessonQuerySet":
        """Those whose title and summary a visitor may see."""
        return self.filter(is_published=True, course__is_published=True)


def minutes_to_read(words: int) -> int:
    """How long so many words take, at 180 a minute; at least 1."""
    return max(1, round(words / 180))


class Lesson(models.Model):
    """One sitting's reading. Readable by those enrolled, or by anyone where it is free."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="lessons")
    position = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    slug = models.SlugField(_("address"), max_length=200)
    summary = models.TextField(
        blank=True, help_text=_("One sentence, plain text; also shown to those who cannot read on.")
    )
    passage = models.OneToOneField(Passage, on_delete=models.PROTECT, related_name="lesson")
    is_free = models.BooleanField(_("free to read"), default=False)
    is_published = models.BooleanField(_("published"), default=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = LessonQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("course", "position")
        permissions = (("read_lesson", "Can read a lesson without being enrolled"),)
        constraints = (
            models.UniqueConstraint(
                "course",
                "slug",
                name="lesson_slug_unique",
                violation_error_message=_("This course has a lesson with this address already."),
            ),
            models.UniqueConstraint(
                fields=("course", "position"),
                name="lesson_position_unique",
                deferrable=models.Deferrable.DEFERRED,
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("lesson_detail", args=[self.course.slug, self.slug])

    @property
    def minutes(self) -> int:
        """How long it takes to read."""
        return minutes_to_read(self.passage.word_count)


class Reading(models.Model):
    """How far a learner has got with a lesson."""

    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="readings"
    )
    lesson = models.ForeignKey(Lesson, on_delete=models.CASCADE, related_name="readings")
    first_read_at = models.DateTimeField()
    last_read_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint("learner", "lesson", name="reading_once_per_learner"),
            models.CheckConstraint(
                condition=Q(last_read_at__gte=models.F("first_read_at")), name="reading_in_order"
            ),
        )

    def __str__(self) -> str:
        return f"{self.learner} reads {self.lesson}"
