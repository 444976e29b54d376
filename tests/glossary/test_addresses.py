"""Old addresses lead on for ever; a present one always wins."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from glossary import editing
from glossary.models import FormerGlossaryAddress, FormerTermAddress, Glossary, Term
from glossary.practice.visits import SessionMemories
from tests.glossary.writing import MOMENT, a_glossary, a_term, rewrite

pytestmark = pytest.mark.django_db


def move(glossary: Glossary, slug: str) -> None:
    glossary.slug = slug
    editing.save_glossary(glossary, at=MOMENT)


def readdress(term: Term, slug: str, glossary: Glossary | None = None) -> None:
    term.slug = slug
    term.glossary = glossary or term.glossary
    rewrite(term)


def leads_to(client: Client, address: str) -> str:
    """Where an address leads, for good; the page itself where it leads nowhere else."""
    response = client.get(address)
    if response.status_code == 200:
        return address
    assert response.status_code == 301
    return str(response.headers["Location"])


def is_not_found(client: Client, address: str) -> bool:
    return client.get(address).status_code == 404


def test_a_glossary_is_found_at_all_its_former_addresses(client: Client) -> None:
    sailing = a_glossary()
    for slug in ("seamanship", "boats", "sailing", "at-sea"):
        move(sailing, slug)
    for slug in ("sailing", "seamanship", "boats"):
        assert leads_to(client, f"/glossary/{slug}/") == "/glossary/at-sea/"
    assert leads_to(client, "/glossary/at-sea/") == "/glossary/at-sea/"


def test_a_term_is_found_though_both_its_address_and_its_glossarys_changed_repeatedly(
    client: Client,
) -> None:
    sailing = a_glossary()
    term = a_term(sailing)
    readdress(term, "tacking")
    move(sailing, "seamanship")
    readdress(term, "going-about")
    move(sailing, "at-sea")
    readdress(term, "about")
    for glossary, slugs in (
        ("sailing", ("tack", "tacking")),
        ("seamanship", ("tacking", "going-about")),
        ("at-sea", ("going-about", "about")),
    ):
        for slug in slugs:
            found = leads_to(client, f"/glossary/{glossary}/{slug}/")
            assert found == "/glossary/at-sea/about/"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/maps/sailing/?zoom=2", "/maps/at-sea/?zoom=2"),
        ("/maps/sailing/?term=tack&zoom=2", "/maps/at-sea/?term=going-about&zoom=2"),
        ("/maps/at-sea/?term=tacking", "/maps/at-sea/?term=going-about"),
        ("/maps/gone/?term=bow", "/maps/at-sea/?term=bow"),
        ("/practice/glossary/sailing/?card=3", "/practice/glossary/at-sea/?card=3"),
        ("/practice/glossary/sailing.apkg", "/practice/glossary/at-sea.apkg"),
        ("/glossary/sailing/tack/card/", "/glossary/at-sea/going-about/card/"),
        ("/glossary/gone/bow/card/", "/glossary/at-sea/bow/card/"),
    ],
)
def test_whatever_is_made_of_a_glossary_is_found_at_its_former_addresses(
    client: Client, old: str, new: str
) -> None:
    sailing, gone = a_glossary(), a_glossary("Gone")
    term, bow = a_term(sailing), a_term(gone, "Bow")
    readdress(term, "tacking")
    move(sailing, "at-sea")
    readdress(term, "going-about")
    readdress(bow, "bow", sailing)
    editing.delete_glossary(gone)
    assert leads_to(client, old) == new
    assert leads_to(client, new) == new
    Glossary.objects.update(is_published=False)
    assert is_not_found(client, old)


@pytest.mark.parametrize(
    "address",
    ["/maps/sailing/", "/maps/sailing/?term=tack", "/maps/rowing/?term=x"],
)
def test_what_was_never_there_is_not_on_a_map(client: Client, address: str) -> None:
    a_term(a_glossary("Rowing"))
    assert is_not_found(client, address)


def test_an_answer_from_a_page_opened_at_a_former_address_counts(client: Client) -> None:
    sailing = a_glossary()
    card = {"term": a_term(sailing).pk, "number": 0, "kind": "meaning", "rating": "3"}
    move(sailing, "at-sea")
    sent = client.post("/practice/glossary/sailing/", card)
    assert (sent.status_code, sent["Location"]) == (303, "/practice/glossary/at-sea/")
    assert len(SessionMemories(client.session).all()) == 1


def test_a_term_that_moved_is_found_even_when_its_former_glossary_is_gone(client: Client) -> None:
    sailing, rowing = a_glossary(), a_glossary("Rowing")
    term = a_term(sailing)
    move(sailing, "seamanship")
    readdress(term, "tack", rowing)
    for address in ("/glossary/sailing/tack/", "/glossary/seamanship/tack/"):
        assert leads_to(client, address) == "/glossary/rowing/tack/"
    editing.delete_glossary(sailing)
    for address in ("/glossary/sailing/tack/", "/glossary/seamanship/tack/"):
        assert leads_to(client, address) == "/glossary/rowing/tack/"


def test_a_present_address_wins_over_a_former_one(client: Client) -> None:
    sailing = a_glossary()
    first = a_term(sailing)
    readdress(first, "tacking")
    assert leads_to(client, "/glossary/sailing/tack/") == "/glossary/sailing/tacking/"
    a_term(sailing, "Second", slug="tack")
    assert leads_to(client, "/glossary/sailing/tack/") == "/glossary/sailing/tack/"
    move(sailing, "seamanship")
    new = a_glossary()
    assert leads_to(client, "/glossary/sailing/") == "/glossary/sailing/"
    # What the new one has not is still that of the glossary which was there.
    assert leads_to(client, "/glossary/sailing/tack/") == "/glossary/seamanship/tack/"
    a_term(new, "Third", slug="tack")
    assert leads_to(client, "/glossary/sailing/tack/") == "/glossary/sailing/tack/"


def test_an_address_that_two_had_in_turn_is_the_last_owners(client: Client) -> None:
    sailing = a_glossary()
    first = a_term(sailing)
    readdress(first, "one")
    second = a_term(sailing, "Second", slug="tack")
    readdress(second, "two")
    assert leads_to(client, "/glossary/sailing/tack/") == "/glossary/sailing/two/"


def test_a_term_that_went_back_to_its_old_address_is_there(client: Client) -> None:
    term = a_term(a_glossary())
    readdress(term, "tacking")
    readdress(term, "tack")
    assert leads_to(client, "/glossary/sailing/tack/") == "/glossary/sailing/tack/"
    assert leads_to(client, "/glossary/sailing/tacking/") == "/glossary/sailing/tack/"


def test_the_old_address_of_what_is_deleted_is_not_found(client: Client) -> None:
    sailing = a_glossary()
    term = a_term(sailing)
    readdress(term, "tacking")
    editing.delete_term(term, at=MOMENT)
    assert is_not_found(client, "/glossary/sailing/tack/")
    move(sailing, "seamanship")
    editing.delete_glossary(sailing)
    assert is_not_found(client, "/glossary/sailing/")
    assert not FormerGlossaryAddress.objects.exists()
    assert not FormerTermAddress.objects.exists()


def test_what_is_not_published_is_not_given_away_by_its_old_address(client: Client) -> None:
    hidden, sailing = a_glossary("Hidden", is_published=False), a_glossary()
    move(hidden, "secret")
    term = a_term(sailing, is_published=False)
    readdress(term, "tacking")
    addresses = ("/glossary/hidden/", "/glossary/sailing/tack/")
    assert all(is_not_found(client, address) for address in addresses)
    client.force_login(User.objects.create_superuser("sam@example.org", "x"))
    assert [leads_to(client, address) for address in addresses] == [
        "/glossary/secret/",
        "/glossary/sailing/tacking/",
    ]


def test_the_query_is_kept_and_the_redirect_not_remembered_for_ever(client: Client) -> None:
    sailing = a_glossary()
    a_term(sailing)
    move(sailing, "seamanship")
    query = "?utm=a%26b&next=//evil.example/"
    found = leads_to(client, f"/glossary/sailing/tack/{query}")
    assert found == f"/glossary/seamanship/tack/{query}"
    response = client.get("/glossary/sailing/")
    assert response.headers["Cache-Control"] == "max-age=3600"


def test_the_database_keeps_one_owner_of_a_former_address() -> None:
    term = a_term(a_glossary())
    readdress(term, "tacking")
    with pytest.raises(IntegrityError, match="former_term_unique"), transaction.atomic():
        FormerTermAddress.objects.create(glossary_slug="sailing", slug="tack", term=term)
