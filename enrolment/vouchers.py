"""Whether a voucher applies, and why not."""

from datetime import datetime

from accounts.models import User
from courses.calendar import LONDON
from courses.models import Price
from enrolment import places
from enrolment.models import Enrolment, Voucher, VoucherBatch


class VoucherRefused(Exception):
    """The voucher does not apply; the message says why, as the student reads it."""


def find(code: str) -> Voucher:
    """The voucher with this code, however it is written.

    Raises VoucherRefused where there is none.
    """
    cleaned = "".join(code.split()).upper()
    found = Voucher.objects.filter(code__iexact=cleaned, is_withdrawn=False)
    voucher = found.select_related("batch").first()
    if voucher is None:
        raise VoucherRefused("We know no voucher with this code. Check how it is written.")
    return voucher


def check(voucher: Voucher, *, student: User, price: Price, at: datetime) -> None:
    """Raises VoucherRefused where ``student`` cannot use the voucher for ``price`` at ``at``.

    Uses are counted again when the place is held; see ``use``.
    """
    batch = voucher.batch
    _check_window(batch, at=at)
    if not covers(batch, price):
        raise VoucherRefused("This voucher is for something else; it does not apply to this price.")
    if price.amount == 0:
        raise VoucherRefused("This price is free already; keep your voucher for another.")
    if voucher.limit is not None and voucher.times_used >= voucher.limit:
        raise VoucherRefused("This voucher has been used up.")
    if batch.limit_per_person is not None and _uses(batch, student) >= batch.limit_per_person:
        raise VoucherRefused("You have used this voucher as often as one person may.")


def _check_window(batch: VoucherBatch, *, at: datetime) -> None:
    if batch.valid_from and at < batch.valid_from:
        begins = batch.valid_from.astimezone(LONDON)
        raise VoucherRefused(f"This voucher can be used from {begins:%-d %B %Y}.")
    if not batch.is_valid(at=at):
        raise VoucherRefused("This voucher is no longer valid.")


def covers(batch: VoucherBatch, price: Price) -> bool:
    """Whether vouchers of this batch are good for a price; those that name nothing, for any."""
    courses = set(batch.courses.values_list("pk", flat=True))
    intakes = set(batch.intakes.values_list("pk", flat=True))
    prices = set(batch.prices.values_list("pk", flat=True))
    if not (courses or intakes or prices):
        return True
    return price.pk in prices or price.intake_id in intakes or price.intake.course_id in courses


def _uses(batch: VoucherBatch, student: User) -> int:
    """How many places the student has, or had, with vouchers of this batch."""
    used = Enrolment.objects.filter(voucher__batch=batch, student=student)
    return used.exclude(status=Enrolment.Status.EXPIRED).count()


def use(voucher: Voucher, *, student: User) -> None:
    """Count a use, inside the transaction that has written the enrolment.

    Locks the student, so that two places taken at once cannot both be the last one allowed.
    Raises VoucherRefused where somebody else was quicker, or the student was.
    """
    User.objects.select_for_update(no_key=True).get(pk=student.pk)
    batch = voucher.batch
    if batch.limit_per_person is not None and _uses(batch, student) > batch.limit_per_person:
        raise VoucherRefused("You have used this voucher as often as one person may.")
    if not places.use_voucher(voucher.pk):
        raise VoucherRefused("This voucher has just been used up.")
