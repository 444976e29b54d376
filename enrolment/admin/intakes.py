"""Intakes in the admin, with what follows for those who wait for a place."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db import connection
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils import timezone

from courses.admin.intake import IntakeAdmin as CoursesIntakeAdmin
from courses.models import Intake
from enrolment import offering
from enrolment.admin import deciding

admin.site.unregister(Intake)


@admin.register(Intake)
class IntakeAdmin(CoursesIntakeAdmin):
    """More places, or a new price, go to those who wait before anybody else sees them."""

    def get_urls(self) -> list[URLPattern]:
        """With the page on which staff decide whether it runs."""
        view = self.admin_site.admin_view(partial(deciding.decide, self))
        decision = path("<int:pk>/decision/", view, name="courses_intake_decision")
        return [decision, *super().get_urls()]

    def get_readonly_fields(self, request: HttpRequest, obj: Intake | None = None) -> Any:
        """Where people are in it, it is called off, so that each of them is seen to."""
        fixed = super().get_readonly_fields(request, obj)
        return (*fixed, "cancelled_at") if obj and obj.enrolments.exists() else fixed

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Intake | None:
        """Locked while a change of it is saved, so that nothing decided meanwhile is undone."""
        found: Intake | None = super().get_object(request, *args, **kwargs)
        if found and request.method == "POST" and connection.in_atomic_block:
            offering.locked_intake(found.pk)
            found = super().get_object(request, *args, **kwargs)
        return found

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Inside the transaction that saves the intake and its prices."""
        super().save_related(request, form, formsets, change)
        at = timezone.now()
        intake: Intake = form.instance
        if offering.is_over(intake, at=at):
            offering.withdraw_all(intake, at=at)
        offering.pass_on(intake.pk, at=at)
