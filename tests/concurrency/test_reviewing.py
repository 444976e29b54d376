"""Two who decide on a draft at the same moment: it is published once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.models import User
from glossary import drafting, editing
from glossary.content import TermContent
from glossary.models import Draft, Version
from tests.concurrency.meeting import both, elsewhere, unlocked
from tests.glossary.writing import a_glossary, a_term

MOMENT = datetime(2026, 4, 15, 12, tzinfo=UTC)


def waiting_draft() -> tuple[Draft, list[User]]:
    """Handed in by one, to be reviewed by two others."""
    ann, ben, cat = (User.objects.create_user(f"{name}@example.org") for name in ("a", "b", "c"))
    term = a_term(a_glossary(needs_review=True))
    content = TermContent("Tack", definition="Said anew.")
    draft = drafting.keep(glossary=term.glossary, term=term, content=content, by=ann, at=MOMENT)
    return drafting.hand_in(draft, at=MOMENT), [ben, cat]


def approving(draft: Draft, by: User) -> Callable[[], Draft]:
    return lambda: drafting.approve(draft, seen=1, by=by, at=MOMENT)


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_publish_a_draft_once() -> None:
    draft, (ben, cat) = waiting_draft()
    answer = both(approving(draft, ben), approving(draft, cat))
    assert (answer.state, answer.reviewed_by) == ("published", ben)
    assert Version.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_approved_and_dismissed_at_once_it_is_published() -> None:
    draft, (ben, _) = waiting_draft()
    with pytest.raises(drafting.Refused, match="published already"):
        both(approving(draft, ben), lambda: drafting.dismiss(draft, by=ben, at=MOMENT))
    draft.refresh_from_db()
    assert draft.state == "published"


@pytest.mark.django_db(transaction=True)
def test_a_job_that_runs_twice_at_once_publishes_once() -> None:
    draft, (ben, _) = waiting_draft()
    due = MOMENT + timedelta(days=1)
    Draft.objects.update(publish_at=due)
    drafting.approve(draft, seen=1, by=ben, at=MOMENT)

    def job() -> Draft:
        return drafting.publish_if_due(draft, at=due)

    assert both(job, job).state == "published"
    assert Version.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_draft_whose_glossary_is_held_too_long_is_published_the_next_time() -> None:
    draft, (ben, _) = waiting_draft()
    due = MOMENT + timedelta(days=1)
    Draft.objects.update(publish_at=due)
    drafting.approve(draft, seen=1, by=ben, at=MOMENT)

    def sweep() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
            try:
                return drafting.publish_due(at=due)
            finally:
                cursor.execute("RESET lock_timeout")

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        editing.lock(draft.glossary)
        assert pool.submit(elsewhere, sweep).result(timeout=60) == 0
    draft.refresh_from_db()
    assert (draft.state, draft.note) == ("scheduled", "")
    assert drafting.publish_due(at=due) == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_locks_the_second_review_would_take_the_place_of_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draft, (ben, cat) = waiting_draft()
    monkeypatch.setattr(QuerySet, "select_for_update", unlocked)
    assert both(approving(draft, ben), approving(draft, cat)).reviewed_by == cat
