"""Pages that visitors see again and again, kept whole in the process that made them.

A page is kept under a text that is another one with every change of any row that it says anything
of (``Prepared`` queries of stamps, one a page), and until the next moment at which an intake's
dates may make it say something else. So it is never another page than the one that would be made.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils.cache import patch_vary_headers

from courses.models import Course, CourseGlossary, Intake, Lesson, Price, Provider
from courses.moment import MomentRequest
from courses.turning import next_turn
from glossary.kept import KEPT, stamped
from glossary.models import Glossary
from glossary.prepared import Prepared, a_text

# As Django's message storage calls its cookie.
MESSAGES = "messages"
TOKEN = re.compile(rb'(?<=name="csrfmiddlewaretoken" value=")\w{64}(?=")')


@dataclass(frozen=True)
class Kind:
    """Pages of one kind: what they are made of, by the words of their address."""

    # One row of texts; none where there is no such page.
    stamps: Prepared
    # The intakes of which such a page may say something.
    intakes: Callable[..., "QuerySet[Intake]"]
    # What may stand behind the "?" of its address.
    query: "re.Pattern[str]"


def _lesson_stamps() -> "QuerySet[Lesson, Any]":
    lessons = Lesson.objects.filter(course=OuterRef("course"))
    intakes = Intake.objects.filter(course=OuterRef("course"))
    prices = Price.objects.filter(intake__course=OuterRef("course"))
    return Lesson.objects.filter(course__slug=a_text("course"), slug=a_text("lesson")).values_list(
        # With the words of each one's text, and the text of this one.
        Subquery(stamped(lessons, "pk", "passage__word_count", "course__slug")),
        Subquery(stamped(intakes)),
        Subquery(stamped(prices)),
        *_of_all_pages(),
    )


def _glossary_stamps() -> "QuerySet[Glossary, Any]":
    taught = CourseGlossary.objects.filter(glossary=OuterRef("pk"))
    intakes = Intake.objects.filter(course__glossaries=OuterRef("pk"))
    prices = Price.objects.filter(intake__course__glossaries=OuterRef("pk"))
    return Glossary.objects.filter(slug=a_text("glossary")).values_list(
        "pk",
        Subquery(stamped(taught, "pk", "course__slug")),
        Subquery(stamped(intakes)),
        Subquery(stamped(prices)),
        *_of_all_pages(),
    )


def _of_all_pages() -> list[Subquery]:
    """Terms, each counted in its glossary's row, and the provider."""
    return [Subquery(stamped(Glossary.objects.all())), Subquery(stamped(Provider.objects.all()))]


def _intakes_beside_lesson(course: str, lesson: str) -> "QuerySet[Intake]":  # noqa: ARG001
    return Intake.objects.filter(course__slug=course)


def _intakes_beside_glossary(glossary: str) -> "QuerySet[Intake]":
    return Intake.objects.filter(course__in=Course.objects.filter(glossaries__slug=glossary))


# By the name of the address.
KINDS: dict[str | None, Kind] = {
    "lesson_detail": Kind(Prepared(_lesson_stamps), _intakes_beside_lesson, re.compile("")),
    "glossary_detail": Kind(
        Prepared(_glossary_stamps),
        _intakes_beside_glossary,
        re.compile("(page=[1-9][0-9]{0,4})?"),
    ),
}


@dataclass(frozen=True)
class KeptPage:
    """What was answered, with a gap wherever the visitor's own token goes."""

    parts: tuple[bytes, ...]
    headers: dict[str, str]
    since: datetime
    until: datetime | None

    def holds(self, *, at: datetime) -> bool:
        """Whether no date has come since it was made."""
        return self.since <= at and (self.until is None or at < self.until)

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The same for somebody else."""
        content = self.parts[0]
        if len(self.parts) > 1:
            content = get_token(request).encode().join(self.parts)
        return HttpResponse(content, headers=self.headers)


class KeptPagesMiddleware:
    """Answers visitors from what is kept, and keeps what they are answered.

    A visitor is somebody without a session or a message waiting; everybody else gets the page as
    it is made for them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: MomentRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: MomentRequest, view: Any, arguments: Any, names: dict[str, str]
    ) -> HttpResponse | None:
        """The page where it is kept; made, and kept where it can be."""
        match = request.resolver_match
        kind = KINDS.get(match.url_name if match else None)
        if kind is None or not _is_visitor(request) or not _has(request, kind.query):
            return None
        stamps = kind.stamps.first(**names)
        if stamps is None:
            return None
        # No page says at which host it was asked for.
        key = (request.path_info, request.META["QUERY_STRING"], stamps)
        page: KeptPage | None = KEPT.get(key)
        if page and page.holds(at=request.at):
            return page.answer(request)
        make = partial(view, request, *arguments, **names)
        return _made(request, make, kind, names, key)


def _made(
    request: MomentRequest,
    make: Callable[[], HttpResponse],
    kind: Kind,
    names: dict[str, str],
    key: tuple[Any, ...],
) -> HttpResponse:
    """What the view answers, which is kept unless it is something else than the page."""
    response = make()
    if response.status_code != 200 or response.cookies:
        return response
    patch_vary_headers(response, ["Cookie"])  # to whom anything else may be shown
    intakes = kind.intakes(**names).prefetch_related("prices")
    until = next_turn(intakes, at=request.at)
    parts = tuple(TOKEN.split(response.content))
    page = KeptPage(parts, dict(response.items()), request.at, until)
    # What somebody changed while it was made is in it or not.
    if kind.stamps.first(**names) == key[-1]:
        KEPT.put(key, page, size=len(response.content) + len(repr(key)))
    return response


def _is_visitor(request: HttpRequest) -> bool:
    cookies = request.COOKIES
    is_read = request.method in {"GET", "HEAD"}
    return is_read and settings.SESSION_COOKIE_NAME not in cookies and MESSAGES not in cookies


def _has(request: HttpRequest, query: "re.Pattern[str]") -> bool:
    return query.fullmatch(request.META["QUERY_STRING"]) is not None
