"""Passages in the admin: staff write Markdown in the form of the thing it belongs to.

``PassageFormMixin`` puts a passage's text into a ModelForm as a field of its own, with a true
preview; ``MarkdownWidget`` is that field's widget and does for any Markdown. See the docstring of
the mixin for how to use it.
"""

from typing import Any

from django import forms
from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as render_page
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import mark_safe
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from glossary.models import Glossary, Passage
from glossary.passages import linker_for, write_passage
from glossary.rendering import render

TEXT = gettext_lazy("Text")
HELP = gettext_lazy(
    "Markdown. Mathematics as $…$ or $$…$$, code between ``` lines. Terms of the glossary are "
    "linked by themselves; to keep words from being linked, write [these words]{-}."
)


# Characters; a long book chapter has a tenth of it.
LONGEST_TEXT = 500_000
TOO_LONG = format_lazy(
    gettext_lazy(
        "This is longer than {most} characters, which is more than the site keeps as one text: "
        "shorten it, or divide it."
    ),
    most=f"{LONGEST_TEXT:,}",
)


class MarkdownWidget(forms.Textarea):
    """A text area with a preview of the finished page.

    Without JavaScript a button opens the preview in another tab; with it, the preview follows as
    one types. ``preview_of`` says whose terms are linked and which term never is.
    """

    template_name = "glossary/widgets/markdown.html"

    class Media:
        css = {"all": ["glossary/preview.css"]}
        js = [forms.widgets.Script("glossary/preview.js", defer=True)]

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": 18, "cols": 90, "class": "vLargeTextField", **(attrs or {})})
        self.glossary_ids: list[int] = []
        self.term_id: int | None = None

    def preview_of(self, *, glossary_ids: list[int], term_id: int | None = None) -> None:
        """Preview with the terms of these glossaries, and never with a link to this term."""
        self.glossary_ids = glossary_ids
        self.term_id = term_id

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        asked = {"glossary": self.glossary_ids, "term": self.term_id or ""}
        context["widget"]["preview_url"] = (
            f"{reverse('admin:glossary_passage_preview')}?{urlencode(asked, doseq=True)}"
        )
        return context


def markdown_field(*, label: Any = TEXT, required: bool = False, rows: int = 18) -> Any:
    """A form field for the Markdown of a passage."""
    return forms.CharField(
        label=label,
        required=required,
        help_text=HELP,
        max_length=LONGEST_TEXT,
        strip=False,
        widget=MarkdownWidget({"rows": rows}),
    )


class PassageFormMixin(forms.ModelForm):
    """A ModelForm that edits the text of one passage of its object in place.

    Say which key leads to the passage, declare the field, leave the key out of the form's
    fields, and say whose terms are linked::

        class LessonForm(PassageFormMixin):
            passage_key = "passage"
            text = markdown_field(required=True)

            class Meta:
                model = Lesson
                exclude = ("passage",)

            def passage_glossaries(self) -> list[Glossary]:
                return self.instance.course.glossaries_in_order() if self.instance.course_id else []

    ``form.save()`` writes the passage (also with ``commit=False``, as the admin calls it, so that
    the key is set before the object is saved; the admin does both in one transaction) and sets
    the key. An object that needs no text and has none gets no passage. A form whose object is
    saved by a journey that writes the passage itself sets ``writes_passage = False``.
    """

    passage_key = "passage"
    text_field = "text"
    writes_passage = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields[self.text_field]
        passage = self.passage()
        if passage:
            self.initial.setdefault(self.text_field, passage.source)
            field.help_text = _with_problems(str(field.help_text), passage.problems)
        if isinstance(field.widget, MarkdownWidget):
            glossaries = [glossary.pk for glossary in self.passage_glossaries()]
            field.widget.preview_of(glossary_ids=glossaries, term_id=self.own_term_id())

    def passage(self) -> Passage | None:
        """The passage that is edited; None where there is none yet."""
        if getattr(self.instance, f"{self.passage_key}_id") is None:
            return None
        passage: Passage = getattr(self.instance, self.passage_key)
        return passage

    def passage_glossaries(self) -> list[Glossary]:
        """The glossaries whose terms are linked in the text, in their order."""
        return []

    def own_term_id(self) -> int | None:
        """The term that the text defines, if it does."""
        return None

    def save(self, commit: bool = True) -> Any:
        if self.writes_passage:
            source = self.cleaned_data.get(self.text_field) or ""
            passage = self.passage()
            if source or passage or self.fields[self.text_field].required:
                glossaries = self.passage_glossaries()
                written = write_passage(passage, source=source, glossaries=glossaries)
                setattr(self.instance, self.passage_key, written)
        return super().save(commit=commit)


def _with_problems(help_text: str, problems: list[str]) -> str:
    """The help text with what could not be shown of the text as it was last saved.

    The admin takes a help text for HTML, and a problem quotes what somebody wrote.
    """
    for problem in reversed(problems):
        help_text = format_html("⚠ {} {}", problem, help_text)
    return help_text


@require_POST
@never_cache
@staff_member_required(login_url="admin:login")
@permission_required("glossary.change_passage", raise_exception=True)
def preview(request: HttpRequest) -> HttpResponse:
    """What a text would look like: rendered, sanitised and linked by the same functions.

    For those who may change texts. ``preview`` names the posted field that holds the Markdown;
    ``glossary`` and ``term`` in the address say whose terms are linked and which never is.
    ``fragment`` asks for the text alone.
    """
    source, too_long = text_to_preview(request)
    wanted = [key for one in request.GET.getlist("glossary") if (key := _number(one))]
    found = Glossary.objects.in_bulk(wanted)
    glossaries = [found[key] for key in dict.fromkeys(wanted) if key in found]
    term_id = _number(request.GET.get("term"))
    rendered = render(source, anchors=not term_id)
    linked = linker_for(glossaries).link(rendered.html, own=term_id)
    context = {
        "html": mark_safe(linked.html),  # noqa: S308 - sanitised by render
        "problems": [*too_long, *rendered.problems],
        "word_count": rendered.word_count,
    }
    fragment = "fragment" in request.POST
    page = "glossary/preview_text.html" if fragment else "glossary/preview.html"
    return render_page(request, page, context)


def text_to_preview(request: HttpRequest) -> tuple[str, list[str]]:
    """The Markdown of the posted field that ``preview`` names; of one that no form takes, why."""
    source = request.POST.get(request.POST.get("preview", ""), "")
    return (source, []) if len(source) <= LONGEST_TEXT else ("", [str(TOO_LONG)])


def _number(value: str | None) -> int | None:
    """The key that an address gives; None for anything else."""
    if value and value.isascii() and value.isdecimal() and len(value) < 19:
        return int(value)
    return None
