"""The admin's front page: what waits for whom."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from glossary import drafting
from glossary.models import Glossary, Import
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
    assert "Waiting for you" not in staff.get("/admin/").text
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


def test_nobody_else_is_told_or_costs_a_query(client: Client, ben: User) -> None:
    wait(a_glossary(), 1, ben)
    lee = User.objects.create_user("lee@example.org", is_staff=True)
    client.force_login(lee)
    client.get("/admin/")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert "Waiting for you" not in client.get("/admin/").text
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
        assert len(of_glossary) == 2
    assert counts[0] == counts[1]
