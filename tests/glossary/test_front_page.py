"""The admin's front page: what waits for whom."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from glossary import drafting
from glossary.models import AlternativeDefinition, Glossary, Import
from tests.glossary.drafts import a_draft
from tests.glossary.writing import MOMENT, a_glossary, a_term

pytestmark = pytest.mark.django_db
DRAFTS = '<a href="/admin/glossary/draft/?state__exact=waiting">'
IMPORTS = '<a href="/admin/glossary/import/?state__exact=ready">'


def wait(glossary: Glossary, number: int, by: User) -> None:
    """So many drafts and imports more."""
    for _ in range(number):
        name = f"Term {glossary.terms.count()}"
        drafting.hand_in(a_draft(a_term(glossary, name), by), at=MOMENT)
        Import.objects.create(
            slug="sailing", name="s.txt", data=b"x", state=Import.State.READY, created_at=MOMENT
        )


def test_whoever_may_decide_sees_how_much_waits_and_is_led_there(staff: Client, ben: User) -> None:
    sailing = a_glossary()
    assert "Nothing waits for a decision." in staff.get("/admin/").text
    a_draft(a_term(sailing), ben)  # not handed in
    wait(sailing, 1, ben)
    page = staff.get("/admin/").text
    assert f"{DRAFTS}1 draft waits for review</a>" in page
    assert f"{IMPORTS}1 import waits for decisions</a>" in page
    wait(sailing, 2, ben)
    page = staff.get("/admin/").text
    assert f"{DRAFTS}3 drafts wait for review</a>" in page
    assert f"{IMPORTS}3 imports wait for decisions</a>" in page
    listed = staff.get("/admin/glossary/draft/?state__exact=waiting").text
    assert "3 drafts" in listed


def test_the_drafts_that_wait_longest_are_named(staff: Client, ben: User) -> None:
    sailing = a_glossary()
    for number in range(7):
        draft = a_draft(a_term(sailing, f"Term {number}"), ben)
        drafting.hand_in(draft, at=MOMENT + timedelta(hours=7 - number))
    page = staff.get("/admin/").text
    assert [name for name in range(7) if f">Term {name}</a>" in page] == [2, 3, 4, 5, 6]
    assert page.index(">Term 6</a>") < page.index(">Term 2</a>")


def test_other_definitions_of_a_term_are_counted_until_somebody_chooses(staff: Client) -> None:
    term = a_term(a_glossary(), "Tack")
    for decision in ("waiting", "waiting", "dismissed"):
        decided = {"decided_at": MOMENT} if decision == "dismissed" else {}
        AlternativeDefinition.objects.create(
            term=term, text="Another.", decision=decision, **decided
        )
    address = "/admin/glossary/alternativedefinition/?decision__exact=waiting"
    assert f'<a href="{address}">2 definitions to choose between</a>' in staff.get("/admin/").text


def test_glossaries_of_which_visitors_see_nothing_are_named(staff: Client) -> None:
    a_term(a_glossary(), "Tack")
    hidden = a_glossary("Knots", is_published=False)
    a_term(hidden, "Bowline")
    a_term(a_glossary("Stars"), "Orion", is_published=False)
    a_glossary("Winds")
    page = staff.get("/admin/").text
    for slug, number in [("knots", "1 term"), ("stars", "1 term"), ("winds", "0 terms")]:
        glossary = Glossary.objects.get(slug=slug)
        link = f'<a href="/admin/glossary/glossary/{glossary.pk}/change/">{glossary}</a>'
        assert f'{link} <span class="front__quiet">{number}</span>' in page
    assert f"/glossary/{Glossary.objects.get(slug='sailing').pk}/change/" not in page


def test_nobody_else_is_told_or_costs_a_query(client: Client, ben: User) -> None:
    wait(a_glossary(), 1, ben)
    lee = User.objects.create_user("lee@example.org", is_staff=True)
    client.force_login(lee)
    client.get("/admin/")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert "waits for review" not in client.get("/admin/").text
    assert not any("glossary_draft" in query["sql"] for query in asked)
    assert not any("glossary_import" in query["sql"] for query in asked)
    lee.user_permissions.set(
        Permission.objects.filter(codename__in=["view_draft", "review_draft", "view_import"])
    )
    page = client.get("/admin/").text
    assert "1 draft waits" in page
    assert "import waits" not in page


def test_more_that_waits_costs_no_more_queries(staff: Client, ben: User) -> None:
    sailing = a_glossary()
    counts = []
    for number in (1, 4):
        wait(sailing, number, ben)
        staff.get("/admin/")
        with CaptureQueriesContext(connection) as asked:
            staff.get("/admin/")
        counts.append(len(asked))
        of_glossary = [one for one in asked if 'FROM "glossary_' in one["sql"]]
        assert len(of_glossary) == 5
    assert counts[0] == counts[1]
