"""Enrolling by hand in the admin: choose the intake, then say who, at which price, and how."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminRadioSelect
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.admin.fields import PoundsField
from courses.calendar import YEARS, london_date, next_day_start
from courses.models import Intake, Price
from courses.states import State
from courses.templatetags.money import money
from enrolment import by_hand, checkout
from enrolment.admin.acting import ReasonField, back_to, gate, page, sent
from enrolment.models import Enrolment

PERMISSION = "enrolment.enrol_by_hand"
MANY_INTAKES = 50
BEGUN_LATELY = timedelta(days=180)
LINK_LASTS = timedelta(days=7)
LINK_LASTS_AT_MOST = timedelta(days=90)
PAID_AT_MOST_AGO = timedelta(days=366)
FREE, ELSEWHERE, LINK = "free", "elsewhere", "link"


class PriceChoice(forms.ModelChoiceField):
    """A price with what it costs."""

    def label_from_instance(self, obj: Price) -> str:
        """``Standard, £90``, and what is left of it where it is limited."""
        told = {
            "name": obj.name,
            "amount": money(obj.amount) if obj.amount else _("free"),
            "left": obj.places_left,
        }
        if obj.places_left is None:
            return _("%(name)s, %(amount)s") % told
        return _("%(name)s, %(amount)s (%(left)s left)") % told


def paid_on_field(**options: Any) -> forms.DateField:
    """The day on which money came by other means than Stripe; see ``day_paid``."""
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=gettext_lazy("Paid on"), widget=widget, **options)


def day_paid(day: date | None, *, at: datetime) -> date:
    """The day that was given, on which money may have come as seen from ``at``.

    Raises ValidationError for none, one still to come in London, or one more than a year ago.
    """
    today = london_date(at)
    if day is None:
        raise forms.ValidationError(_("Say on which day the money came."))
    if day > today:
        raise forms.ValidationError(_("This day is still to come."))
    if day < today - PAID_AT_MOST_AGO:
        raise forms.ValidationError(_("This is more than a year ago."))
    return day


class ByHandForm(forms.Form):
    """Who, at which price, and how it is paid."""

    email = forms.EmailField(label=gettext_lazy("Email address"), max_length=254)
    name = forms.CharField(
        label=gettext_lazy("Full name"),
        max_length=200,
        required=False,
        help_text=gettext_lazy(
            "Needed only where there is no account with this address: one is made, and "
            "its owner signs in by a code sent there."
        ),
    )
    price = PriceChoice(
        queryset=Price.objects.none(),
        label=gettext_lazy("Price"),
        empty_label=None,
        widget=AdminRadioSelect,
        help_text=gettext_lazy("Any price of the intake, on sale now or not."),
    )
    way = forms.ChoiceField(
        label=gettext_lazy("How"),
        choices=(
            (FREE, gettext_lazy("Free: nothing is to be paid")),
            (ELSEWHERE, gettext_lazy("Paid elsewhere: the money is there")),
            (
                LINK,
                gettext_lazy("Link to pay: the place is kept, and we write to them where to pay"),
            ),
        ),
        widget=AdminRadioSelect,
    )
    amount = PoundsField(
        label=gettext_lazy("Amount"),
        required=False,
        help_text=gettext_lazy("In pounds; left empty, the price."),
    )
    how = forms.CharField(
        label=gettext_lazy("Paid how"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Where it was paid elsewhere: “Bank transfer of 3 May”."),
    )
    paid_on = paid_on_field(
        required=False,
        help_text=gettext_lazy(
            "Where it was paid elsewhere: the day on which the money came. A VAT invoice "
            "gives it as the time of supply."
        ),
    )
    held_until = forms.DateField(
        label=gettext_lazy("Kept until"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("For a link to pay: the last day, in London."),
    )
    declaration = forms.CharField(
        label=gettext_lazy("Why a concession"),
        max_length=1000,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy("Where the price asks for a declaration."),
    )
    reason = ReasonField(
        label=gettext_lazy("Why by hand"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("For the enrolment's history; staff read it."),
    )

    def __init__(self, *args: Any, intake: Intake, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = at
        prices = self.fields["price"]
        assert isinstance(prices, PriceChoice)  # noqa: S101 as declared above
        prices.queryset = intake.prices.all()
        self.fields["paid_on"].initial = london_date(at)
        self.fields["held_until"].initial = london_date(at + LINK_LASTS)

    def clean(self) -> dict[str, Any]:
        """An amount that fits how it is paid, and what that needs besides."""
        cleaned = super().clean() or {}
        way, amount, price = (cleaned.get(name) for name in ("way", "amount", "price"))
        if way == FREE and amount:
            self.add_error("amount", _("Free costs nothing: clear this, or choose another way."))
        if way in {ELSEWHERE, LINK} and price and "amount" not in self.errors:
            cleaned["amount"] = price.amount if amount is None else amount
            if not cleaned["amount"]:
                self.add_error("amount", _("Give an amount, or choose Free."))
        if way == ELSEWHERE:
            self._check_paid(cleaned)
        if way == LINK and "held_until" not in self.errors:
            self._check_day(cleaned.get("held_until"))
        return cleaned

    def _check_paid(self, cleaned: dict[str, Any]) -> None:
        if not cleaned.get("how"):
            self.add_error("how", _("Say how it was paid."))
        if "paid_on" not in self.errors:
            try:
                day_paid(cleaned.get("paid_on"), at=self.at)
            except forms.ValidationError as error:
                self.add_error("paid_on", error)

    def _check_day(self, day: Any) -> None:
        today = london_date(self.at)
        if day is None:
            self.add_error("held_until", _("Say until when the place is kept."))
        elif day.year not in YEARS or not today <= day <= today + LINK_LASTS_AT_MOST:
            days = LINK_LASTS_AT_MOST.days
            self.add_error(
                "held_until",
                _("Choose a day from today to %(days)s days from now.") % {"days": days},
            )


def choose(model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Which intake: those that start soon or have begun lately, found by the course's title.

    Older ones are reached from their rosters.
    """
    gate(request, PERMISSION)
    sought = request.GET.get("q", "").replace("\0", "").strip()
    at = timezone.now()
    rows = Intake.objects.with_state(at=at).filter(starts_at__gte=at - BEGUN_LATELY)
    rows = rows.filter(cancelled_at=None).select_related("course").order_by("starts_at", "pk")
    if sought:
        rows = rows.filter(course__title__icontains=sought)
    found = list(rows[: MANY_INTAKES + 1])
    return page(
        model_admin,
        request,
        template="admin/enrolment/choose_intake.html",
        title=_("Enrol someone by hand"),
        sought=sought,
        intakes=[(intake, State(intake.state_now).label) for intake in found[:MANY_INTAKES]],
        has_more=len(found) > MANY_INTAKES,
    )


