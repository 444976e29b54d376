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


@register.simple_tag(takes_context=True)
def state_of(context: dict[str, Any], enrolment: Enrolment) -> str:
    """An enrolment's state in words: what the student gave up was not merely unpaid."""
    if enrolment.status != Enrolment.Status.EXPIRED:
        return enrolment.get_status_display()
    request = context["request"]
    if not hasattr(request, "given_up"):
        entries = HistoryEntry.objects.filter(enrolment__student=request.user)
        request.given_up = set(
            entries.filter(kind=HistoryEntry.Kind.GIVEN_UP).values_list("enrolment", flat=True)
        )
    return "given up" if enrolment.pk in request.given_up else enrolment.get_status_display()


@register.filter
def why_expired(enrolment: Enrolment) -> str:
    """Why a place was let go: ``given_up``, ``failed`` at the bank, or ``lapsed``."""
    kinds = [HistoryEntry.Kind.GIVEN_UP, HistoryEntry.Kind.LAPSED]
    last = enrolment.entries.filter(kind__in=kinds).order_by("-at", "-pk").first()
    if last and last.kind == HistoryEntry.Kind.GIVEN_UP:
        return "given_up"
    newest = enrolment.payments.order_by("-created_at").first()
    return "failed" if newest and newest.status == Payment.Status.FAILED else "lapsed"
