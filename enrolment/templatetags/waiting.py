"""What a page says to somebody who finds an intake booked up."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import template

from courses.models import Intake
from enrolment import waiting
from enrolment.models import Offer
from enrolment.offering import waiting_for

register = template.Library()


@register.inclusion_tag("enrolment/waiting_invitation.html", takes_context=True)
def waiting_invitation(context: dict[str, Any], intake: Intake) -> dict[str, Any]:
    """A way onto the waiting list, or the place one has on it; nothing where there is no list."""
    request = context["request"]
    entry = waiting.entry_of(intake, student=request.user)
    found: dict[str, Any] = {"intake": intake, "csrf_token": context.get("csrf_token")}
    if entry:
        return {**found, "entry": entry, "offer": open_offer(entry.pk, at=request.at)}
    if not waiting.invites(intake, at=request.at):
        return found
    return {
        **found,
        "invited": True,
        "waiting": waiting_for(intake.pk).count(),
        "others": waiting.others(intake, student=request.user, at=request.at),
    }


def open_offer(entry_id: UUID, *, at: datetime) -> Offer | None:
    """The offer that an entry can be used for now."""
    offers = Offer.objects.filter(entry=entry_id, status=Offer.Status.OPEN, expires_at__gt=at)
    return offers.select_related("intake__course", "price", "entry").first()
