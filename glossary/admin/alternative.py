"""Definitions that documents leave to be decided."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from glossary import editing
from glossary.history_admin import PoliteLists
from glossary.models import AlternativeDefinition


@admin.register(AlternativeDefinition)
class AlternativeDefinitionAdmin(PoliteLists, admin.ModelAdmin):
    """Definitions that documents bring besides the published ones: choose."""

    list_display = ("term", "published_opening", "text", "decision")
    list_filter = ("decision", "term__glossary")
    list_select_related = ("term",)
    search_fields = ("term__name", "text")
    fields = readonly_fields = (
        "term",
        "published_now",
        "text",
        "document",
        "decision",
        "decided_by",
        "decided_at",
    )
    actions = ("publish_instead", "dismiss")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: AlternativeDefinition | None = None
    ) -> bool:
        # Once deleted it would come back with the next import; dismissed it never does.
        return False

    @admin.display(description="published definition begins")
    def published_opening(self, alternative: AlternativeDefinition) -> str:
        return alternative.term.opening

    @admin.display(description="published definition")
    def published_now(self, alternative: AlternativeDefinition) -> str:
        return alternative.term.definition.source

    @admin.action(description="Publish instead", permissions=["change"])
    def publish_instead(
        self, request: HttpRequest, queryset: QuerySet[AlternativeDefinition]
    ) -> None:
        for alternative in queryset:
            try:
                editing.adopt(alternative, by=request.user, at=timezone.now())
            except editing.CannotSave as refused:
                told = f"{alternative.term}: {' '.join(refused.problems)} Change it in its form."
                messages.error(request, told)
                return
        messages.success(
            request, "Published. What stood there before is among the term's versions."
        )

    @admin.action(description="Dismiss", permissions=["change"])
    def dismiss(self, request: HttpRequest, queryset: QuerySet[AlternativeDefinition]) -> None:
        for alternative in queryset:
            editing.dismiss(alternative, by=request.user, at=timezone.now())
        messages.success(request, "Dismissed. No import brings them back.")
