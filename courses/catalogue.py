"""Which courses the catalogue shows, and in which order: what can be joined next comes first."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Self
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import F, Min, OuterRef, Subquery
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.calendar import YEARS, add_months, day_start, london_date, month_after
from courses.models import Course, Intake
from courses.models.course import CourseQuerySet
from courses.states import IntakeQuerySet
from courses.templatetags.money import money

COURSES_ON_A_PAGE = 24
# What the filters propose; an address may ask for any other number.
POUNDS = (0, 50, 100, 250, 500, 1000, 2500)
PLACES = (1, 2, 5, 10)
MONTHS = 18
# Beyond these nothing is sold, and the database's integers end.
MOST_POUNDS = 1_000_000
MOST_PLACES = 100_000


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for. Nothing of it means every course."""

    subject: str = ""
    month: date | None = None
    pounds: int | None = None
    places: int = 0

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Self:
        """From an address. What is no subject, month or number is not looked for."""
        subject = given.get("subject", "").strip()[:100]
        pounds = _number(given.get("price", ""), most=MOST_POUNDS)
        places = _number(given.get("places", ""), most=MOST_PLACES)
        return cls(subject, _month(given.get("month", "")), pounds, places or 0)

    def __bool__(self) -> bool:
        return self != Wanted()

    @property
    def of_intake(self) -> bool:
        """Whether it is about an intake, so that a course with none to join is left out."""
        return bool(self.month or self.pounds is not None or self.places)

    @property
    def query(self) -> str:
        """As an address says it, to stand before ``page=2``; empty where nothing is wanted."""
        said = {
            "subject": self.subject,
            "month": _as_value(self.month),
            "price": "" if self.pounds is None else str(self.pounds),
            "places": str(self.places or ""),
        }
        asked = urlencode({name: value for name, value in said.items() if value})
        return f"{asked}&" if asked else ""

    @property
    def parts(self) -> list[tuple[str, str]]:
        """Each thing wanted in words, and the address's query without it."""
        without = {
            self.subject: replace(self, subject=""),
            _as_words(self.month): replace(self, month=None),
            "" if self.pounds is None else price_in_words(self.pounds): replace(self, pounds=None),
            places_in_words(self.places) if self.places else "": replace(self, places=0),
        }
        return [(words, rest.query.rstrip("&")) for words, rest in without.items() if words]

    def intakes(self, *, at: datetime) -> IntakeQuerySet:
        """The intakes that can be joined at the moment ``at`` and are as wanted."""
        most = None if self.pounds is None else 100 * self.pounds
        rows = Intake.objects.on_sale(at=at, at_most=most)
        if self.month:
            until = day_start(month_after(self.month))
            rows = rows.filter(starts_at__gte=day_start(self.month), starts_at__lt=until)
        if self.places:
            rows = rows.with_places(self.places)
        return rows

    def courses(self) -> CourseQuerySet:
        """The published courses of the subject."""
        courses = Course.objects.public()
        return courses.filter(subject=self.subject) if self.subject else courses


class Catalogue(Paginator):
    """The courses that are wanted, the next to start first, a page at a time.

    Where nothing is wanted of an intake, those with none to join come last. Two queries: which
    there are, or how many, and those of the page.
    """

    def __init__(self, wanted: Wanted, *, at: datetime) -> None:
        courses = _keys(wanted, at=at) if wanted.of_intake else _by_next_start(wanted, at=at)
        super().__init__(courses, COURSES_ON_A_PAGE)

    def _get_page(self, courses: Any, number: int, paginator: Paginator) -> Page:
        """The courses themselves, where their keys were enough to find the page."""
        if isinstance(courses, list):
            found = Course.objects.in_bulk(courses)
            courses = [found[key] for key in courses if key in found]
        return Page(courses, number, paginator)


def _keys(wanted: Wanted, *, at: datetime) -> list[int]:
    """The keys of all courses with such an intake."""
    if wanted.pounds is None and not wanted.month:
        found: Any = _by_next_start(wanted, at=at)
        return [key for key, next_start in found.values_list("pk", "next_start") if next_start]
    # Where few intakes are as wanted, one pass over all of them and their prices finds them in a
    # third of the time that it takes to ask each course for its own, to the last.
    intakes = wanted.intakes(at=at).filter(course__in=wanted.courses())
    courses = intakes.values("course").annotate(next_start=Min("starts_at"))
    in_order = courses.order_by(F("next_start").asc(), "course__title", "course")
    return list(in_order.values_list("course", flat=True))


