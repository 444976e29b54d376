"""Terms in the admin."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from glossary import editing
from glossary.admin.deleting import OnItsWayOut
from glossary.admin.mentions import MentionedIn, lessons_of_term, with_lessons
from glossary.admin.passage import shown_text
from glossary.admin.version import VersionsOfTerm
from glossary.admin_text import PassageFormMixin, markdown_field
from glossary.content import TermContent
from glossary.history_admin import PoliteForms, PoliteLists
from glossary.models import AlternativeDefinition, Glossary, Term
from glossary.versions import COLUMNS
from glossary.wording import name_key


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
            self.fields[
                "slug"
            ].help_text = (
                "Left empty, it is made from the name. The former address leads to a new one."
            )
        if self.instance.pk:
            names = self.instance.aliases.values_list("name", flat=True)
            self.initial["alias_lines"] = "\n".join(names)
        if "formula" in self.fields:
            self.fields["formula"].widget.attrs["rows"] = 3
            for problem in self.instance.problems:
                self.fields["formula"].help_text += f" ⚠ {problem}"

    def passage_glossaries(self) -> list[Glossary]:
        return [self.instance.glossary] if self.instance.glossary_id else []

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
        self._check_see_also()
        return cleaned

    def _check_see_also(self) -> None:
        glossary = self.cleaned_data.get("glossary")
        others = self.cleaned_data.get("see_also") or ()
        strangers = [term.name for term in others if term.glossary != glossary]
        if glossary and strangers:
            told = f"Choose terms of {glossary}: {', '.join(strangers)} is of another glossary."
            self.add_error("see_also", told)

    def content(self) -> TermContent:
        """What the valid form says of the term."""
        given = self.cleaned_data
        return TermContent(
            **{column: given[column] for column in COLUMNS},
            definition=given["definition_text"],
            aliases=tuple(given["alias_lines"]),
            see_also=tuple(term.name for term in given["see_also"]),
        )


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
class TermAdmin(OnItsWayOut, VersionsOfTerm, PoliteForms, PoliteLists, admin.ModelAdmin):
    form = TermForm
    inlines = (AlternativeInline,)
    list_display = (
        "name", "abbreviation", "glossary", "lessons", "is_published", "is_linked", "updated_at",
    )  # fmt: skip
    list_filter = (MentionedIn, "glossary", "is_published", "is_linked")
    list_select_related = ("glossary",)
    search_fields = ("name", "abbreviation", "aliases__name", "opening")
    autocomplete_fields = ("glossary", "see_also")
    fieldsets = (
        (None, {"fields": ("glossary", "name", "abbreviation", "alias_lines", "slug")}),
        (None, {"fields": ("definition_text",)}),
        ("Formula", {"fields": ("formula", "formula_caption")}),
        ("More", {"fields": ("see_also", "source", "source_url")}),
        ("On the site", {"fields": ("is_published", "is_linked", "matches_case", "lessons")}),
    )
    readonly_fields = ("lessons",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Term]:
        return with_lessons(super().get_queryset(request))

    @admin.display(description="lessons that mention it", ordering="lessons_counted")
    def lessons(self, term: Term) -> str | SafeString:
        return lessons_of_term(term, getattr(term, "lessons_counted", 0))

    @admin.display(description="definition")
    def definition_text(self, term: Term) -> str:
        """For staff who may look but not edit, in the place of the field of this name."""
        return shown_text(term.definition)

    @admin.display(description="also known as")
    def alias_lines(self, term: Term) -> str:
        return ", ".join(alias.name for alias in term.aliases.all())

    def save_model(self, request: HttpRequest, obj: Term, form: TermForm, change: bool) -> None:
        editing.save_term(obj, form.content(), at=timezone.now(), by=request.user)
        for problem in [*obj.definition.problems, *obj.problems]:
            messages.warning(request, problem)

    def save_related(
        self, request: HttpRequest, form: TermForm, formsets: Any, change: bool
    ) -> None:
        """The inlines alone: the journey saved all that the form says."""
        for formset in formsets:
            self.save_formset(request, form, formset, change=change)

    def delete_model(self, request: HttpRequest, obj: Term) -> None:
        editing.delete_term(obj, at=timezone.now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Term]) -> None:
        for term in queryset.select_related("glossary"):
            editing.delete_term(term, at=timezone.now())
