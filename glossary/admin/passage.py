"""Texts: their preview and their history."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.safestring import mark_safe

from glossary.admin_text import preview
from glossary.history_admin import HistoryAdmin
from glossary.models import Passage


@admin.register(Passage)
class PassageAdmin(HistoryAdmin):
    """Texts are edited where they belong; here are the preview and a text's history."""

    readonly_fields = ("source", "glossaries", "updated_at")

    def get_urls(self) -> list[URLPattern]:
        name = "glossary_passage_preview"
        return [path("preview/", preview, name=name), *super().get_urls()]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Passage | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Passage | None = None) -> bool:
        return False


def shown_text(passage: Passage | None) -> str:
    """The finished text."""
    return mark_safe(passage.linked_html) if passage else ""  # noqa: S308 - sanitised when written
