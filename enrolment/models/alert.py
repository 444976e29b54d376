"""Someone who wants to be told when a course can be joined."""

import secrets

from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse

from courses.models import Course


def new_token() -> str:
    """A secret for the links in the mail: 256 bits, safe in an address."""
    return secrets.token_urlsafe(32)


class IntakeAlert(models.Model):
    """One address that is told, once, when an intake of a course opens.

    Nothing but the confirmation is sent until the address is confirmed.
    """

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="alerts")
    email = models.EmailField(max_length=254)
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(
                models.F("course"),
                Lower("email"),
                condition=models.Q(sent_at=None),
                name="alert_one_waiting_per_course_and_email",
            ),
        )

    def __str__(self) -> str:
        return f"{self.email} about {self.course}"

    def get_confirm_url(self) -> str:
        return reverse("alert_confirm", args=[self.token])
