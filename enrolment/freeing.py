"""Places that come free, and whom they go to next.

A place is freed and offered to whoever has waited longest in one transaction, so that nobody else
can take it in between. Callers have locked the enrolment, its payment and its move before.
"""

from datetime import datetime

from enrolment import offering, places
from enrolment.models import Enrolment


def free_held(
    intake_id: int, price_id: int | None, voucher_id: int | None = None, *, at: datetime
) -> None:
    """A held place is free: its voucher may be used again, and the place is offered on."""
    places.give_voucher_back(voucher_id)
    places.release_held(intake_id)
    places.release_price(price_id)
    offering.pass_on(intake_id, at=at)


def free_taken(enrolment: Enrolment, *, at: datetime) -> None:
    """The place of someone who was enrolled is free and offered on. A voucher stays used."""
    places.release_taken(enrolment.intake_id)
    places.release_price(enrolment.price_id)
    offering.pass_on(enrolment.intake_id, at=at)
