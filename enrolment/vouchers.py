"""Vouchers: whether one applies and why not, counting its uses, and making many at once."""

import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from courses.models import Price
from courses.templatetags.dates import deadline, moment
from enrolment import places
from enrolment.models import Enrolment, Voucher, VoucherBatch

# What is easily taken for something else, on paper or on the telephone, is left out: 0 O, 1 I.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
# Two groups of five: 50 bits, so that nobody finds a code by trying.
GROUPS, GROUP = 2, 5
MOST_AT_ONCE = 5000


class VoucherRefused(Exception):
    """The voucher does not apply; the message says why, as the student reads it."""


class VoucherUnknown(VoucherRefused):
    """There is no voucher with this code: mistyped, or a guess."""


def find(code: str) -> Voucher:
    """The voucher with this code, in capitals or not, with or without spaces and hyphens.

    Raises VoucherUnknown where there is none, VoucherRefused where it was withdrawn.
    """
    cleaned = "".join(code.split()).upper()
    spelt = Q(code__iexact=cleaned) | Q(code__iexact=_grouped(cleaned.replace("-", "")))
    voucher = Voucher.objects.filter(spelt).select_related("batch").first()
    if voucher is None:
        raise VoucherUnknown(_("We know no voucher with this code. Check how it is written."))
    if voucher.is_withdrawn:
        raise VoucherRefused(_("This voucher is no longer valid."))
    return voucher


def _grouped(plain: str) -> str:
    """A code of ours as it is stored, from its letters alone: ``SPRING-7K2PM-X3QDA``."""
    length = GROUPS * GROUP
    prefix, drawn = plain[:-length], plain[-length:]
    groups = [drawn[start : start + GROUP] for start in range(0, len(drawn), GROUP)]
    return "-".join(filter(None, [prefix, *groups]))


def check(
    voucher: Voucher, *, student: User, price: Price, at: datetime, amount: int | None = None
) -> None:
    """Raises VoucherRefused where ``student`` cannot use the voucher for ``price`` at ``at``.

    ``amount`` is what the place costs without it, in pence, where that is not the price's own.
    Uses are counted again when the place is held; see ``use``.
    """
    batch = voucher.batch
    to_pay = price.amount if amount is None else amount
    _check_window(batch, at=at)
    if not covers(batch, price):
        raise VoucherRefused(
            _("This voucher is for something else; it does not apply to this price.")
        )
    if to_pay == 0:
        raise VoucherRefused(_("This price is free already; keep your voucher for another."))
    if batch.off(to_pay) == 0:
        raise VoucherRefused(_("This voucher takes nothing off so small a price."))
    if batch.limit_per_person is not None and _uses(batch, student) >= batch.limit_per_person:
        raise VoucherRefused(_("You have used this voucher as often as one person may."))
    if voucher.limit is not None and voucher.times_used >= voucher.limit:
        raise VoucherRefused(_("This voucher has been used up."))


def _check_window(batch: VoucherBatch, *, at: datetime) -> None:
    if batch.valid_from and at < batch.valid_from:
        words = _("This voucher can be used from %(time)s.")
        raise VoucherRefused(words % {"time": moment(batch.valid_from)})
    if batch.valid_until and batch.valid_until <= at:
        words = _("This voucher could be used until %(time)s.")
        raise VoucherRefused(words % {"time": deadline(batch.valid_until)})


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

    Two places taken at once cannot both be the last use: the counter's conditional update sees
    to the voucher's own limit, and the student's row, locked, to what one person may. Raises
    VoucherRefused where somebody else was quicker, or the student was.
    """
    batch = voucher.batch
    if batch.limit_per_person is not None:
        User.objects.select_for_update(no_key=True).get(pk=student.pk)
        if _uses(batch, student) > batch.limit_per_person:
            raise VoucherRefused(_("You have used this voucher as often as one person may."))
    if not places.use_voucher(voucher.pk):
        raise VoucherRefused(_("This voucher has just been used up."))


@transaction.atomic
def make(batch: VoucherBatch, *, count: int, prefix: str = "", limit: int | None = 1) -> int:
    """Add ``count`` vouchers with new codes to a batch, each good for ``limit`` uses.

    Raises ValueError for a count outside 1 to 5,000. Returns how many were made: all of them.
    """
    if not 1 <= count <= MOST_AT_ONCE:
        raise ValueError(f"Between 1 and {MOST_AT_ONCE} vouchers can be made at once.")
    before = batch.vouchers.count()
    while missing := before + count - batch.vouchers.count():
        # A code that exists already, which will hardly happen, is drawn again.
        Voucher.objects.bulk_create(
            [Voucher(batch=batch, code=new_code(prefix), limit=limit) for _ in range(missing)],
            batch_size=1000,
            ignore_conflicts=True,
        )
    return count


def new_code(prefix: str = "") -> str:
    """A code nobody can guess and anybody can read out: ``SPRING-7K2PM-X3QDA``."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(GROUPS * GROUP))
    return _grouped(prefix.upper() + drawn)
