"""What a person has: enrolments and where they stand. Others' things answer 404."""

from datetime import date, datetime
from hashlib import sha256

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from courses.calendar import london_date
from courses.moment import SignedInRequest
from courses.reading import continue_reading, progress_of
from enrolment import consents, refunding
from enrolment.models import Enrolment
from enrolment.templatetags.unfinished import unfinished


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
    waiting = unfinished({"request": request}, enrolment)
    page = {
        "enrolment": enrolment,
        "intake": enrolment.intake,
        "course": enrolment.intake.course,
        "changes_soon": bool(waiting and waiting.changes_soon and not waiting.is_move),
        "paid": next((one for one in payments if one.is_paid and not one.flag), None),
        "flagged": [one for one in payments if one.is_paid and one.flag],
        "opens_later": _opens_later(enrolment, at=request.at),
        "cancel_by": _cancel_by(enrolment, at=request.at),
        "owed": any(one.owed for one in payments) and refunding.waits_for_bank(enrolment),
    }
    status = render_to_string("enrolment/enrolment_status.html", page, request)
    # By what it says: a page that shows it already is told nothing.
    mark = sha256(status.encode()).hexdigest()[:16]
    return {**page, "status": status, "mark": mark}


@login_required
@never_cache
@require_safe
def enrolment_detail(request: SignedInRequest, pk: str) -> HttpResponse:
    """One enrolment: waiting for payment, enrolled, expired or cancelled."""
    enrolment = _enrolment(request, pk)
    return render(request, "enrolment/enrolment_detail.html", _page(request, enrolment))


def _cancel_by(enrolment: Enrolment, *, at: datetime) -> date | None:
    """The last day of the right to cancel, as long as it has not passed."""
    if not (enrolment.is_enrolled and enrolment.amount):
        return None
    last = consents.last_day_to_cancel(consents.contract_made_at(enrolment))
    return last if last >= london_date(at) else None


@login_required
@never_cache
@require_safe
def enrolment_status(request: SignedInRequest, pk: str) -> HttpResponse:
    """The part of that page that changes, for asking again and again while it is pending.

    204 where the page that asks shows it already (``?shown=`` its mark), so that it is not
    changed under anybody's hands, nor read out again.
    """
    page = _page(request, _enrolment(request, pk))
    if request.GET.get("shown") == page["mark"]:
        return HttpResponse(status=204)
    return render(request, "enrolment/enrolment_news.html", page)
