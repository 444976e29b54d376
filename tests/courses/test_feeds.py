"""Feeds of new intakes: valid RSS, the newest first, and nothing that goes out of date."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import time_machine
from django.db import connection
from django.db.utils import IntegrityError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from courses.models import Intake
from tests.courses.making import APRIL, a_course, a_price, a_provider, an_intake
from tests.glossary.test_migrations import migrate

pytestmark = pytest.mark.django_db

ALL = "/intakes.rss"
ATOM = "{http://www.w3.org/2005/Atom}link"
SITE = "https://college.example"


@pytest.fixture(autouse=True)
def house(settings: Settings) -> Iterator[None]:
    settings.SITE_URL = SITE
    settings.SITE_HOST = "college.example"
    a_provider()
    with time_machine.travel(APRIL, tick=False):
        yield


def channel(address: str = ALL) -> ET.Element:
    """The feed at this address, which must have all that the specification asks for."""
    response = Client().get(address, headers={"host": "localhost"})
    assert response.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    root = ET.fromstring(response.content)  # noqa: S314 - our own
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    (found,) = root
    for name in ("title", "link", "description", "language", "lastBuildDate"):
        assert text(found, name)
    link = found.find(ATOM)
    assert link is not None
    assert (link.get("rel"), link.get("href")) == ("self", f"{SITE}{address}")
    for item in found.findall("item"):
        assert text(item, "title")
        assert text(item, "description")
        assert text(item, "link").startswith(f"{SITE}/courses/")
        guid = item.find("guid")
        assert guid is not None
        assert guid.get("isPermaLink") == "false"
        parsedate_to_datetime(text(item, "pubDate"))
    guids = [text(item, "guid") for item in found.findall("item")]
    assert len(set(guids)) == len(guids)
    return found


def text(element: ET.Element, name: str) -> str:
    """What stands in a part of an element."""
    return element.findtext(name) or ""


def titles(address: str = ALL) -> list[str]:
    """The items of a feed."""
    return [text(item, "title") for item in channel(address).findall("item")]


def test_the_intake_published_last_comes_first() -> None:
    course = a_course("sailing", summary="Learn to sail.")
    an_intake(course, "2026-09")
    draft = an_intake(course, "2026-06", is_published=False)
    with time_machine.travel(APRIL + timedelta(days=1), tick=False):
        a_price(an_intake(course, "2026-05", starts_on=date(2026, 5, 4), ends_on=date(2026, 6, 1)))
    with time_machine.travel(APRIL + timedelta(days=2), tick=False):
        draft.is_published = True
        draft.save()
    may, september = Intake.objects.get(slug="2026-05"), Intake.objects.get(slug="2026-09")
    assert titles() == [f"Sailing, {one.label}" for one in (draft, may, september)]
    item = channel().findall("item")[1]
    assert text(item, "description") == (
        "Starts on 4 May 2026. Runs until 1 June 2026. Learn to sail."
    )
    assert text(item, "link") == f"{SITE}/courses/sailing/#intake-2026-05"
    assert parsedate_to_datetime(text(item, "pubDate")) == APRIL + timedelta(days=1)


def test_an_intake_is_new_once() -> None:
    intake = an_intake(a_course("sailing"))
    with time_machine.travel(APRIL + timedelta(days=9), tick=False):
        intake.is_published = False
        intake.save()
        intake.is_published = True
        intake.save()
        intake.capacity = 9
        intake.save(update_fields=["capacity"])
    intake.refresh_from_db()
    assert intake.published_at == APRIL


def test_what_visitors_cannot_see_or_nobody_can_join_any_more_is_not_in_it() -> None:
    course = a_course("sailing")
    an_intake(course, "2026-05", is_published=False)
    an_intake(course, "2026-06", cancelled_at=APRIL)
    an_intake(course, "2026-01", starts_on=date(2026, 1, 5), ends_on=date(2026, 2, 5))
    an_intake(a_course("draft", is_published=False))
    assert titles() == []
    assert Client().get("/courses/draft/intakes.rss").status_code == 404
    assert Client().get("/courses/nothing/intakes.rss").status_code == 404


def test_a_course_has_a_feed_of_its_own() -> None:
    an_intake(a_course("sailing"))
    an_intake(a_course("knots"))
    assert len(titles()) == 2
    (own,) = titles("/courses/sailing/intakes.rss")
    assert own.startswith("Sailing, ")
    assert text(channel("/courses/sailing/intakes.rss"), "title") == "New intakes · Sailing"
    assert text(channel(), "title") == "New intakes · Example College"


def test_pages_lead_feed_readers_to_it() -> None:
    a_course("sailing")
    pages = {"/": ALL, "/courses/": ALL, "/courses/sailing/": "/courses/sailing/intakes.rss"}
    for page, feed in pages.items():
        head = Client().get(page).content.decode().partition("</head>")[0]
        links = re.findall(r'type="application/rss\+xml" title="[^"]+" href="([^"]*)"', head)
        assert links == [feed]


def test_readers_get_no_cookie_and_more_intakes_cost_no_more_queries() -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            response = Client().get(ALL)
        assert not response.cookies
        assert "Cookie" not in response.headers.get("Vary", "")
        assert "public" in response.headers["Cache-Control"]
        return len(captured)

    course = a_course("sailing")
    an_intake(course, "2026-05")
    before = queries()
    for month in range(6, 13):
        an_intake(course, f"2026-{month:02}")
    a = a_course("knots")
    an_intake(a)
    assert queries() == before == 2
    assert Client().head(ALL).status_code == 200


def test_hostile_names_leave_the_feed_whole() -> None:
    name = "]]></title><b>&amp;\x0b\x1f\u202e\ufffe"
    an_intake(a_course("odd", title=name, summary=name))
    (title,) = titles()
    assert title.startswith("]]></title><b>&amp;")


def test_an_intake_is_not_published_without_a_day() -> None:
    an_intake(a_course("sailing"))
    with pytest.raises(IntegrityError, match="intake_published_since"):
        Intake.objects.update(published_at=None)


def test_intakes_published_before_an_upgrade_keep_the_day_on_which_they_were() -> None:
    before = migrate(("courses", "0009_course_questions"))
    course = before.get_model("courses", "Course").objects.create(title="S", slug="s")
    intakes = before.get_model("courses", "Intake").objects

    def old(slug: str, **fields: Any) -> Any:
        known = {"course": course, "slug": slug, "month": date(2026, 5, 1), "starts_at": APRIL}
        return intakes.create(**{**known, "is_published": True, **fields})

    told, untold, draft = old("told"), old("untold"), old("draft", is_published=False)
    for days, is_published in ((9, False), (5, True), (1, True)):
        before.get_model("courses", "HistoricalIntake").objects.create(
            id=told.pk, slug="told", month=date(2026, 5, 1), starts_at=APRIL, history_type="~",
            history_date=APRIL - timedelta(days=days), is_published=is_published,
        )  # fmt: skip
    after = migrate(("courses", "0010_intake_published_at")).get_model("courses", "Intake")
    said = dict(after.objects.values_list("slug", "published_at"))
    assert said == {"told": APRIL - timedelta(days=5), "untold": APRIL, "draft": None}
    assert {told.pk, untold.pk, draft.pk} == set(after.objects.values_list("pk", flat=True))
