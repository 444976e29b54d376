"""What is taught: the home page, the catalogue, a course."""

from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import push_url
from django_htmx.middleware import HtmxDetails

from courses.access import course_or_404, reads_course, sells_to
from courses.calendar import london_date
from courses.catalogue import Catalogue, Wanted, filters
from courses.contents import lesson_rows
from courses.course_page import Glance
from courses.front_page import largest_subjects
from courses.introducing import terms_by_lesson
from courses.models import Course
from courses.moment import MomentRequest
from courses.panels import intakes_to_show, next_by_course, starting_next
from courses.reading import next_lessons, progress_of
from glossary.models import Glossary, Term
from glossary.term_of_the_day import term_of_the_day

ON_THE_HOME_PAGE = 6


class HtmxRequest(MomentRequest):
    """A request as views see it behind the middleware of ``django_htmx``."""

    htmx: HtmxDetails


@require_safe
def home(request: MomentRequest) -> HttpResponse:
    """What is taught, what starts next, and the ways into the glossaries."""
    courses, has_more_courses = _some(Course.objects.public())
    subjects, has_more_subjects = largest_subjects() if has_more_courses else ([], False)
    terms = Term.objects.filter(glossary=OuterRef("pk"), is_published=True).order_by()
    number = terms.values("glossary").annotate(number=Count("pk")).values("number")
    published = Glossary.objects.filter(is_published=True)
    glossaries, has_more_glossaries = _some(published.annotate(term_count=Subquery(number)))
    starting = starting_next(at=request.at, limit=ON_THE_HOME_PAGE)
    context = {
        "courses": courses,
        "subjects": subjects,
        "has_more_subjects": has_more_subjects,
        "starting": starting,
        "first": starting[0] if starting else None,
        "specimen": term_of_the_day(on=london_date(request.at)) if glossaries else None,
        "glossaries": glossaries,
        "has_more_glossaries": has_more_glossaries,
    }
    return render(request, "home.html", context)


def _some(rows: QuerySet[Any]) -> tuple[list[Any], bool]:
    """The first few of ``rows``, and whether there are more."""
    found = list(rows[: ON_THE_HOME_PAGE + 1])
    return found[:ON_THE_HOME_PAGE], len(found) > ON_THE_HOME_PAGE


@require_safe
@vary_on_headers("HX-Request")
def course_list(request: HtmxRequest) -> HttpResponse:
    """The published courses as they are wanted, each with the next intake that is."""
    wanted = Wanted.of(request.GET)
    page = Catalogue(wanted, at=request.at).get_page(request.GET.get("page"))
    intakes = wanted.intakes(at=request.at) if wanted.of_intake else None
    upcoming = next_by_course(page.object_list, at=request.at, intakes=intakes)
    context = {
        "page": page,
        "courses": [(course, upcoming.get(course.pk)) for course in page.object_list],
        "wanted": wanted,
    }
    part = bool(request.htmx) and not request.htmx.history_restore_request
    if part:
        response = render(request, "courses/catalogue_results.html", context)
        query = wanted.query.rstrip("&")
        return push_url(response, f"{request.path}?{query}" if query else request.path)
    context["filters"] = filters(wanted, at=request.at)
    return render(request, "courses/course_list.html", context)


@require_safe
def course_detail(request: MomentRequest, course: str) -> HttpResponse:
    """A course: what it teaches, its lessons, its intakes."""
    found = course_or_404(course, request.user)
    reads = reads_course(request.user, found)
    lessons = lesson_rows(found, request.user, reads=reads)
    intakes = intakes_to_show(found, at=request.at)
    context = {
        "course": found,
        "glossaries": [one for one in found.glossaries_in_order() if one.is_published],
        "lessons": lessons,
        "intakes": intakes,
        "glance": Glance(lessons, intakes),
        "questions": found.questions.select_related("answer"),
        "sells": sells_to(request.user, found, reads=reads),
    }
    if request.user.is_authenticated and reads:
        context["progress"] = progress_of(request.user, [found])[found.pk]
        context["continue"] = next_lessons(request.user, [found]).get(found.pk)
    return render(request, "courses/course_detail.html", context)


@require_safe
def course_terms(request: MomentRequest, course: str) -> HttpResponse:
    """The terms of a course, lesson by lesson."""
    found = course_or_404(course, request.user)
    lessons = terms_by_lesson(found)
    return render(request, "courses/course_terms.html", {"course": found, "lessons": lessons})
