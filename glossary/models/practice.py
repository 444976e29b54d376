"""How well each learner knows each term, and every answer that says so."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Expression, F, Q
from django.utils.translation import gettext_lazy as _

from glossary.models.term import Term
from glossary.practice.scheduling import MemoryState, Phase, Rating


class MemoryQuerySet(models.QuerySet["Memory"]):
    """Which memories."""

    def public(self) -> "MemoryQuerySet":
        """Those of terms that a visitor may see."""
        return self.filter(term__is_published=True, term__glossary__is_published=True)

    def known(self, *, at: datetime | Expression) -> "MemoryQuerySet":
        """Those of terms that are known at ``at``, as ``MemoryState.is_known`` says of one.

        Known is what was answered well enough to come back after days rather than minutes, and
        has not come back yet.
        """
        return self.filter(phase=Phase.REVIEW.value, due__gt=at)


class Memory(models.Model):
    """One term as one learner remembers it: where FSRS has it after the last answer."""

    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memories"
    )
    term = models.ForeignKey(Term, on_delete=models.CASCADE, related_name="memories")
    phase = models.PositiveSmallIntegerField()
    step = models.PositiveSmallIntegerField(null=True)
    stability = models.FloatField()
    difficulty = models.FloatField()
    due = models.DateTimeField()
    reviewed_at = models.DateTimeField()
    begun_at = models.DateTimeField()
    # How many answers there have been: the number of the last one.
    reviews = models.PositiveIntegerField()

    objects = MemoryQuerySet.as_manager()

    class Meta:
        indexes = (models.Index("learner", "due", name="memory_learner_due"),)
        constraints: ClassVar = [
            models.UniqueConstraint("learner", "term", name="memory_once_per_term"),
            models.CheckConstraint(
                condition=Q(phase=Phase.REVIEW.value, step=None)
                | Q(phase__in=[Phase.LEARNING.value, Phase.RELEARNING.value], step__isnull=False),
                name="memory_phase_and_step",
            ),
            models.CheckConstraint(
                condition=Q(stability__gt=0, difficulty__gte=1, difficulty__lte=10),
                name="memory_numbers_of_fsrs",
            ),
            models.CheckConstraint(condition=Q(due__gt=F("reviewed_at")), name="memory_due_later"),
            models.CheckConstraint(condition=Q(reviews__gte=1), name="memory_was_reviewed"),
        ]

    def __str__(self) -> str:
        return f"{self.learner_id} remembers {self.term_id}"

    @property
    def state(self) -> MemoryState:
        """What FSRS knows of it."""
        return MemoryState(
            self.phase, self.step, self.stability, self.difficulty, self.due, self.reviewed_at
        )

    @state.setter
    def state(self, state: MemoryState) -> None:
        self.phase = int(state.phase)
        self.step = state.step
        self.stability = state.stability
        self.difficulty = state.difficulty
        self.due = state.due
        self.reviewed_at = state.reviewed_at


class Review(models.Model):
    """One answer, and the state before it, so that it can be undone exactly and drawn later."""

    class Kind(models.TextChoices):
        MEANING = "meaning", _("term to definition")
        NAME = "name", _("definition to term")
        GAP = "gap", _("gap in a sentence")

    memory = models.ForeignKey(Memory, on_delete=models.CASCADE, related_name="history")
    number = models.PositiveIntegerField()
    rating = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField()
    # ``MemoryState.as_json``; empty for the first answer of all.
    before = models.JSONField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("memory", "number", name="review_numbered"),
            models.CheckConstraint(
                condition=Q(rating__in=[rating.value for rating in Rating]),
                name="review_rating_known",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["meaning", "name", "gap"]), name="review_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(number=1, before=None) | Q(number__gt=1, before__isnull=False),
                name="review_before",
            ),
        ]

    def __str__(self) -> str:
        return f"answer {self.number} of {self.memory_id}"
