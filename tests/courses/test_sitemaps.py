"""Sitemaps and robots.txt: every address that is to be found, and no other."""

import time
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from courses.models import Course, Lesson, Price
from courses.seeding import seed_legal_pages
from courses.sitemaps import KEYS
from glossary.models import Glossary, GlossaryMap, Passage, Term
from tests.courses.making import a_course, a_lesson, a_price, a_provider, an_intake
from tests.glossary.writing import MOMENT, a_glossary, a_term

pytestmark = pytest.mark.django_db

SITE = "https://college.example"
NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


@pytest.fixture(autouse=True)
def found(settings: Settings) -> None:
    settings.SEARCH_ENGINES = True
    settings.SITE_URL = SITE


@pytest.fixture
def house() -> Course:
    """One of everything that is to be found, and of what is not."""
    a_provider()
    seed_legal_pages()
    sailing = a_glossary()
    a_term(sailing, "Gybe")
    a_term(sailing, "Draft", is_published=False)
    a_term(a_glossary("Hidden", is_published=False), "Secret")
    GlossaryMap.objects.create(glossary=sailing, drawn_at=MOMENT)
    a_glossary("Knots")
    course = a_course("sailing", glossaries=[sailing])
    a_lesson(course, "first-day")
    a_lesson(course, "second-day", is_published=False)
    a_price(an_intake(course))
    a_lesson(a_course("draft", is_published=False), "hidden")
    return course


def entries(address: str) -> dict[str, str]:
    """The addresses in a sitemap, each with when it changed."""
    response = Client().get(address, headers={"host": "localhost"})
    assert response.status_code == 200, address
    assert response.headers["Content-Type"] == "application/xml; charset=utf-8"
    root = ET.fromstring(response.content)  # noqa: S314 - our own
    said = {}
    for entry in root:
        place, changed = entry.find("s:loc", NAMES), entry.find("s:lastmod", NAMES)
        assert place is not None
        assert place.text is not None
        said[place.text] = changed.text or "" if changed is not None else ""
    assert len(said) == len(root)
    return said


def everything() -> dict[str, str]:
    """The addresses in all sitemaps that the index names."""
    said: dict[str, str] = {}
    for file in entries("/sitemap.xml"):
        said |= entries(file.removeprefix(SITE))
    return said


def test_all_that_is_public_is_there_and_nothing_else(house: Course) -> None:
    assert set(everything()) == {
        f"{SITE}{path}"
        for path in (
            "/",
            "/courses/",
            "/courses/sailing/",
            "/courses/sailing/terms/",
            "/courses/sailing/lessons/first-day/",
            "/glossary/",
            "/glossary/sailing/",
            "/glossary/sailing/gybe/",
            "/glossary/knots/",
            "/maps/sailing/",
            "/terms/",
            "/privacy/",
            "/cancellation/",
            "/accessibility/",
            "/accessibility/",
        )
    }


def test_each_address_is_the_one_that_its_page_names(house: Course) -> None:
    for address in everything():
        page = Client().get(address.removeprefix(SITE))
        assert page.status_code == 200
        assert "X-Robots-Tag" not in page.headers
        assert f'<link rel="canonical" href="{address}">' in page.content.decode()


def test_each_says_when_its_rows_changed(house: Course) -> None:
    then = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    Term.objects.filter(slug="gybe").update(updated_at=then)
    Lesson.objects.update(updated_at=then)
    Glossary.objects.filter(slug="sailing").update(changed_at=then)
    said = everything()
    for path in ("/glossary/sailing/gybe/", "/glossary/sailing/"):
        assert said[f"{SITE}{path}"] == "2026-03-01T09:30:00Z"
    assert said[f"{SITE}/courses/sailing/lessons/first-day/"] == "2026-03-01T09:30:00Z"
    assert said[f"{SITE}/maps/sailing/"] == "2026-04-15T12:00:00Z"
    # Nothing says when the home page changed, so nothing is said.
    assert said[f"{SITE}/"] == ""


def test_a_course_has_changed_when_a_price_of_it_has(house: Course) -> None:
    then = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    Course.objects.update(updated_at=then)
    house.intakes.model.history.update(history_date=then)
    Price.history.update(history_date=then)
    assert everything()[f"{SITE}/courses/sailing/"] == "2026-03-01T09:30:00Z"
    price = Price.objects.get()
    price.amount = 12000
    price.save()
    now = datetime.now(tz=UTC)
    assert everything()[f"{SITE}/courses/sailing/"][:10] == f"{now:%Y-%m-%d}"


