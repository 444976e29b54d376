"""Glossaries in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from glossary import editing
from glossary.admin.deleting import OnItsWayOut
from glossary.admin.passage import shown_text
from glossary.admin_text import PassageFormMixin, markdown_field
from glossary.history_admin import HistoryAdmin
from glossary.models import AlternativeDefinition, Draft, Glossary, Takeaway


class GlossaryForm(PassageFormMixin):
    """A glossary with its introduction."""

    passage_key = "introduction"
    text_field = "introduction_text"
    writes_passage = False

    introduction_text = markdown_field(label=gettext_lazy("Introduction"), rows=8)

    class Meta:
        model = Glossary
        fields = ("title", "slug", "summary", "is_published", "needs_review")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = _(
                "Left empty, it is made from the title. The former address leads to a new one."
            )

    def passage_glossaries(self) -> list[Glossary]:
        return [self.instance] if self.instance.pk else []


class TakeawayInline(admin.TabularInline):
    model = Takeaway
    extra = 0


@admin.register(Glossary)
class GlossaryAdmin(OnItsWayOut, HistoryAdmin):
    form = GlossaryForm
    inlines = (TakeawayInline,)
    list_display = (
        "title",
        "slug",
        "number_of_terms",
        "waiting",
        "to_review",
        "is_published",
        "updated_at",
    )
    list_filter = ("is_published",)
    search_fields = ("title", "summary")
    fields = (
        "title",
        "slug",
        "summary",
        "introduction_text",
        "is_published",
        "needs_review",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Glossary]:
        waiting = Q(terms__alternatives__decision=AlternativeDefinition.Decision.WAITING)
        return (
            super()
            .get_queryset(request)
            .annotate(
                terms_counted=Count("terms", distinct=True),
                alternatives_waiting=Count("terms__alternatives", filter=waiting, distinct=True),
                drafts_waiting=Count(
                    "drafts", filter=Q(drafts__state=Draft.State.WAITING), distinct=True
                ),
            )
        )

    @admin.display(description=gettext_lazy("introduction"))
    def introduction_text(self, glossary: Glossary) -> str:
        """For staff who may look but not edit, in the place of the field of this name."""
        return shown_text(glossary.introduction)

    @admin.display(description=gettext_lazy("terms"), ordering="terms_counted")
    def number_of_terms(self, glossary: Glossary) -> SafeString:
        address = reverse("admin:glossary_term_changelist")
        return format_html(
            '<a href="{}?glossary__id__exact={}">{}</a>',
            address,
            glossary.pk,
            glossary.terms_counted,  # type: ignore[attr-defined]
        )

    @admin.display(
        description=gettext_lazy("definitions to decide"), ordering="alternatives_waiting"
    )
    def waiting(self, glossary: Glossary) -> str | SafeString:
        number: int = glossary.alternatives_waiting  # type: ignore[attr-defined]
        address = reverse("admin:glossary_alternativedefinition_changelist")
        query = f"decision__exact=waiting&term__glossary__id__exact={glossary.pk}"
        return format_html('<a href="{}?{}">{}</a>', address, query, number) if number else "–"

    @admin.display(description=gettext_lazy("drafts to review"), ordering="drafts_waiting")
    def to_review(self, glossary: Glossary) -> str | SafeString:
        number: int = glossary.drafts_waiting  # type: ignore[attr-defined]
        address = reverse("admin:glossary_draft_changelist")
        query = f"state__exact=waiting&glossary__id__exact={glossary.pk}"
        return format_html('<a href="{}?{}">{}</a>', address, query, number) if number else "–"

    def get_readonly_fields(self, request: HttpRequest, obj: Glossary | None = None) -> Any:
        """Only who reviews may say whether a review is asked for."""
        may = request.user.has_perm("glossary.review_draft")
        return self.readonly_fields if may else (*self.readonly_fields, "needs_review")

    def save_model(
        self, request: HttpRequest, obj: Glossary, form: ModelForm, change: bool
    ) -> None:
        introduction = form.cleaned_data.get("introduction_text")
        editing.save_glossary(obj, at=timezone.now(), introduction=introduction)

    def delete_model(self, request: HttpRequest, obj: Glossary) -> None:
        editing.delete_glossary(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Glossary]) -> None:
        for glossary in queryset:
            editing.delete_glossary(glossary)
