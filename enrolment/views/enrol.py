"""From an intake to its payment."""

from allauth.core.ratelimit import consume
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from courses.models import Intake
from courses.moment import SignedInRequest
from courses.panels import Offered
from courses.states import State
from enrolment import checkout
from enrolment.accepting import OfferOver
from enrolment.forms import AlertForm, EnrolForm
from enrolment.models import Enrolment, Offer
from enrolment.unfinished import clock_time
from enrolment.views.payment import addresses, to_stripe
from enrolment.vouchers import VoucherRefused


def _intake(course: str, intake: str) -> Intake:
    published = Intake.objects.filter(is_published=True, course__is_published=True)
    rows = published.select_related("course").prefetch_related("prices")
    return get_object_or_404(rows, course__slug=course, slug=intake)


def _offer(request: SignedInRequest, intake: Intake) -> Offer | None:
    """The place that is kept for this student from the waiting list, if one is."""
    mine = Offer.objects.filter(entry__student=request.user, intake=intake)
    return mine.filter(status=Offer.Status.OPEN, expires_at__gt=request.at).first()


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: SignedInRequest, course: str, intake: str) -> HttpResponse:
    """Choose a price, use a voucher, give the consents; then on to Stripe, or straight in at £0."""
    found = _intake(course, intake)
    live = Enrolment.objects.filter(student=request.user).with_place_in(found).first()
    if live:
        return _there_already(request, live, found)
    state, offer = found.state(at=request.at), _offer(request, found)
    if not (state.is_joinable or (offer and found.is_selling(at=request.at))):
        return _not_joinable(request, found, state)
    form = _form(request, found, offer)
    is_ready = request.method == "POST" and form.is_valid() and not form.shows_total_first
    return _begin(request, found, form, offer) if is_ready else _form_page(request, found, form)


def _there_already(request: SignedInRequest, live: Enrolment, intake: Intake) -> HttpResponse:
    if live.intake_id != intake.pk:
        messages.info(
            request,
            _("You are moving to the %(intake)s: pay the difference, or give the move up.")
            % {"intake": intake.label},
        )
    return redirect(live)


def _form(request: SignedInRequest, intake: Intake, offer: Offer | None) -> EnrolForm:
    code = request.GET.get("voucher", "")
    form = EnrolForm(
        request.POST if request.method == "POST" else None,
        intake=intake,
        at=request.at,
        student=request.user,
        offer=offer,
        may_try_vouchers=_may_try_vouchers(request),
        initial={"voucher": code},
    )
    form.is_valid()
    if form.guessed:
        consume(request, action="guess_voucher")
    return form


def _may_try_vouchers(request: SignedInRequest) -> bool:
    """Not once too many codes were wrong; the right one is not found out then either."""
    return not request.POST.get("voucher") or consume(request, action="guess_voucher", dry_run=True)


def _form_page(request: SignedInRequest, intake: Intake, form: EnrolForm) -> HttpResponse:
    lessons_open = intake.starts_at if intake.lessons_open == "at_start" else None
    context = {
        "intake": intake,
        "offered": Offered(intake, intake.state(at=request.at), None, request.at),
        "course": intake.course,
        "form": form,
        "offer": form.offer,
        "offer_until": clock_time(form.offer.expires_at, at=request.at) if form.offer else "",
        "hold_minutes": settings.PLACE_HOLD_MINUTES,
        "takes_debits": "bacs_debit" in settings.STRIPE_PAYMENT_METHODS,
        "takes_cards": "card" in settings.STRIPE_PAYMENT_METHODS,
        "lessons_open_at": lessons_open if lessons_open and lessons_open > request.at else None,
    }
    status = 422 if form.errors else 200
    return render(request, "enrolment/enrol.html", context, status=status)


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


def _begin(
    request: SignedInRequest, intake: Intake, form: EnrolForm, offer: Offer | None
) -> HttpResponse:
    price = form.cleaned_data["price"]
    urls = addresses()
    order = checkout.Order(
        student=request.user,
        intake=intake,
        price=price,
        agreed=form.agreed,
        return_url=urls.success,
        cancel_url=urls.cancel,
        voucher=form.used,
        declaration=form.cleaned_data["declaration"] if price.declaration else "",
        offer=offer,
    )
    try:
        enrolment = checkout.begin(order, at=request.at)
    except checkout.AlreadyEnrolled as already:
        return redirect(already.enrolment)
    except checkout.NotJoinable as error:
        return _not_joinable(request, intake, error.state)
    except OfferOver:
        messages.warning(request, _("Your offer is over; the place has passed on."))
        return redirect(intake.get_enrol_url())
    except checkout.PriceNotBookable:
        form = _form(request, _intake(intake.course.slug, intake.slug), offer)
        if form.is_valid():
            form.add_error("price", _("This price cannot be booked any more. Choose another."))
    except checkout.ReasonMissing:
        form.add_error("declaration", _("Say in a few words why this price is yours."))
    except VoucherRefused as refused:
        form.refuse_voucher(str(refused))
    else:
        return to_stripe(enrolment.to_pay) if enrolment.to_pay else redirect(enrolment)
    return _form_page(request, intake, form)
