"""What the mails about disputes are about: to the provider, whose staff have to answer the bank."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.urls import reverse

from courses.models import Provider
from enrolment.models import Dispute

Context = dict[str, Any]


def _about_dispute(key: str) -> tuple[str, Context]:
    rows = Dispute.objects.select_related(
        "payment__enrolment__student", "payment__enrolment__intake__course"
    )
    dispute = rows.get(pk=key)
    provider = Provider.current()
    enrolment = dispute.payment.enrolment
    return provider.email if provider else settings.DEFAULT_FROM_EMAIL, {
        "dispute": dispute,
        "why": dispute.reason.replace("_", " "),
        "payment": dispute.payment,
        "enrolment": enrolment,
        "student": enrolment.student,
        "intake": enrolment.intake,
        "course": enrolment.intake.course,
        "admin_url": reverse("admin:enrolment_dispute_change", args=[dispute.pk]),
    }


KINDS: dict[str, Callable[[str], tuple[str, Context]]] = {
    "dispute_opened": _about_dispute,
    "dispute_escalated": _about_dispute,
    "dispute_closed": _about_dispute,
}
