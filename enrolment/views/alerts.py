"""Asking to be told when a course can be joined."""

from allauth.account.models import EmailAddress
from allauth.core.ratelimit import consume_or_429
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from courses.models import Course
from enrolment import alerts
from enrolment.forms import AlertForm
from enrolment.models import IntakeAlert


@require_http_methods(["GET", "HEAD", "POST"])
def alert(request: HttpRequest, course: str) -> HttpResponse:
    """Leave an address; a mail asks to confirm it."""
    found = get_object_or_404(Course, slug=course, is_published=True)
    form = AlertForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        # Each request may send a mail to an address that is not the visitor's.
        too_many = consume_or_429(request, action="ask_for_alert")
        if too_many:
            return too_many
        email = form.cleaned_data["email"]
        is_theirs = _is_theirs(request, email)
        alerts.ask(course=found, email=email, is_theirs=is_theirs, at=timezone.now())
        context = {"course": found, "email": email, "is_theirs": is_theirs}
        return render(request, "enrolment/alert_asked.html", context)
    status = 422 if form.is_bound else 200
    return render(request, "enrolment/alert.html", {"course": found, "form": form}, status=status)


def _is_theirs(request: HttpRequest, email: str) -> bool:
    """Whether somebody signed in has shown already that they read this address."""
    if not request.user.is_authenticated:
        return False
    known = EmailAddress.objects.filter(user=request.user, email__iexact=email, verified=True)
    return known.exists()


@require_http_methods(["GET", "HEAD", "POST"])
def alert_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm the address, or drop it. By a button: mail scanners follow links."""
    found = get_object_or_404(IntakeAlert.objects.select_related("course"), token=token)
    if request.method == "POST" and "forget" in request.POST:
        alerts.forget(found)
        messages.success(request, _("We have deleted your address."))
        return redirect(found.course)
    if request.method == "POST":
        alerts.confirm(found, at=timezone.now())
        messages.success(request, _("Thank you. We will write to you once, when you can join."))
        return redirect(found.course)
    return render(request, "enrolment/alert_confirm.html", {"alert": found, "course": found.course})
