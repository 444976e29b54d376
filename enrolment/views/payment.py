"""Paying for a place: on to Stripe, back from it, once more, or not at all."""

import logging

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from courses.moment import SignedInRequest
from enrolment import consents, giving_up, jobs, paying, payments, settling
from enrolment.consent_fields import ConsentForm
from enrolment.models import Enrolment, Payment
from enrolment.unfinished import unfinished_of

logger = logging.getLogger(__name__)


def _absolute(name: str) -> str:
    """An address for Stripe to send the student to, with a place for the enrolment's key."""
    blank = "00000000-0000-0000-0000-000000000000"
    return settings.SITE_URL + reverse(name, args=[blank]).replace(blank, "{enrolment}")


def addresses() -> paying.Addresses:
    """Where Stripe sends a student back to."""
    return paying.Addresses(_absolute("enrolment_return"), _absolute("enrolment_detail"))


def to_stripe(payment: Payment) -> HttpResponse:
    """On to the payment page; where Stripe does not answer in time, a job carries on."""
    try:
        payment = paying.open_session(payment, at=timezone.now())
    except paying.CheckoutRefused:
        return redirect(payment.enrolment)
    except payments.PaymentsError as error:
        logger.warning("Stripe did not open payment %s: %s", payment.reference, error)
        jobs.open_session.defer(payment_id=str(payment.pk))
        return redirect(payment.enrolment)
    return redirect(payment.session_url or payment.enrolment)


def _mine(request: SignedInRequest, pk: str) -> Enrolment:
    mine = Enrolment.objects.filter(student=request.user)
    return get_object_or_404(mine.select_related("intake__course"), pk=pk)


@login_required
@never_cache
@require_safe
def enrolment_return(request: SignedInRequest, pk: str) -> HttpResponse:
    """Back from Stripe. The address proves nothing: ask Stripe, then show what is so."""
    enrolment = _mine(request, pk)
    payment = enrolment.payments.filter(status=Payment.Status.PENDING).first()
    if payment:
        try:
            settling.settle(payment, at=timezone.now())
        except payments.PaymentsError as error:
            logger.warning("Stripe did not tell of payment %s: %s", payment.reference, error)
            jobs.settle_payment.defer(payment_id=str(payment.pk))
    return redirect(enrolment)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST", "DELETE"])
def enrolment_payment(request: SignedInRequest, pk: str) -> HttpResponse:
    """What waits to be paid: POST goes on to Stripe, DELETE gives it up.

    A form without scripts can only post, so ``_method=delete`` says DELETE.
    """
    enrolment = _mine(request, pk)
    if request.method in {"GET", "HEAD"}:
        return _page(request, enrolment)
    if "DELETE" in {request.method, request.POST.get("_method", "").upper()}:
        return _give_up(request, enrolment)
    form = ConsentForm(request.POST, kinds=_not_asked(enrolment))
    if form.is_valid() and form.ticked:
        consents.give(enrolment, form.ticked, at=request.at)
    try:
        payment = paying.pay_again(enrolment, urls=addresses(), at=request.at)
    except paying.NothingToPay:
        messages.info(request, _("There is nothing to pay for this place just now."))
        return redirect(enrolment)
    return to_stripe(payment) if payment.status == "pending" else redirect(enrolment)


def _page(request: SignedInRequest, enrolment: Enrolment) -> HttpResponse:
    waiting = unfinished_of(request.user, at=request.at).get(enrolment.pk)
    if waiting is None:
        return redirect(enrolment)
    kinds = _not_asked(enrolment)
    opening = consents.opening(
        enrolment.intake, enrolment.amount, at=request.at, held_until=enrolment.held_until
    )
    context = {
        "enrolment": enrolment,
        "course": enrolment.intake.course,
        "waiting": waiting,
        "opening": opening,
        "form": ConsentForm(kinds=kinds),
    }
    return render(request, "enrolment/payment.html", context)


def _not_asked(enrolment: Enrolment) -> list[str]:
    """The consents that were not given by whom staff sent a link to pay by: no form asked them."""
    is_link = enrolment.is_pending and enrolment.enrolled_by_id is not None
    return consents.missing(enrolment) if is_link else []


_TOLD = {
    giving_up.Outcome.MOVE_OFF: gettext_lazy(
        "You stay in your intake. Nothing was taken from you."
    ),
    giving_up.Outcome.PAID: gettext_lazy(
        "Your payment had just gone through, so nothing was given up."
    ),
    giving_up.Outcome.NOTHING: gettext_lazy("There was nothing to give up any more."),
}


def _give_up(request: SignedInRequest, enrolment: Enrolment) -> HttpResponse:
    try:
        outcome = giving_up.give_up(enrolment, by=request.user, at=request.at)
    except giving_up.OnItsWay:
        messages.warning(
            request,
            _("Your bank is carrying out the payment already, so it cannot be given up here."),
        )
    else:
        if outcome in _TOLD:  # that a place was given up, the page says by itself
            messages.info(request, _TOLD[outcome])
    return redirect(enrolment)
