"""Telling someone, once, that a course can be joined."""

from datetime import datetime

from django.db import transaction

from courses.models import Course, Intake
from enrolment import jobs
from enrolment.models import IntakeAlert


def ask(*, course: Course, email: str, at: datetime) -> IntakeAlert:
    """Note the address and queue the mail that confirms it; nothing is sent twice."""
    with transaction.atomic():
        alert, is_new = IntakeAlert.objects.get_or_create(
            course=course, email=email.lower(), sent_at=None, defaults={"created_at": at}
        )
        if is_new:
            jobs.send_mail.defer(kind="alert_confirm", key=str(alert.pk))
    return alert


def confirm(alert: IntakeAlert, *, at: datetime) -> None:
    """The address is its owner's. Confirming again changes nothing."""
    IntakeAlert.objects.filter(pk=alert.pk, confirmed_at=None).update(confirmed_at=at)


def forget(alert: IntakeAlert) -> None:
    """Drop the address."""
    alert.delete()


def send_due(*, at: datetime) -> int:
    """Queue a mail to everyone waiting for a course that can be joined now; how many."""
    joinable = Intake.objects.on_sale(at=at).values_list("course_id", flat=True)
    due = IntakeAlert.objects.filter(sent_at=None, course_id__in=list(joinable)).exclude(
        confirmed_at=None
    )
    with transaction.atomic():
        alerts = list(due.select_for_update(skip_locked=True))
        for alert in alerts:
            alert.sent_at = at
            jobs.send_mail.defer(kind="alert_open", key=str(alert.pk))
        IntakeAlert.objects.bulk_update(alerts, ["sent_at"], batch_size=500)
    return len(alerts)
