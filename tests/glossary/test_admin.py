"""Staff write a glossary in the admin."""

import re
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User
from glossary.models import (
    AlternativeDefinition,
    Glossary,
    Import,
    Passage,
    Term,
)
from tests.glossary.writing import a_glossary, a_term, a_text, run_jobs

pytestmark = pytest.mark.django_db
PREVIEW = "/admin/glossary/passage/preview/"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("sam@example.org", "x"))
    return client


def no_inlines(prefix: str) -> dict[str, str]:
    return {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}


def term_form(glossary: Glossary, **fields: object) -> dict[str, object]:
    known = {
        "glossary": glossary.pk,
        "name": "Tack",
        "definition_text": "To turn the *bow*.",
        "is_published": "on",
        "is_linked": "on",
        **no_inlines("alternatives"),
    }
    return {**known, **fields}


def test_a_new_term_is_rendered_gets_its_address_and_is_linked_elsewhere(staff: Client) -> None:
    sailing = a_glossary()
    text = a_text(sailing, "Now go about.")
    fields = term_form(sailing, alias_lines="Go about\n\n  Come   about ")
    response = staff.post("/admin/glossary/term/add/", fields)
    assert response.status_code == 302
    term = Term.objects.get()
    assert term.slug == "tack"
    assert term.definition.html == "<p>To turn the <em>bow</em>.</p>\n"
    assert [alias.name for alias in term.aliases.all()] == ["Come about", "Go about"]
    run_jobs()
    text.refresh_from_db()
    assert 'href="/glossary/sailing/tack/"' in text.linked_html


def test_editing_a_definition_changes_the_pages_that_show_it(staff: Client) -> None:
    sailing = a_glossary()
    term = a_term(sailing)
    address = f"/admin/glossary/term/{term.pk}/change/"
    form = staff.get(address).content.decode()
    assert "To turn the bow through the wind." in form
    fields = term_form(sailing, definition_text="Said anew.", slug="tack")
    assert staff.post(address, fields).status_code == 302
    for page in ("/glossary/sailing/", "/glossary/sailing/tack/"):
        assert "Said anew." in staff.get(page).content.decode()


def test_a_taken_name_a_long_alias_and_an_empty_definition_are_told_in_the_form(
    staff: Client,
) -> None:
    sailing = a_glossary()
    a_term(sailing)
    for fields, words in (
        ({"name": "TACK"}, "has a term with this name already"),
        ({"name": "Gybe", "alias_lines": "a" * 201}, "longer than 200 characters"),
        ({"name": "Gybe", "definition_text": ""}, "Fill in “Definition”."),
        ({"name": "g" * 1_000_000}, "at most 200 characters"),
        ({"name": "a\x00b"}, "Null characters are not allowed"),
    ):
        response = staff.post("/admin/glossary/term/add/", term_form(sailing, **fields))
        assert response.status_code == 200
        assert words in response.content.decode()
    assert Term.objects.count() == 1


def test_what_cannot_be_shown_of_a_formula_is_told_when_it_is_saved_and_in_the_form(
    staff: Client,
) -> None:
    fields = term_form(a_glossary(), formula="\\left( x", definition_text="See $\\nonsense$.")
    response = staff.post("/admin/glossary/term/add/", fields, follow=True)
    told = response.content.decode()
    assert "\\nonsense is not known" in told
    assert "cannot be read as LaTeX" in told
    form = staff.get(f"/admin/glossary/term/{Term.objects.get().pk}/change/").content.decode()
    assert "⚠" in form


def test_what_is_told_of_a_formula_is_text_and_no_part_of_the_form(staff: Client) -> None:
    attack = r"\text{<img src=x onerror=alert(1)>}"
    term = a_term(a_glossary(), definition=f"See ${attack}$.", formula=attack)
    shown = staff.get(f"/admin/glossary/term/{term.pk}/change/").content.decode()
    assert shown.count("⚠") == 2
    assert "<img src=x" not in shown
    assert (
        shown.count("⚠ The formula “\\text{&lt;img src=x onerror=alert(1)&gt;}” is not shown") == 2
    )


