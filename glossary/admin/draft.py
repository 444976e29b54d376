"""Drafts in the admin: written, handed in, reviewed, published."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from glossary import drafting
from glossary.admin.content_form import NameLines, alias_lines
from glossary.admin_text import MarkdownWidget, markdown_field
from glossary.comparing import FieldChange, changes
from glossary.content import TermContent
from glossary.editing import CannotSave
from glossary.history_admin import PoliteForms, PoliteLists, is_key
from glossary.models import Alias, Draft, Term, Version
from glossary.versions import COLUMNS, content_of
from glossary.wording import name_key


class DraftForm(forms.ModelForm):
    """A draft's words, and when and where they are to appear."""

    alias_lines = alias_lines()
    definition_text = markdown_field(label=gettext_lazy("Definition"), required=True, rows=10)
    see_also_lines = NameLines(
        label=gettext_lazy("See also"),
        help_text=gettext_lazy("Names of other terms of the glossary, one a line."),
    )

    class Meta:
        model = Draft
        fields = ("slug", "is_published", "publish_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= forms.fields_for_model(Term, fields=COLUMNS)
        says = self.instance.says
        self.initial.update({name: getattr(says, name) for name in COLUMNS})
        self.initial["definition_text"] = says.definition
        self.initial["alias_lines"] = "\n".join(says.aliases)
        self.initial["see_also_lines"] = "\n".join(says.see_also)
        widget = self.fields["definition_text"].widget
        if isinstance(widget, MarkdownWidget):
            draft = self.instance
            widget.preview_of(glossary_ids=[draft.glossary_id], term_id=draft.term_id)

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_see_also_lines(self) -> list[str]:
        names: list[str] = self.cleaned_data["see_also_lines"]
        glossary = self.instance.glossary
        aliases = Alias.objects.filter(term__glossary=glossary)
        there = [*glossary.terms.values_list("name", flat=True)] if names else []
        there += aliases.values_list("name", flat=True) if names else []
        known = {name_key(name) for name in there}
        if unknown := [name for name in names if name_key(name) not in known]:
            raise forms.ValidationError(
                _("%(glossary)s has no term named %(names)s.")
                % {"glossary": glossary, "names": ", ".join(unknown)}
            )
        return names

    def content(self) -> TermContent:
        """What the valid form says of the term."""
        given = self.cleaned_data
        return TermContent(
            **{column: given[column] for column in COLUMNS},
            definition=given["definition_text"],
            aliases=tuple(given["alias_lines"]),
            see_also=tuple(given["see_also_lines"]),
        )


class ReviewForm(forms.Form):
    """What a reviewer decides, about what they were shown."""

    seen = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    note = forms.CharField(
        label=gettext_lazy("To the author"),
        required=False,
        max_length=5_000,
        widget=forms.Textarea({"rows": 4, "cols": 80}),
        help_text=gettext_lazy("Needed to send a draft back: what should change."),
    )


@admin.register(Draft)
class DraftAdmin(PoliteForms, PoliteLists, admin.ModelAdmin):
    form = DraftForm
    change_form_template = "admin/glossary/draft/change_form.html"
    list_display = ("__str__", "glossary", "is_new", "state", "by", "updated_at", "publish_at")
    list_filter = ("state", "glossary")
    list_select_related = ("glossary", "by", "term")
    search_fields = ("content__name", "term__name")
    readonly_fields = ("state", "by", "reviewed_by", "reviewed_at", "note")
    fieldsets = (
        (None, {"fields": ("state", "by", "reviewed_by", "reviewed_at", "note")}),
        (None, {"fields": ("name", "abbreviation", "alias_lines", "slug")}),
        (None, {"fields": ("definition_text",)}),
        (gettext_lazy("Formula"), {"fields": ("formula", "formula_caption")}),
        (gettext_lazy("More"), {"fields": ("see_also_lines", "source", "source_url")}),
        (
            gettext_lazy("On the site"),
            {"fields": ("is_published", "is_linked", "matches_case", "publish_at")},
        ),
    )

    @admin.display(boolean=True, description=gettext_lazy("new term"))
    def is_new(self, draft: Draft) -> bool:
        return draft.term_id is None

    def has_add_permission(self, request: HttpRequest) -> bool:
        # A draft begins in the form of its term.
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Draft | None = None) -> bool:
        # Dismissed, it stays to be looked up.
        return False

    def has_change_permission(self, request: HttpRequest, obj: Draft | None = None) -> bool:
        is_decided = obj is not None and not obj.is_open
        return not is_decided and super().has_change_permission(request, obj)

    def get_urls(self) -> list[URLPattern]:
        review = self.admin_site.admin_view(self.review_view)
        address = "<path:object_id>/review/"
        return [path(address, review, name="glossary_draft_review"), *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: Draft | None = None) -> Any:
        """Who may not change it, or where it is decided, sees what would change instead."""
        if obj is not None and self.has_change_permission(request, obj):
            return self.fieldsets
        shown = ("glossary", "state", "by", "reviewed_by", "reviewed_at", "note", "publish_at")
        return ((None, {"fields": shown}),)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        """The form as it is: most of its fields are no columns of the draft."""
        return super().get_form(request, obj, change=change, fields=DraftForm.Meta.fields)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        key = unquote(object_id)
        draft = self.get_object(request, key) if is_key(Draft, key) else None
        told = _told(draft) if draft else {}
        return super().change_view(request, object_id, form_url, {**told, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: Draft, form: DraftForm, change: bool) -> None:
        """Store the words; publishing and handing in come after, when they are safe."""
        drafting.rewrite(obj, form.content(), by=request.user, at=timezone.now())

    def save_related(
        self, request: HttpRequest, form: DraftForm, formsets: Any, change: bool
    ) -> None:
        """There is nothing more."""

    def response_change(self, request: HttpRequest, obj: Draft) -> HttpResponse:
        """Stay with the draft, having done what was asked for besides."""
        draft = Draft.objects.get(pk=obj.pk)
        if "_hand_in" in request.POST:
            self._do(request, lambda: drafting.hand_in(draft, at=timezone.now()))
        elif "_publish" in request.POST and not _may_publish(request, draft):
            told = _("The draft is saved. Publishing it is for those who may change terms.")
            messages.warning(request, told)
        elif "_publish" in request.POST:
            seen = drafting.present_number(draft.term)
            self._do(request, lambda: drafting.publish(draft, seen=seen, at=timezone.now()))
        else:
            messages.success(request, _("The draft is saved. The public page is as it was."))
        return _to(draft)

    def review_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What would change, for another person to approve, send back or dismiss."""
        key = unquote(object_id)
        if not is_key(Draft, key):
            raise Http404
        drafts = Draft.objects.select_related("glossary", "term__glossary", "by")
        draft = get_object_or_404(drafts, pk=key)
        if not request.user.has_perm("glossary.review_draft"):
            raise PermissionDenied
        form = ReviewForm(request.POST or None)
        if form.is_valid() and self._review(request, draft, form):
            return _to(draft)
        told = _told(draft)
        context = {
            **self.admin_site.each_context(request),
            **told,
            "opts": self.opts,
            "title": _("Review: %(draft)s") % {"draft": draft},
            "draft": draft,
            "is_own": draft.by_id == request.user.pk,
            "form": ReviewForm(
                initial={"seen": told["present"], "note": request.POST.get("note", "")}
            ),
        }
        return render(request, "admin/glossary/draft/review.html", context)

    def _review(self, request: HttpRequest, draft: Draft, form: ReviewForm) -> bool:
        now, note = timezone.now(), form.cleaned_data["note"].strip()
        if "_approve" in request.POST:
            seen = form.cleaned_data["seen"]
            return self._do(
                request, lambda: drafting.approve(draft, seen=seen, by=request.user, at=now)
            )
        if "_dismiss" in request.POST:
            return self._do(request, lambda: drafting.dismiss(draft, by=request.user, at=now))
        if not note:
            messages.error(request, _("Say to the author what should change."))
            return False
        return self._do(
            request, lambda: drafting.send_back(draft, note=note, by=request.user, at=now)
        )

    def _do(self, request: HttpRequest, journey: Callable[[], Draft]) -> bool:
        """Whether it could be done; told either way."""
        try:
            done = journey()
        except drafting.Refused as refused:
            messages.error(request, str(refused))
            return False
        except CannotSave as refused:
            for problem in refused.problems:
                messages.error(request, problem)
            return False
        messages.success(request, f"{done}: {done.get_state_display()}.")
        return True


def _may_publish(request: HttpRequest, draft: Draft) -> bool:
    """Whether this person could have changed the public page by the term's own form."""
    return request.user.has_perm(f"glossary.{'change' if draft.term_id else 'add'}_term")


def _to(draft: Draft) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:glossary_draft_change", args=[draft.pk]))


def _told(draft: Draft) -> dict[str, Any]:
    """What the draft would change now, and what was changed since it was begun."""
    present = drafting.present_number(draft.term)
    says = content_of(draft.term) if draft.term else TermContent("")
    return {
        "present": present,
        "changes": changes(says, draft.says) if draft.is_open else [],
        "meanwhile": _meanwhile(draft, says) if draft.is_open and draft.based_on != present else [],
        "asks_for_review": draft.glossary.needs_review,
    }


def _meanwhile(draft: Draft, says: TermContent) -> list[FieldChange]:
    begun = Version.objects.filter(term=draft.term_id, number=draft.based_on).first()
    return changes(begun.said if begun else TermContent(""), says)
