"""Drafts of terms in the admin: written, handed in, reviewed."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from glossary import drafting, editing
from glossary.content import TermContent
from glossary.models import AlternativeDefinition, Draft, Term
from glossary.versions import content_of
from tests.glossary.drafts import a_draft, definition, form, state
from tests.glossary.writing import MOMENT, a_glossary, a_term, rewrite

pytestmark = pytest.mark.django_db


def change(term: Term) -> str:
    return f"/admin/glossary/term/{term.pk}/change/"


def page(client: Client, draft: Draft, what: str = "change") -> str:
    return client.get(f"/admin/glossary/draft/{draft.pk}/{what}/").content.decode()


def test_saved_as_draft_a_term_stays_as_it_is_and_all_that_was_typed_is_there(
    staff: Client, term: Term
) -> None:
    typed = form(term.glossary, _draft="1", alias_lines="Go about", abbreviation="TK")
    response = staff.post(change(term), typed, follow=True)
    assert "Kept as a draft" in response.content.decode()
    assert definition(term) == "To turn the bow through the wind."
    draft = Draft.objects.get()
    assert (draft.says.definition, draft.says.aliases) == ("Said anew.", ("Go about",))
    shown = page(staff, draft)
    for words in ("Said anew.", "Go about", "<ins>TK</ins>", "Save and publish"):
        assert words in shown


def test_lines_as_browsers_send_them_are_no_change(staff: Client) -> None:
    term = a_term(a_glossary(), definition="One.\n\nTwo.", formula="x\n+ y")
    fields = form(term.glossary, definition_text="One.\r\n\r\nTwo.", formula="x\r\n+ y")
    assert staff.post(change(term), fields).status_code == 302
    assert term.versions.count() == 1
    staff.post(change(term), {**fields, "_draft": "1"})
    assert "the term says the same already" in page(staff, Draft.objects.get())


def test_a_new_term_can_be_a_draft(staff: Client) -> None:
    sailing = a_glossary()
    response = staff.post("/admin/glossary/term/add/", form(sailing, slug="", _draft="1"))
    draft = Draft.objects.get()
    assert response.headers["Location"] == f"/admin/glossary/draft/{draft.pk}/change/"
    assert not Term.objects.exists()


def draft_form(draft: Draft, **fields: object) -> dict[str, object]:
    says = draft.says
    return {
        "name": says.name,
        "definition_text": says.definition,
        "slug": draft.slug,
        "is_published": "on",
        "is_linked": "on",
        "publish_at_0": "",
        "publish_at_1": "",
        **fields,
    }


def test_a_draft_is_written_on_and_published_from_its_form(
    staff: Client, term: Term, ann: User
) -> None:
    draft = a_draft(term, ann)
    a_term(term.glossary, "Gybe")
    address = f"/admin/glossary/draft/{draft.pk}/change/"
    fields = draft_form(draft, abbreviation="TK", see_also_lines="gybe", _save="1")
    assert staff.post(address, fields).status_code == 302
    assert definition(term) == "To turn the bow through the wind."
    assert staff.post(address, {**fields, "_publish": "1"}).status_code == 302
    assert definition(term) == "Said anew."
    says = content_of(Term.objects.get(pk=term.pk))
    assert (says.abbreviation, says.see_also) == ("TK", ("Gybe",))
    assert "published" in page(staff, draft)
    assert staff.post(address, fields).status_code == 403


def test_a_see_also_that_is_not_there_and_a_hostile_source_are_told_in_the_drafts_form(
    staff: Client, term: Term, ann: User
) -> None:
    draft = a_draft(term, ann)
    address = f"/admin/glossary/draft/{draft.pk}/change/"
    for fields, words in (
        ({"see_also_lines": "Nowhere"}, "has no term named Nowhere"),
        ({"source_url": "javascript:alert(1)"}, "Enter a valid URL"),
        ({"alias_lines": "a" * 201}, "longer than 200 characters"),
        ({"definition_text": ""}, "Fill in “Definition”."),
    ):
        response = staff.post(address, draft_form(draft, **fields))
        assert words in response.content.decode()
    assert state(draft) == "draft"


def test_where_reviews_are_asked_for_saving_a_term_keeps_a_draft_and_says_so(
    staff: Client, reviewed: Term
) -> None:
    assert "asks for reviews" in staff.get(change(reviewed)).content.decode()
    response = staff.post(change(reviewed), form(reviewed.glossary, _save="1"), follow=True)
    shown = response.content.decode()
    assert "Kept as a draft" in shown
    assert "Save and hand in for review" in shown
    assert definition(reviewed) == "To turn the bow through the wind."
    assert Draft.objects.get().says.definition == "Said anew."


def test_a_second_draft_is_refused_and_the_form_comes_back_with_what_was_typed(
    staff: Client, reviewed: Term, ben: User
) -> None:
    draft = a_draft(reviewed, ben)
    fields = form(reviewed.glossary, definition_text="Typed by Ann.")
    shown = staff.post(change(reviewed), fields).content.decode()
    assert f"/admin/glossary/draft/{draft.pk}/change/" in shown
    assert "Typed by Ann." in shown
    assert draft.says.definition == "Said anew."


@pytest.mark.parametrize("is_asked_there", [True, False])
def test_no_term_is_moved_past_a_review(staff: Client, is_asked_there: bool) -> None:
    term = a_term(a_glossary(needs_review=not is_asked_there))
    rowing = a_glossary("Rowing", needs_review=is_asked_there)
    shown = staff.post(change(term), form(rowing)).content.decode()
    assert "do not move it" in shown
    term.refresh_from_db()
    assert term.glossary != rowing


def test_another_person_reviews_in_the_admin(
    client: Client, reviewed: Term, ann: User, ben: User
) -> None:
    draft = drafting.hand_in(a_draft(reviewed, ann), at=MOMENT)
    address = f"/admin/glossary/draft/{draft.pk}/review/"
    client.force_login(ann)
    assert 'name="_approve"' not in page(client, draft, "review")
    client.post(address, {"seen": "1", "_approve": "1"})
    assert state(draft) == "waiting"
    client.force_login(ben)
    shown = page(client, draft, "review")
    assert "<ins>Said anew.</ins>" in " ".join(shown.split())
    assert 'name="_approve"' in shown
    refused = client.post(address, {"seen": "1", "_send_back": "1", "note": " "})
    assert "Say to the author" in refused.content.decode()
    assert client.post(address, {"seen": "1", "_approve": "1"}).status_code == 302
    assert definition(reviewed) == "Said anew."
    assert state(draft) == "published"


def test_a_reviewer_sees_what_was_changed_meanwhile_and_looks_again(
    client: Client, reviewed: Term, ann: User, ben: User
) -> None:
    draft = drafting.hand_in(a_draft(reviewed, ann), at=MOMENT)
    rewrite(reviewed, abbreviation="TK")
    client.force_login(ben)
    address = f"/admin/glossary/draft/{draft.pk}/review/"
    shown = client.post(address, {"seen": "1", "_approve": "1", "note": "Nice."}).content.decode()
    assert "The term was changed meanwhile" in shown
    assert "<ins>TK</ins>" in " ".join(shown.split())
    assert "Nice." in shown
    assert 'name="seen" value="2"' in shown
    assert "Approve all the same" in shown


@pytest.mark.parametrize("sent", [{}, {"seen": "x"}, {"seen": "-1", "_approve": "1"}])
def test_a_tampered_review_does_nothing(
    client: Client, reviewed: Term, ann: User, ben: User, sent: dict[str, str]
) -> None:
    draft = drafting.hand_in(a_draft(reviewed, ann), at=MOMENT)
    client.force_login(ben)
    address = f"/admin/glossary/draft/{draft.pk}/review/"
    assert client.post(address, sent).status_code == 200
    assert state(draft) == "waiting"
    for odd in ("x", "0", f"{10**30}"):
        assert client.get(f"/admin/glossary/draft/{odd}/review/").status_code == 404


def test_an_earlier_version_becomes_a_draft_where_reviews_are_asked_for(
    staff: Client, reviewed: Term
) -> None:
    rewrite(reviewed, definition="Second.")
    staff.post(f"/admin/glossary/term/{reviewed.pk}/versions/1/restore/")
    assert definition(reviewed) == "Second."
    assert Draft.objects.get().says.definition == "To turn the bow through the wind."
    with pytest.raises(editing.CannotSave):
        editing.restore(reviewed.versions.get(number=1), by=None, at=MOMENT)


def test_a_definition_from_a_document_is_not_published_past_a_review(
    staff: Client, reviewed: Term
) -> None:
    alternative = AlternativeDefinition.objects.create(term=reviewed, text="To come about.")
    fields = {"action": "publish_instead", "_selected_action": [alternative.pk]}
    address = "/admin/glossary/alternativedefinition/"
    shown = staff.post(address, fields, follow=True).content.decode()
    assert "asks for a review" in shown
    alternative.refresh_from_db()
    assert alternative.decision == "waiting"
    assert definition(reviewed) == "To turn the bow through the wind."


def test_staff_see_how_many_drafts_wait_and_find_them(
    staff: Client, reviewed: Term, ann: User
) -> None:
    draft = drafting.hand_in(a_draft(reviewed, ann), at=MOMENT)
    listed = staff.get("/admin/glossary/glossary/").content.decode()
    query = f"state__exact=waiting&amp;glossary__id__exact={reviewed.glossary_id}"
    assert f'<a href="/admin/glossary/draft/?{query}">1</a>' in listed
    found = staff.get(f"/admin/glossary/draft/?{query.replace('&amp;', '&')}").content.decode()
    assert f"/admin/glossary/draft/{draft.pk}/change/" in found


def test_reviews_are_for_who_may_review_and_so_is_asking_for_them(
    client: Client, reviewed: Term, ann: User
) -> None:
    draft = drafting.hand_in(a_draft(reviewed, ann), at=MOMENT)
    writer = User.objects.create_user("wil@example.org", "x", is_staff=True)
    may = ("view_draft", "change_draft", "view_glossary", "change_glossary")
    writer.user_permissions.set(Permission.objects.filter(codename__in=may))
    client.force_login(writer)
    review = f"/admin/glossary/draft/{draft.pk}/review/"
    assert client.get(review).status_code == 403
    assert client.post(review, {"seen": "1", "_approve": "1"}).status_code == 403
    assert review not in page(client, draft)
    fields = {"title": "Sailing", "slug": "sailing", "is_published": "on"}
    inlines = {"takeaways-TOTAL_FORMS": "0", "takeaways-INITIAL_FORMS": "0"}
    address = f"/admin/glossary/glossary/{reviewed.glossary_id}/change/"
    assert client.post(address, {**fields, **inlines}).status_code == 302
    reviewed.glossary.refresh_from_db()
    assert reviewed.glossary.needs_review


@pytest.mark.parametrize("may_change", [True, False])
def test_a_draft_is_published_by_those_alone_who_may_change_terms(
    client: Client, term: Term, ann: User, may_change: bool
) -> None:
    draft = a_draft(term, ann)
    writer = User.objects.create_user("wil@example.org", "x", is_staff=True)
    may = ["view_draft", "change_draft", *(["change_term"] if may_change else [])]
    writer.user_permissions.set(Permission.objects.filter(codename__in=may))
    client.force_login(writer)
    fields = draft_form(draft, _publish="1")
    address = f"/admin/glossary/draft/{draft.pk}/change/"
    assert client.post(address, fields).status_code == 302
    draft.refresh_from_db()
    assert draft.state == ("published" if may_change else "draft")
    assert (definition(term) == "Said anew.") == may_change


def test_a_drafts_name_has_single_spaces_like_a_terms(staff: Client, term: Term, ann: User) -> None:
    draft = a_draft(term, ann)
    fields = draft_form(draft, name="Tack  about", _save="1")
    staff.post(f"/admin/glossary/draft/{draft.pk}/change/", fields)
    draft.refresh_from_db()
    assert draft.says.name == "Tack about"


def test_drafts_go_with_their_term_and_their_glossary(staff: Client, ann: User) -> None:
    sailing = a_glossary()
    term = a_term(sailing)
    a_draft(term, ann)
    delete = f"/admin/glossary/term/{term.pk}/delete/"
    assert staff.post(delete, {"post": "yes"}).status_code == 302
    assert not Draft.objects.exists()


def test_the_pages_of_drafts_take_no_more_queries_for_more_of_them(
    staff: Client, ann: User
) -> None:
    sailing = a_glossary()

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert staff.get("/admin/glossary/draft/").status_code == 200
        return len(captured)

    a_draft(a_term(sailing), ann)
    few = queries()
    for number in range(6):
        a_draft(a_term(sailing, f"T{number}"), ann)
    assert queries() == few


def test_a_hostile_draft_is_shown_as_text(staff: Client, term: Term, ann: User) -> None:
    words = "<script>alert(1)</script>"
    content = TermContent(words, definition=words, aliases=(words,), source=words)
    draft = drafting.keep(glossary=term.glossary, term=term, content=content, by=ann, at=MOMENT)
    for what in ("change", "review"):
        assert words not in page(staff, draft, what)
    drafting.publish(draft, seen=1, at=MOMENT)
    for address in (f"/admin/glossary/term/{term.pk}/history/?from=1&to=2", "/glossary/sailing/"):
        assert words not in staff.get(address).content.decode()
