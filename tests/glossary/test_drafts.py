"""Drafts: the public page stays as it is until they are published, by two where it is asked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from glossary import drafting, editing, jobs
from glossary.content import TermContent
from glossary.drafting import Outdated, Refused
from glossary.models import AlternativeDefinition, Draft, Glossary, Term
from glossary.versions import content_of
from tests.glossary.writing import MOMENT, a_glossary, a_term, rewrite

pytestmark = pytest.mark.django_db
LATER = MOMENT + timedelta(days=30)


@pytest.fixture
def ann() -> User:
    return User.objects.create_superuser("ann@example.org", "x")


@pytest.fixture
def ben() -> User:
    return User.objects.create_superuser("ben@example.org", "x")


@pytest.fixture
def staff(client: Client, ann: User) -> Client:
    """Ann, at work."""
    client.force_login(ann)
    return client


@pytest.fixture
def term() -> Term:
    return a_term(a_glossary())


@pytest.fixture
def reviewed() -> Term:
    """A term of a glossary that asks for reviews."""
    return a_term(a_glossary(needs_review=True))


def a_draft(term: Term, by: User, definition: str = "Said anew.") -> Draft:
    content = replace(content_of(term), definition=definition)
    return drafting.keep(glossary=term.glossary, term=term, content=content, by=by, at=MOMENT)


def definition(term: Term) -> str:
    return content_of(Term.objects.get(pk=term.pk)).definition


def state(draft: Draft) -> str:
    draft.refresh_from_db()
    return draft.state


def form(glossary: Glossary, **fields: object) -> dict[str, object]:
    known = {
        "glossary": glossary.pk,
        "name": "Tack",
        "slug": "tack",
        "definition_text": "Said anew.",
        "is_published": "on",
        "is_linked": "on",
        "alternatives-TOTAL_FORMS": "0",
        "alternatives-INITIAL_FORMS": "0",
    }
    return {**known, **fields}


# Journeys ----------------------------------------------------------------------------------------


def test_a_draft_leaves_the_term_as_it_is_and_is_published_once(term: Term, ann: User) -> None:
    draft = a_draft(term, ann)
    assert definition(term) == "To turn the bow through the wind."
    for _ in range(2):
        drafting.publish(draft, seen=1, at=LATER)
    assert definition(term) == "Said anew."
    version = term.versions.get(number=2)
    assert (version.by, version.at, version.what) == (ann, LATER, "edited")
    assert state(draft) == "published"


def test_a_draft_of_a_new_term_makes_the_term_when_it_is_published(ann: User) -> None:
    sailing = a_glossary()
    content = TermContent("Gybe", definition="To turn the stern.")
    draft = drafting.keep(glossary=sailing, content=content, by=ann, at=MOMENT)
    assert not Term.objects.exists()
    drafting.publish(draft, seen=0, at=MOMENT)
    assert Term.objects.get().slug == "gybe"
    draft.refresh_from_db()
    assert draft.term == Term.objects.get()


def test_a_term_has_one_open_draft(term: Term, ann: User, ben: User) -> None:
    draft = a_draft(term, ann)
    with pytest.raises(Refused, match=r"draft of this term already, by ann@example\.org"):
        a_draft(term, ben)
    drafting.dismiss(draft, at=MOMENT)
    a_draft(term, ben)


def test_where_reviews_are_asked_for_nothing_is_published_without_another_person(
    reviewed: Term, ann: User, ben: User
) -> None:
    draft = a_draft(reviewed, ann)
    with pytest.raises(Refused, match="hand the draft in"):
        drafting.publish(draft, seen=1, at=MOMENT)
    with pytest.raises(Refused, match="not handed in"):
        drafting.approve(draft, seen=1, by=ben, at=MOMENT)
    for _ in range(2):
        drafting.hand_in(draft, at=MOMENT)
    with pytest.raises(Refused, match="another person"):
        drafting.approve(draft, seen=1, by=ann, at=MOMENT)
    assert definition(reviewed) == "To turn the bow through the wind."
    for _ in range(2):
        drafting.approve(draft, seen=1, by=ben, at=LATER)
    assert definition(reviewed) == "Said anew."
    draft.refresh_from_db()
    assert (draft.reviewed_by, draft.reviewed_at) == (ben, LATER)
    assert reviewed.versions.count() == 2


def test_whoever_rewrites_a_draft_is_its_author_and_it_is_reviewed_anew(
    reviewed: Term, ann: User, ben: User
) -> None:
    draft = drafting.hand_in(a_draft(reviewed, ann), at=MOMENT)
    changed = drafting.rewrite(draft, replace(draft.says, name="Tacking"), by=ben, at=MOMENT)
    assert (changed.state, changed.by) == ("draft", ben)
    drafting.hand_in(draft, at=MOMENT)
    with pytest.raises(Refused, match="another person"):
        drafting.approve(draft, seen=1, by=ben, at=MOMENT)
    drafting.approve(draft, seen=1, by=ann, at=MOMENT)
    reviewed.refresh_from_db()
    assert reviewed.name == "Tacking"


def test_a_draft_sent_back_is_written_on_with_a_note(reviewed: Term, ann: User, ben: User) -> None:
    draft = drafting.hand_in(a_draft(reviewed, ann), at=MOMENT)
    drafting.send_back(draft, note="Say which way.", by=ben, at=MOMENT)
    draft.refresh_from_db()
    assert (draft.state, draft.note, draft.reviewed_by) == ("draft", "Say which way.", ben)
    drafting.hand_in(draft, at=MOMENT)
    assert drafting.approve(draft, seen=1, by=ben, at=MOMENT).state == "published"


def test_a_term_changed_meanwhile_is_not_overwritten_unseen(
    reviewed: Term, ann: User, ben: User
) -> None:
    draft = drafting.hand_in(a_draft(reviewed, ann), at=MOMENT)
    rewrite(reviewed, abbreviation="TK")
    with pytest.raises(Outdated):
        drafting.approve(draft, seen=1, by=ben, at=MOMENT)
    assert content_of(reviewed).abbreviation == "TK"
    assert state(draft) == "waiting"
    drafting.approve(draft, seen=2, by=ben, at=MOMENT)
    reviewed.refresh_from_db()
    assert content_of(reviewed).abbreviation == ""


def test_what_is_not_possible_any_more_is_not_published(term: Term, ann: User) -> None:
    draft = a_draft(term, ann)
    drafting.rewrite(draft, replace(draft.says, name="Gybe"), by=ann, at=MOMENT)
    a_term(term.glossary, "gybe")
    with pytest.raises(editing.CannotSave, match="a term with this name already"):
        drafting.publish(draft, seen=1, at=MOMENT)
    assert state(draft) == "draft"


# Their time --------------------------------------------------------------------------------------


def scheduled(term: Term, by: User) -> Draft:
    draft = a_draft(term, by)
    draft.publish_at = LATER
    drafting.rewrite(draft, draft.says, by=by, at=MOMENT)
    return drafting.publish(draft, seen=1, at=MOMENT)


def test_a_draft_is_published_at_its_time_by_a_job_queued_for_it(term: Term, ann: User) -> None:
    draft = scheduled(term, ann)
    job = ProcrastinateJob.objects.get(task_name="glossary.publish_draft")
    assert (job.scheduled_at, job.args) == (LATER, {"draft_id": draft.pk})
    drafting.publish_if_due(draft, at=LATER - timedelta(seconds=1))
    assert state(draft) == "scheduled"
    for _ in range(2):
        drafting.publish_if_due(draft, at=LATER)
    assert state(draft) == "published"
    assert term.versions.get(number=2).at == LATER
    assert term.versions.count() == 2


def test_a_lost_job_is_made_up_for(term: Term, ann: User) -> None:
    draft = scheduled(term, ann)
    ProcrastinateJob.objects.all().delete()
    assert drafting.publish_due(at=MOMENT) == 0
    assert drafting.publish_due(at=LATER) == 1
    assert drafting.publish_due(at=LATER) == 0
    assert state(draft) == "published"


def test_the_jobs_themselves_do_it_whenever_they_run(term: Term, ann: User) -> None:
    draft = scheduled(term, ann)
    Draft.objects.update(publish_at=datetime(2026, 1, 1, tzinfo=UTC))
    jobs.publish_draft(draft_id=draft.pk)
    jobs.publish_due(0)
    jobs.publish_draft(draft_id=draft.pk + 1)
    assert state(draft) == "published"
    assert term.versions.count() == 2


def test_the_job_is_queued_only_if_the_approval_is_kept(term: Term, ann: User) -> None:
    with transaction.atomic():
        scheduled(term, ann)
        transaction.set_rollback(True)
    assert not ProcrastinateJob.objects.filter(task_name="glossary.publish_draft").exists()


def test_what_was_changed_before_its_time_goes_back_to_be_looked_at(term: Term, ann: User) -> None:
    draft = scheduled(term, ann)
    rewrite(term, abbreviation="TK")
    drafting.publish_due(at=LATER)
    assert state(draft) == "draft"
    assert "changed meanwhile" in draft.note
    assert definition(term) == "To turn the bow through the wind."


def test_a_name_taken_before_its_time_sends_the_draft_back(term: Term, ann: User) -> None:
    draft = scheduled(term, ann)
    draft.content["name"] = "Gybe"
    draft.save()
    a_term(term.glossary, "Gybe")
    drafting.publish_due(at=LATER)
    assert state(draft) == "draft"
    assert "a term with this name already" in draft.note


def test_a_scheduled_draft_can_be_taken_back(term: Term, ann: User) -> None:
    draft = scheduled(term, ann)
    drafting.send_back(draft, note="Not yet.", by=ann, at=MOMENT)
    assert drafting.publish_due(at=LATER) == 0
    assert state(draft) == "draft"


# What the database refuses -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"state": "guessed"}, "draft_state_known"),
        ({"state": "scheduled"}, "draft_scheduled_has_time"),
        ({"state": "published"}, "draft_published_at"),
        ({"published_at": MOMENT}, "draft_published_at"),
        (
            {"state": "published", "published_at": MOMENT, "needs_review": True},
            "draft_reviewed_before_publishing",
        ),
    ],
)
def test_the_database_refuses_what_must_never_be(
    term: Term, ann: User, wrong: dict[str, Any], constraint: str
) -> None:
    a_draft(term, ann)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Draft.objects.update(**wrong)


def test_the_database_refuses_a_second_open_draft_and_ones_own_review(
    term: Term, ann: User
) -> None:
    draft = a_draft(term, ann)
    with pytest.raises(IntegrityError, match="reviewed_by_another"), transaction.atomic():
        Draft.objects.update(needs_review=True, reviewed_by=ann)
    draft.pk = None
    with pytest.raises(IntegrityError, match="one_open_per_term"), transaction.atomic():
        draft.save(force_insert=True)


# In the admin ------------------------------------------------------------------------------------


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
        ({"definition_text": ""}, "This field is required"),
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