def test_the_index_says_when_a_file_changed_last(house: Course) -> None:
    a_term(Glossary.objects.get(slug="sailing"), "Tack")
    Term.objects.filter(slug="gybe").update(updated_at=datetime(2026, 3, 1, tzinfo=UTC))
    Term.objects.filter(slug="tack").update(updated_at=datetime(2026, 3, 2, tzinfo=UTC))
    said = [day for file, day in entries("/sitemap.xml").items() if "sitemap-terms" in file]
    assert max(said) == "2026-03-02T00:00:00Z"


def test_rows_far_apart_stand_in_files_of_their_own(house: Course) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('glossary_term', 'id'), 9069999)")
    a_term(Glossary.objects.get(slug="sailing"), "Luff")
    assert f"{SITE}/sitemap-terms-907.xml" in entries("/sitemap.xml")
    assert list(entries("/sitemap-terms-907.xml")) == [f"{SITE}/glossary/sailing/luff/"]
    assert Client().get("/sitemap-terms-906.xml").status_code == 404


@pytest.mark.parametrize(
    "name", ["terms-1", f"terms-{10**30}", "nothing-0", "-0", "terms--1", "terms-x"]
)
def test_there_is_no_file_without_rows(name: str) -> None:
    assert Client().get(f"/sitemap-{name}.xml").status_code == 404


def test_more_rows_cost_no_more_queries(house: Course) -> None:
    def queries(address: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert Client().get(address).status_code == 200
        return len(captured)

    first = Term.objects.get(slug="gybe").pk // KEYS
    before = [queries("/sitemap.xml"), queries(f"/sitemap-terms-{first}.xml")]
    for number in range(6):
        glossary = a_glossary(f"More{number}")
        a_term(glossary, f"Term {number}")
        a_course(f"course-{number}")
    assert [queries("/sitemap.xml"), queries(f"/sitemap-terms-{first}.xml")] == before
    assert before == [5, 1]


def test_crawlers_get_no_cookie_and_may_keep_what_they_get(house: Course) -> None:
    for address in ("/robots.txt", "/sitemap.xml", "/sitemap-pages.xml"):
        response = Client().get(address)
        assert not response.cookies
        assert "Cookie" not in response.headers.get("Vary", "")
        assert response.headers["Cache-Control"] == "public, max-age=3600"
        head = Client().head(address)
        assert (head.status_code, head.content) == (200, b"")


def test_robots_txt_names_the_sitemap_and_keeps_crawlers_off_what_leads_nowhere() -> None:
    response = Client().get("/robots.txt")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    lines = response.content.decode().splitlines()
    assert lines[0] == "User-agent: *"
    for path in ("/admin/", "/account/", "/search/", "/practice/", "/courses/*/intakes/"):
        assert f"Disallow: {path}" in lines
    assert f"Sitemap: {SITE}/sitemap.xml" in lines


def test_robots_txt_of_a_hidden_site_lets_crawlers_read_that_it_is(settings: Settings) -> None:
    settings.SEARCH_ENGINES = False
    text = Client().get("/robots.txt").content.decode()
    assert "Disallow:\n" in text
    assert "Sitemap" not in text


# The triggers keep the search, which no sitemap looks at.
TEXTS = """
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE glossary_passage DISABLE TRIGGER USER;
ALTER TABLE glossary_term DISABLE TRIGGER USER;
INSERT INTO glossary_passage (source, html, linked_html, folded, word_count, problems, updated_at)
SELECT 'x', 'x', 'x', 'x', 1, '[]', now() FROM generate_series(1, 100000)
"""


@pytest.mark.proof
def test_a_hundred_thousand_terms(house: Course) -> None:
    """Also that no request takes seconds: each file is written while a crawler waits for it."""
    glossary = Glossary.objects.get(slug="sailing")
    Term.objects.all().delete()
    text = Passage.objects.latest("pk").pk
    with connection.cursor() as cursor:
        cursor.execute(TEXTS)
    for start in range(0, 100_000, 10_000):
        keys = Passage.objects.filter(pk__gt=text).order_by("pk")[start : start + 10_000]
        Term.objects.bulk_create(
            Term(glossary=glossary, name=f"Term {key}", slug=f"term-{key}", definition_id=key)
            for key in keys.values_list("pk", flat=True)
        )
    took = []
    said: set[str] = set()
    begun = time.perf_counter()
    files = [file for file in entries("/sitemap.xml") if "terms" in file]
    took.append(time.perf_counter() - begun)
    for file in files:
        begun = time.perf_counter()
        listed = entries(file.removeprefix(SITE))
        took.append(time.perf_counter() - begun)
        assert len(listed) <= KEYS
        assert len(Client().get(file.removeprefix(SITE)).content) < 50 * 2**20
        said |= set(listed)
    assert len(said) == 100_000
    assert max(took) < 3, took