def enrol(model_admin: admin.ModelAdmin, request: HttpRequest, intake: int) -> HttpResponse:
    """Who, at which price, and how; nothing that was typed is lost where it does not go."""
    user = gate(request, PERMISSION)
    found = get_object_or_404(Intake.objects.select_related("course"), pk=intake)
    at = timezone.now()
    form = ByHandForm(sent(request), intake=found, at=at)
    if form.is_valid():
        place = by_hand.Place(
            intake=found,
            by=user,
            **{name: form.cleaned_data[name] for name in _OF_A_PLACE},
        )
        enrolment = _try(form, place, at=at)
        if enrolment:
            messages.success(request, _said(enrolment))
            return back_to(enrolment)
    return page(
        model_admin,
        request,
        title=_("Enrol someone in %(intake)s") % {"intake": found},
        form=form,
        button=_("Enrol"),
        said=[_places_in_words(found)],
    )


_OF_A_PLACE = ("email", "name", "price", "declaration", "reason")


def _try(form: ByHandForm, place: by_hand.Place, *, at: datetime) -> Enrolment | None:
    """The enrolment; None where there is none, and the form says why."""
    try:
        return _give(form.cleaned_data, place, at=at)
    except checkout.AlreadyEnrolled as refused:
        state = refused.enrolment.get_status_display()
        form.add_error(
            "email", _("They have a place in this intake already (%(state)s).") % {"state": state}
        )
    except by_hand.NameMissing:
        form.add_error("name", _("There is no account with this address: give a name to make one."))
    except by_hand.AccountClosed:
        form.add_error("email", _("This account is closed. Open it again among the users first."))
    except checkout.ReasonMissing:
        form.add_error(
            "declaration",
            _("This price declares: “%(declaration)s” Say why.")
            % {"declaration": place.price.declaration},
        )
    except by_hand.PriceFull:
        form.add_error("price", _("Every place at this price is taken or held. Choose another."))
    except checkout.NotJoinable as refused:
        form.add_error(
            None,
            _("Nobody can be enrolled: the intake is %(label)s.") % {"label": refused.state.label},
        )
    return None


