"""Mail about drafts: who is written to, how often, and what they read."""

from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from courses import jobs
from glossary import drafting
from glossary.content import TermContent
from glossary.models import Draft, Glossary, Term
from tests.courses.making import a_provider
from tests.glossary.drafts import LATER, a_draft
from tests.glossary.writing import MOMENT, a_glossary, a_term, rewrite, run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> User:
    """An author, who may review what others write."""
    return reviewer("ann@example.org", name="Ann Author")


@pytest.fixture
def ben() -> User:
    return reviewer("ben@example.org", name="Ben Reader")


@pytest.fixture
def term() -> Term:
    a_provider()
    return a_term(a_glossary(needs_review=True))


def reviewer(email: str, **fields: Any) -> User:
    user = User.objects.create_user(email, **{"is_staff": True, **fields})
    user.user_permissions.add(Permission.objects.get(codename="review_draft"))
    return user


def letters() -> list[tuple[str, str]]:
    """To whom, and about what, since it was asked last; the jobs that are due are done first."""
    run_jobs()
    found = sorted((letter.to[0], str(letter.subject)) for letter in mail.outbox)
    mail.outbox.clear()
    return found


def body() -> str:
    """The last mail's text; its other form says the same words."""
    run_jobs()
    letter = mail.outbox[-1]
    assert isinstance(letter, EmailMultiAlternatives)
    assert "Hello" in str(letter.alternatives[0].content)
    return str(letter.body)


def test_whoever_may_review_is_told_of_a_draft_once_but_its_author(
    term: Term, ann: User, ben: User
) -> None:
    in_a_group = User.objects.create_user("cat@example.org", is_staff=True)
    group = Group.objects.create(name="Readers")
    group.permissions.add(Permission.objects.get(codename="review_draft"))
    in_a_group.groups.add(group)
    User.objects.create_superuser("sue@example.org", "x")
    reviewer("left@example.org", is_active=False)
    reviewer("outside@example.org", is_staff=False)
    User.objects.create_user("lee@example.org", is_staff=True)
    draft = a_draft(term, ann)
    assert letters() == []
    for _ in range(2):
        drafting.hand_in(draft, at=MOMENT)
    about = "“Tack” waits for a review"
    assert letters() == [(f"{name}@example.org", about) for name in ("ben", "cat", "sue")]


def test_the_mail_says_who_wrote_what_and_leads_to_its_review(
    term: Term, ann: User, ben: User
) -> None:
    draft = drafting.hand_in(a_draft(term, ann), at=MOMENT)
    said = body()
    assert "Hello Ben," in said
    assert "Ann Author has written a change of “Tack” for Sailing." in said
    assert f"/admin/glossary/draft/{draft.pk}/review/" in said
    assert "1 Paper Lane" in said
    content = TermContent("Gybe", definition="To turn the stern.")
    new = drafting.keep(glossary=term.glossary, content=content, by=ann, at=MOMENT)
    drafting.hand_in(new, at=MOMENT)
    assert "Ann Author has written a new term, “Gybe”, for Sailing." in body()


def test_each_submission_is_told_of_and_what_is_decided_by_then_is_not(
    term: Term, ann: User, ben: User
) -> None:
    draft = drafting.hand_in(a_draft(term, ann), at=MOMENT)
    (first,) = ProcrastinateJob.objects.filter(task_name="courses.tell_of_draft")
    assert letters() == [("ben@example.org", "“Tack” waits for a review")]
    drafting.rewrite(draft, replace(draft.says, formula="x"), by=ann, at=LATER)
    drafting.hand_in(draft, at=LATER)
    jobs.tell_of_draft(**first.args)
    assert letters() == [("ben@example.org", "“Tack” waits for a review")]
    mail.outbox.clear()
    drafting.rewrite(draft, draft.says, by=ann, at=LATER)
    drafting.hand_in(draft, at=LATER)
    drafting.approve(draft, seen=1, by=ben, at=LATER + (LATER - MOMENT))
    assert letters() == [("ann@example.org", "“Tack” is published")]


def test_a_mail_that_is_sent_twice_is_one_and_two_submissions_are_two(
    term: Term, ann: User, ben: User
) -> None:
    draft = drafting.hand_in(a_draft(term, ann), at=MOMENT)
    (job,) = ProcrastinateJob.objects.filter(task_name="courses.tell_of_draft")
    for _ in range(2):
        jobs.tell_of_draft(**job.args)
    drafting.send_back(draft, note="No.", by=ben, at=MOMENT)
    drafting.hand_in(draft, at=LATER)
    run_jobs()
    names = [letter.extra_headers["Message-ID"] for letter in mail.outbox]
    assert names[0] == names[1]
    assert len(set(names)) == 2