def test_a_removed_term_goes_with_its_definition(staff: Client) -> None:
    term = a_term(a_glossary())
    AlternativeDefinition.objects.create(term=term, text="Another.")
    address = f"/admin/glossary/term/{term.pk}/delete/"
    assert staff.post(address, {"post": "yes"}).status_code == 302
    assert not Term.objects.exists()
    assert not Passage.objects.exists()


def test_several_terms_are_removed_at_once(staff: Client) -> None:
    sailing = a_glossary()
    terms = [a_term(sailing, name) for name in ("Tack", "Gybe")]
    fields = {
        "action": "delete_selected",
        "_selected_action": [term.pk for term in terms],
        "post": "yes",
    }
    assert staff.post("/admin/glossary/term/", fields).status_code == 302
    assert not Passage.objects.exists()


def test_a_glossary_is_written_with_its_introduction_and_takeaways(staff: Client) -> None:
    fields = {
        "title": "Sailing",
        "introduction_text": "Read *this*.",
        "is_published": "on",
        "takeaways-TOTAL_FORMS": "1",
        "takeaways-INITIAL_FORMS": "0",
        "takeaways-0-position": "1",
        "takeaways-0-text": "Duck.",
    }
    assert staff.post("/admin/glossary/glossary/add/", fields).status_code == 302
    shown = staff.get("/glossary/sailing/").content.decode()
    assert "<em>this</em>" in shown
    assert "Duck." in shown


def test_a_glossary_is_removed_with_what_was_imported_into_it(staff: Client) -> None:
    sailing = a_glossary()
    a_term(sailing)
    at = datetime(2026, 4, 15, tzinfo=UTC)
    Import.objects.create(
        glossary=sailing, slug="sailing", state="applied", created_at=at, applied_at=at
    )
    address = f"/admin/glossary/glossary/{sailing.pk}/delete/"
    assert staff.post(address, {"post": "yes"}).status_code == 302
    assert not Glossary.objects.exists()
    assert not Passage.objects.exists()


@pytest.mark.parametrize(
    ("action", "decision", "source"),
    [
        ("publish_instead", "adopted", "To come about."),
        ("dismiss", "dismissed", "To turn the bow through the wind."),
    ],
)
def test_staff_decide_between_definitions(
    staff: Client, action: str, decision: str, source: str
) -> None:
    term = a_term(a_glossary())
    alternative = AlternativeDefinition.objects.create(term=term, text="To come about.")
    listed = staff.get("/admin/glossary/alternativedefinition/").content.decode()
    assert "To come about." in listed
    assert "To turn the bow through the wind." in listed
    fields = {"action": action, "_selected_action": [alternative.pk]}
    assert staff.post("/admin/glossary/alternativedefinition/", fields).status_code == 302
    alternative.refresh_from_db()
    assert alternative.decision == decision
    assert str(alternative.decided_by) == "sam@example.org"
    term.definition.refresh_from_db()
    assert term.definition.source == source


def test_every_list_and_form_opens_and_leads_to_the_page(staff: Client) -> None:
    term = a_term(a_glossary())
    alternative = AlternativeDefinition.objects.create(term=term, text="Another.")
    for address in (
        "glossary/",
        "term/?q=tack",
        "term/?glossary__id__exact=1",
        "alternativedefinition/?decision__exact=waiting",
        f"term/{term.pk}/history/",
        f"passage/{a_text(term.glossary, 'Tack.').pk}/history/",
        f"alternativedefinition/{alternative.pk}/change/",
        f"glossary/{term.glossary_id}/change/",
    ):
        assert staff.get(f"/admin/glossary/{address}").status_code == 200
    form = staff.get(f"/admin/glossary/term/{term.pk}/change/").content.decode()
    assert "View on site" in form
    assert f"/admin/glossary/term/{term.pk}/history/" in form


