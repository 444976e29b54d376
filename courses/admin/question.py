"""The questions about a course, answered on its page; written in the course's own form."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from courses import writing
from courses.models import Course, CourseQuestion
from glossary.admin_text import PassageFormMixin, markdown_field
from glossary.models import Glossary


class QuestionForm(PassageFormMixin):
    """A question with its answer, and its place among the others."""

    passage_key = "answer"
    text_field = "answer_text"
    writes_passage = False

    answer_text = markdown_field(label=_("Answer"), required=True, rows=5)

    class Meta:
        model = CourseQuestion
        fields = ("position", "question")
        labels: ClassVar = {"position": _("place")}

    def __init__(self, *args: Any, glossaries: list[Glossary], **kwargs: Any) -> None:
        self._glossaries = glossaries
        super().__init__(*args, **kwargs)
        self.fields["position"].required = False

    def passage_glossaries(self) -> list[Glossary]:
        return self._glossaries

    def _get_validation_exclusions(self) -> set[str]:
        # Two questions change places in one save; they are numbered anew afterwards.
        return {*super()._get_validation_exclusions(), "position"}  # type: ignore[misc]


class QuestionFormSet(forms.BaseInlineFormSet):
    """The questions of one course."""

    @cached_property
    def glossaries(self) -> list[Glossary]:
        """Those of the course: asked for once, however many questions there are."""
        return self.instance.glossaries_in_order()

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "glossaries": self.glossaries}

    def save_all(self) -> list[str]:
        """Store what was added and changed, remove what was deleted; problems of the texts."""
        self.save(commit=False)  # lists them, for the admin's log as well
        problems: list[str] = []
        for question in self.deleted_objects:
            writing.delete_question(question)
        for form in self.forms:
            if form.has_changed() and form not in self.deleted_forms:
                saved = writing.save_question(
                    form.instance, answer=form.cleaned_data["answer_text"]
                )
                problems.extend(saved.answer.problems)
        return problems


class QuestionInline(admin.StackedInline):
    """What people ask before they enrol. Who may change a course may answer."""

    model = CourseQuestion
    form = QuestionForm
    formset = QuestionFormSet
    fields = ("position", "question", "answer_text")
    extra = 0
    ordering = ("position",)
    verbose_name = _("question")
    verbose_name_plural = _("questions answered on the course's page")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("courses.view_course") or self._may_answer(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_answer(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_answer(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_answer(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CourseQuestion]:
        return super().get_queryset(request).select_related("answer")

    def _may_answer(self, request: HttpRequest) -> bool:
        user = request.user
        return user.has_perm("courses.change_course") or user.has_perm("courses.add_course")


def save_questions(request: HttpRequest, course: Course, formset: QuestionFormSet) -> None:
    """Store a course's questions as they were sent, and tell what could not be shown of them."""
    for problem in formset.save_all():
        messages.warning(request, problem)
    writing.number_questions(course)
