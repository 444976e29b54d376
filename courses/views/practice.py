"""Practice as a whole, and of the terms met in lessons."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from courses import practising, reminding
from courses.access import course_or_404, reads_course
from courses.moment import MomentRequest, SignedInRequest
from glossary.practice.cards import Scope
from glossary.practice.keeping import memories_of
from glossary.practice.queue import queue_of
from glossary.views.practice import practise, public_definitions

READ_FIRST = gettext_lazy("Read a lesson. The terms that you meet there stand here afterwards.")


@never_cache
@require_safe
def overview(request: MomentRequest) -> HttpResponse:
    """What is due, by course and by glossary."""
    memories = memories_of(request)
    kept = memories.all()
    learner = request.user if request.user.is_authenticated else None
    terms = practising.terms_to_practise(request.user, memories)
    context = {
        "queue": queue_of(terms, memories, at=request.at),
        "courses": practising.by_course(learner, kept, at=request.at) if learner else [],
        "glossaries": practising.by_glossary(memories, kept, at=request.at),
        "has_begun": bool(kept),
        "is_reminded": learner is not None and reminding.is_asked(learner),
    }
    return render(request, "courses/practice.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def due(request: MomentRequest) -> HttpResponse:
    """Whatever is due, of all that was begun or met in lessons."""
    scope = Scope(
        title=_("Everything due"),
        url=reverse("practice_due"),
        terms=practising.terms_to_practise(request.user, memories_of(request)),
        passages=public_definitions(),
    )
    return practise(request, scope, {"nothing_yet": READ_FIRST}, at=request.at)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def course_practice(request: SignedInRequest, course: str) -> HttpResponse:
    """The terms met in the lessons of one course."""
    found = course_or_404(course, request.user)
    scope = Scope(
        title=found.title,
        url=reverse("course_practice", args=[found.slug]),
        terms=practising.terms_met(request.user, course=found),
        passages=practising.texts_to_quote(found, reads=reads_course(request.user, found)),
    )
    context = {
        "back_url": found.get_absolute_url(),
        "back_name": found.title,
        "nothing_yet": READ_FIRST,
    }
    return practise(request, scope, context, at=request.at)


@login_required
@require_http_methods(["POST", "DELETE"])
def reminder(request: SignedInRequest) -> HttpResponse:
    """Asks for the weekly reminder, or stops it; a form without scripts says ``_method=delete``."""
    if "DELETE" in {request.method, request.POST.get("_method", "").upper()}:
        reminding.stop(request.user)
        messages.success(request, _("We will not remind you any more."))
    else:
        reminding.ask(request.user, at=request.at)
        messages.success(request, _("We will write to you in a week, if terms are due by then."))
    return redirect("practice")


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reminder_stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stops a reminder from its mail: a page with a button, or one POST from a mail program.

    Nobody has to be signed in, and no cookie is needed (RFC 8058, 3.1); the signature says whose
    it is. A GET changes nothing: mail scanners follow links.
    """
    found = reminding.by_token(token)
    if found is None:
        raise Http404
    if request.method == "POST":
        reminding.stop(found.learner)
    context = {"is_stopped": not found.is_on or request.method == "POST"}
    return render(request, "courses/reminder_stop.html", context)
