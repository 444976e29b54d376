"""The card at a link to a term: small, the same for everybody, and soon answered."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from glossary.editing import save_glossary
from tests.glossary.writing import MOMENT, a_glossary, a_term, rewrite

pytestmark = pytest.mark.django_db
TACK = "/glossary/sailing/tack/card/"


def test_a_card_has_the_definitions_opening_the_abbreviation_and_see_also(client: Client) -> None:
    sailing = a_glossary()
    a_term(sailing, "Gybe <b>")
    text = "To *turn* the bow & go on. More of it."
    a_term(sailing, definition=text, abbreviation="TK", see_also=("Gybe <b>",))
    shown = client.get(TACK).content.decode()
    assert "Tack" in shown
    assert "(TK)" in shown
    assert "<p>To turn the bow &amp; go on.</p>" in shown
    assert "More of it" not in shown
    assert '<a href="/glossary/sailing/gybe-b/">Gybe &lt;b&gt;</a>' in shown
    assert '<a href="/glossary/sailing/tack/">' in shown
    assert "<html" not in shown


def test_a_card_takes_two_queries_however_much_hangs_on_the_term(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    sailing = a_glossary()
    names = tuple(a_term(sailing, f"Word {number}").name for number in range(9))
    a_term(sailing, see_also=names)
    client.force_login(User.objects.create_user("alice@example.org", "x"))
    with django_assert_num_queries(2):
        shown = client.get(TACK).content.decode()
    assert shown.count("/glossary/sailing/word-") == 4


def test_a_card_is_kept_by_caches_and_asked_for_again_only_when_it_changed(client: Client) -> None:
    term = a_term(a_glossary())
    first = client.get(TACK)
    assert first["Cache-Control"] == "public, max-age=300"
    assert "Cookie" not in first.get("Vary", "")
    assert not first.cookies
    again = client.get(TACK, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    rewrite(term, definition="Something else.")
    changed = client.get(TACK, headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200
    assert "Something else." in changed.content.decode()


def test_a_card_of_what_is_not_public_is_not_found_even_by_staff(client: Client) -> None:
    sailing = a_glossary()
    term = a_term(sailing)
    client.force_login(User.objects.create_superuser("sam@example.org", "x"))
    term.is_published = False
    rewrite(term)
    assert client.get(TACK).status_code == 404
    term.is_published = True
    rewrite(term)
    assert client.get(TACK).status_code == 200
    sailing.is_published = False
    save_glossary(sailing, at=MOMENT)
    assert client.get(TACK).status_code == 404
    assert client.get("/glossary/sailing/none/card/").status_code == 404


def test_a_card_is_only_read(client: Client) -> None:
    a_term(a_glossary())
    assert client.post(TACK).status_code == 405
    assert client.head(TACK).status_code == 200
