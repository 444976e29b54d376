"""What Stripe says of a stretch of time: its lists, a hundred a page, and one by one the rest.

Read, and nothing changed. Where a list could not be read it is None, and the reason is among the
problems; what needs it is not looked at then.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrolment import payments
from enrolment.models import Dispute, Payment, Refund

# A request that is still in hand is left alone for this long.
GRACE = timedelta(seconds=20)
# Our clock and Stripe's differ by no more.
CLOCKS_DIFFER_BY = timedelta(minutes=5)


class Known(Protocol):
    """What Stripe keeps under an id."""

    @property
    def id(self) -> str:
        """Stripe's id."""


Thing = TypeVar("Thing", bound=Known)
UNREAD = {
    "sessions": gettext_lazy("Stripe's sessions could not be listed: %(error)s"),
    "refunds": gettext_lazy("Stripe's refunds could not be listed: %(error)s"),
    "disputes": gettext_lazy("Stripe's disputes could not be listed: %(error)s"),
}


@dataclass
class AtStripe:
    """Stripe's records by their ids, as far as they could be read.

    ``unknown`` are ids of ours that Stripe does not know; ``is_away`` says that it gave no answer
    that helps, so that asking more would only take time.
    """

    at: datetime
    since: datetime
    sessions: dict[str, payments.CheckoutSession] | None = None
    refunds: dict[str, payments.StripeRefund] | None = None
    disputes: dict[str, payments.StripeDispute] | None = None
    unknown: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    is_away: bool = False


def look(*, at: datetime, look_back: timedelta, is_thorough: bool) -> AtStripe:
    """Read what Stripe has from ``look_back`` before ``at`` on, and what is open from before.

    What takes days (a debit on its way, a dispute) is only asked about where ``is_thorough``.
    """
    seen = AtStripe(at=at, since=at - look_back)
    seen.sessions = _listed("sessions", payments.list_sessions, seen)
    if seen.sessions is None:
        return seen
    seen.refunds = _listed("refunds", payments.list_refunds, seen)
    seen.disputes = _listed("disputes", payments.list_disputes, seen)
    before = at - GRACE
    _ask(_open_payments(before, is_thorough=is_thorough), payments.fetch_session, seen, "sessions")
    _ask(_refunds(before, seen, is_thorough=is_thorough), payments.fetch_refund, seen, "refunds")
    if is_thorough:
        disputes = Dispute.objects.filter(outcome=Dispute.Outcome.OPEN)
        _ask(_ids(disputes, "stripe_id"), payments.fetch_dispute, seen, "disputes")
    return seen


def short(error: Exception) -> str:
    """The first line of what went wrong: Stripe's package adds where to ask for help."""
    return str(error).strip().partition("\n")[0]


def unanswered(error: payments.OutcomeUnknown) -> str:
    """What is told where Stripe is away."""
    return _("Stripe does not answer: %(error)s") % {"error": short(error)}


def _listed(
    what: str, read: Callable[..., Iterator[Thing]], seen: AtStripe
) -> dict[str, Thing] | None:
    """A whole list by id; None where Stripe does not give it."""
    if seen.is_away:
        return None
    try:
        return {found.id: found for found in read(since=seen.since)}
    except payments.PaymentsError as error:
        seen.problems.append(str(UNREAD[what]) % {"error": short(error)})
        # Of the sessions it is the first thing asked; a key may lack the permission for others.
        seen.is_away = what == "sessions"
        return None


def _ids(rows: QuerySet, name: str) -> list[str]:
    return list(rows.exclude(**{name: None}).exclude(**{name: ""}).values_list(name, flat=True))


def _open_payments(before: datetime, *, is_thorough: bool) -> list[str]:
    statuses = Payment.OPEN if is_thorough else [Payment.Status.PENDING]
    return _ids(Payment.objects.filter(status__in=statuses, created_at__lt=before), "session_id")


def _refunds(before: datetime, seen: AtStripe, *, is_thorough: bool) -> list[str]:
    """Those on their way; and those that should have been in the list."""
    made = Refund.objects.filter(created_at__lt=before)
    recent = made.filter(created_at__gte=seen.since + CLOCKS_DIFFER_BY)
    asked = made.filter(status=Refund.Status.PENDING) | recent if is_thorough else recent
    return _ids(asked, "stripe_id")


def _ask(ids: Iterable[str], fetch: Callable[[str], Thing], seen: AtStripe, name: str) -> None:
    """Fetch singly what the list did not have; the first sign that Stripe is away ends it."""
    known: dict[str, Thing] | None = getattr(seen, name)
    for one in ids:
        if known is None or seen.is_away:
            return
        if one in known:
            continue
        try:
            known[one] = fetch(one)
        except payments.CallRefused as error:
            seen.unknown.add(one)
            seen.problems.append(
                _("Stripe does not know %(which)s: %(error)s")
                % {"which": one, "error": short(error)}
            )
        except payments.OutcomeUnknown as error:
            seen.problems.append(unanswered(error))
            seen.is_away = True
        except payments.CallFailed as error:
            seen.problems.append(f"{one}: {short(error)}")