def _give(chosen: dict[str, Any], place: by_hand.Place, *, at: datetime) -> Enrolment:
    if chosen["way"] == FREE:
        return by_hand.enrol_free(place, at=at)
    if chosen["way"] == ELSEWHERE:
        paid = {name: chosen[name] for name in ("amount", "how", "paid_on")}
        return by_hand.enrol_paid_elsewhere(place, **paid, at=at)
    held_until = next_day_start(chosen["held_until"])
    return by_hand.send_pay_link(place, amount=chosen["amount"], held_until=held_until, at=at)


def _said(enrolment: Enrolment) -> str:
    student = enrolment.student.get_full_name()
    if enrolment.is_enrolled:
        return _("%(student)s is enrolled, and we will write to them.") % {"student": student}
    return _("A place is kept for %(student)s, who gets the link to pay by mail.") % {
        "student": student
    }


def _places_in_words(intake: Intake) -> str:
    told = {
        "taken": intake.places_taken,
        "held": intake.places_held,
        "whole": intake.capacity,
    }
    if intake.capacity is None:
        return _("Places: %(taken)s taken, %(held)s held; there is no limit.") % told
    return _("Places: %(taken)s taken, %(held)s held; there are %(whole)s.") % told


class ReceivedForm(forms.Form):
    """How a held place was paid for, and on which day."""

    how = forms.CharField(
        label=gettext_lazy("Paid how"),
        max_length=200,
        help_text=gettext_lazy("For example “Bank transfer of 3 May”."),
    )
    paid_on = paid_on_field(
        help_text=gettext_lazy(
            "The day on which the money came. A VAT invoice gives it as the time of supply."
        )
    )

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = at
        self.fields["paid_on"].initial = london_date(at)

    def clean_paid_on(self) -> date:
        """A day on which the money may have come."""
        return day_paid(self.cleaned_data["paid_on"], at=self.at)


def receive(model_admin: admin.ModelAdmin, request: HttpRequest, pk: str) -> HttpResponse:
    """Write down that a held place was paid for by other means."""
    user = gate(request, PERMISSION)
    rows = Enrolment.objects.select_related("student", "intake__course")
    enrolment = get_object_or_404(rows, pk=pk)
    at = timezone.now()
    form = ReceivedForm(sent(request), at=at)
    if form.is_valid():
        try:
            by_hand.receive_elsewhere(enrolment, **form.cleaned_data, by=user, at=at)
        except by_hand.NotWaiting:
            form.add_error(None, _("It does not wait for money, or they are paying at Stripe now."))
        except checkout.NotJoinable as refused:
            form.add_error(None, _("The intake is %(label)s.") % {"label": refused.state.label})
        else:
            student = enrolment.student.get_full_name()
            messages.success(
                request,
                _("%(student)s is enrolled, and we will write to them.") % {"student": student},
            )
            return back_to(enrolment)
    return page(
        model_admin,
        request,
        title=_("%(name)s has paid elsewhere") % {"name": enrolment.student.get_full_name()},
        row=enrolment,
        form=form,
        button=_("They have paid"),
        said=[
            _("%(amount)s for %(intake)s.")
            % {"amount": money(enrolment.amount), "intake": enrolment.intake}
        ],
    )
