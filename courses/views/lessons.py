"""A lesson, to those who may read it and to those who may not."""

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from courses import reading
from courses.access import lesson_or_404, reads_or_404, sells_to
from courses.contents import neighbours, rows_of
from courses.lesson_page import lesson_page
from courses.models import Lesson
from courses.moment import MomentRequest


@never_cache
@require_safe
def detail(request: MomentRequest, course: str, lesson: str) -> HttpResponse:
    """The lesson; to those who may not read it, what it is and how to come in."""
    page = lesson_page(course, lesson, request.user, at=request.at)
    if page is None:
        raise Http404
    found = page.lesson
    reads = reads_or_404(found, request.user, is_opened=page.is_opened)
    rows = rows_of(found.course, page.contents, reads=reads)
    before, here, after = neighbours(rows, found)
    context = {
        "course": found.course,
        "lesson": found,
        "lessons": rows,
        "before": before,
        "here": here,
        "after": after,
        "sells": sells_to(request.user, found.course, reads=reads),
        "done": sum(row.state == "done" for row in rows),
    }
    if not (found.is_free or reads):
        context["free"] = next((row for row in rows if row.is_free), None)
        return render(request, "courses/lesson_teaser.html", context)
    if not page.is_noted:
        _note(request, found)
    context |= {"used": page.used, "text": page.text, "sections": found.passage.sections}
    return render(request, "courses/lesson_detail.html", context)


def _note(request: MomentRequest, lesson: Lesson) -> None:
    """Keep in mind that somebody who is signed in reads it, where they do."""
    if request.user.is_authenticated and not request.asks_about and request.method == "GET":
        reading.read(learner=request.user, lesson=lesson, at=request.at)


@require_http_methods(["POST", "DELETE"])
def completion(request: MomentRequest, course: str, lesson: str) -> HttpResponse:
    """Ticks a lesson as done, or takes the tick away.

    A form without scripts can only post, so ``_method=delete`` says DELETE. Where the lesson may
    not be read nothing happens, and its page says why.
    """
    if not request.user.is_authenticated:
        return redirect_to_login(_lesson_url(course, lesson))
    found, reads = lesson_or_404(course, lesson, request.user)
    if found.is_free or reads:
        if "DELETE" in {request.method, request.POST.get("_method", "").upper()}:
            reading.uncomplete(learner=request.user, lesson=found)
        else:
            reading.complete(learner=request.user, lesson=found, at=request.at)
    return SeeOther(found.get_absolute_url())


class SeeOther(HttpResponseRedirect):
    """A redirect that is followed with GET, whatever method was answered."""

    status_code = 303


def _lesson_url(course: str, lesson: str) -> str:
    return reverse("lesson_detail", args=[course, lesson])
