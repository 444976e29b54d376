"""New intakes as a feed: https://www.rssboard.org/rss-specification"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models import Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from courses.heads import what_is_here
from courses.models import Course, Intake, Provider
from courses.templatetags.dates import day
from glossary.addresses import absolute

LENGTH = 30


@dataclass(frozen=True)
class Scope:
    """Whose intakes: those of one course, or of all."""

    course: Course | None
    provider: Provider | None
    at: datetime


class NewIntakes(Feed):
    """The intakes published last that are not over.

    Says of each what stays true: neither its state nor its price, of whose changes nobody who has
    read it would be told.
    """

    item_guid_is_permalink = False

    def get_object(self, request: HttpRequest, course: str = "") -> Scope:
        """Whose intakes. Raises Http404 where that is no published course."""
        found = get_object_or_404(Course.objects.public(), slug=course) if course else None
        return Scope(found, Provider.current(), getattr(request, "at", timezone.now()))

    def items(self, scope: Scope) -> list[Intake]:
        """Two queries at most, however many intakes there are."""
        intakes = Intake.objects.filter(
            Q(ends_at=None) | Q(ends_at__gt=scope.at),
            course__is_published=True,
            is_published=True,
            cancelled_at=None,
        )
        if scope.course:
            intakes = intakes.filter(course=scope.course)
        last = intakes.order_by("-published_at", "-pk").select_related("course")
        return list(last[:LENGTH])

    def title(self, scope: Scope) -> str:
        """As ``New intakes · Example College``, or ``New intakes · Sailing``."""
        of = scope.course.title if scope.course else scope.provider.name if scope.provider else ""
        return plain(" · ".join(filter(None, [_("New intakes"), of])))

    def description(self, scope: Scope) -> str:
        """What is taught."""
        return plain(scope.course.summary if scope.course else "") or what_is_here()

    def link(self, scope: Scope) -> str:
        """The page with the same to read."""
        page = scope.course.get_absolute_url() if scope.course else reverse("course_list")
        return absolute(page)

    def feed_url(self, scope: Scope) -> str:
        """Where the feed itself is."""
        if scope.course:
            return absolute(reverse("course_intakes_feed", args=[scope.course.slug]))
        return absolute(reverse("intakes_feed"))

    def item_title(self, item: Intake) -> str:
        """As ``Sailing, May 2026 intake``."""
        return plain(str(item))

    def item_description(self, item: Intake) -> str:
        """When it starts and ends, and what the course is about."""
        starts = _("Starts in %(month)s.") % {"month": date_format(item.month, "F Y")}
        if item.starts_on:
            starts = _("Starts on %(day)s.") % {"day": day(item.starts_on)}
        ends = ""
        if item.ends_on:
            ends = _("Runs until %(day)s.") % {"day": day(item.ends_on)}
        return plain(" ".join([starts, ends, item.course.summary]))

    def item_link(self, item: Intake) -> str:
        """Its place on the page of its course."""
        return absolute(item.get_absolute_url())

    def item_guid(self, item: Intake) -> str:
        """The same whatever it or its course is called later."""
        return f"{settings.SITE_HOST}:intake:{item.pk}"

    def item_pubdate(self, item: Intake) -> datetime | None:
        """When visitors could see it first."""
        return item.published_at


def plain(text: str) -> str:
    """``text`` on one line, without what XML cannot hold: https://www.w3.org/TR/xml/#charsets"""
    flat = " ".join(text.split())
    return "".join(letter for letter in flat if unicodedata.category(letter)[0] != "C")
