"""What search engines are told of every page: where it is to be found, or that it is not."""

import re

import pytest
from django.test import Client
from pytest_django import Settings

from courses.models import Course
from glossary.models import Glossary
from tests.access.conftest import As
from tests.access.test_every_page import MATRIX
from tests.courses.making import a_course, a_lesson
from tests.courses.vocabulary import blocks, complaints
from tests.glossary.writing import a_glossary, a_term, rewrite

CANONICAL = re.compile(r'<link rel="canonical" href="([^"]*)">')
TITLE = re.compile(r"<title>([^<]*)</title>")
DESCRIPTION = re.compile(r'<meta name="description" content="([^"]*)">')
PUBLIC = {
    "home",
    "course_list",
    "course_detail",
    "course_terms",
    "lesson_detail",
    "glossary_list",
    "glossary_map",
    "glossary_detail",
    "term_detail",
    "legal_page",
}
DEEP = "/courses/deep-learning/"


@pytest.fixture(autouse=True)
def found(settings: Settings) -> None:
    """A site that is there to be found, under an address of its own."""
    settings.SEARCH_ENGINES = True
    settings.SITE_URL = "https://college.example"


def canonical(client: Client, address: str) -> str:
    """The address that a page names as its own."""
    response = client.get(address)
    assert response.status_code == 200, address
    (named,) = CANONICAL.findall(response.content.decode())
    return str(named.removeprefix("https://college.example"))


def test_a_page_says_where_it_is_to_be_found_or_that_it_is_not(as_: As) -> None:
    visitor = as_("outsider")
    for name, address, _ in MATRIX:
        response = visitor.get(address, headers={"host": "localhost"})
        if response.status_code >= 300:
            continue
        is_html = response.headers["Content-Type"].startswith("text/html")
        text = response.content.decode() if is_html else ""
        is_hidden = response.headers.get("X-Robots-Tag") == "noindex"
        is_asked = "?" in address
        assert is_hidden == (name not in PUBLIC or is_asked), address
        assert len(CANONICAL.findall(text)) == (name in PUBLIC), address
        assert all(one.startswith("https://college.example/") for one in CANONICAL.findall(text))


def test_no_page_is_to_be_found_where_the_site_is_not(as_: As, settings: Settings) -> None:
    settings.SEARCH_ENGINES = False
    visitor = as_("outsider")
    for address in ("/", DEEP, "/glossary/deep-learning/neuron/", "/terms/"):
        assert visitor.get(address).headers["X-Robots-Tag"] == "noindex"


def test_what_is_not_there_or_not_open_is_not_to_be_found(as_: As) -> None:
    visitor = as_("outsider")
    assert visitor.get("/courses/draft-course/").headers["X-Robots-Tag"] == "noindex"
    assert visitor.get("/nowhere/").headers["X-Robots-Tag"] == "noindex"
    assert as_("superuser").get("/admin/").headers["X-Robots-Tag"] == "noindex"


def test_a_visit_at_another_moment_is_not_to_be_found(as_: As) -> None:
    page = as_("superuser").get(DEEP, {"at": "2126-04-15T12:00"})
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert CANONICAL.findall(page.content.decode()) == ["https://college.example" + DEEP]


def test_an_address_with_more_behind_it_names_the_one_without(as_: As) -> None:
    visitor = as_("outsider")
    assert canonical(visitor, f"{DEEP}?utm_source=letter") == DEEP
    assert canonical(visitor, "/courses/?page=1") == "/courses/"
    assert canonical(visitor, "/glossary/deep-learning/?page=1") == "/glossary/deep-learning/"
    assert canonical(visitor, "/courses/?places=2&page=1") == "/courses/"
    assert canonical(visitor, "/maps/deep-learning/?zoom=2&x=400") == "/maps/deep-learning/"


