"""Waiting for a place: joining the list, one's entries on it, and leaving."""

from collections.abc import Iterable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from courses.models import Intake
from courses.moment import SignedInRequest
from enrolment import offering, waiting
from enrolment.models import Enrolment, Offer, WaitingListEntry
from enrolment.templatetags.waiting import open_offer

# How many entries that are over the list still shows.
FORMER = 20


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: SignedInRequest, course: str, intake: str) -> HttpResponse:
    """Join the list; where a place is free or the list is closed, the enrol page says so."""
    published = Intake.objects.filter(is_published=True, course__is_published=True)
    found = get_object_or_404(published, course__slug=course, slug=intake)
    enrolled = Enrolment.objects.filter(student=request.user).with_place_in(found)
    if request.method != "POST" or enrolled.exists():
        return redirect(found.get_enrol_url())
    others = waiting.others(found, student=request.user, at=request.at)
    try:
        entry = waiting.join(
            student=request.user, intake=found, also=_chosen(request, others), at=request.at
        )
    except waiting.PlaceFree:
        messages.success(request, _("A place has come free: there is no need to wait."))
        return redirect(found.get_enrol_url())
    except waiting.ListClosed:
        return redirect(found.get_enrol_url())
    return redirect(entry)


def _chosen(request: SignedInRequest, others: Iterable[Intake]) -> list[Intake]:
    """Those of ``others`` that are ticked; what is none of them is nothing."""
    ticked = set(request.POST.getlist("others"))
    return [one for one in others if str(one.pk) in ticked]


@login_required
@never_cache
@require_safe
def entry_list(request: SignedInRequest) -> HttpResponse:
    """The lists one is on, with where one stands, and those one was on."""
    mine = WaitingListEntry.objects.filter(student=request.user).select_related("intake__course")
    live = list(mine.filter(status__in=WaitingListEntry.LIVE))
    standings = waiting.standings(live, at=request.at)
    opened = Offer.objects.filter(
        entry__in=live, status=Offer.Status.OPEN, expires_at__gt=request.at
    )
    offers = {offer.entry_id: offer for offer in opened.select_related("intake")}
    rows = [
        {"entry": one, "standing": standings[one.pk][0], "offer": offers.get(one.pk)}
        for one in live
    ]
    former = mine.exclude(status__in=WaitingListEntry.LIVE).order_by("-ended_at")[:FORMER]
    return render(request, "enrolment/waiting_list.html", {"rows": rows, "former": former})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST", "DELETE"])
def entry(request: SignedInRequest, pk: str) -> HttpResponse:
    """One's entry: where one stands, what else would do. DELETE leaves the list.

    A form without scripts can only post, so ``_method=delete`` says DELETE.
    """
    mine = WaitingListEntry.objects.filter(student=request.user)
    found = get_object_or_404(mine.select_related("intake__course"), pk=pk)
    if "DELETE" in {request.method, request.POST.get("_method", "").upper()}:
        waiting.leave(found, at=request.at)
        messages.success(request, _("You are no longer on the waiting list."))
        return redirect("waiting_list")
    others = _others_of(found, request)
    if request.method == "POST":
        waiting.change_others(found, _chosen(request, others), at=request.at)
        messages.success(request, _("Saved."))
        return redirect(found)
    context = {
        "entry": found,
        "intake": found.intake,
        "course": found.intake.course,
        "offer": open_offer(found.pk, at=request.at),
        "standings": waiting.standings([found], at=request.at)[found.pk],
        "chosen": list(found.also.all()),
        "others": others,
        "enrolment": Enrolment.objects.filter(offer__entry=found).first(),
    }
    return render(request, "enrolment/waiting_entry.html", context)


@login_required
@never_cache
@require_safe
def offer(request: SignedInRequest, pk: str) -> HttpResponse:
    """The place that is kept for somebody, until when, and its price; where over, the entry."""
    mine = WaitingListEntry.objects.filter(student=request.user)
    found = get_object_or_404(mine.select_related("intake__course"), pk=pk)
    kept = open_offer(found.pk, at=request.at)
    if kept is None:
        return redirect(found)
    context = {
        "entry": found,
        "offer": kept,
        "intake": kept.intake,
        "course": found.intake.course,
        "amount": offering.amount_now(kept, kept.price, at=request.at),
        "price_in_words": offering.price_in_words(kept),
    }
    return render(request, "enrolment/waiting_offer.html", context)


def _others_of(found: WaitingListEntry, request: SignedInRequest) -> list[Intake]:
    """What an entry names beside its intake, and what it could name."""
    if not found.is_waiting:
        return []
    named = list(found.also.all())
    more = waiting.others(found.intake, student=request.user, at=request.at)
    return sorted([*named, *more], key=lambda one: (one.starts_at, one.pk))
