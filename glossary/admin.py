"""The glossary in the admin. Every save goes through ``glossary.editing``."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from glossary import editing
from glossary.admin_text import PassageFormMixin, markdown_field, preview
from glossary.history_admin import HistoryAdmin, PoliteLists
from glossary.models import (
    AlternativeDefinition,
    Glossary,
    ImportedDocument,
    Passage,
    Takeaway,
    Term,
)
from glossary.wording import name_key


class OnItsWayOut:
    """Mixed into an admin whose objects may be deleted with what hangs on them.

    Alternatives and imported documents cannot be deleted by themselves, but go with their term or
    glossary.
    """

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, set, list]:
        shown, counts, forbidden, protected = super().get_deleted_objects(objs, request)  # type: ignore[misc]
        along = {model._meta.verbose_name for model in (AlternativeDefinition, ImportedDocument)}
        return shown, counts, set(forbidden) - along, protected


@admin.register(Passage)
class PassageAdmin(HistoryAdmin):
    """Texts are edited where they belong; here are the preview and a text's history."""

    history_list_display = ["source"]
    readonly_fields = ("source", "glossary", "updated_at")

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


class GlossaryForm(PassageFormMixin):
    """A glossary with its introduction."""

    passage_key = "introduction"
    text_field = "introduction_text"
    writes_passage = False

    introduction_text = markdown_field(label="Introduction", rows=8)

    class Meta:
        model = Glossary
        fields = ("title", "slug", "summary", "is_published")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = "Left empty, it is made from the title."

    def passage_glossary(self) -> Glossary | None:
        return self.instance if self.instance.pk else None


def _shown(passage: Passage | None) -> str:
    """The finished text."""
    return mark_safe(passage.linked_html) if passage else ""  # noqa: S308 - sanitised when written


class TakeawayInline(admin.TabularInline):
    model = Takeaway
    extra = 0


@admin.register(Glossary)
class GlossaryAdmin(OnItsWayOut, HistoryAdmin):
    form = GlossaryForm
    inlines = (TakeawayInline,)
    list_display = ("title", "slug", "number_of_terms", "waiting", "is_published", "updated_at")
    list_filter = ("is_published",)
    search_fields = ("title", "summary")
    fields = ("title", "slug", "summary", "introduction_text", "is_published")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Glossary]:
        waiting = Q(terms__alternatives__decision=AlternativeDefinition.Decision.WAITING)
        return (
            super()
            .get_queryset(request)
            .annotate(
                terms_counted=Count("terms", distinct=True),
                alternatives_waiting=Count("terms__alternatives", filter=waiting, distinct=True),
            )
        )

    @admin.display(description="introduction")
    def introduction_text(self, glossary: Glossary) -> str:
        """For staff who may look but not edit, in the place of the field of this name."""
        return _shown(glossary.introduction)

    @admin.display(description="terms", ordering="terms_counted")
    def number_of_terms(self, glossary: Glossary) -> SafeString:
        address = reverse("admin:glossary_term_changelist")
        return format_html(
            '<a href="{}?glossary__id__exact={}">{}</a>',
            address,
            glossary.pk,
            glossary.terms_counted,  # type: ignore[attr-defined]
        )

    @admin.display(description="definitions to decide", ordering="alternatives_waiting")
    def waiting(self, glossary: Glossary) -> str | SafeString:
        number: int = glossary.alternatives_waiting  # type: ignore[attr-defined]
        address = reverse("admin:glossary_alternativedefinition_changelist")
        query = f"decision__exact=waiting&term__glossary__id__exact={glossary.pk}"
        return format_html('<a href="{}?{}">{}</a>', address, query, number) if number else "–"

    def save_model(
        self, request: HttpRequest, obj: Glossary, form: ModelForm, change: bool
    ) -> None:
        editing.save_glossary(obj, introduction=form.cleaned_data.get("introduction_text"))

    def delete_model(self, request: HttpRequest, obj: Glossary) -> None:
        editing.delete_glossary(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Glossary]) -> None:
        for glossary in queryset:
            editing.delete_glossary(glossary)


