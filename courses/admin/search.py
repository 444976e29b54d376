"""What people looked for in vain."""

from django.contrib import admin
from django.http import HttpRequest

from courses.models import SearchInVain
from glossary.history_admin import PoliteLists


@admin.register(SearchInVain)
class SearchInVainAdmin(PoliteLists, admin.ModelAdmin):
    """What to write next: the searches that found nothing, the most frequent first."""

    list_display = ("words", "times", "last_at", "first_at")
    search_fields = ("words",)
    date_hierarchy = "last_at"
    fields = readonly_fields = ("words", "times", "first_at", "last_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: SearchInVain | None = None) -> bool:
        return False
