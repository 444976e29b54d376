"""A mail a week to those who asked for it, on the weekday on which they did, if terms are due."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from accounts.models import User
from courses import jobs, mailing
from courses.calendar import LONDON, london_date
from courses.models import PracticeReminder
from courses.practising import due_today
from glossary.models import Memory

WEEK = timedelta(days=7)
# When mail does not wake anybody, by London's clock.
HOURS = range(8, 20)
# One transaction's worth.
AT_ONCE = 500

_SIGNER = Signer(salt="courses.reminding")


def ask(learner: User, *, at: datetime) -> None:
    """Remind ``learner`` from next week on. Asking again changes nothing while it is on."""
    today = london_date(at)
    reminder, is_new = PracticeReminder.objects.get_or_create(
        learner=learner, defaults={"asked_at": at, "next_on": today + WEEK}
    )
    if not is_new:
        # Whoever stops and asks again on one day is not written to more often for it.
        PracticeReminder.objects.filter(pk=reminder.pk, is_on=False).update(
            is_on=True, asked_at=at, next_on=max(reminder.next_on, today + WEEK)
        )


def stop(learner: User) -> None:
    """No more reminders. Stopping again changes nothing."""
    PracticeReminder.objects.filter(learner=learner).update(is_on=False)


def is_asked(learner: User) -> bool:
    """Whether ``learner`` is reminded: one query."""
    return PracticeReminder.objects.filter(learner=learner, is_on=True).exists()


def token_of(reminder: PracticeReminder) -> str:
    """What the mail's link has in it: only we can make it, and it does not run out."""
    return _SIGNER.sign(str(reminder.pk))


def by_token(token: str) -> PracticeReminder | None:
    """The reminder that a mail was about; None where nobody was sent this token."""
    try:
        pk = _SIGNER.unsign(token)
    except BadSignature:
        return None
    return PracticeReminder.objects.select_related("learner").filter(pk=pk).first()


def send_due(*, at: datetime) -> int:
    """Queue a mail to everyone whose day it is and who has terms due; how many.

    Each learner's day moves on in the transaction that queues the mail, so that running this
    twice, or again after a crash, writes to nobody twice.
    """
    if at.astimezone(LONDON).hour not in HOURS:
        return 0
    queued = 0
    while True:
        looked_at, written_to = _send_some(at)
        queued += written_to
        if looked_at < AT_ONCE:
            return queued


def _send_some(at: datetime) -> tuple[int, int]:
    today = london_date(at)
    due = Memory.objects.public().filter(learner=OuterRef("learner"), due__lte=at)
    rows = PracticeReminder.objects.filter(is_on=True, next_on__lte=today, learner__is_active=True)
    with transaction.atomic():
        locked = rows.select_for_update(skip_locked=True, of=("self",)).annotate(
            has_due=Exists(due)
        )
        reminders: list[Any] = list(locked.order_by("pk")[:AT_ONCE])
        for reminder in reminders:
            weeks = (today - reminder.next_on) // WEEK + 1
            reminder.next_on += weeks * WEEK
            if reminder.has_due:
                jobs.send_reminder.defer(reminder_id=reminder.pk, on=str(today))
        PracticeReminder.objects.bulk_update(reminders, ["next_on"])
    return len(reminders), sum(reminder.has_due for reminder in reminders)


def send(reminder: PracticeReminder, *, on: str, at: datetime) -> bool:
    """Write to the learner; False where it is off by now, or nothing is due any more.

    ``on`` is the day for which it was queued, which makes one mail of it however often it is sent.
    """
    due = due_today(reminder.learner, at=at)
    if not reminder.is_on or not due:
        return False
    stop_url = f"{settings.SITE_URL}{reverse('practice_reminder_stop', args=[token_of(reminder)])}"
    mailing.message(
        "courses/mail/practice_due",
        to=reminder.learner.email,
        name=f"practice_due.{reminder.pk}.{on}",
        context={
            **mailing.of_the_house(),
            "learner": reminder.learner,
            "due": due,
            "practice_url": f"{settings.SITE_URL}{reverse('practice_due')}",
            "stop_url": stop_url,
        },
        # RFC 8058: a mail program's own button stops it with one POST, without signing in.
        headers={
            "List-Unsubscribe": f"<{stop_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    ).send()
    return True