class TermForm(PassageFormMixin):
    """A term with its definition and its other names."""

    passage_key = "definition"
    text_field = "definition_text"
    writes_passage = False

    definition_text = markdown_field(label="Definition", required=True, rows=10)
    alias_lines = forms.CharField(
        label="Also known as",
        required=False,
        max_length=5_000,
        widget=forms.Textarea({"rows": 3, "cols": 60}),
        help_text="One name a line. Each is linked in texts like the term's own name.",
    )

    class Meta:
        model = Term
        exclude = ("definition",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = "Left empty, it is made from the name."
        if self.instance.pk:
            names = self.instance.aliases.values_list("name", flat=True)
            self.initial["alias_lines"] = "\n".join(names)
        if "formula" in self.fields:
            self.fields["formula"].widget.attrs["rows"] = 3
            for problem in self.instance.problems:
                self.fields["formula"].help_text += f" ⚠ {problem}"

    def passage_glossary(self) -> Glossary | None:
        return self.instance.glossary if self.instance.glossary_id else None

    def own_term_id(self) -> int | None:
        return self.instance.pk

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_alias_lines(self) -> list[str]:
        names = [" ".join(line.split()) for line in self.cleaned_data["alias_lines"].splitlines()]
        for name in names:
            if len(name) > 200:
                raise forms.ValidationError(f"“{name[:40]}…” is longer than 200 characters.")
        return [name for name in names if name_key(name)]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        # The address is made where the term is saved; an empty one would clash in validation.
        if not self.cleaned_data.get("slug") and "name" in self.cleaned_data:
            self.instance.name = self.cleaned_data["name"]
            if glossary := self.cleaned_data.get("glossary"):
                self.instance.glossary = glossary
                self.cleaned_data["slug"] = editing.unused_slug(self.instance)
        return cleaned


class AlternativeInline(admin.TabularInline):
    """What documents say besides; decided in the list of definitions to decide."""

    model = AlternativeDefinition
    fields = readonly_fields = ("text", "document", "decision", "decided_by", "decided_at")
    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Term | None = None) -> bool:
        return False


@admin.register(Term)
class TermAdmin(OnItsWayOut, HistoryAdmin):
    form = TermForm
    inlines = (AlternativeInline,)
    list_display = ("name", "abbreviation", "glossary", "is_published", "is_linked", "updated_at")
    list_filter = ("glossary", "is_published", "is_linked")
    list_select_related = ("glossary",)
    search_fields = ("name", "abbreviation", "aliases__name", "opening")
    autocomplete_fields = ("glossary", "see_also")
    fieldsets = (
        (None, {"fields": ("glossary", "name", "abbreviation", "alias_lines", "slug")}),
        (None, {"fields": ("definition_text", "text_history")}),
        ("Formula", {"fields": ("formula", "formula_caption")}),
        ("More", {"fields": ("see_also", "source", "source_url")}),
        ("On the site", {"fields": ("is_published", "is_linked")}),
    )
    readonly_fields = ("text_history",)

    @admin.display(description="definition")
    def definition_text(self, term: Term) -> str:
        """For staff who may look but not edit, in the place of the field of this name."""
        return _shown(term.definition)

    @admin.display(description="also known as")
    def alias_lines(self, term: Term) -> str:
        return ", ".join(alias.name for alias in term.aliases.all())

    @admin.display(description="earlier definitions")
    def text_history(self, term: Term) -> str | SafeString:
        if not term.definition_id:
            return "–"
        address = reverse("admin:glossary_passage_history", args=[term.definition_id])
        return format_html('<a href="{}">History of the definition</a>', address)

    def save_model(self, request: HttpRequest, obj: Term, form: ModelForm, change: bool) -> None:
        editing.save_term(
            obj,
            definition=form.cleaned_data["definition_text"],
            aliases=form.cleaned_data["alias_lines"],
        )
        for problem in [*obj.definition.problems, *obj.problems]:
            messages.warning(request, problem)

    def delete_model(self, request: HttpRequest, obj: Term) -> None:
        editing.delete_term(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Term]) -> None:
        for term in queryset.select_related("glossary"):
            editing.delete_term(term)


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
            editing.adopt(alternative, by=request.user, at=timezone.now())
        messages.success(request, "Published. What stood there before is in the term's history.")

    @admin.action(description="Dismiss", permissions=["change"])
    def dismiss(self, request: HttpRequest, queryset: QuerySet[AlternativeDefinition]) -> None:
        for alternative in queryset:
            editing.dismiss(alternative, by=request.user, at=timezone.now())
        messages.success(request, "Dismissed. No import brings them back.")


@admin.register(ImportedDocument)
class ImportedDocumentAdmin(PoliteLists, admin.ModelAdmin):
    """The documents that were imported, as they were read."""

    list_display = ("name", "glossary", "imported_at", "imported_by")
    list_filter = ("glossary",)
    list_select_related = ("glossary", "imported_by")
    search_fields = ("name",)
    fields = readonly_fields = ("glossary", "name", "imported_at", "imported_by", "text")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: ImportedDocument | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: ImportedDocument | None = None
    ) -> bool:
        # The next import tells by them whose change is whose.
        return False
