"""Who waits for a place, or to be told, in the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from enrolment.models import IntakeAlert
from glossary.history_admin import PoliteLists


@admin.register(IntakeAlert)
class IntakeAlertAdmin(PoliteLists, admin.ModelAdmin):
    """Who wants to be told; an address can be deleted, not written."""

    list_display = ("email", "course", "created_at", "confirmed_at", "sent_at", "page")
    list_filter = ("course",)
    list_select_related = ("course",)
    search_fields = ("email",)
    fields = ("email", "course", "created_at", "confirmed_at", "sent_at")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People ask for themselves."""
        return False

    @admin.display(description="on the site")
    def page(self, alert: IntakeAlert) -> SafeString | Any:
        """The course's page."""
        return format_html('<a href="{}">course</a>', alert.course.get_absolute_url())
