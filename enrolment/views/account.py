"""What a person has: enrolments and where they stand. Others' things answer 404."""

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from courses.moment import SignedInRequest
from courses.reading import continue_reading, progress_of
from enrolment import refunding
from enrolment.models import Enrolment


@login_required
@never_cache
@require_safe
def enrolment_list(request: SignedInRequest) -> HttpResponse:
    """My enrolments, with where to read on."""
    enrolments = list(
        Enrolment.objects.filter(student=request.user).select_related("intake__course")
    )
    courses = {one.intake.course for one in enrolments if one.is_enrolled}
    progress = progress_of(request.user, courses)
    rows = [
        {
            "enrolment": one,
            "opens_later": _opens_later(one, at=request.at),
            "progress": progress.get(one.intake.course_id) if one.is_enrolled else None,
        }
        for one in enrolments
    ]
    context = {"rows": rows, "continue_with": continue_reading(request.user)}
    return render(request, "enrolment/enrolment_list.html", context)


def _opens_later(enrolment: Enrolment, *, at: datetime) -> datetime | None:
    opens = enrolment.lessons_open_at
    return opens if enrolment.is_enrolled and opens and opens > at else None


def _enrolment(request: SignedInRequest, pk: str) -> Enrolment:
    mine = Enrolment.objects.filter(student=request.user)
    return get_object_or_404(
        mine.select_related("intake__course").prefetch_related("payments", "consents"), pk=pk
    )


def _page(request: SignedInRequest, enrolment: Enrolment) -> dict[str, object]:
    payments = list(enrolment.payments.all())
    return {
        "enrolment": enrolment,
        "intake": enrolment.intake,
        "course": enrolment.intake.course,
        "pending": next((one for one in payments if one.status == "pending"), None),
        "paid": next((one for one in payments if one.is_paid and not one.flag), None),
        "flagged": [one for one in payments if one.is_paid and one.flag],
        "opens_later": _opens_later(enrolment, at=request.at),
        "owed": any(one.owed for one in payments) and refunding.waits_for_bank(enrolment),
    }


@login_required
@never_cache
@require_safe
def enrolment_detail(request: SignedInRequest, pk: str) -> HttpResponse:
    """One enrolment: waiting for payment, enrolled, expired or cancelled."""
    return render(
        request, "enrolment/enrolment_detail.html", _page(request, _enrolment(request, pk))
    )


@login_required
@never_cache
@require_safe
def enrolment_status(request: SignedInRequest, pk: str) -> HttpResponse:
    """The part of that page that changes, for asking again and again while it is pending."""
    return render(
        request, "enrolment/enrolment_status.html", _page(request, _enrolment(request, pk))
    )
