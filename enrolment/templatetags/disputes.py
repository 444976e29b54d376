"""What a learner is told whose lessons are closed because a payment is disputed."""

from typing import Any

from django import template
from django.utils.translation import gettext as _

from courses.models import Provider
from courses.templatetags.money import money
from enrolment.models import Dispute, Enrolment

register = template.Library()


@register.inclusion_tag("enrolment/lessons_closed.html")
def lessons_closed(enrolment: Enrolment) -> dict[str, Any]:
    """Why the lessons are closed, and what to do."""
    provider = Provider.current()
    return {"text": _why(enrolment), "email": provider.email if provider else ""}


def _why(enrolment: Enrolment) -> str:
    disputes = Dispute.objects.holding_money().filter(payment__enrolment=enrolment)
    dispute = disputes.order_by("-outcome", "-opened_at").first()
    if dispute is None:
        return _("A payment for them is being looked into. Write to us, and we will put it right.")
    amount = {"amount": money(dispute.amount)}
    if dispute.outcome == Dispute.Outcome.LOST:
        words = _(
            "Your bank has taken back %(amount)s of what you paid, for good. To read on, write to "
            "us: we will tell you how else you can pay."
        )
        return words % amount
    words = _(
        "Your bank has taken back %(amount)s of what you paid, because the payment was disputed. "
        "Your place stays yours while that is settled. If you did not mean to dispute it, tell "
        "your bank so, and write to us; the lessons open again when the bank has decided that "
        "the payment stands."
    )
    return words % amount
