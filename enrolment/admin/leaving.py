"""Cancelling in the admin, with the quote that the student sees, and letting a held place go."""

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from courses.templatetags.money import money
from enrolment import cancelling, giving_up, refunding
from enrolment.admin.acting import ReasonField, RefundField, back_to, gate, page, sent
from enrolment.models import Enrolment
from glossary.amounts import decimal

PERMISSION = "enrolment.cancel_enrolment"


class CancelForm(forms.Form):
    """What goes back, and why where it is not what the terms say."""

    shown = forms.IntegerField(widget=forms.HiddenInput)
    refund = RefundField(label=gettext_lazy("Goes back"), help_text=gettext_lazy("In pounds."))
    reason = ReasonField(
        label=gettext_lazy("Reason"),
        max_length=300,
        required=False,
        help_text=gettext_lazy(
            "For the history, and the student reads it. Needed where something else goes "
            "back than the terms give."
        ),
    )


def cancel(model_admin: admin.ModelAdmin, request: HttpRequest, pk: str) -> HttpResponse:
    """Ask with the quote, then cancel; a place that is not paid for yet is let go."""
    user = gate(request, PERMISSION)
    rows = Enrolment.objects.select_related("student", "intake__course")
    enrolment = get_object_or_404(rows, pk=pk)
    if enrolment.is_pending:
        return _let_go(model_admin, request, enrolment, user)
    if not enrolment.is_enrolled:
        messages.info(request, _("This enrolment has ended already."))
        return back_to(enrolment)
    quote = cancelling.quote(enrolment, at=timezone.now())
    initial = {"shown": quote.refund, "refund": quote.refund}
    form = CancelForm(sent(request), initial=initial)
    if form.is_valid():
        try:
            _cancel(enrolment, form, user)
        except cancelling.QuoteChanged as changed:
            quote = changed.quote
            form = _asked_again(form, quote)
        except cancelling.NotEnrolled:
            messages.warning(request, _("This enrolment has changed; here is what holds now."))
            return back_to(enrolment)
    if request.method == "POST" and form.is_valid():
        messages.success(request, _("%(name)s’s place is cancelled.") % {"name": _name(enrolment)})
        return back_to(enrolment)
    return page(
        model_admin,
        request,
        title=_("Cancel %(name)s’s place") % {"name": _name(enrolment)},
        row=enrolment,
        form=form,
        button=_("Cancel the place"),
        said=_in_words(enrolment, quote),
    )


def _cancel(enrolment: Enrolment, form: CancelForm, user: User) -> None:
    chosen = form.cleaned_data
    try:
        cancelling.cancel(
            enrolment,
            at=timezone.now(),
            by=user,
            expected=chosen["shown"],
            refund=chosen["refund"],
            reason=chosen["reason"],
        )
    except cancelling.ReasonMissing:
        form.add_error("reason", _("Say why something else goes back than the terms give."))
    except refunding.RefundTooLarge as refused:
        form.add_error(
            "refund", _("Only %(amount)s can go back.") % {"amount": money(refused.left)}
        )


def _asked_again(form: CancelForm, quote: cancelling.Quote) -> CancelForm:
    """The form with the quote as it is now; an amount that staff chose themselves stays."""
    data = {**form.data}
    if form.cleaned_data["refund"] == form.cleaned_data["shown"]:
        data["refund"] = decimal(quote.refund)
    data["shown"] = str(quote.refund)
    again = CancelForm(data)
    again.add_error(None, _("What goes back has changed meanwhile. Look again before you cancel."))
    return again


def _in_words(enrolment: Enrolment, quote: cancelling.Quote) -> list[str]:
    """The quote as the student sees it."""
    said = [
        _("%(name)s is enrolled in %(intake)s.")
        % {"name": _name(enrolment), "intake": enrolment.intake}
    ]
    if quote.paid:
        told = {"paid": money(quote.paid), "back": money(quote.refund)}
        said.append(
            _("Paid: %(paid)s. %(back)s goes back.") % told
            if quote.refund
            else _("Paid: %(paid)s. Nothing goes back.") % told
        )
    if quote.owed:
        said.append(
            _("%(amount)s goes back besides, once the bank has returned it.")
            % {"amount": money(quote.owed)}
        )
    shown = " ".join(filter(None, (quote.reason, quote.other)))
    return [*said, _("The student is told why: “%(shown)s”") % {"shown": shown}]


def _name(enrolment: Enrolment) -> str:
    return enrolment.student.get_full_name()


def _let_go(
    model_admin: admin.ModelAdmin, request: HttpRequest, enrolment: Enrolment, user: User
) -> HttpResponse:
    if request.method == "POST":
        try:
            giving_up.give_up(enrolment, by=user, at=timezone.now())
        except giving_up.OnItsWay:
            messages.error(request, _("A Direct Debit is on its way; it cannot be called back."))
        else:
            messages.success(request, _("The place is let go, unless the money came meanwhile."))
        return back_to(enrolment)
    held = _("A place in %(intake)s is held for %(name)s") % {
        "intake": enrolment.intake,
        "name": _name(enrolment),
    }
    return page(
        model_admin,
        request,
        title=_("Let %(name)s’s place go") % {"name": _name(enrolment)},
        row=enrolment,
        button=_("Let it go"),
        said=[
            _("%(held)s, who has not paid. It is free again at once; no mail is sent.")
            % {"held": held}
        ],
    )
