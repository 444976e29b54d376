"""The map of a glossary: what is on it, that it is drawn beforehand, how it is zoomed."""

import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from glossary import mapping
from glossary.editing import delete_glossary
from glossary.jobs import draw_maps
from glossary.models import Glossary, GlossaryMap
from tests.glossary.writing import a_glossary, a_term, rewrite, run_jobs

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 4, 15, 12, tzinfo=UTC)


@pytest.fixture
def sailing() -> Glossary:
    """Tack mentions the bow, gybe sends to tack; rope stands alone; keel is a draft."""
    glossary = a_glossary()
    a_term(glossary, "Bow", "The front.")
    tack = a_term(glossary, "Tack", "To turn the bow through the wind.")
    a_term(glossary, "Gybe", "To turn the stern.").see_also.add(tack)
    a_term(glossary, "Rope", "A line.")
    a_term(glossary, "Keel", "Of a bow, the other end.", is_published=False)
    run_jobs()
    return glossary


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def names_on(drawn: mapping.Map) -> dict[str, list[str]]:
    return {place.term.name: [term.name for term in place.beside] for place in drawn.places}


def test_a_map_joins_terms_by_mentions_and_see_also(sailing: Glossary) -> None:
    mapping.draw(sailing, at=NOW)
    assert names_on(mapping.map_of(sailing)) == {
        "Bow": ["Tack"],
        "Gybe": ["Tack"],
        "Rope": [],
        "Tack": ["Bow", "Gybe"],
    }


def test_a_term_stands_among_those_beside_it(sailing: Glossary) -> None:
    gybe = sailing.terms.get(name="Gybe")
    assert names_on(mapping.map_around(gybe)) == {"Gybe": ["Tack"], "Tack": ["Gybe"]}
    assert names_on(mapping.map_around(sailing.terms.get(name="Rope"))) == {"Rope": []}


def test_a_map_is_drawn_anew_only_when_something_on_it_has_changed(sailing: Glossary) -> None:
    assert mapping.draw(sailing, at=NOW)
    assert not mapping.draw(sailing, at=NOW)
    sailing.terms.get(name="Rope").see_also.add(sailing.terms.get(name="Bow"))
    assert mapping.draw(sailing, at=NOW)
    assert names_on(mapping.map_of(sailing))["Rope"] == ["Bow"]


def test_only_glossaries_that_have_changed_are_looked_at(sailing: Glossary) -> None:
    assert list(mapping.outdated()) == [sailing]
    draw_maps(timestamp=0)
    assert not mapping.outdated().exists()
    bow = sailing.terms.get(name="Bow")
    rewrite(bow, name="Prow")
    assert list(mapping.outdated()) == [sailing]
    draw_maps(timestamp=0)
    # The definition of Tack still leads to what was called a bow, until a job has looked at it.
    assert names_on(mapping.map_of(sailing))["Tack"] == ["Gybe", "Prow"]
    run_jobs()
    assert list(mapping.outdated()) == [sailing]
    draw_maps(timestamp=0)
    assert names_on(mapping.map_of(sailing))["Tack"] == ["Gybe"]
    assert not mapping.outdated().exists()


