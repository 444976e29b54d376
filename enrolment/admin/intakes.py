"""Intakes in the admin, with what follows for those who wait for a place."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from courses.admin.intake import IntakeAdmin as CoursesIntakeAdmin
from courses.admin.intake import IntakeForm as CoursesIntakeForm
from courses.models import Intake
from enrolment import offering


class IntakeForm(CoursesIntakeForm):
    """An intake, and how long a freed place is kept for whoever waits."""

    class Meta(CoursesIntakeForm.Meta):
        fields = (*CoursesIntakeForm.Meta.fields, "has_waiting_list", "offer_hours")


admin.site.unregister(Intake)


@admin.register(Intake)
class IntakeAdmin(CoursesIntakeAdmin):
    """More places, or a new price, go to those who wait before anybody else sees them."""

    form = IntakeForm
    fieldsets = (
        *CoursesIntakeAdmin.fieldsets,
        ("Waiting list", {"fields": (("has_waiting_list", "offer_hours"),)}),
    )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Inside the transaction that saves the intake and its prices."""
        super().save_related(request, form, formsets, change)
        at = timezone.now()
        intake: Intake = form.instance
        if offering.is_over(intake, at=at):
            offering.withdraw_all(intake, at=at)
        offering.pass_on(intake.pk, at=at)