def _by_next_start(wanted: Wanted, *, at: datetime) -> CourseQuerySet:
    """All courses, each with one look at its intakes, which ends at the first that is as wanted."""
    intakes = wanted.intakes(at=at).filter(course=OuterRef("pk")).order_by("starts_at")
    courses = wanted.courses().annotate(next_start=Subquery(intakes.values("starts_at")[:1]))
    return courses.order_by(F("next_start").asc(nulls_last=True), "title", "pk")


@dataclass(frozen=True)
class Option:
    """One thing that can be chosen in a filter."""

    value: str
    label: str
    is_chosen: bool = False


@dataclass(frozen=True)
class Filter:
    """One filter: its name in the address, and what can be chosen; the first is anything."""

    name: str
    label: str
    options: list[Option]


def filters(wanted: Wanted, *, at: datetime) -> list[Filter]:
    """What can be filtered by, as it is chosen: two queries."""
    subjects = {one: one for one in [*_subjects(), wanted.subject] if one}
    months = sorted({*_months(at=at), *([wanted.month] if wanted.month else [])})
    pounds = {*POUNDS, *([] if wanted.pounds is None else [wanted.pounds])}
    places = {*PLACES, *([wanted.places] if wanted.places else [])}
    price = "" if wanted.pounds is None else str(wanted.pounds)
    return [
        _filter("subject", _("Subject"), _("Every subject"), subjects, wanted.subject),
        _filter(
            "month",
            _("Starts in"),
            _("Any month"),
            {_as_value(one): _as_words(one) for one in months},
            _as_value(wanted.month),
        ),
        _filter(
            "price",
            _("Price"),
            _("Any price"),
            {str(one): price_in_words(one) for one in sorted(pounds)},
            price,
        ),
        _filter(
            "places",
            _("Places left"),
            _("Any number"),
            {str(one): _("%(number)d or more") % {"number": one} for one in sorted(places)},
            str(wanted.places or ""),
        ),
    ]


def sample_filters() -> list[Filter]:
    """Some for the style guide, one of them chosen."""
    subjects = {one: one for one in ("Machine learning", "Statistics")}
    prices = {str(one): price_in_words(one) for one in POUNDS}
    return [
        _filter("subject", "Subject", "Every subject", subjects, ""),
        _filter("price", "Price", "Any price", prices, "50"),
    ]


def _filter(name: str, label: str, anything: str, options: dict[str, str], chosen: str) -> Filter:
    every = {"": anything, **options}
    return Filter(name, label, [Option(key, said, key == chosen) for key, said in every.items()])


def _subjects() -> list[str]:
    rows = Course.objects.public().exclude(subject="").order_by("subject")
    return list(rows.values_list("subject", flat=True).distinct())


def _months(*, at: datetime) -> list[date]:
    """The months to come, this one included, in which something starts that still sells.

    One query, which looks at one intake a month rather than at all of them.
    """
    known = Intake.objects.still_selling(at=at).order_by("starts_at")
    months = [add_months(london_date(at), offset) for offset in range(MONTHS)]
    one_of_each = [
        known.filter(
            starts_at__gte=day_start(month), starts_at__lt=day_start(month_after(month))
        ).values_list("month")[:1]
        for month in months
    ]
    return [month for (month,) in one_of_each[0].union(*one_of_each[1:], all=True)]


def price_in_words(pounds: int) -> str:
    """``Free``, or ``Up to £50``."""
    return _("Up to %(amount)s") % {"amount": money(100 * pounds)} if pounds else _("Free")


def places_in_words(places: int) -> str:
    """``5 places or more``."""
    words = ngettext("%(number)d place or more", "%(number)d places or more", places)
    return words % {"number": places}


def _as_value(month: date | None) -> str:
    return f"{month:%Y-%m}" if month else ""


def _as_words(month: date | None) -> str:
    return date_format(month, "F Y") if month else ""


def _number(text: str, *, most: int) -> int | None:
    """A whole number from 0 to ``most``; None for anything else."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(most))
    return int(text) if is_number and int(text) <= most else None


def _month(text: str) -> date | None:
    """The first day of ``2026-05``; None for anything else."""
    year, _dash, month = text.partition("-")
    number = _number(month, most=12)
    known = len(year) == 4 and _number(year, most=YEARS.stop - 1) in YEARS
    return date(int(year), number, 1) if known and number else None
