"""Courses and lessons in the admin. Saving goes through ``courses.writing``."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses import writing
from courses.admin.question import QuestionFormSet, QuestionInline, save_questions
from courses.models import Course, CourseGlossary, Intake, Lesson
from glossary.admin.mentions import OneOf, terms_of_text
from glossary.admin_text import PassageFormMixin, markdown_field
from glossary.history_admin import HistoryAdmin
from glossary.models import Glossary, Mention, Term

# Behind every place that staff give.
MAX_PLACE = 32_768


class CourseForm(PassageFormMixin):
    """A course with its description."""

    passage_key = "description"
    text_field = "description_text"
    writes_passage = False

    description_text = markdown_field(label=gettext_lazy("Description"), rows=14)

    class Meta:
        model = Course
        fields = (
            "title", "slug", "subject", "summary", "outcomes", "is_published",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = _("Left empty, it is made from the title.")

    def passage_glossaries(self) -> list[Glossary]:
        return self.instance.glossaries_in_order()


class CourseGlossaryForm(forms.ModelForm):
    """One of a course's glossaries, and its place."""

    class Meta:
        model = CourseGlossary
        fields = ("position", "glossary")
        labels: ClassVar = {"position": gettext_lazy("place")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["position"].required = False

    def _get_validation_exclusions(self) -> set[str]:
        # All are chosen as one, so two may change places; the formset sees that none comes twice.
        return {*super()._get_validation_exclusions(), "position", "glossary"}  # type: ignore[misc]


class CourseGlossaryFormSet(forms.BaseInlineFormSet):
    """The glossaries of one course."""

    def clean(self) -> None:
        super().clean()
        chosen = self.chosen()
        if len(set(chosen)) < len(chosen):
            raise forms.ValidationError(
                _("A glossary is named twice. Remove one of the two lines.")
            )

    def chosen(self) -> list[Glossary]:
        """The glossaries in their order; those without a place come last."""
        rows = [
            (row["position"] or MAX_PLACE, row["glossary"])
            for form in self.forms
            if (row := getattr(form, "cleaned_data", {})) and row.get("glossary")
            if not row.get("DELETE")
        ]
        return [glossary for _, glossary in sorted(rows, key=lambda row: row[0])]


class CourseGlossaryInline(admin.TabularInline):
    """Whose terms a course's texts are linked to. Who may change a course may choose them."""

    model = CourseGlossary
    form = CourseGlossaryForm
    formset = CourseGlossaryFormSet
    extra = 1
    autocomplete_fields = ("glossary",)
    ordering = ("position",)
    verbose_name = gettext_lazy("glossary")
    verbose_name_plural = gettext_lazy("glossaries")
    explanation = gettext_lazy(
        "Their terms are linked in the lessons: the first’s, where two have one of the same name. "
        "Their pages show this course’s next intake."
    )

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("courses.view_course") or self._may_choose(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_choose(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_choose(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_choose(request)

    def _may_choose(self, request: HttpRequest) -> bool:
        user = request.user
        return user.has_perm("courses.change_course") or user.has_perm("courses.add_course")


class LessonLineForm(forms.ModelForm):
    """A lesson as one line of its course: order and who may read it."""

    class Meta:
        model = Lesson
        fields = ("position", "is_free", "is_published")

    def _get_validation_exclusions(self) -> set[str]:
        # Two lessons change places in one save; the course is numbered anew afterwards.
        return {*super()._get_validation_exclusions(), "position"}  # type: ignore[misc]


class LessonInline(admin.TabularInline):
    """The order of the lessons: change the numbers, and they are sorted on saving."""

    model = Lesson
    form = LessonLineForm
    fields = ("position", "lesson", "is_free", "is_published")
    readonly_fields = ("lesson",)
    extra = 0
    can_delete = False
    ordering = ("position",)
    verbose_name_plural = gettext_lazy("lessons")
    explanation = gettext_lazy("Change the numbers to sort them.")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=gettext_lazy("lesson"))
    def lesson(self, lesson: Lesson) -> SafeString:
        address = reverse("admin:courses_lesson_change", args=[lesson.pk])
        return format_html('<a href="{}">{}</a>', address, lesson.title)


class BySubject(admin.AllValuesFieldListFilter):
    """Those of one subject, or of none: which has to be said, for somebody to choose it."""

    def choices(self, changelist: Any) -> Any:
        for choice in super().choices(changelist):
            yield {**choice, "display": choice["display"] or _("none")}


def _may_see_intakes(request: HttpRequest) -> bool:
    return request.user.has_perm("courses.view_intake")


@admin.register(Course)
class CourseAdmin(HistoryAdmin):
    """A course, with its lessons in order and links to its intakes."""

    form = CourseForm
    inlines = (CourseGlossaryInline, QuestionInline, LessonInline)
    list_display = (
        "title",
        "subject",
        "lessons_count",
        "intakes_count",
        "glossary_titles",
        "is_published",
    )
    list_filter = ("is_published", ("subject", BySubject))
    search_fields = ("title", "summary", "subject")
    fields = (
        "title", "slug", "subject", "summary", "description_text", "outcomes", "is_published",
        "lessons", "intakes",
    )  # fmt: skip
    readonly_fields = ("lessons", "intakes")

    def get_list_display(self, request: HttpRequest) -> Any:
        """Without a way to the intakes for those who may not go there."""
        shown = super().get_list_display(request)
        return [one for one in shown if one != "intakes_count" or _may_see_intakes(request)]

    def get_fields(self, request: HttpRequest, obj: Course | None = None) -> Any:
        """The same on a course's own page."""
        shown = super().get_fields(request, obj)
        return [one for one in shown if one != "intakes" or _may_see_intakes(request)]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Course]:
        lessons = Lesson.objects.filter(course=OuterRef("pk")).order_by()
        intakes = Intake.objects.filter(course=OuterRef("pk"), is_published=True).order_by()
        return (
            super()
            .get_queryset(request)
            .prefetch_related("glossary_places__glossary")
            .annotate(
                number_of_lessons=Subquery(
                    lessons.values("course").annotate(number=Count("pk")).values("number")
                ),
                number_of_intakes=Subquery(
                    intakes.values("course").annotate(number=Count("pk")).values("number")
                ),
            )
        )

    @admin.display(description=gettext_lazy("lessons"), ordering="number_of_lessons")
    def lessons_count(self, course: Course) -> int:
        return course.number_of_lessons or 0  # type: ignore[attr-defined]

    @admin.display(description=gettext_lazy("published intakes"), ordering="number_of_intakes")
    def intakes_count(self, course: Course) -> SafeString:
        address = reverse("admin:courses_intake_changelist")
        return format_html(
            '<a href="{}?course__id__exact={}">{}</a>',
            address,
            course.pk,
            course.number_of_intakes or 0,  # type: ignore[attr-defined]
        )

    @admin.display(description=gettext_lazy("glossaries"))
    def glossary_titles(self, course: Course) -> str:
        return ", ".join(place.glossary.title for place in course.glossary_places.all()) or "–"

    @admin.display(description=gettext_lazy("lessons"))
    def lessons(self, course: Course) -> SafeString | str:
        if not course.pk:
            return _("Save the course, then add its lessons.")
        address = reverse("admin:courses_lesson_add")
        return format_html('<a href="{}?course={}">{}</a>', address, course.pk, _("Add a lesson"))

    @admin.display(description=gettext_lazy("intakes"))
    def intakes(self, course: Course) -> SafeString | str:
        if not course.pk:
            return _("Save the course, then add its intakes.")
        return format_html(
            '<a href="{}?course__id__exact={}">{}</a> · <a href="{}?course={}">{}</a>',
            reverse("admin:courses_intake_changelist"),
            course.pk,
            _("Intakes"),
            reverse("admin:courses_intake_add"),
            course.pk,
            _("Add an intake"),
        )

    def save_model(self, request: HttpRequest, obj: Course, form: Any, change: bool) -> None:
        writing.save_course(obj, description=form.cleaned_data.get("description_text"))
        for problem in obj.description.problems if obj.description else ():
            messages.warning(request, problem)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if isinstance(formset, CourseGlossaryFormSet):
            formset.save(commit=False)
            writing.set_glossaries(form.instance, formset.chosen())
        elif isinstance(formset, QuestionFormSet):
            save_questions(request, form.instance, formset)
        else:
            super().save_formset(request, form, formset, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        writing.number_lessons(form.instance)

    def delete_model(self, request: HttpRequest, obj: Course) -> None:
        writing.delete_course(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Course]) -> None:
        for course in queryset:
            writing.delete_course(course)


class LessonForm(PassageFormMixin):
    """A lesson with its text."""

    writes_passage = False

    text = markdown_field(required=True, rows=30)

    class Meta:
        model = Lesson
        fields = ("course", "title", "slug", "summary", "position", "is_free", "is_published")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hints = {
            "slug": _("Left empty, it is made from the title."),
            "position": _("Its place in the course; left empty, the last."),
        }
        for name, hint in hints.items():
            if name in self.fields:
                self.fields[name].required = False
                self.fields[name].help_text = hint

    def passage_glossaries(self) -> list[Glossary]:
        return self.instance.course.glossaries_in_order() if self.instance.course_id else []

    def _get_validation_exclusions(self) -> set[str]:
        return {*super()._get_validation_exclusions(), "position"}  # type: ignore[misc]


class Mentioning(OneOf):
    """Of lessons: those that mention one term."""

    title = "mentioning"
    parameter_name = "term"
    model = Term
    field = "passage__mentions__term"


@admin.register(Lesson)
class LessonAdmin(HistoryAdmin):
    """A lesson and its text."""

    form = LessonForm
    list_display = (
        "title", "course", "position", "minutes_to_read", "terms", "is_free", "is_published",
    )  # fmt: skip
    list_filter = (Mentioning, "is_published", "is_free")
    list_select_related = ("course", "passage")
    search_fields = ("title", "summary", "course__title")
    autocomplete_fields = ("course",)
    ordering = ("course__title", "position")
    fields = (
        "course", "title", "slug", "summary", "text", "position", "is_free", "is_published",
        "terms",
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # A lesson stays in its course: readers' progress and the address belong to it.
        return ("course", "terms") if obj else ("terms",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lesson]:
        mentions = Mention.objects.filter(passage=OuterRef("passage")).order_by()
        number = mentions.values("passage").annotate(number=Count("pk")).values("number")
        return super().get_queryset(request).annotate(terms_counted=Subquery(number))

    @admin.display(description=gettext_lazy("terms that it mentions"), ordering="terms_counted")
    def terms(self, lesson: Lesson) -> str | SafeString:
        return terms_of_text(lesson.passage_id, getattr(lesson, "terms_counted", 0))

    @admin.display(description=gettext_lazy("minutes"))
    def minutes_to_read(self, lesson: Lesson) -> int:
        return lesson.minutes

    def save_model(self, request: HttpRequest, obj: Lesson, form: Any, change: bool) -> None:
        writing.save_lesson(obj, text=form.cleaned_data["text"])
        for problem in obj.passage.problems:
            messages.warning(request, problem)
        writing.number_lessons(obj.course, first=obj)

    def delete_model(self, request: HttpRequest, obj: Lesson) -> None:
        writing.delete_lesson(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Lesson]) -> None:
        for lesson in queryset:
            writing.delete_lesson(lesson)
