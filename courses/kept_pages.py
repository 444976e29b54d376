"""Pages that visitors see again and again, kept whole in the process that made them.

A page is kept under all that it says, so it is never shown when anything of that is another. What
changes with every place sold and with the time of day, the enrol panel, is no part of what is
kept: it is put in anew each time (``Hole``).
"""

import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString, mark_safe

from courses.context_processors import PROVIDER
from courses.lesson_page import FOR_A_VISITOR
from courses.moment import MomentRequest
from courses.panels import FindPanel, Panel
from glossary.kept import KEPT, standing

# As Django's message storage calls its cookie.
MESSAGES = "messages"
PAGE_NUMBER = re.compile(r"(page=[1-9][0-9]{0,4})?")
NO_QUERY = re.compile("")
# Stands where a visitor's own token goes.
TOKEN = "the-token-of-whoever-asks"  # noqa: S105 - it is none
Facts = Callable[..., Hashable]


def _lesson_facts(course: str, lesson: str) -> Hashable:
    return FOR_A_VISITOR.first(course=course, lesson=lesson), PROVIDER.first()


def _glossary_facts(glossary: str) -> Hashable:  # noqa: ARG001 - named as in the address
    return standing(), PROVIDER.first()


# By the name of the address: all that the page says but for its panel, and which query it takes.
PAGES: dict[str | None, tuple[Facts, "re.Pattern[str]"]] = {
    "lesson_detail": (_lesson_facts, NO_QUERY),
    "glossary_detail": (_glossary_facts, PAGE_NUMBER),
}


@dataclass(frozen=True)
class Hole:
    """Where an enrol panel goes that is put in when the page is served."""

    find: FindPanel
    names_course: bool

    def filled(self, request: MomentRequest) -> bytes:
        """The panel as it is now."""
        panel = self.find(at=request.at)
        if panel is None:
            return b""
        said = ("panel", panel.said, self.names_course)
        html: bytes = KEPT.remember(said, lambda: panel_html(panel, self, TOKEN).encode())
        if TOKEN.encode() in html:
            html = html.replace(TOKEN.encode(), get_token(request).encode())
        return html


def panel_html(panel: Panel | None, hole: Hole, token: Any) -> SafeString:
    """What stands in a page."""
    context = {"panel": panel, "names_course": hole.names_course, "csrf_token": token}
    return mark_safe(render_to_string("courses/panel.html", context))  # noqa: S308 - a template


class Holes:
    """Those of a page that is being made to be kept."""

    # No text of a page has such a character: PostgreSQL stores none.
    MARK = "\x00panel\x00"

    def __init__(self) -> None:
        self.left: list[Hole] = []

    def leave(self, hole: Hole) -> str:
        """Remember it; what to put into the page meanwhile."""
        self.left.append(hole)
        return self.MARK


@dataclass(frozen=True)
class KeptPage:
    """A page with holes, as many as there are gaps between its parts."""

    parts: tuple[bytes, ...]
    holes: tuple[Hole, ...]
    headers: dict[str, str]

    @classmethod
    def of(cls, response: HttpResponse, holes: Holes) -> "KeptPage":
        """From what a view answered."""
        parts = tuple(response.content.split(Holes.MARK.encode()))
        return cls(parts, tuple(holes.left), dict(response.items()))

    @property
    def size(self) -> int:
        """In bytes, about."""
        return sum(map(len, self.parts))

    def answer(self, request: MomentRequest) -> HttpResponse:
        """The page with its holes filled."""
        content = [self.parts[0]]
        for hole, part in zip(self.holes, self.parts[1:], strict=True):
            content += [hole.filled(request), part]
        response = HttpResponse(b"".join(content), headers=self.headers)
        patch_vary_headers(response, ["Cookie"])  # to whom anything else may be shown
        return response


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
        self, request: MomentRequest, view: Any, arguments: Any, names: dict[str, Any]
    ) -> HttpResponse | None:
        """The page where it is kept; made and kept where it can be."""
        match = request.resolver_match
        facts, query = PAGES.get(match.url_name if match else None, (None, NO_QUERY))
        if facts is None or not _is_visitor(request) or not _has(request, query):
            return None
        key = ("page", request.get_host(), request.get_full_path(), facts(**names))
        page: KeptPage | None = KEPT.get(key)
        if page is None:
            holes = Holes()
            request.holes = holes  # type: ignore[attr-defined]
            response = view(request, *arguments, **names)
            if response.status_code != 200:
                return response
            page = KeptPage.of(response, holes)
            # What changed while it was made is in it or not.
            if facts(**names) == key[-1] and not _is_personal(request, response):
                KEPT.put(key, page, size=page.size + len(repr(key)))
        return page.answer(request)


def _is_visitor(request: HttpRequest) -> bool:
    cookies = request.COOKIES
    is_read = request.method in {"GET", "HEAD"}
    return is_read and settings.SESSION_COOKIE_NAME not in cookies and MESSAGES not in cookies


def _has(request: HttpRequest, query: "re.Pattern[str]") -> bool:
    return query.fullmatch(request.META.get("QUERY_STRING", "")) is not None


def _is_personal(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether there is anything in it that is for this visitor alone."""
    return bool(response.cookies) or "CSRF_COOKIE_NEEDS_UPDATE" in request.META
