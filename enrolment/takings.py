"""A month's money by day: what came, and what went back."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet, Sum
from django.db.models.functions import TruncDate

from courses.calendar import LONDON, add_months, day_start, london_date, month_after
from enrolment.models import Payment, Refund

ByDay = dict[date, int]


@dataclass(frozen=True)
class Day:
    """A day in London: pence that came and pence that went back."""

    day: date
    came: int
    went: int

    @property
    def net(self) -> int:
        """What is left of it; less than nothing where more went back than came."""
        return self.came - self.went


@dataclass(frozen=True)
class Month:
    """Every day of a month, those to come among them, and the sums of the month so far."""

    first: date
    days: list[Day]

    @property
    def came(self) -> int:
        return sum(day.came for day in self.days)

    @property
    def went(self) -> int:
        return sum(day.went for day in self.days)

    @property
    def net(self) -> int:
        return self.came - self.went

    def net_by(self, day: int) -> int:
        """What was left at the end of the ``day``-th, or of a shorter month's last."""
        return sum(one.net for one in self.days if one.day.day <= day)


def this_and_last(*, at: datetime) -> tuple[Month, Month]:
    """The month of the moment ``at``, as far as it has come, and the one before.

    Money came when it was paid, flagged or not, and went back when the refund was done. Two
    queries, whatever there is.
    """
    today = london_date(at)
    months = add_months(today, 0), add_months(today, -1)
    paid = Payment.objects.filter(status=Payment.Status.PAID)
    done = Refund.objects.filter(status=Refund.Status.DONE)
    begins = day_start(months[1])
    came = _by_day(paid.filter(paid_at__gte=begins, paid_at__lte=at), "paid_at", "amount_received")
    went = _by_day(done.filter(done_at__gte=begins, done_at__lte=at), "done_at", "amount")
    this, last = (_month(first, came, went) for first in months)
    return this, last


def _by_day(rows: QuerySet[Payment] | QuerySet[Refund], moment: str, amount: str) -> ByDay:
    days = rows.order_by().values(day=TruncDate(moment, tzinfo=LONDON)).annotate(sum=Sum(amount))
    return defaultdict(int, days.values_list("day", "sum"))


def _month(first: date, came: ByDay, went: ByDay) -> Month:
    number = (month_after(first) - first).days
    days = [first + timedelta(days=count) for count in range(number)]
    return Month(first, [Day(day, came[day], went[day]) for day in days])
