"""A glossary to take away, and what search engines read."""

import csv
import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from glossary import editing
from glossary.content import TermContent
from glossary.models import Takeaway, Term
from glossary.parsing import read_document
from glossary.versions import content_of
from tests.glossary.writing import MOMENT, a_glossary, a_term, rewrite

pytestmark = pytest.mark.django_db
JSON, CSV = "/glossary/sailing.json", "/glossary/sailing.csv"
HOSTILE = '</script><script>alert(1)</script><!-- & " \u2028'


def in_json(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get(JSON).json()
    return found


def in_csv(client: Client) -> list[dict[str, str]]:
    body = client.get(CSV).content.decode("utf-8-sig")
    return list(csv.DictReader(StringIO(body, newline="")))


def block(client: Client, address: str) -> dict[str, Any]:
    """The JSON-LD of a page, as a browser finds it: until the first end of the element."""
    shown = client.get(address).content.decode()
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script', shown, re.DOTALL)
    blocks: list[dict[str, Any]] = [json.loads(one) for one in found]
    # Beside the way to the page, which its breadcrumbs tell.
    [says] = [one for one in blocks if one["@type"] != "BreadcrumbList"]
    return says


def test_the_public_terms_can_be_taken_away_with_all_they_say(client: Client) -> None:
    sailing = a_glossary(summary="Words of the sea.")
    Takeaway.objects.create(glossary=sailing, position=1, text="Duck.")
    gybe = a_term(sailing, "Gybe")
    a_term(sailing, "Hidden", is_published=False)
    tack = a_term(
        sailing, aliases=["Go about", "Come about"], abbreviation="TK", see_also=("Gybe", "Hidden")
    )
    says = in_json(client)
    assert (says["title"], says["summary"], says["takeaways"]) == (
        "Sailing",
        "Words of the sea.",
        ["Duck."],
    )
    assert [term["name"] for term in says["terms"]] == ["Gybe", "Tack"]
    read = TermContent.from_json(says["terms"][1])
    assert read.see_also == ("Gybe",)
    assert read.aliases == content_of(tack).aliases
    assert "Hidden" not in client.get(JSON).content.decode() + client.get(CSV).content.decode()
    for kind in (JSON, CSV):
        brought = read_document(client.get(kind).content).content
        assert brought.terms == (content_of(gybe), replace(content_of(tack), see_also=("Gybe",)))


def test_no_cell_of_the_csv_is_a_formula(client: Client) -> None:
    a_term(a_glossary(), "=1+1", "@SUM(A1)", aliases=["+2", "-3"], source="=4")
    cells = [cell for row in in_csv(client) for cell in row.values()]
    assert {"'=1+1", "'@SUM(A1)", "'=4"} <= set(cells)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in cells)


def test_who_has_the_latest_is_told_so_in_one_query(client: Client) -> None:
    sailing = a_glossary()
    a_term(sailing)
    for address in (JSON, CSV):
        first = client.get(address)
        for header, value in (
            ("If-None-Match", first.headers["ETag"]),
            ("If-Modified-Since", first.headers["Last-Modified"]),
        ):
            with CaptureQueriesContext(connection) as queries:
                again = client.get(address, headers={header: value})
            assert again.status_code == 304
            assert again.content == b""
            assert len(queries) == 1
        assert first.headers["Cache-Control"] == "no-cache"


def test_every_change_is_told_also_a_removal_and_a_move(client: Client) -> None:
    sailing, rowing = a_glossary(), a_glossary("Rowing")
    term, other = a_term(sailing), a_term(sailing, "Gybe")

    def publish(is_published: bool) -> None:
        term.is_published = is_published
        rewrite(term)

    def move() -> None:
        other.glossary = rowing
        rewrite(other)

    def rename() -> None:
        sailing.title = "At sea"
        editing.save_glossary(sailing, at=MOMENT)

    tags = [client.get(JSON).headers["ETag"]]
    for change in (
        lambda: rewrite(term, definition="Said anew."),
        lambda: publish(False),
        lambda: publish(True),
        move,
        rename,
        lambda: editing.delete_term(term, at=MOMENT),
    ):
        change()
        response = client.get(JSON, headers={"If-None-Match": tags[-1]})
        assert response.status_code == 200
        tags.append(response.headers["ETag"])
    assert len(set(tags)) == len(tags)


def test_a_glossary_read_before_a_term_changed_does_not_count_it_back() -> None:
    sailing = a_glossary()
    term = a_term(sailing)
    sailing.refresh_from_db()
    rewrite(term, definition="Said anew.")
    before = sailing.revision
    editing.save_glossary(sailing, at=MOMENT)
    sailing.refresh_from_db()
    assert sailing.revision == before + 2


