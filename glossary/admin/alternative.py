"""Definitions that documents leave to be decided."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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

    @admin.display(description=gettext_lazy("published definition begins"))
    def published_opening(self, alternative: AlternativeDefinition) -> str:
        return alternative.term.opening

    @admin.display(description=gettext_lazy("published definition"))
    def published_now(self, alternative: AlternativeDefinition) -> str:
        return alternative.term.definition.source

    @admin.action(description=gettext_lazy("Publish instead"), permissions=["change"])
    def publish_instead(
        self, request: HttpRequest, queryset: QuerySet[AlternativeDefinition]
    ) -> None:
        for alternative in queryset:
            try:
                editing.adopt(alternative, by=request.user, at=timezone.now())
            except editing.CannotSave as refused:
                told = _("%(term)s: %(names)s Change it in its form.") % {
                    "term": alternative.term,
                    "names": " ".join(refused.problems),
                }
                messages.error(request, told)
                return
        messages.success(
            request, _("Published. What stood there before is among the term's versions.")
        )

    @admin.action(description=gettext_lazy("Dismiss"), permissions=["change"])
    def dismiss(self, request: HttpRequest, queryset: QuerySet[AlternativeDefinition]) -> None:
        for alternative in queryset:
            editing.dismiss(alternative, by=request.user, at=timezone.now())
        messages.success(request, _("Dismissed. No import brings them back."))
