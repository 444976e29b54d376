"""From an intake to its payment, and back from it."""

import logging

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from courses.models import Intake
from courses.moment import SignedInRequest
from courses.states import State
from enrolment import checkout, consents, jobs, paying, payments, settling
from enrolment.forms import AlertForm, EnrolForm
from enrolment.models import Enrolment, Payment

logger = logging.getLogger(__name__)


def _intake(course: str, intake: str) -> Intake:
    published = Intake.objects.filter(is_published=True, course__is_published=True)
    return get_object_or_404(
        published.select_related("course").prefetch_related("prices"),
        course__slug=course,
        slug=intake,
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: SignedInRequest, course: str, intake: str) -> HttpResponse:
    """Choose a price and give the consents; then on to Stripe, or straight in at £0."""
    found = _intake(course, intake)
    live = Enrolment.objects.live().filter(student=request.user, intake=found).first()
    if live:
        return redirect(live)
    state = found.state(at=request.at)
    form = EnrolForm(request.POST or None, intake=found, at=request.at)
    if not state.is_joinable:
        return _not_joinable(request, found, state)
    if request.method == "POST" and form.is_valid():
        return _begin(request, found, form)
    status = 422 if form.is_bound else 200
    return render(request, "enrolment/enrol.html", _page(request, found, form), status=status)


def _page(request: SignedInRequest, intake: Intake, form: EnrolForm) -> dict[str, object]:
    lessons_open = intake.starts_at if intake.lessons_open == "at_start" else None
    return {
        "intake": intake,
        "course": intake.course,
        "form": form,
        "hold_minutes": settings.PLACE_HOLD_MINUTES,
        "waits_until": consents.cancellation_ends_at(request.at),
        "lessons_open_at": lessons_open if lessons_open and lessons_open > request.at else None,
    }


def _not_joinable(request: SignedInRequest, intake: Intake, state: State) -> HttpResponse:
    """Say so, and offer what can be joined, or to be told."""
    others = Intake.objects.on_sale(at=request.at).filter(course=intake.course)
    context = {
        "intake": intake,
        "course": intake.course,
        "state": state,
        "others": others.exclude(pk=intake.pk).select_related("course")[:6],
        "alert_form": AlertForm(initial={"email": request.user.email}),
    }
    status = 409 if request.method == "POST" else 200
    return render(request, "enrolment/not_joinable.html", context, status=status)


def _begin(request: SignedInRequest, intake: Intake, form: EnrolForm) -> HttpResponse:
    order = checkout.Order(
        student=request.user,
        intake=intake,
        price=form.cleaned_data["price"],
        agreed=form.agreed,
        return_url=_absolute("enrolment_return"),
        cancel_url=_absolute("enrolment_detail"),
    )
    try:
        enrolment = checkout.begin(order, at=request.at)
    except checkout.AlreadyEnrolled as already:
        return redirect(already.enrolment)
    except checkout.NotJoinable as error:
        return _not_joinable(request, intake, error.state)
    except checkout.PriceNotBookable:
        form.add_error("price", "This price cannot be booked any more. Choose another.")
        return render(request, "enrolment/enrol.html", _page(request, intake, form), status=422)
    payment = enrolment.payments.first()
    return _to_stripe(payment) if payment else redirect(enrolment)


def _absolute(name: str) -> str:
    """An address for Stripe to send the student to, with a place for the enrolment's key."""
    blank = "00000000-0000-0000-0000-000000000000"
    return settings.SITE_URL + reverse(name, args=[blank]).replace(blank, "{enrolment}")


def _to_stripe(payment: Payment) -> HttpResponse:
    """On to the payment page; where Stripe does not answer in time, a job carries on."""
    try:
        payment = paying.open_session(payment, at=timezone.now())
    except paying.CheckoutRefused:
        return redirect(payment.enrolment)
    except payments.PaymentsError as error:
        logger.warning("Stripe did not open payment %s: %s", payment.reference, error)
        jobs.open_session.defer(payment_id=str(payment.pk))
        return redirect(payment.enrolment)
    return redirect(payment.session_url)


@login_required
@never_cache
@require_safe
def enrolment_return(request: SignedInRequest, pk: str) -> HttpResponse:
    """Back from Stripe. The address proves nothing: ask Stripe, then show what is so."""
    enrolment = get_object_or_404(Enrolment, pk=pk, student=request.user)
    payment = enrolment.payments.filter(status=Payment.Status.PENDING).first()
    if payment:
        try:
            settling.settle(payment, at=timezone.now())
        except payments.PaymentsError as error:
            logger.warning("Stripe did not tell of payment %s: %s", payment.reference, error)
            jobs.settle_payment.defer(payment_id=str(payment.pk))
    return redirect(enrolment)