def test_an_author_hears_what_another_decided(term: Term, ann: User, ben: User) -> None:
    draft = drafting.hand_in(a_draft(term, ann), at=MOMENT)
    letters()
    drafting.send_back(draft, note="Say <which> way.", by=ben, at=MOMENT)
    said = body()
    assert "Ben Reader has sent your draft of “Tack” (Sailing) back to you." in said
    assert "Say <which> way." in said
    assert f"/admin/glossary/draft/{draft.pk}/change/" in said
    assert letters() == [("ann@example.org", "“Tack” is back with you")]
    drafting.hand_in(draft, at=LATER)
    letters()
    drafting.approve(draft, seen=1, by=ben, at=LATER)
    said = body()
    assert "Ben Reader has approved your draft of “Tack” (Sailing), and it is published." in said
    assert "/glossary/sailing/tack/" in said
    assert letters() == [("ann@example.org", "“Tack” is published")]


def test_an_author_hears_when_it_will_be_published_and_when_it_is(
    term: Term, ann: User, ben: User
) -> None:
    draft = a_draft(term, ann)
    draft.publish_at = LATER
    drafting.rewrite(draft, draft.says, by=ann, at=MOMENT)
    drafting.hand_in(draft, at=MOMENT)
    letters()
    drafting.approve(draft, seen=1, by=ben, at=MOMENT)
    tell()
    assert "It will be published at 1pm BST on 15 May 2026." in str(mail.outbox[-1].body)
    mail.outbox.clear()
    drafting.publish_due(at=LATER)
    tell()
    assert "Its time has come: your draft of “Tack” (Sailing) is published." in str(
        mail.outbox[-1].body
    )


def tell() -> None:
    """Send the mails, and do no other job."""
    for job in ProcrastinateJob.objects.filter(task_name="courses.tell_of_draft"):
        jobs.tell_of_draft(**job.args)


def test_an_author_hears_why_it_could_not_be_published_at_its_time(
    term: Term, ann: User, ben: User
) -> None:
    draft = a_draft(term, ann)
    draft.publish_at = LATER
    drafting.rewrite(draft, draft.says, by=ann, at=MOMENT)
    drafting.hand_in(draft, at=MOMENT)
    drafting.approve(draft, seen=1, by=ben, at=MOMENT)
    rewrite(term, abbreviation="TK")
    drafting.publish_due(at=LATER)
    tell()
    said = str(mail.outbox[-1].body)
    assert "Its time has come, but your draft of “Tack” (Sailing) could not be published." in said
    assert "the term was changed meanwhile" in said


def test_a_draft_that_another_dismisses_is_told_of(term: Term, ann: User, ben: User) -> None:
    draft = drafting.hand_in(a_draft(term, ann), at=MOMENT)
    for _ in range(2):
        drafting.dismiss(draft, by=ben, at=LATER)
    said = body()
    assert "Ben Reader has dismissed your draft of “Tack” (Sailing)" in said
    assert letters() == [("ann@example.org", "“Tack” will not be published")]


def test_nobody_is_written_to_about_what_they_did_themselves(term: Term, ann: User) -> None:
    draft = drafting.hand_in(a_draft(term, ann), at=MOMENT)
    drafting.send_back(draft, note="Not yet.", by=ann, at=MOMENT)
    drafting.dismiss(draft, by=ann, at=MOMENT)
    Glossary.objects.update(needs_review=False)
    drafting.publish(a_draft(term, ann), seen=1, at=MOMENT)
    assert letters() == []


def test_no_mail_is_queued_for_what_is_not_kept(term: Term, ann: User, ben: User) -> None:
    draft = a_draft(term, ann)
    with transaction.atomic():
        drafting.hand_in(draft, at=MOMENT)
        transaction.set_rollback(True)
    assert letters() == []


def test_a_draft_deleted_and_an_author_gone_are_told_to_nobody(
    term: Term, ann: User, ben: User
) -> None:
    draft = drafting.hand_in(a_draft(term, ann), at=MOMENT)
    drafting.send_back(draft, note="No.", by=ben, at=timezone.now())
    User.objects.filter(pk=ann.pk).update(is_active=False)
    assert letters() == []
    Draft.objects.all().delete()
    jobs.tell_of_draft(draft_id=draft.pk, news="waiting", to_id=ben.pk, moment=MOMENT.isoformat())
    assert letters() == []
