"""The admin's front page: places for admissions, money for finance."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import template
from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.calendar import london_date
from courses.moment import MomentRequest
from courses.templatetags.money import money
from enrolment import coming, takings
from enrolment.models import Dispute, Payment, Refund
from glossary.templatetags.to_decide import Waiting

register = template.Library()

# The picture of a month: for each day a strip 20 wide, room for letters above and below.
STRIP, COLUMN, HEIGHT, HEAD, FOOT = 20, 14, 150, 34, 34
NAMED = {1, 8, 15, 22, 29}


@dataclass(frozen=True)
class Column:
    """A day in the picture: where its column stands, how far it goes up and down."""

    name: int | None
    left: int
    top: int
    up: int
    down: int

    @property
    def middle(self) -> int:
        return self.left + COLUMN // 2


@dataclass(frozen=True)
class Picture:
    """Columns above and below a line; the most that came and went in a day, in pence."""

    columns: list[Column]
    line: int
    highest: int
    lowest: int

    top = HEAD
    bottom = HEAD + HEIGHT
    foot = HEAD + HEIGHT + FOOT - 8
    height = HEAD + HEIGHT + FOOT

    @property
    def width(self) -> int:
        return STRIP * len(self.columns)


@register.inclusion_tag("admin/front/places.html", takes_context=True)
def next_intakes(context: dict[str, Any]) -> dict[str, Any]:
    """The next intakes as bars, for whoever may read rosters."""
    request: MomentRequest = context["request"]
    rows = coming.coming(at=request.at)
    return {
        "perms": context["perms"],
        "rows": rows,
        "joined": coming.joined_lately(at=request.at),
        "days": coming.DAYS,
        "to_decide": sum(row.must_decide for row in rows),
    }


@register.inclusion_tag("admin/front/money.html", takes_context=True)
def months_money(context: dict[str, Any]) -> dict[str, Any]:
    """The month's money as a plot, in words and as a table, for whoever may reconcile."""
    request: MomentRequest = context["request"]
    today = london_date(request.at)
    this, last = takings.this_and_last(at=request.at)
    return {
        "perms": context["perms"],
        "month": this,
        "picture": drawn(this) if this.came or this.went else None,
        "compared": compared(this, last, today),
        "days": [day for day in this.days if day.day <= today],
        "waiting": _money_waiting(),
    }


def drawn(month: takings.Month) -> Picture:
    """Both ways at one scale; what is not nothing is seen."""
    highest = max(day.came for day in month.days)
    lowest = max(day.went for day in month.days)

    def length(pence: int) -> int:
        return max(2, round(HEIGHT * pence / (highest + lowest))) if pence else 0

    line = HEAD + length(highest)
    columns = [
        Column(
            name=day.day.day if day.day.day in NAMED else None,
            left=STRIP * number + (STRIP - COLUMN) // 2,
            top=line - length(day.came),
            up=length(day.came),
            down=length(day.went),
        )
        for number, day in enumerate(month.days)
    ]
    return Picture(columns, line, highest, lowest)


def compared(this: takings.Month, last: takings.Month, today: date) -> str:
    """This month so far beside the last one up to the same day, as a sentence."""
    then, now = last.net_by(today.day), this.net
    told = {
        "month": date_format(last.first, "F"),
        "amount": money(abs(now - then)),
        "whole": money(last.net),
    }
    if now > then:
        return (
            _("%(amount)s more than %(month)s had by the same day; %(month)s made %(whole)s.")
            % told
        )
    if now < then:
        return (
            _("%(amount)s less than %(month)s had by the same day; %(month)s made %(whole)s.")
            % told
        )
    return _("As much as %(month)s had by the same day; %(month)s made %(whole)s.") % told


def _money_waiting() -> list[Waiting]:
    """What only people can see to, in three queries; each leads to where it is listed."""
    failed = Refund.objects.filter(status=Refund.Status.FAILED).count()
    by_hand = Refund.objects.filter(
        Q(payment__method=Payment.Method.ELSEWHERE) | ~Q(note=""), status=Refund.Status.PENDING
    ).count()
    open_disputes = Dispute.objects.filter(outcome=Dispute.Outcome.OPEN).count()
    refunds = reverse("admin:enrolment_refund_changelist")
    disputes = reverse("admin:enrolment_dispute_changelist")
    told = [
        (
            failed,
            ngettext("%(n)d refund failed", "%(n)d refunds failed", failed),
            f"{refunds}?status__exact={Refund.Status.FAILED}",
        ),
        (
            by_hand,
            ngettext(
                "%(n)d refund to pay back yourselves",
                "%(n)d refunds to pay back yourselves",
                by_hand,
            ),
            f"{refunds}?status__exact={Refund.Status.PENDING}",
        ),
        (
            open_disputes,
            ngettext("%(n)d dispute is open", "%(n)d disputes are open", open_disputes),
            f"{disputes}?outcome__exact={Dispute.Outcome.OPEN}",
        ),
    ]
    return [Waiting(words % {"n": number}, url) for number, words, url in told if number]
