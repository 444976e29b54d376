"""The glossaries, a glossary, a term, as visitors and staff see them."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from glossary import editing
from glossary.listing import by_letter, letter_of
from glossary.models import Takeaway, Term
from tests.courses.making import a_course, a_lesson, a_price, an_intake
from tests.glossary.writing import MOMENT, a_glossary, a_term, a_text, run_jobs

pytestmark = pytest.mark.django_db
APRIL = "2026-04-15T12:00"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("sam@example.org", "x"))
    return client


def page(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def test_the_list_names_published_glossaries_and_counts_their_terms(client: Client) -> None:
    sailing = a_glossary(summary="Words of the sea.")
    a_term(sailing)
    a_term(sailing, "Gybe", is_published=False)
    a_glossary("Secret", is_published=False)
    shown = page(client, "/glossary/")
    assert "Words of the sea." in shown
    assert "1 term<" in shown
    assert "Secret" not in shown


def test_a_list_without_glossaries_says_so(client: Client) -> None:
    assert "No glossaries yet" in page(client, "/glossary/")


def test_a_glossary_shows_its_terms_under_their_letters(client: Client) -> None:
    sailing = a_glossary(summary="Words of the sea.")
    editing.save_glossary(sailing, at=MOMENT, introduction="Read *this*.")
    a_term(sailing, "gybe", "To turn the stern.")
    a_term(sailing, "Tack")
    a_term(sailing, "49er", "A skiff.")
    a_term(sailing, "Hidden", is_published=False)
    Takeaway.objects.create(glossary=sailing, position=1, text="Duck & hold on.")
    shown = page(client, "/glossary/sailing/")
    letters = ('id="letter-g"', 'id="letter-t"', 'id="letter-other"')
    places = [shown.index(letter) for letter in letters]
    assert places == sorted(places)
    assert 'href="#letter-g"' in shown
    assert 'href="#letter-h"' not in shown
    assert "Hidden" not in shown
    assert "<em>this</em>" in shown
    assert "Duck &amp; hold on." in shown
    assert 'id="term-tack"' in shown


def test_terms_that_all_stand_in_one_place_need_no_letters(client: Client) -> None:
    sailing = a_glossary()
    for names in (["Tack"], ["Tiller"]):
        for name in names:
            a_term(sailing, name)
        assert "thumb-index" not in page(client, "/glossary/sailing/")
    a_term(sailing, "帆", "A sail.")
    shown = page(client, "/glossary/sailing/")
    assert 'href="#letter-t"' in shown
    assert 'href="#letter-other" aria-label="Figures, signs and other letters"' in shown


def test_a_glossary_shows_the_next_intake_to_staff_who_ask_about_a_day(staff: Client) -> None:
    sailing = a_glossary()
    a_price(an_intake(a_course("sailing", glossaries=[sailing]), "2026-05"))
    shown = page(staff, f"/glossary/sailing/?at={APRIL}")
    for words in ("May 2026 intake · open enrolment", "from £90 GBP", ">Enrol</a>"):
        assert words in shown


def test_a_term_has_a_page_with_all_that_is_known_of_it(client: Client) -> None:
    sailing = a_glossary()
    gybe = a_term(sailing, "Gybe", "To turn the stern.")
    hidden = a_term(sailing, "Hidden", is_published=False)
    tack = a_term(
        sailing,
        "Tack",
        "To turn the bow, where to gybe is to turn the stern.",
        aliases=["Go about"],
        abbreviation="TK",
        formula="x^2",
        formula_caption="Where $x$ is the sea.",
        source="A book",
        source_url="https://example.org/book",
    )
    tack.see_also.set([gybe, hidden])
    run_jobs()
    shown = page(client, "/glossary/sailing/tack/")
    for words in (
        "TK",
        '<a class="term" href="/glossary/sailing/gybe/">gybe</a>',
        "<msup>",
        "is the sea.",
        "Go about",
        '<a href="https://example.org/book" rel="noopener noreferrer">A book</a>',
        'href="/glossary/sailing/?term=tack"',
        "Last changed on",
    ):
        assert words in shown
    assert "See also" in shown
    assert "Hidden" not in shown


def test_a_term_leads_to_those_beside_it_in_the_alphabet(client: Client) -> None:
    sailing = a_glossary()
    for name in ("Tack", "49er", "Anchor", "Élan", "Gybe"):
        a_term(sailing, name, is_published=name != "Gybe")

    def beside(term: str) -> list[tuple[str, str]]:
        shown = page(client, f"/glossary/sailing/{term}/")
        return re.findall('rel="(prev|next)" href="/glossary/sailing/(.*?)/"', shown)

    assert beside("anchor") == [("next", "elan")]
    assert beside("elan") == [("prev", "anchor"), ("next", "tack")]
    assert beside("49er") == [("prev", "tack")]


def test_a_term_lists_the_published_lessons_that_use_it(client: Client) -> None:
    sailing = a_glossary()
    a_term(sailing)
    course = a_course("sailing", glossaries=[sailing])
    for slug, fields in (
        ("first-day", {}),
        ("draft", {"is_published": False}),
        ("unrelated", {}),
    ):
        source = "Nothing." if slug == "unrelated" else "Now tack."
        a_lesson(course, slug, passage=a_text(sailing, source), **fields)
    shown = page(client, "/glossary/sailing/tack/")
    assert 'href="/courses/sailing/lessons/first-day/"' in shown
    assert "draft" not in shown
    assert "unrelated" not in shown


@pytest.mark.parametrize("address", ["/glossary/none/", "/glossary/sailing/none/"])
def test_what_is_not_there_is_not_found(client: Client, address: str) -> None:
    a_glossary()
    page(client, address, 404)


def test_what_is_not_published_is_not_found_but_by_staff(client: Client) -> None:
    sailing = a_glossary()
    a_term(sailing, is_published=False)
    a_term(a_glossary("Knots", is_published=False), "Bend")
    addresses = ["/glossary/sailing/tack/", "/glossary/knots/", "/glossary/knots/bend/"]
    for address in addresses:
        page(client, address, 404)
    client.force_login(User.objects.create_user("alice@example.org", "x"))
    for address in addresses:
        page(client, address, 404)
    client.force_login(User.objects.create_superuser("sam@example.org", "x"))
    for address in addresses:
        assert "Not published" in page(client, address)


def test_a_page_takes_no_more_queries_for_more_rows(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    sailing = a_glossary()
    course = a_course("sailing", glossaries=[sailing])

    def more(number: int) -> None:
        for _ in range(number):
            name = f"Word{chr(97 + Term.objects.count())}"
            term = a_term(sailing, name, "Tack.", aliases=[f"{name} too"])
            term.see_also.set(Term.objects.all()[:3])
            Takeaway.objects.create(glossary=sailing, position=Term.objects.count(), text="x")
            a_lesson(course, f"l{Term.objects.count()}", passage=a_text(sailing, "Worda."))
            a_glossary(f"G{Term.objects.count()}")
        run_jobs()

    addresses = ("/glossary/", "/glossary/sailing/", "/glossary/sailing/worda/")
    more(2)
    before = [queries(client, address) for address in addresses]
    more(6)
    for address, number in zip(addresses, before, strict=True):
        with django_assert_num_queries(number):
            client.get(address)
        assert number <= 13


def test_a_large_glossary_is_read_page_by_page(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glossary.listing.TERMS_ON_A_PAGE", 3)
    sailing = a_glossary()
    editing.save_glossary(sailing, at=MOMENT, introduction="Read *this*.")
    for name in ("Tack", "Anchor", "Bow", "Zephyr", "Aft", "Boom", "Gybe", "49er"):
        a_term(sailing, name)
    first, second, third = (page(client, f"/glossary/sailing/?page={n}") for n in (1, 2, 3))
    assert first == page(client, "/glossary/sailing/").replace("?page=1", "")
    for shown, names in (
        (first, ["Aft", "Anchor", "Boom"]),
        (second, ["Bow", "Gybe", "Tack"]),
        (third, ["Zephyr", "49er"]),
    ):
        assert re.findall('id="term-(.*?)"', shown) == [name.lower() for name in names]
    assert "Terms 4 to 6 of 8" in second
    guide = re.findall('class="running-head__(?:first|last)">(.*?)<', second)
    assert guide == ["Bow", "Tack"]
    assert "<title>Sailing: glossary, Bow to Tack" in second
    assert ("<em>this</em>" in first, "<em>this</em>" in second) == (True, False)
    # The rail leads to where a letter begins, be it on another page.
    assert 'href="#letter-a"' in first
    assert 'href="?page=2#letter-g"' in first
    assert 'href="?page=1#letter-b"' in second
    assert 'href="#letter-g"' in second
    assert 'href="?page=3#letter-other"' in first
    page(client, "/glossary/sailing/?page=4", 404)
    page(client, "/glossary/sailing/?page=x", 404)


def test_a_term_is_found_on_whichever_page_of_its_glossary_it_stands(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glossary.listing.TERMS_ON_A_PAGE", 1)
    sailing = a_glossary()
    for name in ("Anchor", "Bow"):
        a_term(sailing, name)
    a_term(sailing, "Hidden", is_published=False)
    for slug, place in (("anchor", "#term-anchor"), ("bow", "?page=2#term-bow")):
        response = client.get(f"/glossary/sailing/?term={slug}")
        assert (response.status_code, response["Location"]) == (302, f"/glossary/sailing/{place}")
    page(client, "/glossary/sailing/?term=hidden", 404)


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_nothing_is_rendered_when_a_page_is_viewed(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sailing = a_glossary()
    a_term(sailing, formula="x^2", formula_caption="$x$")

    def refuse(*args: object) -> None:
        raise AssertionError("rendered at view time")

    monkeypatch.setattr("markdown_it.MarkdownIt.parse", refuse)
    monkeypatch.setattr("glossary.mathematics.convert", refuse)
    monkeypatch.setattr("glossary.linking.Finder.__init__", refuse)
    page(client, "/glossary/sailing/")
    page(client, "/glossary/sailing/tack/")


@pytest.mark.parametrize(
    ("name", "letter"), [("tack", "T"), ("Élan", "E"), ("49er", "#"), ("帆", "#"), ("", "#")]
)
def test_the_letter_that_a_name_stands_under(name: str, letter: str) -> None:
    assert letter_of(name) == letter


def test_names_stand_in_the_order_of_a_dictionary() -> None:
    names = ["tack", "Élan", "elbow", "Zulu", "4x", "Tab"]
    found = by_letter(Term(name=name) for name in names)
    assert [(letter, [term.name for term in terms]) for letter, terms in found] == [
        ("E", ["Élan", "elbow"]),
        ("T", ["Tab", "tack"]),
        ("Z", ["Zulu"]),
        ("#", ["4x"]),
    ]


def test_a_name_with_marks_is_shown_as_text(client: Client) -> None:
    sailing = a_glossary(summary="<script>alert(1)</script>")
    a_term(sailing, "<script>alert(1)</script>", source="<b>", source_url='https://a.example/"x')
    for address in ("/glossary/", "/glossary/sailing/", Term.objects.get().get_absolute_url()):
        assert "<script>alert" not in page(client, address)
