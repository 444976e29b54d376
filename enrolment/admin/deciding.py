"""Deciding in the admin whether an intake runs, and calling one off."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from courses.models import Intake
from courses.templatetags.dates import day
from courses.templatetags.money import money
from enrolment import deciding
from enrolment.admin.acting import ReasonField, back_to, gate, page
from enrolment.admin.leaving import PERMISSION


class DecisionForm(forms.Form):
    """Whether it runs; where not, where to, and why."""

    decision = forms.ChoiceField(
        choices=[
            ("runs", gettext_lazy("It runs anyway")),
            ("call_off", gettext_lazy("Call it off")),
        ],
        widget=forms.RadioSelect,
        label=gettext_lazy("Decision"),
    )
    to = forms.ModelChoiceField(
        queryset=Intake.objects.none(),
        required=False,
        label=gettext_lazy("Move everybody to"),
        empty_label=gettext_lazy("nowhere: refund everybody"),
        help_text=gettext_lazy(
            "Nobody pays more; what costs less goes back. Anyone who finds no place there gets "
            "everything back."
        ),
    )
    reason = ReasonField(
        label=gettext_lazy("Reason"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("A sentence for the mail to everybody, and for the history."),
    )

    def __init__(self, *args: Any, intake: Intake, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        to = self.fields["to"]
        assert isinstance(to, forms.ModelChoiceField)  # noqa: S101 as declared above
        to.queryset = deciding.targets(intake, at=timezone.now())
        may_run = intake.minimum_places and not intake.decision and not intake.cancelled_at
        if not may_run:
            self.fields["decision"].choices = [("call_off", _("Call it off"))]  # type: ignore[attr-defined]
            self.fields["decision"].initial = "call_off"


def decide(model_admin: admin.ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Ask; show who would go where, and what goes back; then do it."""
    user = gate(request, PERMISSION)
    intake = get_object_or_404(Intake.objects.select_related("course"), pk=pk)
    form = DecisionForm(request.POST or None, intake=intake)
    if not form.is_valid():
        return _asked(model_admin, request, intake, form)
    if form.cleaned_data["decision"] == "runs":
        return _run(request, intake, user)
    plan = deciding.plan(intake, to=form.cleaned_data["to"], at=timezone.now())
    if request.POST.get("confirmed") != _gist(plan):
        return _shown(model_admin, request, intake, form, plan)
    return _call_off(request, intake, form, user)


def _asked(
    model_admin: admin.ModelAdmin, request: HttpRequest, intake: Intake, form: DecisionForm
) -> HttpResponse:
    taken = intake.places_taken
    said = [
        _("%(taken)s enrolled, %(places_held)s held for people who pay or have an offer.")
        % {"taken": taken, "places_held": intake.places_held}
    ]
    if intake.minimum_places and intake.decide_on:
        said.insert(
            0,
            _("It was to run if %(minimum_places)s enrolled by %(decide_on)s.")
            % {
                "minimum_places": intake.minimum_places,
                "decide_on": day(intake.decide_on),
            },
        )
    if intake.cancelled_at:
        said.append(_("It has been called off. Doing so again takes along whoever is still in it."))
    said.append(_("Before anything is done you see who goes where, and how much goes back."))
    title = _("Does it run? %(intake)s") % {"intake": intake}
    return page(
        model_admin, request, title=title, row=intake, form=form, button=_("Decide"), said=said
    )


def _gist(plan: list[deciding.Fate]) -> str:
    """What was shown, for comparison when it is confirmed."""
    return f"{len(plan)}:{sum(fate.moves for fate in plan)}:{sum(fate.back for fate in plan)}"


def _shown(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    intake: Intake,
    form: DecisionForm,
    plan: list[deciding.Fate],
) -> HttpResponse:
    return page(
        model_admin,
        request,
        title=_("Call off %(intake)s") % {"intake": intake},
        template="admin/enrolment/decision.html",
        row=intake,
        plan=plan,
        gist=_gist(plan),
        has_changed="confirmed" in request.POST,
        chosen=form.cleaned_data,
        moving=sum(fate.moves for fate in plan),
        leaving=sum(not fate.moves for fate in plan),
        back=money(sum(fate.back for fate in plan) or None),
        button=_("Call it off"),
    )


def _run(request: HttpRequest, intake: Intake, user: User) -> HttpResponse:
    try:
        deciding.run_anyway(intake, by=user)
    except deciding.NotPossible as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("It runs."))
    return back_to(intake)


def _call_off(request: HttpRequest, intake: Intake, form: DecisionForm, user: User) -> HttpResponse:
    chosen = form.cleaned_data
    try:
        count = deciding.call_off(
            intake, at=timezone.now(), by=user, to=chosen["to"], reason=chosen["reason"]
        )
    except deciding.NotPossible as refused:
        messages.error(request, str(refused))
    else:
        told = ngettext(
            "It is called off. %(n)d enrolment is being taken along, and everybody gets a mail.",
            "It is called off. %(n)d enrolments are being taken along, and everybody gets a mail.",
            count,
        )
        messages.success(request, told % {"n": count})
    return back_to(intake)
