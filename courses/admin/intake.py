"""Intakes and their prices in the admin."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import IntegrityError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from courses import price_history
from courses.admin.price import PriceInline
from courses.calendar import LONDON, YEARS, add_months
from courses.models import Course, Intake
from courses.planning import MAX_INTAKES, LaidOut, lay_out_intakes
from courses.states import State
from courses.templatetags.money import money
from glossary.history_admin import HistoryAdmin

# A filter by course is a list of links; past so many courses the search is the better way.
MANY_COURSES = 40


class IntakeForm(forms.ModelForm):
    """An intake; its month follows from its day, where the day is set."""

    class Meta:
        model = Intake
        fields = (
            "course", "month", "starts_on", "ends_on", "slug", "is_published", "capacity",
            "enrolment_opens_at", "enrolment_closes_at", "allows_late_joining",
            "late_joining_until", "cancelled_at", "lessons_open", "access_ends_on",
            "has_waiting_list", "offer_hours", "moves_until", "minimum_places", "decide_on",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "month" in self.fields:
            self.fields["month"].required = False

    def clean_cancelled_at(self) -> datetime | None:
        """An intake is called off now, or was: nobody is told of it before."""
        cancelled_at: datetime | None = self.cleaned_data["cancelled_at"]
        if cancelled_at and cancelled_at > timezone.now():
            raise forms.ValidationError(
                _("Give a moment that has passed: it is called off at once.")
            )
        return cancelled_at

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts_on = cleaned.get("starts_on")
        if "month" in self.fields and not cleaned.get("month") and "month" not in self.errors:
            if starts_on:
                cleaned["month"] = starts_on.replace(day=1)
            else:
                self.add_error("month", _("Give the month, or the day on which it starts."))
        return cleaned


class LayOutForm(forms.Form):
    """From which month, how many, and whether they show at once."""

    first_month = forms.DateField(
        label=gettext_lazy("From"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Any day of the month."),
        validators=(
            MinValueValidator(date(YEARS.start, 1, 1)),
            MaxValueValidator(date(YEARS.stop - 4, 1, 1)),
        ),
    )
    count = forms.IntegerField(
        label=gettext_lazy("How many months"), min_value=1, max_value=MAX_INTAKES, initial=12
    )
    is_published = forms.BooleanField(label=gettext_lazy("Publish them"), required=False)


class StateFilter(admin.SimpleListFilter):
    """By what visitors are told now."""

    title = gettext_lazy("state now")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state.value, str(state.label)) for state in State]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Intake]) -> QuerySet[Intake]:
        if self.value() not in State.values:
            return queryset
        return queryset.filter(Q(state_now=self.value()))


@admin.register(Intake)
class IntakeAdmin(HistoryAdmin):
    """An intake with its prices; its state in words, its places as they are."""

    form = IntakeForm
    inlines = (PriceInline,)
    actions = ("lay_out",)
    list_display = ("__str__", "state_in_words", "places", "price_from", "is_published")
    list_select_related = ("course",)
    date_hierarchy = "month"
    ordering = ("-month", "course__title")
    search_fields = ("course__title", "slug")
    autocomplete_fields = ("course",)
    readonly_fields = ("state_in_words", "places")
    fieldsets = (
        (None, {"fields": ("course", "month", "starts_on", "ends_on", "slug", "is_published")}),
        (gettext_lazy("Now"), {"fields": ("state_in_words", "places")}),
        (gettext_lazy("Places"), {"fields": ("capacity", ("has_waiting_list", "offer_hours"))}),
        (
            gettext_lazy("Enrolling"),
            {
                "fields": (
                    ("enrolment_opens_at", "enrolment_closes_at"),
                    ("allows_late_joining", "late_joining_until"),
                    "cancelled_at",
                )
            },
        ),
        (
            gettext_lazy("Moving"),
            {
                "fields": ("moves_until",),
                "description": gettext_lazy(
                    "Until then students move by themselves, to this intake or from it."
                ),
            },
        ),
        (
            gettext_lazy("Does it run?"),
            {
                "fields": (("minimum_places", "decide_on"),),
                "description": gettext_lazy(
                    "Shown with the intake. Short of it, you are asked what to do."
                ),
            },
        ),
        (gettext_lazy("Reading"), {"fields": (("lessons_open", "access_ends_on"),)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Intake]:
        return super().get_queryset(request).with_state(at=timezone.now())

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        filters: list[Any] = [StateFilter, "is_published"]
        if Course.objects.all()[: MANY_COURSES + 1].count() <= MANY_COURSES:
            filters.append("course")
        return filters

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        # The link from a course leads here with or without the filter by course.
        return lookup == "course__id__exact" or super().lookup_allowed(lookup, value, request)

    @admin.display(description=gettext_lazy("state now"), ordering="state_now")
    def state_in_words(self, intake: Intake) -> str:
        return str(State(intake.state_now).label) if intake.pk else _("not saved yet")

    @admin.display(description=gettext_lazy("places taken / held / in all"))
    def places(self, intake: Intake) -> str:
        capacity = _("no limit") if intake.capacity is None else intake.capacity
        return f"{intake.places_taken} / {intake.places_held} / {capacity}"

    @admin.display(description=gettext_lazy("from"), ordering="from_amount")
    def price_from(self, intake: Intake) -> str:
        return _("free") if intake.from_amount == 0 else money(intake.from_amount) or "–"

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form; where somebody enrolled while it was open, it says so instead of failing."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except IntegrityError:
            self.message_user(
                request,
                _(
                    "Nothing was saved: places were booked, or an intake with this address was "
                    "made, while the form was open. Here is what holds now."
                ),
                messages.ERROR,
            )
            return HttpResponseRedirect(request.get_full_path())

    # Laying out a year -------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        lay_out, prices = map(self.admin_site.admin_view, (self.lay_out_view, self.prices_view))
        return [
            path("<path:object_id>/lay-out/", lay_out, name="courses_intake_lay_out"),
            path("<path:object_id>/prices/", prices, name="courses_intake_prices"),
            *super().get_urls(),
        ]

    def prices_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Every change of the intake's prices, and what they were at the moment ``at``."""
        may = request.user.has_perm("courses.view_price") and self.has_view_permission(request)
        if not may:
            raise PermissionDenied
        intakes = Intake.objects.select_related("course")
        intake = get_object_or_404(intakes, pk=_number(unquote(object_id)))
        moment: datetime = getattr(request, "at", timezone.now())
        context = {
            **self.admin_site.each_context(request),
            "title": _("Prices over time: %(intake)s") % {"intake": intake},
            "opts": self.opts,
            "intake": intake,
            "at": moment,
            "asked": moment.astimezone(LONDON).strftime("%Y-%m-%dT%H:%M"),
            "prices": price_history.prices_at(intake, at=moment),
            "least": price_history.least_amount_at(intake, at=moment),
            "changes": price_history.changes(intake),
        }
        return render(request, "admin/courses/intake/prices.html", context)

    @admin.action(
        description=gettext_lazy("Lay out a year of intakes like this one"), permissions=["add"]
    )
    def lay_out(self, request: HttpRequest, queryset: QuerySet[Intake]) -> HttpResponse | None:
        chosen = list(queryset[:2])
        if len(chosen) != 1:
            self.message_user(request, _("Choose one intake to lay out from."), messages.WARNING)
            return None
        return HttpResponseRedirect(reverse("admin:courses_intake_lay_out", args=[chosen[0].pk]))

    def lay_out_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Asks from which month and how many, and makes them."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        pattern = get_object_or_404(
            Intake.objects.select_related("course"), pk=_number(unquote(object_id))
        )
        first = add_months(pattern.month, 1)
        initial = {"first_month": first, "is_published": pattern.is_published}
        form = LayOutForm(request.POST or None, initial=initial)
        if form.is_valid():
            done = lay_out_intakes(pattern, **form.cleaned_data)
            self._tell(request, done)
            address = reverse("admin:courses_intake_changelist")
            return HttpResponseRedirect(f"{address}?course__id__exact={pattern.course_id}")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Lay out intakes like %(pattern)s") % {"pattern": pattern},
            "opts": self.opts,
            "pattern": pattern,
            "form": form,
        }
        return render(request, "admin/courses/intake/lay_out.html", context)

    def _tell(self, request: HttpRequest, done: LaidOut) -> None:
        made = len(done.made)
        told = ngettext("%(n)d intake laid out.", "%(n)d intakes laid out.", made)
        said = [told % {"n": made}]
        if done.skipped:
            months = ", ".join(date_format(month, "F Y") for month in done.skipped)
            said.append(
                _("Left alone, since there is one already: %(months)s.") % {"months": months}
            )
        self.message_user(request, " ".join(said), messages.SUCCESS if made else messages.WARNING)


def _number(text: str) -> int:
    """The key that an address gives; 0, which no row has, for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
