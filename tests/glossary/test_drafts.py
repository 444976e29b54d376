"""Drafts of terms: kept, reviewed by another person, published at their time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from glossary import drafting, editing, jobs
from glossary.content import TermContent
from glossary.drafting import Outdated, Refused
from glossary.models import Draft, Term
from glossary.versions import content_of
from tests.glossary.drafts import LATER, a_draft, definition, state
from tests.glossary.writing import MOMENT, a_glossary, a_term, rewrite

pytestmark = pytest.mark.django_db

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
    drafting.dismiss(draft, by=ben, at=MOMENT)
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


def test_one_draft_that_cannot_be_published_keeps_no_other_from_it(
    term: Term, ann: User, caplog: pytest.LogCaptureFixture
) -> None:
    stuck = scheduled(term, ann)
    fine = scheduled(a_term(term.glossary, "Gybe"), ann)
    refuse_terms("name <> 'Tack' OR opening <> 'Said anew.'")
    assert drafting.publish_due(at=LATER) == 1
    assert (state(stuck), state(fine)) == ("draft", "published")
    assert definition(term) == "To turn the bow through the wind."
    assert "Not published: the site failed at it (IntegrityError)." in stuck.note
    assert f"Draft {stuck.pk} cannot be published." in caplog.text


def refuse_terms(condition: str) -> None:
    """Have the database refuse terms, as it would one that nobody thought of."""
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE glossary_term ADD CHECK ({condition})")


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
