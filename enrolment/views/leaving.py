"""Leaving an intake: cancelling a place, or moving to another intake of the course."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from courses.calendar import london_date
from courses.moment import SignedInRequest
from courses.templatetags.money import money
from enrolment import cancelling, moving
from enrolment.models import Enrolment, Move, Payment
from enrolment.move_form import MoveForm
from enrolment.views.payment import addresses, to_stripe


class ShownForm(forms.Form):
    """The amount that the page showed, in pence; it decides nothing, but must still hold."""

    shown = forms.IntegerField(min_value=0, max_value=2**31)


def _enrolment(request: SignedInRequest, pk: str) -> Enrolment:
    mine = Enrolment.objects.filter(student=request.user)
    return get_object_or_404(mine.select_related("intake__course"), pk=pk)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def cancellation(request: SignedInRequest, pk: str) -> HttpResponse:
    """The exact refund and why; then cancelling, if it is still so."""
    enrolment = _enrolment(request, pk)
    if not enrolment.is_enrolled:
        return redirect(enrolment)
    if request.method == "POST":
        return _cancel(request, enrolment)
    quote = cancelling.quote(enrolment, at=request.at)
    return _quoted(request, enrolment, quote)


def _cancel(request: SignedInRequest, enrolment: Enrolment) -> HttpResponse:
    form = ShownForm(request.POST)
    if not form.is_valid():
        return _quoted(request, enrolment, cancelling.quote(enrolment, at=request.at), status=422)
    shown = form.cleaned_data["shown"]
    try:
        cancelling.cancel(enrolment, at=timezone.now(), by=request.user, expected=shown)
    except cancelling.QuoteChanged as changed:
        return _quoted(request, enrolment, changed.quote, before=shown, status=409)
    except cancelling.NotEnrolled:
        return redirect(enrolment)
    messages.success(request, _("Your place is cancelled."))
    return redirect(enrolment)


def _quoted(
    request: SignedInRequest,
    enrolment: Enrolment,
    quote: cancelling.Quote,
    *,
    before: int | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "enrolment": enrolment,
        "intake": enrolment.intake,
        "course": enrolment.intake.course,
        "quote": quote,
        "before": None if before is None else money(before),
    }
    return render(request, "enrolment/cancel.html", context, status=status)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: SignedInRequest, pk: str) -> HttpResponse:
    """The other intakes, and what a place there would come to; then moving, or on to Stripe."""
    enrolment = _enrolment(request, pk)
    if not enrolment.is_enrolled:
        return redirect(enrolment)
    waiting = enrolment.moves.filter(status=Move.Status.PENDING).first()
    options = [] if waiting else moving.options(enrolment, at=request.at)
    form = MoveForm(request.POST or None, enrolment=enrolment, options=options, at=request.at)
    if request.method == "POST" and not waiting and form.is_valid():
        return _move(request, enrolment, form)
    context = {
        "enrolment": enrolment,
        "intake": enrolment.intake,
        "course": enrolment.intake.course,
        "waiting": waiting,
        "is_open": moving.moves_open(enrolment, at=request.at),
        "form": form,
        "last_day": london_date(enrolment.intake.moves_end_at - timedelta(microseconds=1)),
    }
    status = 422 if form.is_bound else 200
    return render(request, "enrolment/move.html", context, status=status)


def _move(request: SignedInRequest, enrolment: Enrolment, form: MoveForm) -> HttpResponse:
    option = form.chosen
    try:
        made = moving.move(
            enrolment,
            to=option.intake,
            at=timezone.now(),
            expected=option.difference,
            by=request.user,
            urls=addresses(),
            agreed=form.agreed,
        )
    except moving.MoveChanged:
        messages.warning(
            request, _("The price has changed meanwhile. Nothing was done: look again.")
        )
        return redirect("enrolment_move", enrolment.pk)
    except moving.NotMovable as error:
        messages.warning(request, str(error))
        return redirect("enrolment_move", enrolment.pk)
    payment = made.payments.filter(status__in=Payment.OPEN).first()
    if payment:
        return to_stripe(payment)
    messages.success(
        request, _("You have moved to the %(intake)s.") % {"intake": option.intake.label}
    )
    return redirect(enrolment)
