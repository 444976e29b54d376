"""The weekly reminder: once, only if something is due, and stopped with one click."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from courses import reminding
from courses.models import PracticeReminder
from glossary.models import Glossary, Memory
from glossary.practice.accounts import AccountMemories
from glossary.practice.keeping import Answer
from glossary.practice.scheduling import Rating
from tests.courses.making import a_provider, london
from tests.glossary.writing import a_glossary, a_term, run_jobs

pytestmark = pytest.mark.django_db
MONDAY = london("2026-03-23 10:00")
NEXT = london("2026-03-30 10:00")  # after the clocks have gone forward
WEEK = timedelta(days=7)


@pytest.fixture
def sailing() -> Glossary:
    a_provider()
    glossary = a_glossary()
    a_term(glossary, "Keel", "The beam along the bottom.")
    return glossary


def practise(learner: User, glossary: Glossary, *, at: datetime = MONDAY) -> None:
    term = glossary.terms.get()
    AccountMemories(learner).rate(Answer(term.pk, 0, Rating.GOOD, "meaning"), at=at)


def queued() -> int:
    return ProcrastinateJob.objects.filter(task_name="courses.send_reminder").count()


def test_whoever_asked_is_written_to_after_a_week_if_terms_are_due(
    ada: User, bob: User, sailing: Glossary
) -> None:
    for learner in (ada, bob):
        practise(learner, sailing)
    reminding.ask(ada, at=MONDAY)
    assert reminding.send_due(at=MONDAY + timedelta(days=6)) == 0
    assert reminding.send_due(at=NEXT) == 1
    run_jobs()
    (message,) = mail.outbox
    assert message.to == ["ada@example.org"]
    assert message.subject == "1 term to practise"
    assert "Hello Ada," in str(message.body)
    assert "1 term waits to be practised" in str(message.body)
    assert "1 Paper Lane" in str(message.body)
    assert message.extra_headers["Message-ID"].startswith("<practice_due.")


def test_a_second_run_writes_to_nobody_twice_and_the_weekday_stays(
    ada: User, sailing: Glossary
) -> None:
    practise(ada, sailing)
    reminding.ask(ada, at=MONDAY)
    assert reminding.send_due(at=NEXT) == 1
    assert reminding.send_due(at=NEXT) == 0
    assert reminding.send_due(at=NEXT + timedelta(hours=3)) == 0
    # The worker was away for two weeks and a day.
    assert reminding.send_due(at=NEXT + 2 * WEEK + timedelta(days=1)) == 1
    assert PracticeReminder.objects.get().next_on == date(2026, 4, 20)


@transaction.atomic
def send_and_be_killed() -> None:
    assert reminding.send_due(at=NEXT) == 1
    raise KeyboardInterrupt


def test_a_run_that_is_killed_leaves_nothing_half_done(ada: User, sailing: Glossary) -> None:
    practise(ada, sailing)
    reminding.ask(ada, at=MONDAY)
    with pytest.raises(KeyboardInterrupt):
        send_and_be_killed()
    assert queued() == 0
    assert reminding.send_due(at=NEXT) == 1
    assert queued() == 1


def test_nobody_is_written_to_when_nothing_is_due_or_at_night_or_when_the_account_is_closed(
    ada: User, sailing: Glossary
) -> None:
    reminding.ask(ada, at=MONDAY)
    assert reminding.send_due(at=NEXT) == 0
    # With nothing due the next look is a week later.
    practise(ada, sailing)
    assert reminding.send_due(at=NEXT) == 0
    assert reminding.send_due(at=london("2026-04-06 07:59")) == 0
    assert reminding.send_due(at=london("2026-04-06 20:00")) == 0
    User.objects.update(is_active=False)
    assert reminding.send_due(at=london("2026-04-06 08:00")) == 0
    User.objects.update(is_active=True)
    Glossary.objects.update(is_published=False)
    assert reminding.send_due(at=london("2026-04-06 08:00")) == 0


def test_who_practised_or_stopped_before_the_mail_went_gets_none(
    ada: User, sailing: Glossary
) -> None:
    practise(ada, sailing)
    reminding.ask(ada, at=MONDAY)
    reminding.send_due(at=NEXT)
    reminding.stop(ada)
    run_jobs()
    reminding.ask(ada, at=NEXT)
    reminding.send_due(at=NEXT + WEEK)
    Memory.objects.update(due=datetime(2126, 1, 1, tzinfo=UTC))
    run_jobs()
    assert mail.outbox == []


def test_stopping_and_asking_again_brings_no_mail_sooner(ada: User, sailing: Glossary) -> None:
    practise(ada, sailing)
    for _ in range(3):
        reminding.ask(ada, at=MONDAY)
        reminding.stop(ada)
    reminding.ask(ada, at=MONDAY)
    assert PracticeReminder.objects.get().next_on == date(2026, 3, 30)
    assert reminding.send_due(at=NEXT) == 1
    reminding.stop(ada)
    reminding.ask(ada, at=NEXT)
    assert PracticeReminder.objects.get().next_on == date(2026, 4, 6)


def test_one_click_in_a_mail_program_stops_it_without_signing_in(
    ada: User, sailing: Glossary
) -> None:
    practise(ada, sailing)
    reminding.ask(ada, at=MONDAY)
    reminding.send_due(at=NEXT)
    run_jobs()
    headers = mail.outbox[0].extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = re.fullmatch(
        r"<https?://[^/]+(/practice/reminder/[^/]+/)>", headers["List-Unsubscribe"]
    )
    assert found
    anybody = Client(enforce_csrf_checks=True)
    assert "Stop the weekly reminder?" in anybody.get(found[1]).text
    assert PracticeReminder.objects.get().is_on
    stopped = anybody.post(found[1], {"List-Unsubscribe": "One-Click"})
    assert stopped.status_code == 200
    assert "No more reminders" in stopped.text
    assert not PracticeReminder.objects.get().is_on
    assert anybody.post(found[1]).status_code == 200
    assert found[1] in str(mail.outbox[0].body)


def test_a_link_that_nobody_was_sent_stops_nothing(ada: User, client: Client) -> None:
    reminding.ask(ada, at=MONDAY)
    reminder = PracticeReminder.objects.get()
    token = reminding.token_of(reminder)
    for wrong in (
        str(reminder.pk),
        f"{token}x",
        f"{reminder.pk + 1}:{token.split(':')[1]}",
    ):
        assert client.post(f"/practice/reminder/{wrong}/").status_code == 404
    assert PracticeReminder.objects.get().is_on


def test_a_learner_turns_it_on_and_off_on_the_practice_page(as_ada: Client, ada: User) -> None:
    assert "Remind me" in as_ada.get("/practice/").text
    assert "Stop the reminder" in as_ada.post("/practice/reminder/", follow=True).text
    assert reminding.is_asked(ada)
    after = as_ada.post("/practice/reminder/", {"_method": "delete"}, follow=True)
    assert "Remind me" in after.text
    assert not reminding.is_asked(ada)


def test_many_learners_are_reminded_in_a_few_queries_and_a_job_each(
    sailing: Glossary, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    learners = User.objects.bulk_create(
        User(email=f"learner{number}@example.org") for number in range(20)
    )
    for learner in learners:
        practise(learner, sailing)
        reminding.ask(learner, at=MONDAY)
    # A savepoint's two, the reminders with what is due, their days; and one to queue each mail.
    with django_assert_num_queries(4 + len(learners)):
        assert reminding.send_due(at=NEXT) == len(learners)
    assert queued() == len(learners)
