"""Looking a word up within one glossary: as a page, and as htmx asks for it."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests.glossary.writing import a_glossary, a_term

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def sailing() -> None:
    glossary = a_glossary()
    a_term(glossary, "Close hauled", "Sailing as near to the wind as she will go.", ["Full & by"])
    a_term(glossary, "Gybe", "To turn the stern through the wind.", abbreviation="GY")
    a_term(glossary, "Tack")
    a_term(glossary, "Gybing board", "Nobody has one.", is_published=False)
    a_term(a_glossary("Knots"), "Gybe hitch", "Holds nothing.")


def looked_up(words: str, headers: dict[str, str] | None = None) -> str:
    response = Client().get("/glossary/sailing/", {"q": words}, headers=headers)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_a_word_is_found_in_this_glossary_alone_with_what_it_means() -> None:
    shown = looked_up("gybe")
    assert '<a href="/glossary/sailing/gybe/"><mark>Gybe</mark></a>' in shown
    assert "(GY)" in shown
    assert "To turn the stern through the wind." in shown
    assert "1 entry for “gybe”." in shown
    for other in ("hitch", "Gybing", "To turn the bow"):
        assert other not in shown


def test_a_word_of_a_definition_and_another_name_lead_to_their_terms() -> None:
    assert "2 entries for “turn”." in looked_up("turn")
    shown = looked_up("full by")
    assert "<mark>Full</mark> &amp; by" in shown
    assert "Close hauled" in shown


@pytest.mark.parametrize("words", ["gybbe", "tcak", "clsoe hauled", "haulled"])
def test_what_is_misspelt_leads_to_the_nearest(words: str) -> None:
    shown = looked_up(words)
    assert f"No entry here for “{words}”. The nearest:" in shown
    assert 'class="entry"' in shown


def test_what_is_not_there_is_said_kindly_with_ways_on() -> None:
    shown = looked_up("<zyzzyva>")
    assert "No entry here for “&lt;zyzzyva&gt;”." in shown
    assert "Not in this glossary" in shown
    assert 'href="/glossary/sailing/">All terms from A to Z</a>' in shown
    assert 'href="/search/?q=%3Czyzzyva%3E"' in shown


def test_what_is_looked_up_is_neither_kept_nor_listed_by_search_engines() -> None:
    for _ in range(2):
        response = Client().get("/glossary/sailing/?q=gybe")
        assert "no-store" in response["Cache-Control"]
        assert "HX-Request" in response["Vary"]
        assert response["X-Robots-Tag"] == "noindex"
        assert "DefinedTerm" not in response.content.decode()


def test_the_letters_lead_back_to_the_whole_glossary() -> None:
    assert 'href="?page=1#letter-g"' in looked_up("tack")


def test_htmx_gets_the_entries_alone_and_what_is_read_out() -> None:
    shown = looked_up("gybe", HTMX)
    assert "<html" not in shown
    assert '<p id="lookup-status" hx-swap-oob="innerHTML"> 1 entry for “gybe”.' in shown
    assert "<title>gybe: Sailing" in shown
    assert "<html" in looked_up("gybe", {**HTMX, "HX-History-Restore-Request": "true"})


def test_an_empty_field_is_the_glossary_itself() -> None:
    response = Client().get("/glossary/sailing/?q=+")
    assert (response.status_code, response["Location"]) == (302, "/glossary/sailing/")
    part = Client().get("/glossary/sailing/?q=", headers=HTMX)
    assert part["HX-Replace-Url"] == "/glossary/sailing/"
    assert 'id="letter-g"' in part.content.decode()


@pytest.mark.parametrize("words", ["a" * 5000, "'; --", "%_\\", "<b>", "\U0001f980"])
def test_nothing_that_is_typed_breaks_it(words: str) -> None:
    looked_up(words)


def test_staff_look_words_up_before_a_glossary_is_published() -> None:
    a_term(a_glossary("Rigging", is_published=False), "Gybe preventer", "A rope.")
    assert Client().get("/glossary/rigging/?q=gybe").status_code == 404
    client = Client()
    client.force_login(User.objects.create_superuser("sam@example.org", "x"))
    assert "preventer" in client.get("/glossary/rigging/?q=gybe").content.decode()


def test_more_terms_cost_no_more_queries() -> None:
    knots = a_glossary("Bends")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert Client().get("/glossary/bends/?q=hitch").status_code == 200
        return len(captured)

    for number in range(4):
        a_term(knots, f"Hitch {number}", "A knot.", [f"Bend {number}"])
    queries()
    before = queries()
    for number in range(4, 12):
        a_term(knots, f"Hitch {number}", "A knot.", [f"Bend {number}"])
    queries()
    assert queries() == before
