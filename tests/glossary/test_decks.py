"""Terms to take away, read back with what reads such files."""

import csv
import io
import json
import sqlite3
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from glossary.decks import as_apkg, as_csv, terms_to_take
from glossary.models import Glossary, Term
from glossary.practice.accounts import AccountMemories
from glossary.practice.keeping import Answer
from glossary.practice.scheduling import Rating
from tests.glossary.writing import a_glossary, a_term, rewrite

pytestmark = pytest.mark.django_db


@pytest.fixture
def sailing() -> Glossary:
    glossary = a_glossary()
    a_term(glossary, "Keel", "A keel keeps a boat upright.", ["Fin"], formula=r"F_k < \frac{m}{2}")
    a_term(glossary, "Hull speed", r"Where $v = 1.34\sqrt{l}$ for a *hull speed* $v$, and `\(x\)`.")
    return glossary


def read(apkg: bytes) -> dict[str, Any]:
    """What is in an Anki package."""
    with zipfile.ZipFile(io.BytesIO(apkg)) as archive:
        assert sorted(archive.namelist()) == ["collection.anki2", "media"]
        assert json.loads(archive.read("media")) == {}
        connection = sqlite3.connect(":memory:")
        connection.deserialize(archive.read("collection.anki2"))
    try:
        decks, models = connection.execute("SELECT decks, models FROM col").fetchone()
        notes = connection.execute("SELECT guid, mid, mod, flds FROM notes").fetchall()
        cards = connection.execute("SELECT COUNT(*) FROM cards").fetchone()[0]
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        connection.close()
    return {
        "decks": {int(key): deck["name"] for key, deck in json.loads(decks).items()},
        "models": json.loads(models),
        "notes": {guid: fields.split("\x1f") for guid, _, _, fields in notes},
        "changed": {changed for _, _, changed, _ in notes},
        "cards": cards,
    }


def test_who_has_the_latest_deck_is_told_so_in_one_query(
    sailing: Glossary, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    address = "/practice/glossary/sailing.apkg"
    first = client.get(address)
    with django_assert_num_queries(1):
        again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    rewrite(sailing.terms.get(name="Keel"), definition="A keel is down there.")
    later = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert later.status_code == 200
    assert later["ETag"] != first["ETag"]


def deck_of(glossary: Glossary) -> bytes:
    terms = terms_to_take(Term.objects.filter(glossary=glossary))
    return as_apkg(terms, title=glossary.title, key=f"glossary {glossary.pk}")


def test_a_glossary_is_a_deck_with_two_cards_a_term(client: Client, sailing: Glossary) -> None:
    response = client.get("/practice/glossary/sailing.apkg")
    assert response["Content-Disposition"] == 'attachment; filename="sailing.apkg"'
    found = read(response.content)
    assert "Sailing" in found["decks"].values()
    assert found["cards"] == 4
    fields = {note[0]: note for note in found["notes"].values()}
    keel, hull = fields["Keel"], fields["Hull speed"]
    assert keel[2].strip() == "<p>A keel keeps a boat upright.</p>"
    assert "keel" not in keel[3].lower()
    assert keel[4] == r"\[F_k &lt; \frac{m}{2}\]"
    assert keel[5] == "Fin"
    assert keel[6].endswith("/glossary/sailing/keel/")
    assert r"\(v = 1.34\sqrt{l}\)" in hull[2]
    assert "<math" not in hull[2] + hull[3]
    assert "hull speed" not in hull[3].lower()
    # What only looks like mathematics is not set as such.
    assert r"\(x" not in hull[2]


def test_a_deck_is_the_same_file_until_a_term_changes_and_then_updates_its_cards(
    sailing: Glossary,
) -> None:
    first = deck_of(sailing)
    assert deck_of(sailing) == first
    before = read(first)
    keel = sailing.terms.get(name="Keel")
    rewrite(keel, name="Fin keel", definition="It keeps a boat upright, and from drifting.")
    Term.objects.filter(pk=keel.pk).update(updated_at=datetime(2126, 1, 1, tzinfo=UTC))
    after = read(deck_of(sailing))
    assert set(after["notes"]) == set(before["notes"])
    assert after["decks"] == before["decks"]
    assert set(after["models"]) == set(before["models"])
    assert min(after["changed"]) > max(before["changed"])
    assert "Fin keel" in {note[0] for note in after["notes"].values()}


def test_two_glossaries_are_two_decks_of_one_note_type(sailing: Glossary) -> None:
    rowing = a_glossary("Rowing")
    a_term(rowing, "Keel", "Of a rowing boat.")
    one, other = read(deck_of(sailing)), read(deck_of(rowing))
    assert not set(one["notes"]) & set(other["notes"])
    assert set(one["decks"]) & set(other["decks"]) == {1}  # Anki's own
    assert set(one["models"]) == set(other["models"])


HOSTILE = "<script>alert(1)</script>{{c1::x}}[sound:x.mp3][latex]x[/latex]\\(\\href{a}{b}\\)"


def test_nothing_in_a_term_comes_alive_in_anki(sailing: Glossary) -> None:
    a_term(
        sailing,
        HOSTILE,
        f"{HOSTILE} and $\\href{{javascript:alert(1)}}{{x}}$ [x](javascript:alert(1))",
        [HOSTILE],
        abbreviation="<b>&",
        formula=r"\href{javascript:alert(1)}{x}",
    )
    for fields in read(deck_of(sailing))["notes"].values():
        whole = "".join(fields)
        for alive in ("<script", "[sound:", "[latex]", "\\(\\href", "\\[\\href", 'href="java'):
            assert alive not in whole


def test_a_site_with_no_terms_gives_an_empty_deck(client: Client) -> None:
    a_glossary()
    assert read(client.get("/practice/glossary/sailing.apkg").content)["notes"] == {}
    assert read(client.get("/practice/terms.apkg").content)["notes"] == {}


def test_a_table_is_defused_and_complete(sailing: Glossary) -> None:
    a_term(sailing, "=HYPERLINK(1)", "+1 and @you\n\n-x", ["=a"], abbreviation="@b")
    text = as_csv(terms_to_take(Term.objects.public()), rows={})
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [row["term"] for row in rows] == ["'=HYPERLINK(1)", "Hull speed", "Keel"]
    assert rows[0]["abbreviation"] == "'@b"
    assert rows[0]["also known as"] == "'=a"
    assert rows[0]["definition"].startswith("'+1 and")
    assert rows[2]["formula"] == r"F_k < \frac{m}{2}"


def test_a_learner_takes_away_what_they_practise_and_how_well_they_know_it(
    sailing: Glossary,
) -> None:
    ada = User.objects.create_user("ada@example.org")
    keel = sailing.terms.get(name="Keel")
    at = datetime.now(tz=UTC)
    AccountMemories(ada).rate(Answer(keel.pk, 0, Rating.EASY, "meaning"), at=at)
    browser = Client()
    browser.force_login(ada)
    text = browser.get("/practice/terms.csv").content.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["term"], row["likely to know, per cent"]) == ("Keel", "100")
    assert len(read(browser.get("/practice/terms.apkg").content)["notes"]) == 1
    Glossary.objects.update(is_published=False)
    assert len(browser.get("/practice/terms.csv").content.splitlines()) == 1


def test_more_terms_take_no_more_queries(
    sailing: Glossary, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(9):
        with django_assert_num_queries(2):
            terms = terms_to_take(Term.objects.public())
            as_apkg(terms, title="All", key="all")
            as_csv(terms, rows={})
        a_term(sailing, f"Term {number}", "A term among others.", ["Another"])
