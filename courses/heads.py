"""What each public page says of itself to search engines, and to those whom it is sent to.

A title of up to 60 characters and a description of up to 155 are shown whole by the large search
engines; what is longer they cut themselves, and not always at a word.
"""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page
from django.urls import reverse
from django.utils.translation import gettext as _

from courses.models import Course, LegalPage, Lesson, Provider
from glossary.addresses import absolute
from glossary.models import Glossary, Term
from glossary.spreads import Spread

TITLE = 60
DESCRIPTION = 155


@dataclass(frozen=True)
class Head:
    """A page's title, what it is about, and the one address that it is to be found under."""

    title: str
    description: str
    path: str
    # What the picture beside a link to it is of; the provider's where it is of nothing else.
    shown: Course | Lesson | Glossary | Term | None = None

    @property
    def address(self) -> str:
        """The canonical address: of the site's own name, whatever host it was asked for at."""
        return absolute(self.path)

    @property
    def short_description(self) -> str:
        """The description, cut at a word where it is too long."""
        return cut(self.description, DESCRIPTION)

    def title_at(self, provider: Provider | None) -> str:
        """The title, with the provider's name where there is room for it."""
        named = f"{self.title} · {provider.name}" if provider else self.title
        return named if len(named) <= TITLE else self.title


def cut(text: str, length: int) -> str:
    """``text`` on one line in at most ``length`` characters; what is too long ends at a word."""
    flat = " ".join(text.split())
    if len(flat) <= length:
        return flat
    whole, space, _rest = flat[:length].rpartition(" ")
    kept = whole if space else flat[: length - 1]
    return kept.rstrip(" ,;:–-(") + "…"


def _paged(path: str, page: "Page[Any] | None") -> str:
    """The address of one page of a list; the first has none of its own."""
    return f"{path}?page={page.number}" if page and page.number > 1 else path


def what_is_here() -> str:
    """The site in a sentence."""
    return _(
        "Courses taught online, by intake, in lessons where every technical word is explained."
    )


def of_home(provider: Provider | None) -> Head:
    """The home page."""
    title = _("Courses and glossaries")
    about = what_is_here()
    if provider:
        title = _("%(provider)s · courses and glossaries") % {"provider": provider.name}
        about = _("%(provider)s: %(about)s") % {"provider": provider.name, "about": about}
    return Head(title, about, reverse("home"))


def of_course_list(page: "Page[Any]", wanted: Any = None) -> Head:
    """The catalogue, or a page of it; what is ``wanted`` of it is found under the whole."""
    about = _("Every course, with its next intake and what it costs, VAT and every fee included.")
    path = reverse("course_list")
    return Head(_("Courses"), about, path) if wanted else _list(_("Courses"), about, path, page)


def of_glossary_list(page: "Page[Any]") -> Head:
    """The glossaries, or a page of them."""
    about = _("Every glossary, from A to Z: the words of each subject, defined to be used.")
    return _list(_("Glossaries"), about, reverse("glossary_list"), page)


def _list(title: str, about: str, path: str, page: "Page[Any]") -> Head:
    if page.number > 1:
        facts = {"title": title, "number": page.number, "count": page.paginator.num_pages}
        title = _("%(title)s, page %(number)d of %(count)d") % facts
        about = f"{title}. {about}"
    return Head(title, about, _paged(path, page))


def of_course(course: Course) -> Head:
    """A course."""
    about = course.summary or _(
        "%(course)s, taught online by intake: the lessons, the next intake and what it costs."
    ) % {"course": course.title}
    return Head(course.title, about, course.get_absolute_url(), course)


def of_course_terms(course: Course) -> Head:
    """The terms of a course."""
    facts = {"course": course.title}
    about = _("The terms of %(course)s, in the order in which its lessons introduce them.") % facts
    path = reverse("course_terms", args=[course.slug])
    return Head(_("Terms of %(course)s") % facts, about, path, course)


def of_lesson(lesson: Lesson) -> Head:
    """A lesson. Says nothing of its text, which not everybody may read."""
    about = lesson.summary or _(
        "%(lesson)s: a lesson of the course %(course)s, %(minutes)d min to read."
    ) % {"lesson": lesson.title, "course": lesson.course.title, "minutes": lesson.minutes}
    # Not called as the page of the term of that name is.
    facts = {"lesson": lesson.title, "course": lesson.course.title}
    title = _("%(lesson)s, a lesson of %(course)s") % facts
    return Head(title, about, lesson.get_absolute_url(), lesson)


def of_glossary(glossary: Glossary, *, page: "Page[Any]", spread: Spread) -> Head:
    """A glossary, or a page of its terms."""
    facts = {
        "glossary": glossary.title,
        "first": spread.first,
        "last": spread.last,
        "count": page.paginator.count,
    }
    path = _paged(glossary.get_absolute_url(), page)
    if page.number > 1:
        title = _("%(glossary)s: glossary, %(first)s to %(last)s") % facts
        about = _("The terms of %(glossary)s from %(first)s to %(last)s, each defined.") % facts
        return Head(title, about, path, glossary)
    about = glossary.summary or _("The words of %(glossary)s from A to Z, each defined.") % facts
    return Head(_("%(glossary)s: glossary") % facts, about, path, glossary)


def of_map(glossary: Glossary) -> Head:
    """The map of a glossary; what is around one term of it is found under the same address."""
    facts = {"glossary": glossary.title}
    about = _("How the terms of %(glossary)s hang together, drawn and as a list.") % facts
    path = reverse("glossary_map", args=[glossary.slug])
    return Head(_("Map of %(glossary)s") % facts, about, path, glossary)


def of_term(term: Term) -> Head:
    """A term."""
    name = f"{term.name} ({term.abbreviation})" if term.abbreviation else term.name
    facts = {"term": term.name, "glossary": term.glossary.title}
    about = term.opening or _("What %(term)s means: from the glossary %(glossary)s.") % facts
    return Head(f"{name} · {term.glossary.title}", about, term.get_absolute_url(), term)


def of_legal_page(page: LegalPage, provider: Provider | None) -> Head:
    """Terms, privacy, cancellation, accessibility."""
    facts = {"page": page.title, "provider": provider.name if provider else _("this site")}
    said = {
        LegalPage.Slug.TERMS: _("%(page)s: on what terms %(provider)s sells and teaches courses."),
        LegalPage.Slug.PRIVACY: _(
            "%(page)s: what %(provider)s keeps about people, why and for how long."
        ),
        LegalPage.Slug.CANCELLATION: _(
            "%(page)s: how to cancel a place at %(provider)s, until when, and what is paid back."
        ),
        LegalPage.Slug.ACCESSIBILITY: _(
            "%(page)s: who can use the site of %(provider)s, what does not work yet, whom to tell."
        ),
    }
    about = said[LegalPage.Slug(page.slug)] % facts
    return Head(page.title, about, page.get_absolute_url())