def test_staff_who_may_only_look_see_the_texts_and_cannot_change_them(client: Client) -> None:
    term = a_term(a_glossary(), aliases=["Go about"])
    looker = User.objects.create_user("lee@example.org", "x", is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename__in=["view_term"]))
    client.force_login(looker)
    address = f"/admin/glossary/term/{term.pk}/change/"
    shown = client.get(address).content.decode()
    assert "<p>To turn the bow through the wind.</p>" in shown
    assert "Go about" in shown
    assert client.post(address, term_form(term.glossary)).status_code == 403


def test_the_preview_is_the_page_as_it_would_be(staff: Client) -> None:
    sailing = a_glossary()
    gybe = a_term(sailing, "Gybe")
    tack = a_term(sailing)
    source = "# Tack & gybe\n\nTo tack is not to gybe: $x^2$ <script>."
    written = a_text(sailing, source)
    fields = {"preview": "definition_text", "definition_text": source}
    whole = staff.post(f"{PREVIEW}?glossary={sailing.pk}&term=", fields).content.decode()
    assert written.linked_html in whole
    assert "<!doctype html>" in whole.lower()
    part = staff.post(
        f"{PREVIEW}?glossary={sailing.pk}&term={tack.pk}", {**fields, "fragment": "1"}
    ).content.decode()
    assert "<!doctype" not in part.lower()
    assert re.findall('<a class="term" href="([^"]*)"', part) == [gybe.get_absolute_url()]


@pytest.mark.parametrize("address", [PREVIEW, "/admin/courses/legalpage/preview/"])
def test_a_text_that_no_form_takes_is_not_previewed_either(staff: Client, address: str) -> None:
    said = "longer than 500,000 characters"
    fields = {"preview": "text", "text": "word " * 100_000}
    most = staff.post(address, fields).text
    assert said not in most
    assert "word word" in most
    longer = staff.post(address, {**fields, "text": fields["text"] + "."}).text
    assert said in longer
    assert "word word" not in longer


def test_a_text_as_long_as_the_preview_takes_is_taken_by_the_form(staff: Client) -> None:
    term = a_term(a_glossary())
    form = f"/admin/glossary/term/{term.pk}/change/"
    page = {"title": "Terms", "slug": "terms", "version": "1"}
    legal = "/admin/courses/legalpage/add/"
    for field, address, data in (
        ("definition_text", form, term_form(term.glossary)),
        ("source", legal, page),
    ):
        told = staff.post(address, {**data, field: "word " * 100_000 + "."}).text
        assert "Use at most 500000 characters" in told


def test_the_form_offers_the_preview_without_javascript(staff: Client) -> None:
    term = a_term(a_glossary())
    form = staff.get(f"/admin/glossary/term/{term.pk}/change/").content.decode()
    button = re.search(r'<button[^>]*name="preview"[^>]*>', form)
    assert button is not None
    address = f"{PREVIEW}?glossary={term.glossary_id}&amp;term={term.pk}"
    for attribute in (f'formaction="{address}"', 'formtarget="_blank"', 'value="definition_text"'):
        assert attribute in button[0]


@pytest.mark.parametrize(
    "query", ["", "?glossary=&term=", "?glossary=x&term=-1", "?glossary=9" * 9]
)
def test_a_preview_with_an_odd_address_is_a_preview_without_links(
    staff: Client, query: str
) -> None:
    fields = {"preview": "x", "x": "tack", "fragment": "1"}
    assert "<p>tack</p>" in staff.post(f"{PREVIEW}{query}", fields).content.decode()


def test_the_preview_is_for_staff_and_for_posts_with_their_token(client: Client) -> None:
    fields = {"preview": "x", "x": "tack"}
    assert client.post(PREVIEW, fields).status_code == 302
    client.force_login(User.objects.create_user("alice@example.org", "x"))
    assert client.post(PREVIEW, fields).status_code == 302
    sam = User.objects.create_superuser("sam@example.org", "x")
    client.force_login(sam)
    assert client.get(PREVIEW).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(sam)
    assert strict.post(PREVIEW, fields).status_code == 403
