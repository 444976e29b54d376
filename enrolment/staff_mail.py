"""What the mails to the provider are about: intakes to decide on, disputes, what is left."""

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from courses.models import Intake, Provider
from enrolment import reconciling
from enrolment.mail_kinds import Context, Kinds, NothingToSay
from enrolment.models import Dispute, Refund


def _to_provider() -> str:
    provider = Provider.current()
    return provider.email if provider else settings.DEFAULT_FROM_EMAIL


def _about_decision(key: str) -> tuple[str, Context]:
    """An intake is short of what it needs; ``key`` ends with when it was asked."""
    intake = Intake.objects.select_related("course").get(pk=key.partition(".")[0])
    return _to_provider(), {
        "intake": intake,
        "course": intake.course,
        "decision_url": reverse("admin:courses_intake_decision", args=[intake.pk]),
    }


def _about_what_is_left(key: str) -> tuple[str, Context]:  # noqa: ARG001 - as all have it
    """What nobody but staff can put right, as the mail is written; ``key`` is its day."""
    report = reconciling.find(at=timezone.now())
    left = [one for one in report.left if not reconciling.is_safe(one)]
    if not left:
        raise NothingToSay
    return _to_provider(), {
        "left": left,
        "admin_url": reverse("admin:enrolment_reconciliation"),
    }


def _about_dispute(key: str) -> tuple[str, Context]:
    """``key`` is the dispute's, with the moment behind it where it may happen again."""
    rows = Dispute.objects.select_related(
        "payment__enrolment__student", "payment__enrolment__intake__course"
    )
    dispute = rows.get(pk=key.partition(".")[0])
    enrolment = dispute.payment.enrolment
    return _to_provider(), {
        "dispute": dispute,
        "why": dispute.why,
        "payment": dispute.payment,
        "enrolment": enrolment,
        "student": enrolment.student,
        "intake": enrolment.intake,
        "course": enrolment.intake.course,
        "given_back": _given_back(dispute),
        "admin_url": reverse("admin:enrolment_dispute_change", args=[dispute.pk]),
    }


def _given_back(dispute: Dispute) -> int:
    """What went back to the student at the moment at which the bank returned it, in pence."""
    if dispute.closed_at is None:
        return 0
    mine = Refund.objects.filter(payment__enrolment=dispute.payment.enrolment_id)
    then = mine.filter(created_at=dispute.closed_at)
    return sum(then.values_list("amount", flat=True))


KINDS: Kinds = {
    "decision_due": _about_decision,
    "left_to_see_to": _about_what_is_left,
    "dispute_opened": _about_dispute,
    "dispute_escalated": _about_dispute,
    "dispute_closed": _about_dispute,
}
