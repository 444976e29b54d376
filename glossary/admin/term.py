"""Terms in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from glossary import editing
from glossary.admin.beginning import begin_draft
from glossary.admin.content_form import alias_lines
from glossary.admin.deleting import OnItsWayOut
from glossary.admin.mentions import MentionedIn, lessons_of_term, with_lessons
from glossary.admin.passage import shown_text
from glossary.admin.version import VersionsOfTerm
from glossary.admin_text import PassageFormMixin, markdown_field
from glossary.content import TermContent
from glossary.history_admin import PoliteForms, PoliteLists
from glossary.models import AlternativeDefinition, Glossary, Term
from glossary.versions import COLUMNS


class TermForm(PassageFormMixin):
    """A term with its definition and its other names."""

    passage_key = "definition"
    text_field = "definition_text"
    writes_passage = False

    definition_text = markdown_field(label=gettext_lazy("Definition"), required=True, rows=10)
    alias_lines = alias_lines()

    class Meta:
        model = Term
        exclude = ("definition",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = _(
                "Left empty, it is made from the name. The former address leads to a new one."
            )
        if self.instance.pk:
            names = self.instance.aliases.values_list("name", flat=True)
            self.initial["alias_lines"] = "\n".join(names)
        if "formula" in self.fields:
            formula = self.fields["formula"]
            formula.widget.attrs["rows"] = 3
            # A reference is a line of its own, and so is a caption.
            for name in {"source", "formula_caption"} & set(self.fields):
                self.fields[name].widget.attrs["class"] = "vLargeTextField"
            for problem in self.instance.problems:
                formula.help_text = format_html("{} ⚠ {}", formula.help_text, problem)

    def passage_glossaries(self) -> list[Glossary]:
        return [self.instance.glossary] if self.instance.glossary_id else []

    def own_term_id(self) -> int | None:
        return self.instance.pk

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        # The address is made where the term is saved; an empty one would clash in validation.
        if not self.cleaned_data.get("slug") and "name" in self.cleaned_data:
            self.instance.name = self.cleaned_data["name"]
            if glossary := self.cleaned_data.get("glossary"):
                self.instance.glossary = glossary
                self.cleaned_data["slug"] = editing.unused_slug(self.instance)
        self._check_see_also()
        self._check_draft()
        return cleaned

    @property
    def is_draft(self) -> bool:
        """Whether it is kept as a draft: asked for, or since the glossary asks for a review."""
        glossary = self.cleaned_data.get("glossary")
        return "_draft" in self.data or bool(glossary and glossary.needs_review)

    def _check_draft(self) -> None:
        """A draft is of a term where it is, and a term has one at a time."""
        if not self.instance.pk:
            return
        stored = Term.objects.select_related("glossary").get(pk=self.instance.pk)
        given = self.cleaned_data.get("glossary")
        if given and given != stored.glossary and (self.is_draft or stored.glossary.needs_review):
            told = _(
                "A draft stays in its glossary, and a review is asked for there: do not move it."
            )
            self.add_error("glossary", told)
        present = stored.drafts.open().select_related("by").first()
        if present and self.is_draft:
            address = reverse("admin:glossary_draft_change", args=[present.pk])
            told = _('This term has a <a href="{}">draft by {}</a> already: change that.')
            self.add_error(None, format_html(told, address, present.by))

    def _check_see_also(self) -> None:
        glossary = self.cleaned_data.get("glossary")
        others = self.cleaned_data.get("see_also") or ()
        strangers = [term.name for term in others if term.glossary != glossary]
        if glossary and strangers:
            told = _("Choose terms of %(glossary)s: %(names)s is of another glossary.") % {
                "glossary": glossary,
                "names": ", ".join(strangers),
            }
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


class AskedForDraft(Exception):
    """The form is in order, and what it says is not to be published: nothing is stored yet."""

    def __init__(self, term: Term, content: TermContent) -> None:
        super().__init__()
        self.term, self.content = term, content


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
        (gettext_lazy("Formula"), {"fields": ("formula", "formula_caption")}),
        (gettext_lazy("More"), {"fields": ("see_also", "source", "source_url")}),
        (
            gettext_lazy("On the site"),
            {"fields": ("is_published", "is_linked", "matches_case", "lessons")},
        ),
    )
    readonly_fields = ("lessons",)

    def get_inlines(self, request: HttpRequest, obj: Term | None) -> Any:
        """An empty table says nothing."""
        return self.inlines if obj and obj.alternatives.exists() else ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Term]:
        return with_lessons(super().get_queryset(request))

    @admin.display(description=gettext_lazy("lessons that mention it"), ordering="lessons_counted")
    def lessons(self, term: Term) -> str | SafeString:
        return lessons_of_term(term, getattr(term, "lessons_counted", 0))

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Says which draft is open, and that changes here wait for a review."""
        term = context.get("original")
        if term and request.method == "GET":
            if draft := term.drafts.open().first():
                address = reverse("admin:glossary_draft_change", args=[draft.pk])
                told = _('A <a href="{}">draft of this term</a> is open: {}.')
                messages.info(request, format_html(told, address, draft.get_state_display()))
            elif term.glossary.needs_review:
                messages.info(
                    request,
                    _("%(glossary)s asks for reviews: what is saved here is a draft.")
                    % {"glossary": term.glossary},
                )
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=gettext_lazy("definition"))
    def definition_text(self, term: Term) -> str:
        """For staff who may look but not edit, in the place of the field of this name."""
        return shown_text(term.definition)

    @admin.display(description=gettext_lazy("also known as"))
    def alias_lines(self, term: Term) -> str:
        return ", ".join(alias.name for alias in term.aliases.all())

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form; what it says becomes a draft where that is asked for."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except AskedForDraft as asked:
            return begin_draft(request, asked.term, asked.content)

    def save_model(self, request: HttpRequest, obj: Term, form: TermForm, change: bool) -> None:
        if form.is_draft:
            raise AskedForDraft(obj, form.content())
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
        editing.delete_term(obj, at=timezone.now(), by=request.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Term]) -> None:
        for term in queryset.select_related("glossary"):
            editing.delete_term(term, at=timezone.now(), by=request.user)