@pytest.mark.parametrize("change", ["a term", "links"])
def test_what_changes_while_a_map_is_drawn_is_looked_at_next_time(
    sailing: Glossary, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    lay_out = mapping.lay_out

    def meanwhile(terms: list[int], lines: list[mapping.Line]) -> mapping.Places:
        if change == "a term":
            rewrite(sailing.terms.get(name="Rope"), definition="Bent to the bow.")
        else:
            mapping.forget(sailing)
        return lay_out(terms, lines)

    with monkeypatch.context() as patched:
        patched.setattr(mapping, "lay_out", meanwhile)
        draw_maps(timestamp=0)
    assert list(mapping.outdated()) == [sailing]
    draw_maps(timestamp=0)
    assert not mapping.outdated().exists()


def test_beside_a_hub_stand_as_many_as_fit_and_the_page_says_how_many_do_not(
    client: Client,
) -> None:
    glossary = a_glossary()
    a_term(glossary, "Wind", "It blows.")
    for number in range(35):
        a_term(glossary, f"Sail{number}", "Filled by the wind.")
    run_jobs()
    assert "5 more do not fit." in page(client, "/maps/sailing/?term=wind")


def test_many_glossaries_without_a_change_take_one_query(sailing: Glossary) -> None:
    for number in range(5):
        a_term(a_glossary(f"Other{number}"))
    draw_maps(timestamp=0)
    with CaptureQueriesContext(connection) as captured:
        draw_maps(timestamp=0)
    assert len(captured) == 1


def test_the_same_terms_always_make_the_same_map(sailing: Glossary) -> None:
    mapping.draw(sailing, at=NOW)
    first = GlossaryMap.objects.get().places
    GlossaryMap.objects.all().delete()
    draw_maps(timestamp=0)
    assert GlossaryMap.objects.get().places == first


@pytest.mark.parametrize("number", [0, 1, 2, 5, 40, 60])
def test_places_lie_on_the_map_and_apart(number: int) -> None:
    terms = list(range(number))
    places = mapping.lay_out(terms, [(0, n) for n in terms[1:]])
    assert list(places) == terms
    assert all(0 <= x <= mapping.WIDE and 0 <= y <= mapping.HIGH for x, y in places.values())
    assert len({(round(x), round(y)) for x, y in places.values()}) == number


@pytest.mark.parametrize("letters", [1, 12, 28, 60])
def test_no_name_lies_on_another_or_leaves_the_map(letters: int) -> None:
    terms = list(range(mapping.MOST_PLACES))
    names = dict.fromkeys(terms, "n" * letters)
    lines = [(0, n) for n in terms[1:]] + [(n, n + 1) for n in terms[1:-1:3]]
    places = list(mapping.set_apart(mapping.lay_out(terms, lines), names).values())
    wide = min(letters, 28) * 10
    assert all(wide / 2 <= x <= mapping.WIDE - wide / 2 for x, _ in places)
    assert all(0 <= y <= mapping.HIGH for _, y in places)
    for n, (x, y) in enumerate(places):
        for other_x, other_y in places[:n]:
            assert abs(x - other_x) > wide or abs(y - other_y) > 40


def test_of_many_terms_the_most_connected_are_shown_and_the_page_says_so(client: Client) -> None:
    glossary = a_glossary()
    a_term(glossary, "Wind", "It blows.")
    for number in range(mapping.MOST_PLACES + 5):
        a_term(glossary, f"Rope{number}", "Held by the wind." if number == 64 else "A line.")
    run_jobs()
    mapping.draw(glossary, at=NOW)
    shown = names_on(mapping.map_of(glossary))
    assert len(shown) == mapping.MOST_PLACES
    assert shown["Wind"] == ["Rope64"]
    assert "The 60 terms with the most lines, of 66." in page(client, "/maps/sailing/")


def test_the_drawing_and_the_list_show_the_same(sailing: Glossary, client: Client) -> None:
    mapping.draw(sailing, at=NOW)
    shown = page(client, "/maps/sailing/")
    drawn = set(re.findall(r'class="map__term" href="\?term=([a-z]+)" aria-label', shown))
    assert drawn == {"bow", "tack", "gybe", "rope"}
    for slug in drawn:
        assert f'<li><a class="map-list__term" href="/glossary/sailing/{slug}/">' in shown
    assert shown.count("<line ") == 2
    assert "Keel" not in shown


def test_what_was_taken_back_is_gone_before_the_map_is_drawn_anew(
    sailing: Glossary, client: Client
) -> None:
    mapping.draw(sailing, at=NOW)
    sailing.terms.filter(name="Tack").update(is_published=False)
    shown = page(client, "/maps/sailing/")
    assert "Tack" not in shown
    assert "<line " not in shown


@pytest.mark.parametrize(
    ("query", "box"),
    [
        ("", "0 0 1600 1000"),
        ("?zoom=2", "400 250 800 500"),
        ("?zoom=2&x=0&y=9999", "0 500 800 500"),
        ("?zoom=99", "700 438 200 125"),
        ("?zoom=x&x=-1&y=1e9", "0 0 1600 1000"),
    ],
)
def test_the_address_says_how_near_one_looks(
    sailing: Glossary, client: Client, query: str, box: str
) -> None:
    mapping.draw(sailing, at=NOW)
    assert f'viewBox="{box}"' in page(client, f"/maps/sailing/{query}")


def test_a_map_not_drawn_yet_says_so(sailing: Glossary, client: Client) -> None:
    assert "Not drawn yet" in page(client, "/maps/sailing/")


def test_names_on_a_map_are_text(client: Client) -> None:
    glossary = a_glossary()
    a_term(glossary, '"><script>alert(1)</script>', "x")
    mapping.draw(glossary, at=NOW)
    assert "<script>alert" not in page(client, "/maps/sailing/")


def test_more_terms_take_no_more_queries_and_nothing_is_laid_out_at_view_time(
    sailing: Glossary, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def queries(address: str) -> int:
        mapping.draw(sailing, at=NOW)
        with monkeypatch.context() as patched, CaptureQueriesContext(connection) as captured:
            patched.delattr(mapping, "lay_out")
            page(client, address)
        return len(captured)

    addresses = ("/maps/sailing/", "/maps/sailing/?term=tack")
    before = [queries(address) for address in addresses]
    for number in range(8):
        a_term(sailing, f"Part{number}", "Near the tack.")
    run_jobs()
    assert [queries(address) for address in addresses] == before


def test_a_glossary_deleted_while_it_is_drawn_leaves_nothing_and_breaks_nothing(
    sailing: Glossary,
) -> None:
    gone = Glossary.objects.get(pk=sailing.pk)
    delete_glossary(sailing)
    assert not mapping.draw(gone, at=NOW)
    assert not GlossaryMap.objects.exists()
    connection.check_constraints()
