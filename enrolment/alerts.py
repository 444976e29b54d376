"""Telling someone, once, that a course can be joined."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from courses.models import Course, Intake
from enrolment import jobs
from enrolment.models import IntakeAlert

# Whoever asks again is sent the mail that confirms it again, but not for every click of a
# stranger who types in somebody's address.
ASK_AGAIN_AFTER = timedelta(hours=1)
# Long enough for the mail to be tried again by a server that is away, and to be answered.
FORGET_AFTER = timedelta(days=7)


def ask(*, course: Course, email: str, is_theirs: bool = False, at: datetime) -> IntakeAlert:
    """Note the address, and queue the mail that confirms it, at most once an hour.

    ``is_theirs`` says that the address is known to be the visitor's: it needs no confirmation.
    What can be joined at this moment is nothing to tell of.
    """
    with transaction.atomic():
        alert, is_new = IntakeAlert.objects.get_or_create(
            course=course, email=email.lower(), sent_at=None, defaults={"created_at": at}
        )
        if is_new:
            alert.known.set(Intake.objects.on_sale(at=at).filter(course=course))
        if is_theirs:
            confirm(alert, at=at)
        elif _may_write(alert, at=at):
            # The moment makes another mail of it, which a mail server does not take for the first.
            key = f"{alert.pk}.{int(at.timestamp())}"
            jobs.send_mail.defer(kind="alert_confirm", key=key)
    return alert


def _may_write(alert: IntakeAlert, *, at: datetime) -> bool:
    """Whether it is time for a mail that confirms; counts as written then."""
    before = Q(confirmation_sent_at=None) | Q(confirmation_sent_at__lte=at - ASK_AGAIN_AFTER)
    due = IntakeAlert.objects.filter(before, pk=alert.pk, confirmed_at=None)
    return bool(due.update(confirmation_sent_at=at))


def confirm(alert: IntakeAlert, *, at: datetime) -> None:
    """The address is its owner's. Confirming again changes nothing."""
    IntakeAlert.objects.filter(pk=alert.pk, confirmed_at=None).update(confirmed_at=at)


def forget(alert: IntakeAlert) -> None:
    """Drop the address."""
    alert.delete()


def send_due(*, at: datetime) -> int:
    """Queue a mail to everyone waiting for an intake that can be joined now; how many."""
    joinable: dict[int, set[int]] = {}
    for key, course in Intake.objects.on_sale(at=at).values_list("pk", "course_id"):
        joinable.setdefault(course, set()).add(key)
    due = IntakeAlert.objects.filter(sent_at=None, confirmed_at__isnull=False)
    with transaction.atomic():
        locked = due.filter(course__in=joinable).select_for_update(skip_locked=True)
        alerts = [
            alert
            for alert in locked.prefetch_related("known")
            if joinable[alert.course_id] - {intake.pk for intake in alert.known.all()}
        ]
        for alert in alerts:
            alert.sent_at = at
            jobs.send_mail.defer(kind="alert_open", key=str(alert.pk))
        IntakeAlert.objects.bulk_update(alerts, ["sent_at"], batch_size=500)
    return len(alerts)


def forget_old(*, at: datetime) -> int:
    """Drop the addresses that have been told, and those that nobody confirmed; how many."""
    told = Q(sent_at__lte=at - FORGET_AFTER)
    ignored = Q(confirmed_at=None, created_at__lte=at - FORGET_AFTER) & (
        Q(confirmation_sent_at=None) | Q(confirmation_sent_at__lte=at - FORGET_AFTER)
    )
    dropped = IntakeAlert.objects.filter(told | ignored)
    return dropped.delete()[1].get(IntakeAlert._meta.label, 0)
