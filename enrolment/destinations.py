"""Where a learner can move to, and what a place there comes to."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from courses.models import Intake, Price
from courses.models.price import MINIMUM_CHARGE
from courses.templatetags.money import money
from enrolment import pricing, vouchers
from enrolment.models import Enrolment, Voucher


@dataclass(frozen=True)
class Option:
    """An intake that a learner can move to, and what a place in it comes to, in pence."""

    intake: Intake
    price: Price
    voucher: Voucher | None
    discount: int
    from_amount: int
    drops_voucher: bool = False

    @property
    def amount(self) -> int:
        """What is agreed after the move."""
        return self.price.amount - self.discount

    @property
    def difference(self) -> int:
        """What is to be paid (above 0) or goes back (below 0)."""
        return self.amount - self.from_amount

    @property
    def in_words(self) -> str:
        """What the move costs or brings, for the student who chooses."""
        said = _("nothing more to pay")
        if self.difference > 0:
            said = _("%(amount)s more to pay") % {"amount": money(self.difference)}
        elif self.difference < 0:
            said = _("%(amount)s goes back to you") % {"amount": money(-self.difference)}
        if self.drops_voucher:
            return _("%(cost)s; your voucher does not apply there") % {"cost": said}
        return said


def moves_open(enrolment: Enrolment, *, at: datetime) -> bool:
    """Whether the learner may still move by themselves; not while a payment is disputed."""
    intake = enrolment.intake
    is_called_off = intake.cancelled_at is not None and intake.cancelled_at <= at
    return (
        enrolment.is_enrolled
        and enrolment.suspended_at is None
        and at < intake.moves_end_at
        and not is_called_off
    )


def options(enrolment: Enrolment, *, at: datetime) -> list[Option]:
    """The other intakes of the course that the learner can move to, the next to start first."""
    if not moves_open(enrolment, at=at):
        return []
    taken = Enrolment.objects.live().filter(student=enrolment.student_id)
    rows = (
        Intake.objects.on_sale(at=at)
        .filter(course=enrolment.intake.course_id)
        .exclude(pk__in=taken.values("intake"))
        .select_related("course")
        .prefetch_related("prices")
    )
    found = (option_to(enrolment, one, at=at) for one in rows if at < one.moves_end_at)
    return [option for option in found if option]


def option_to(
    enrolment: Enrolment,
    intake: Intake,
    *,
    at: datetime,
    price: Price | None = None,
    waive: bool = False,
) -> Option | None:
    """What a place in ``intake`` would come to; None where no price can be booked.

    At the price of the same kind where it can be booked, else at the cheapest that anyone can
    book; or at ``price``. Vouchers that cover it still take off what they do, and so does what
    staff took off. A difference too small to charge is waived, and with ``waive`` any.
    """
    chosen = price or _price_in(intake, _kind(enrolment), at=at, waive=waive)
    if chosen is None:
        return None
    covers = enrolment.voucher is not None and vouchers.covers(enrolment.voucher.batch, chosen)
    voucher = enrolment.voucher if covers else None
    amount = pricing.total(chosen.amount, voucher.batch if voucher else None).amount
    before = enrolment.amount
    if amount > before:
        amount = max(before, amount - _taken_off_by_staff(enrolment))
    if before < amount and (waive or amount - before < MINIMUM_CHARGE):
        amount = before
    drops_voucher = enrolment.voucher is not None and not covers
    return Option(intake, chosen, voucher, chosen.amount - amount, before, drops_voucher)


def _kind(enrolment: Enrolment) -> str:
    return enrolment.price.kind if enrolment.price else Price.Kind.STANDARD


def _price_in(intake: Intake, kind: str, *, at: datetime, waive: bool) -> Price | None:
    prices = sorted(intake.prices.all(), key=lambda price: (price.amount, price.pk))
    bookable = [price for price in prices if price.is_bookable(at=at)]
    same = [price for price in bookable if price.kind == kind]
    # Where we move people, a price whose window has closed is as good as any.
    later = [price for price in prices if waive and price.places_left != 0]
    candidates = [*same, *(one for one in bookable if one.is_for_anyone)]
    candidates += [one for one in later if one.is_for_anyone]
    return next(iter(candidates), None)


def _taken_off_by_staff(enrolment: Enrolment) -> int:
    """What was taken off besides the voucher, in pence."""
    batch = enrolment.voucher.batch if enrolment.voucher else None
    return max(0, enrolment.discount - pricing.total(enrolment.list_amount, batch).discount)
