"""What a place costs once everything is taken off. Whole pence."""

from dataclasses import dataclass

from courses.models.price import MINIMUM_CHARGE
from enrolment.models import VoucherBatch


@dataclass(frozen=True)
class Total:
    """A price, what is taken off, and what is left to pay; in pence."""

    list_amount: int
    discount: int

    @property
    def amount(self) -> int:
        """What is paid: nothing, or at least what Stripe takes."""
        return self.list_amount - self.discount


def total(list_amount: int, batch: VoucherBatch | None = None) -> Total:
    """The price less what a voucher of ``batch`` takes off.

    Stripe charges nothing under 30p in GBP; what would be left below that is given away.
    """
    off = batch.off(list_amount) if batch else 0
    if 0 < list_amount - off < MINIMUM_CHARGE:
        off = list_amount
    return Total(list_amount, off)
