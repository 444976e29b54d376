"""Taking up an offer from the waiting list."""

from datetime import datetime

from enrolment import offering, places
from enrolment.models import Enrolment, Offer, WaitingListEntry


class OfferOver(Exception):
    """The offer has been used, or its time is over."""


class PriceNotBookable(Exception):
    """The price is not on sale, or is not one of this intake's."""


def accept(offer: Offer, enrolment: Enrolment, *, at: datetime) -> None:
    """The offered place is this enrolment's; inside the transaction that has written it.

    The place stays held while it is paid for, and is taken where nothing is to be paid. Raises
    OfferOver; or PriceNotBookable where another price than the offered one was chosen, and its
    last place went meanwhile.
    """
    offering.locked_intake(offer.intake_id)
    entry = WaitingListEntry.objects.select_for_update(no_key=True, of=("self",)).get(
        pk=offer.entry_id
    )
    locked = Offer.objects.select_for_update(no_key=True, of=("self",)).get(pk=offer.pk)
    if not locked.is_open(at=at) or entry.student_id != enrolment.student_id:
        raise OfferOver
    if enrolment.is_enrolled and not places.take_held(offer.intake_id, at=at):
        raise OfferOver
    if enrolment.price_id != locked.price_id:
        places.release_price(locked.price_id)
        if not places.book_price(enrolment.price_id):
            raise PriceNotBookable
    entry.end(WaitingListEntry.Status.ENROLLED, at=at)
    locked.end(Offer.Status.ACCEPTED, at=at, enrolment=enrolment)
