"""What templates may ask about payments that are not done."""

from typing import Any

from django import template

from enrolment.models import Enrolment, HistoryEntry, Payment
from enrolment.unfinished import Unfinished, unfinished_of

register = template.Library()


@register.simple_tag(takes_context=True)
def unfinished(context: dict[str, Any], enrolment: Enrolment) -> Unfinished | None:
    """What waits to be paid for one of the person's enrolments; two queries a page in all."""
    request = context["request"]
    if not hasattr(request, "unfinished"):
        request.unfinished = unfinished_of(request.user, at=request.at)
    found: Unfinished | None = request.unfinished.get(enrolment.pk)
    return found


@register.filter
def why_expired(enrolment: Enrolment) -> str:
    """Why a place was let go: ``given_up``, ``failed`` at the bank, or ``lapsed``."""
    kinds = [HistoryEntry.Kind.GIVEN_UP, HistoryEntry.Kind.LAPSED]
    last = enrolment.entries.filter(kind__in=kinds).order_by("-at", "-pk").first()
    if last and last.kind == HistoryEntry.Kind.GIVEN_UP:
        return "given_up"
    newest = enrolment.payments.order_by("-created_at").first()
    return "failed" if newest and newest.status == Payment.Status.FAILED else "lapsed"
