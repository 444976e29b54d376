"""Someone who wants to be told when a course can be joined."""

import secrets

from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from courses.models import Course, Intake


def new_token() -> str:
    """A secret for the links in the mail: 256 bits, safe in an address."""
    return secrets.token_urlsafe(32)


class IntakeAlert(models.Model):
    """One address that is told, once, when an intake of a course opens.

    Nothing but the confirmation is sent until the address is confirmed. What could be joined when
    it was asked for is nothing to be told of.
    """

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="alerts")
    email = models.EmailField(max_length=254)
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    # When the mail that asks to confirm was last queued; empty where none was needed.
    confirmation_sent_at = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    known = models.ManyToManyField(
        Intake, blank=True, related_name="+", verbose_name=_("could be joined then")
    )

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
        return gettext("%(email)s about %(course)s") % {
            "email": self.email,
            "course": self.course,
        }

    def get_confirm_url(self) -> str:
        return reverse("alert_confirm", args=[self.token])
