"""What people looked for in vain."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from courses.models import SearchInVain
from glossary.history_admin import PoliteLists


@admin.register(SearchInVain)
class SearchInVainAdmin(PoliteLists, admin.ModelAdmin):
    """What to write next: the searches that found nothing, the most frequent first."""

    list_display = ("words", "where", "times", "last_at", "first_at")
    list_select_related = ("glossary",)
    search_fields = ("words",)
    date_hierarchy = "last_at"
    fields = readonly_fields = ("words", "where", "times", "first_at", "last_at")

    @admin.display(description=_("where"), ordering="glossary__title")
    def where(self, search: SearchInVain) -> str:
        return search.glossary.title if search.glossary else gettext("the whole site")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: SearchInVain | None = None) -> bool:
        return False
