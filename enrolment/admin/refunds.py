"""Refunds in the admin: begun on a payment, tried again, and marked as paid back by hand."""

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from courses.templatetags.money import money
from enrolment import disputing, refunding
from enrolment.admin.acting import ReasonField, RefundField, back_to, gate, page, sent
from enrolment.models import Enrolment, Payment, Refund

PERMISSION = "enrolment.refund_payment"


class RefundForm(forms.Form):
    """How much goes back, and why. ``left`` is what could, as the page showed it."""

    left = forms.IntegerField(widget=forms.HiddenInput)
    amount = RefundField(
        label=gettext_lazy("Amount"), min_value=0.01, help_text=gettext_lazy("In pounds.")
    )
    reason = ReasonField(
        label=gettext_lazy("Reason"),
        max_length=200,
        help_text=gettext_lazy("For the history, and the student reads it."),
    )


def refund(model_admin: admin.ModelAdmin, request: HttpRequest, pk: str) -> HttpResponse:
    """Give back a part of a payment, or all that is left of it; the place is not touched."""
    user = gate(request, PERMISSION)
    payment = get_object_or_404(Payment.objects.select_related("enrolment__student"), pk=pk)
    if _is_disputed(request, payment):
        return back_to(payment)
    left = refunding.refundable(payment)
    if not left:
        messages.info(request, _("Nothing is left of this payment to give back."))
        return back_to(payment)
    form = RefundForm(sent(request), initial={"left": left, "amount": left})
    if form.is_valid() and _begin(payment, form, user):
        amount = money(form.cleaned_data["amount"])
        messages.success(
            request, _("%(amount)s goes back, and the student is told.") % {"amount": amount}
        )
        return back_to(payment)
    by_hand = payment.method == Payment.Method.ELSEWHERE
    student, came = payment.enrolment.student.get_full_name(), money(payment.amount_received)
    return page(
        model_admin,
        request,
        title=_("Refund %(reference)s") % {"reference": payment.reference},
        row=payment,
        form=form,
        button=_("Refund"),
        said=[
            _("%(student)s paid %(came)s; %(amount)s of it can go back.")
            % {"student": student, "came": came, "amount": money(left)},
            _("The enrolment stays as it is."),
            *([_("It was paid elsewhere: pay it back, then mark the refund.")] if by_hand else []),
        ],
    )


def _is_disputed(request: HttpRequest, payment: Payment) -> bool:
    """Say so where the bank has the money already."""
    try:
        disputing.refuse_if_disputed(payment)
    except disputing.PaymentDisputed as refused:
        messages.error(request, str(refused))
        return True
    return False


def _begin(payment: Payment, form: RefundForm, user: User) -> bool:
    """Begin the refund; False where the form says why not."""
    chosen = form.cleaned_data
    with transaction.atomic():
        Enrolment.objects.locked(pk=payment.enrolment_id)
        left = refunding.refundable(Payment.objects.get(pk=payment.pk))
        if chosen["left"] != left:
            form.add_error(
                None,
                _("Meanwhile something went back: %(amount)s is left.") % {"amount": money(left)},
            )
            form.data = {**form.data, "left": str(left)}
        elif chosen["amount"] > left:
            form.add_error("amount", _("At most %(amount)s can go back.") % {"amount": money(left)})
        else:
            refunding.begin(
                payment,
                amount=chosen["amount"],
                reason=chosen["reason"],
                at=timezone.now(),
                by=user,
            )
    return form.is_valid()


def retry(model_admin: admin.ModelAdmin, request: HttpRequest, pk: str) -> HttpResponse:
    """Try a refund that failed once more."""
    user = gate(request, PERMISSION)
    failed = get_object_or_404(Refund.objects.select_related("payment"), pk=pk)
    if failed.status != Refund.Status.FAILED:
        messages.info(request, _("This refund has not failed."))
        return back_to(failed)
    if _is_disputed(request, failed.payment):
        return back_to(failed)
    if request.method == "POST":
        try:
            refunding.retry(failed, at=timezone.now(), by=user)
        except refunding.RefundTooLarge as refused:
            messages.error(
                request, _("Only %(amount)s can still go back.") % {"amount": money(refused.left)}
            )
        else:
            messages.success(request, _("It is tried again."))
        return back_to(failed)
    return page(
        model_admin,
        request,
        title=_("Try the refund of %(reference)s again") % {"reference": failed.payment.reference},
        row=failed,
        button=_("Try again"),
        said=[
            _("%(amount)s could not be given back. Stripe is asked once more.")
            % {"amount": money(failed.amount)}
        ],
    )


class PaidBackForm(forms.Form):
    """By which other means it was given back."""

    how = forms.CharField(
        label=gettext_lazy("How"),
        max_length=200,
        help_text=gettext_lazy("For example: bank transfer of 3 May."),
    )


def mark_done(model_admin: admin.ModelAdmin, request: HttpRequest, pk: str) -> HttpResponse:
    """Say that what was paid elsewhere, or what Stripe could not send, has been paid back."""
    user = gate(request, PERMISSION)
    waiting = get_object_or_404(Refund.objects.select_related("payment"), pk=pk)
    if not waiting.waits_for_hands:
        messages.info(request, _("This refund does not wait for anybody to pay it back by hand."))
        return back_to(waiting)
    if _is_disputed(request, waiting.payment):
        return back_to(waiting)
    form = PaidBackForm(sent(request))
    if form.is_valid():
        _mark_done(request, waiting, form.cleaned_data["how"], user)
        return back_to(waiting)
    return page(
        model_admin,
        request,
        title=_("The refund of %(reference)s has been paid back")
        % {"reference": waiting.payment.reference},
        row=waiting,
        form=form,
        button=_("Mark as paid back"),
        said=[
            _("You have given back %(amount)s yourselves; nothing else moves it.")
            % {"amount": money(waiting.amount)}
        ],
    )


def _mark_done(request: HttpRequest, waiting: Refund, how: str, user: User) -> None:
    try:
        refunding.mark_done(waiting, how=how, at=timezone.now(), by=user)
    except refunding.RefundTooLarge as refused:
        messages.error(
            request, _("Only %(amount)s can still go back.") % {"amount": money(refused.left)}
        )
    else:
        messages.success(request, _("Written down: it has been paid back."))
