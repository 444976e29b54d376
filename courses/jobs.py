"""Work that is not done while somebody waits. Every job may run twice, or after a crash.

The journeys that queue jobs are imported inside them, since each needs the other.
"""

import logging

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

logger = logging.getLogger(__name__)

# The mail server may be away for hours; after a day a reminder says nothing new.
PATIENT = RetryStrategy(max_attempts=15, exponential_wait=2, wait=10)
# Where the database was away, nobody could even be told that it has failed.
AGAIN = RetryStrategy(max_attempts=5, exponential_wait=5)


@app.task(name="courses.send_reminder", retry=PATIENT)
def send_reminder(*, reminder_id: int, on: str) -> None:
    """Write to a learner whose terms are due."""
    from courses import reminding
    from courses.models import PracticeReminder

    reminder = PracticeReminder.objects.select_related("learner").filter(pk=reminder_id).first()
    if reminder is None or not reminding.send(reminder, on=on, at=timezone.now()):
        logger.info("There is no need any more for reminder %s of %s.", reminder_id, on)


@app.task(name="courses.tell_of_draft", retry=PATIENT)
def tell_of_draft(*, draft_id: int, news: str, to_id: int, moment: str) -> None:
    """Write to somebody what became of a draft."""
    from courses import telling

    if not telling.send(draft_id, news, to_id=to_id, moment=moment):
        logger.info("Nobody need be told any more that draft %s is %s.", draft_id, news)


@app.periodic(cron="12 * * * *")
@app.task(name="courses.remind", queueing_lock="remind", pass_context=False)
def remind(timestamp: int) -> None:
    """Every hour: remind those whose day it is of the terms that are due."""
    from courses import reminding

    reminding.send_due(at=timezone.now())


@app.periodic(cron="55 3 * * *")
@app.task(queueing_lock="old_searches", pass_context=False)
def forget_searches_in_vain(timestamp: int) -> None:
    """Every night: drop what nobody has looked for in vain for half a year."""
    from courses import finding

    finding.forget_in_vain(at=timezone.now())


@app.task(name="courses.look_at_import", retry=AGAIN)
def look_at_import(*, import_id: int) -> None:
    """Read a document that is long."""
    from courses import reviewing
    from glossary.importing.progress import Progress

    try:
        with Progress(import_id) as progress:
            reviewing.look(import_id, told=progress.tell)
    except Exception:
        reviewing.fail_looking(import_id)
        raise


@app.task(name="courses.apply_import", retry=AGAIN)
def apply_import(*, import_id: int) -> None:
    """Do what staff decided about a document."""
    from courses import reviewing
    from glossary.importing.progress import Progress

    try:
        with Progress(import_id) as progress:
            reviewing.finish_applying(import_id, at=timezone.now(), told=progress.tell)
    except Exception:
        reviewing.fail_applying(import_id)
        raise
