"""What templates may ask about payments that are not done."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django import template
from django.utils.translation import gettext as _

from accounts.models import User
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
    if not hasattr(request, "ends"):
        request.ends = dict(_ends_of(request.user))
    word: str = request.ends.get(enrolment.pk, enrolment.get_status_display())
    return word


def _ends_of(student: User) -> Iterator[tuple[UUID, str]]:
    """How the places of a person were let go that were not merely unpaid; one query."""
    kinds = [HistoryEntry.Kind.GIVEN_UP, HistoryEntry.Kind.PAYMENT_FAILED]
    entries = HistoryEntry.objects.filter(enrolment__student=student, kind__in=kinds)
    for enrolment, kind, by in entries.values_list("enrolment", "kind", "by"):
        if kind == HistoryEntry.Kind.PAYMENT_FAILED:
            yield enrolment, _("payment failed")
        else:
            yield enrolment, _("given up") if by == student.pk else _("let go")


@register.filter
def why_expired(enrolment: Enrolment) -> str:
    """Why a place was let go: ``given_up``, ``failed`` at the bank, or ``lapsed``."""
    kinds = [HistoryEntry.Kind.GIVEN_UP, HistoryEntry.Kind.LAPSED]
    last = enrolment.entries.filter(kind__in=kinds).order_by("-at", "-pk").first()
    if last and last.kind == HistoryEntry.Kind.GIVEN_UP:
        return "given_up"
    newest = enrolment.payments.order_by("-created_at").first()
    return "failed" if newest and newest.status == Payment.Status.FAILED else "lapsed"
