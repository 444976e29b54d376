"""Leaving an intake: cancelling a place."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from courses.moment import SignedInRequest
from courses.templatetags.money import money
from enrolment import cancelling
from enrolment.models import Enrolment


class ShownForm(forms.Form):
    """The amount that the page showed, in pence; it decides nothing, but must still hold."""

    shown = forms.IntegerField()


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
    messages.success(request, "Your place is cancelled.")
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