def test_each_page_of_a_list_has_an_address_title_and_description_of_its_own(as_: As) -> None:
    visitor = as_("outsider")
    for number in range(30):
        Course.objects.create(title=f"C{number}", slug=f"c{number}", is_published=True)
        Glossary.objects.create(title=f"G{number}", slug=f"g{number}", is_published=True)
    for address in ("/courses/", "/glossary/"):
        first = visitor.get(address).content.decode()
        second = visitor.get(f"{address}?page=2").content.decode()
        assert canonical(visitor, f"{address}?page=2") == f"{address}?page=2"
        # There are two; whoever asks for more sees the last.
        assert canonical(visitor, f"{address}?page=99") == f"{address}?page=2"
        assert "?page" not in canonical(visitor, f"{address}?page=1")
        assert TITLE.findall(first) != TITLE.findall(second)
        assert DESCRIPTION.findall(first) != DESCRIPTION.findall(second)


def test_a_filtered_list_is_found_under_the_whole(as_: As) -> None:
    visitor = as_("outsider")
    for number in range(30):
        slug = f"c{number}"
        Course.objects.create(title=slug, slug=slug, subject="Boats", is_published=True)
    assert canonical(visitor, "/courses/?subject=Boats&page=2") == "/courses/"


def test_a_former_address_leads_to_the_page_that_names_the_present_one(as_: As) -> None:
    visitor = as_("outsider")
    term = Glossary.objects.get(slug="deep-learning").terms.get(slug="neuron")
    term.slug = "unit"
    rewrite(term)
    moved = visitor.get("/glossary/deep-learning/neuron/")
    assert moved.status_code == 301
    assert "X-Robots-Tag" not in moved.headers
    assert canonical(visitor, moved.headers["Location"]) == "/glossary/deep-learning/unit/"


def test_titles_and_descriptions_are_short_and_no_two_pages_share_them(as_: As) -> None:
    visitor = as_("outsider")
    said: dict[str, str] = {}
    for name, address, _ in MATRIX:
        response = visitor.get(address)
        if name not in PUBLIC or response.status_code != 200 or "?" in address:
            continue
        text = response.content.decode()
        (title,), (description,) = TITLE.findall(text), DESCRIPTION.findall(text)
        assert 5 < len(title) <= 60, title
        assert 20 < len(description) <= 155, description
        for one in (title, description):
            assert said.setdefault(one, address) == address, (one, said[one])


def test_a_long_description_ends_at_a_word_and_a_long_title_loses_only_the_provider(
    as_: As,
) -> None:
    glossary = a_glossary("Words")
    a_term(glossary, "N" * 200, definition="Seven letters " * 30 + ".", slug="long")
    a_course("long", title="C" * 200, summary="W" * 400)
    page = as_("outsider").get("/glossary/words/long/").content.decode()
    assert TITLE.findall(page) == ["N" * 200 + " · Words"]
    (description,) = DESCRIPTION.findall(page)
    assert len(description) <= 155
    assert description.endswith(("Seven…", "letters…"))
    page = as_("outsider").get("/courses/long/").content.decode()
    assert DESCRIPTION.findall(page) == ["W" * 154 + "…"]


def test_a_page_without_a_summary_describes_itself_all_the_same(as_: As) -> None:
    course = a_course("bare")
    a_lesson(course, "only")
    visitor = as_("outsider")
    for address in ("/courses/bare/", "/courses/bare/lessons/only/", "/glossary/deep-learning/"):
        (description,) = DESCRIPTION.findall(visitor.get(address).content.decode())
        assert len(description) > 20, address


def test_hostile_names_stay_text_in_the_head(as_: As) -> None:
    name = '"><script>alert(1)</script>'
    a_course("odd", title=name, summary=f"{name} {{{{ provider }}}}")
    head = as_("outsider").get("/courses/odd/").content.decode().partition("</head>")[0]
    assert "<script>alert" not in head
    assert 'content="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;' in head


def test_what_public_pages_say_in_json_ld_is_valid(as_: As) -> None:
    visitor = as_("outsider")
    kinds = set()
    for name, address, _ in MATRIX:
        response = visitor.get(address)
        if name not in PUBLIC or response.status_code != 200:
            continue
        text = response.content.decode()
        found = blocks(text)
        kinds |= {block.get("@type") for block in found}
        assert [one for block in found for one in complaints(block)] == [], address
        shows_breadcrumbs = 'class="breadcrumbs"' in text
        says_them = [block for block in found if block.get("@type") == "BreadcrumbList"]
        assert len(says_them) == shows_breadcrumbs, address
    assert kinds >= {"Course", "ItemList", "DefinedTerm", "DefinedTermSet", "BreadcrumbList"}
