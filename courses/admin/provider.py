"""The provider and the legal pages in the admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.safestring import mark_safe
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from courses.legal_text import FACTS, render_legal_text
from courses.models import LegalPage, Provider
from glossary.admin_text import LONGEST_TEXT, MarkdownWidget, text_to_preview
from glossary.history_admin import HistoryAdmin


@admin.register(Provider)
class ProviderAdmin(HistoryAdmin):
    """The one record. It is changed, never added twice and never deleted."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and Provider.current() is None

    def has_delete_permission(self, request: HttpRequest, obj: Provider | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """A list of one is no list."""
        if Provider.current() is None:
            return super().changelist_view(request, extra_context)
        return HttpResponseRedirect(reverse("admin:courses_provider_change", args=[1]))

    def save_model(self, request: HttpRequest, obj: Provider, form: Any, change: bool) -> None:
        obj.pk = 1
        super().save_model(request, obj, form, change)


class LegalTextWidget(MarkdownWidget):
    """The preview has the provider's facts filled in, as the page has."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["preview_url"] = reverse("admin:courses_legalpage_preview")
        return context


class LegalPageForm(forms.ModelForm):
    """A legal page's Markdown."""

    source = forms.CharField(
        label=_("Source"),
        max_length=LONGEST_TEXT,
        widget=LegalTextWidget({"rows": 30}),
        help_text=format_lazy(
            _("Markdown. Filled in from the provider: {facts}"),
            facts=", ".join(f"{{{{ provider.{fact} }}}}" for fact in FACTS),
        ),
    )

    class Meta:
        model = LegalPage
        fields = ("title", "slug", "version", "source")


@admin.register(LegalPage)
class LegalPageAdmin(HistoryAdmin):
    """Terms, privacy, cancellation, accessibility."""

    form = LegalPageForm
    list_display = ("title", "slug", "version", "updated_at")
    fields = ("title", "slug", "version", "source")

    def get_urls(self) -> list[URLPattern]:
        preview = self.admin_site.admin_view(self.preview_view)
        return [path("preview/", preview, name="courses_legalpage_preview"), *super().get_urls()]

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """What a text would look like, with the provider's facts; ``preview`` names its field."""
        if not (self.has_change_permission(request) or self.has_add_permission(request)):
            raise PermissionDenied
        source, problems = text_to_preview(request)
        html = render_legal_text(source, Provider.current())
        fragment = "fragment" in request.POST
        page = "glossary/preview_text.html" if fragment else "glossary/preview.html"
        context = {"html": mark_safe(html), "problems": problems}  # noqa: S308 - sanitised by render
        return render(request, page, context)
