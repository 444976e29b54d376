"""Who asked to be reminded of what is due."""

from django.conf import settings
from django.db import models


class PracticeReminder(models.Model):
    """A learner who asked for a weekly mail that says what waits to be practised."""

    learner = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="practice_reminder"
    )
    is_on = models.BooleanField(default=True)
    asked_at = models.DateTimeField()
    # The next day, Europe/London, on which to look whether anything is due.
    next_on = models.DateField()

    class Meta:
        indexes = (
            models.Index(
                "next_on", condition=models.Q(is_on=True), name="practice_reminder_next_on"
            ),
        )

    def __str__(self) -> str:
        return f"{self.learner} is reminded from {self.next_on}"