def test_within_a_second_of_a_change_no_date_is_relied_on(client: Client) -> None:
    sailing = a_glossary()
    term = a_term(sailing)
    now = datetime.now(tz=MOMENT.tzinfo)
    editing.save_term(term, content_of(term), at=now)
    response = client.get(JSON)
    assert "Last-Modified" not in response.headers
    later = (now + timedelta(days=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert client.get(JSON, headers={"If-Modified-Since": later}).status_code == 200


def test_more_terms_cost_no_more_queries(client: Client) -> None:
    sailing = a_glossary()

    def cost() -> list[int]:
        found = []
        for address in (JSON, CSV):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            found.append(len(queries))
        return found

    a_term(sailing, "Gybe", aliases=["wear"])
    few = cost()
    for number in range(10):
        a_term(sailing, f"T{number}", aliases=[f"t {number}"], see_also=("Gybe",))
    assert cost() == few


def test_an_unpublished_glossary_is_for_staff_and_for_no_shared_cache(client: Client) -> None:
    a_glossary(is_published=False)
    assert client.get(JSON).status_code == 404
    client.force_login(User.objects.create_superuser("sam@example.org", "x"))
    assert client.get(JSON).headers["Cache-Control"] == "no-cache, private"


def test_the_old_address_of_a_download_leads_to_the_new(client: Client) -> None:
    sailing = a_glossary()
    sailing.slug = "at-sea"
    editing.save_glossary(sailing, at=MOMENT)
    for kind in ("json", "csv"):
        response = client.get(f"/glossary/sailing.{kind}?a=b")
        assert response.status_code == 301
        assert response.headers["Location"] == f"/glossary/at-sea.{kind}?a=b"
        assert client.get(f"/glossary/rowing.{kind}").status_code == 404


def test_pages_say_what_they_define_to_search_engines(client: Client) -> None:
    sailing = a_glossary(summary="Words of the sea.")
    a_term(sailing, "Tack", "To *turn*. And more.", aliases=["Go about"], abbreviation="TK")
    whole = block(client, "/glossary/sailing/")
    assert whole["@type"] == "DefinedTermSet"
    assert whole["url"] == "http://localhost:8000/glossary/sailing/"
    term = block(client, "/glossary/sailing/tack/")
    assert term["@type"] == "DefinedTerm"
    assert term["description"] == "To turn."
    assert term["alternateName"] == ["TK", "Go about"]
    assert term["inDefinedTermSet"]["@id"] == whole["@id"]


def test_a_glossary_lists_the_terms_that_its_page_shows(client: Client) -> None:
    sailing = a_glossary()
    assert "hasDefinedTerm" not in block(client, "/glossary/sailing/")
    a_term(sailing)
    a_term(sailing, "Gybe & <b>")
    a_term(sailing, "Hidden", is_published=False)
    listed = block(client, "/glossary/sailing/")["hasDefinedTerm"]
    assert [(term["name"], term["url"]) for term in listed] == [
        ("Gybe & <b>", "http://localhost:8000/glossary/sailing/gybe-b/"),
        ("Tack", "http://localhost:8000/glossary/sailing/tack/"),
    ]
    assert listed[1]["@id"] == block(client, "/glossary/sailing/tack/")["@id"]


THING = {"url", "name", "description", "alternateName"}
SCHEMA_ORG = {
    # https://schema.org/DefinedTermSet and https://schema.org/DefinedTerm, with what is Thing's.
    "DefinedTermSet": {*THING, "hasDefinedTerm"},
    "DefinedTerm": {*THING, "inDefinedTermSet", "termCode"},
}


@pytest.mark.parametrize("address", ["/glossary/sailing/", "/glossary/sailing/tack/"])
def test_nothing_is_told_in_words_that_schema_org_has_not(client: Client, address: str) -> None:
    sailing = a_glossary(summary="Words of the sea.")
    a_term(sailing, aliases=["Go about"], abbreviation="TK")
    says = block(client, address)
    assert says.pop("@context") == "https://schema.org"
    left, seen = [says], set()
    while left:
        one = left.pop()
        kind = one["@type"]
        seen.add(kind)
        assert set(one) - SCHEMA_ORG[kind] == {"@type", "@id"}
        values = [
            each
            for value in one.values()
            for each in (value if isinstance(value, list) else [value])
        ]
        left += [value for value in values if isinstance(value, dict)]
    assert seen == set(SCHEMA_ORG)


def test_what_nothing_is_said_of_is_left_out(client: Client) -> None:
    a_term(a_glossary())
    assert "description" not in block(client, "/glossary/sailing/")
    assert "description" not in block(client, "/glossary/sailing/tack/")["inDefinedTermSet"]


def test_nothing_written_by_anybody_ends_the_data_block(client: Client) -> None:
    sailing = a_glossary(summary=HOSTILE)
    a_term(sailing, "Tack", HOSTILE, aliases=[HOSTILE])
    assert block(client, "/glossary/sailing/")["description"] == HOSTILE
    assert block(client, "/glossary/sailing/tack/")["alternateName"] == [" ".join(HOSTILE.split())]
    for address in ("/glossary/sailing/", "/glossary/sailing/tack/"):
        assert "<script>alert" not in client.get(address).content.decode()


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", " https://a.example"]
)
def test_a_source_that_leads_to_no_page_is_never_stored(address: str) -> None:
    sailing = a_glossary()
    with pytest.raises(IntegrityError, match="leads_to_a_page"), transaction.atomic():
        a_term(sailing, source="A book", source_url=address)
    assert editing.problems_of(Term(glossary=sailing), TermContent("T", source_url=address))


def test_a_term_says_when_it_last_changed_and_saving_the_same_changes_nothing(
    client: Client,
) -> None:
    term = a_term(a_glossary())
    editing.save_term(term, content_of(term), at=MOMENT + timedelta(days=40))
    shown = client.get("/glossary/sailing/tack/").content.decode()
    assert 'Last changed on <time datetime="2026-04-15">15 April 2026</time>' in shown
