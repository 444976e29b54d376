"""From one intake of a course to another: the new place, the old one, and what lies between.

With nothing more to pay the move is done at once, and what the new place costs less goes back.
With a difference to pay, the new place is held beside the old one until the payment is settled
(``complete``) or comes to nothing (``enrolment.lapsing.let_move_go``).

A learner's progress belongs to the lessons of the course, so it stays what it is.
"""

from collections.abc import Callable, Collection
from copy import copy
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from courses.models import Intake, Price
from enrolment import consents, freeing, history, jobs, offering, paying, places, quoting, refunding
from enrolment.cancelling import drop_move
from enrolment.checkout import LIVE_CONSTRAINT
from enrolment.destinations import Option, moves_open, option_to, options
from enrolment.lapsing import let_move_go
from enrolment.models import Enrolment, Move, Payment, Voucher

__all__ = ["MoveChanged", "NotMovable", "Option", "complete", "move", "moves_open", "options"]

FULL = gettext_lazy("The last place in this intake has just been taken.")
THERE_ALREADY = gettext_lazy("You have a place in this intake already.")


class NotMovable(Exception):
    """The learner cannot move there; the message says why, as the student reads it."""


class MoveChanged(Exception):
    """The difference is not what was shown any more; ``option`` is what it is now."""

    def __init__(self, option: Option) -> None:
        super().__init__(option.difference)
        self.option = option


def move(
    enrolment: Enrolment,
    *,
    to: Intake,
    at: datetime,
    price: Price | None = None,
    expected: int | None = None,
    by: User | None = None,
    urls: paying.Addresses | None = None,
    agreed: Collection[str] = (),
    waive: bool = False,
    reason: str = "",
    mail: str | None = "moved",
) -> Move:
    """Move a learner to another intake of the course, or begin to where more is to be paid.

    ``expected`` is the difference that was shown, in pence; ``urls`` are where Stripe sends the
    student back to, needed where there may be one to pay. ``agreed`` are the kinds of consent
    given; they count once the move is done, and none does for a place that is free. With
    ``waive`` it is we who move them: deadlines do not bind, nothing more is charged, and a move
    under way is dropped. ``mail`` is the kind of mail that tells the student, None where the
    caller writes one.

    A learner who has moved there already gets that move again. Raises NotMovable or MoveChanged;
    nothing is changed then.
    """
    try:
        with transaction.atomic():
            locked = Enrolment.objects.locked(pk=enrolment.pk)
            if done := _done_before(locked, to):
                return done
            paid = refunding.used_payments(locked, lock=True)
            option = _agreed(locked, to, price=price, expected=expected, waive=waive, at=at)
            moved = _write(locked, option, agreed=agreed, by=by, waive=waive, at=at)
            if option.difference > 0:
                _begin(moved, locked, urls=urls, by=by, at=at)
            else:
                take = places.take_late if waive else places.take
                _do(moved, locked, take=take, by=by, reason=reason, mail=mail, at=at)
                _give_back(moved, paid, by=by, at=at)
            return moved
    except IntegrityError as error:
        if LIVE_CONSTRAINT in str(error):
            raise NotMovable(THERE_ALREADY) from error
        raise


def _done_before(enrolment: Enrolment, to: Intake) -> Move | None:
    if enrolment.intake_id != to.pk:
        return None
    return enrolment.moves.filter(status=Move.Status.DONE, to_intake=to).last()


def _agreed(
    enrolment: Enrolment,
    to: Intake,
    *,
    price: Price | None,
    expected: int | None,
    waive: bool,
    at: datetime,
) -> Option:
    """What the move comes to, looked at again with the enrolment locked."""
    intake = Intake.objects.select_related("course").prefetch_related("prices").get(pk=to.pk)
    if not enrolment.is_enrolled:
        raise NotMovable(_("There is no place to move from."))
    if intake.pk == enrolment.intake_id:
        raise NotMovable(THERE_ALREADY)
    if intake.course_id != enrolment.intake.course_id:
        raise NotMovable(_("This intake is of another course."))
    if price and price.intake_id != intake.pk:
        raise NotMovable(_("This price is of another intake."))
    if waive:
        if enrolment.voucher_id:
            # It may be given back at the end, and vouchers are locked before intakes.
            Voucher.objects.select_for_update(no_key=True).get(pk=enrolment.voucher_id)
        _lock_all_intakes(enrolment, intake)
        drop_move(enrolment, at=at)
    else:
        _check(enrolment, intake, at=at)
    option = option_to(enrolment, intake, at=at, price=price, waive=waive)
    if option is None:
        raise NotMovable(_("No price of this intake can be booked now."))
    if expected is not None and expected != option.difference:
        raise MoveChanged(option)
    return option


def _lock_all_intakes(enrolment: Enrolment, to: Intake) -> None:
    """Those of the move to come and of one that waits, before anything behind them is locked."""
    waiting = enrolment.moves.filter(status=Move.Status.PENDING)
    pending = waiting.values_list("to_intake_id", flat=True)
    offering.lock_intakes(enrolment.intake_id, to.pk, *pending)


def _check(enrolment: Enrolment, intake: Intake, *, at: datetime) -> None:
    if not moves_open(enrolment, at=at):
        raise NotMovable(_("The time for moving by yourself is over. Write to us."))
    if not intake.state(at=at).is_joinable or at >= intake.moves_end_at:
        raise NotMovable(_("This intake cannot be joined any more."))
    if enrolment.moves.filter(status=Move.Status.PENDING).exists():
        raise NotMovable(_("A move is waiting for its payment. Finish it first, or give it up."))
    if enrolment.payments.filter(status__in=Payment.OPEN).exists():
        # Of a move that came to nothing while the bank was carrying out its Direct Debit.
        raise NotMovable(
            _("A payment is still on its way. Once it has come, we send it back to you.")
        )


def _write(
    enrolment: Enrolment,
    option: Option,
    *,
    agreed: Collection[str],
    by: User | None,
    waive: bool,
    at: datetime,
) -> Move:
    waits = option.difference > 0
    return Move.objects.create(
        enrolment=enrolment,
        status=Move.Status.PENDING if waits else Move.Status.DONE,
        from_intake=enrolment.intake,
        to_intake=option.intake,
        from_price=enrolment.price,
        to_price=option.price,
        from_amount=enrolment.amount,
        list_amount=option.price.amount,
        voucher=option.voucher,
        discount=option.discount,
        to_amount=option.amount,
        # Who is moved by us loses nothing by it.
        percent_then=100 if waive else quoting.percent_back(enrolment, at=at),
        agreed=consents.with_move(agreed) if option.amount else [],
        by=by,
        created_at=at,
        ended_at=None if waits else at,
    )


def _begin(
    move: Move,
    enrolment: Enrolment,
    *,
    urls: paying.Addresses | None,
    by: User | None,
    at: datetime,
) -> None:
    """Hold the new place until the difference is paid."""
    if urls is None:
        raise ValueError("There is a difference to pay, and nowhere to come back to.")
    paying.write_payment(enrolment, amount=move.difference, urls=urls, at=at, move=move)
    history.note(enrolment, history.Kind.MOVE_BEGUN, at=at, by=by, **_facts(move))
    if not (places.hold(move.to_intake_id, at=at) and places.book_price(move.to_price_id)):
        raise NotMovable(FULL)


def _facts(move: Move) -> dict[str, Any]:
    return {
        "origin": str(move.from_intake),
        "to": str(move.to_intake),
        "from_amount": move.from_amount,
        "from_price": move.enrolment.price_name,
        "difference": move.difference,
    }


def _do(
    move: Move,
    enrolment: Enrolment,
    *,
    take: Callable[..., bool],
    is_booked: bool = False,
    by: User | None,
    reason: str = "",
    mail: str | None = "moved",
    at: datetime,
) -> history.HistoryEntry:
    """Change the enrolment, then take the new place and free the old one.

    Both intakes are locked first, in the order that everyone keeps to. Raises NotMovable where
    there is no place, or no more at this price.
    """
    facts = _facts(move)
    if move.makes_contract:
        facts["consents_before"] = consents.evidence(enrolment)
    entry = history.note(enrolment, history.Kind.MOVED, at=at, by=by, reason=reason, **facts)
    left = copy(enrolment)
    _change(enrolment, move, at=at)
    if mail:
        jobs.send_mail.defer(kind=mail, key=str(move.pk))
    if left.voucher_id and not move.voucher_id:
        places.give_voucher_back(left.voucher_id)
    offering.lock_intakes(move.from_intake_id, move.to_intake_id)
    if not take(move.to_intake_id, at=at):
        raise NotMovable(FULL)
    if not is_booked and not places.book_price(move.to_price_id):
        raise NotMovable(_("The last place at this price has just been taken."))
    freeing.free_taken(left, at=at)
    return entry


def _change(enrolment: Enrolment, move: Move, *, at: datetime) -> None:
    """The same enrolment, elsewhere; what it was before is in the move."""
    price = move.to_price
    enrolment.intake = move.to_intake
    enrolment.price = price
    if price:
        enrolment.price_name = price.name
        enrolment.vat_treatment = price.vat_treatment
        enrolment.vat_rate = price.vat_rate
    enrolment.list_amount = move.list_amount
    enrolment.voucher = move.voucher
    enrolment.discount = move.discount
    enrolment.amount = move.to_amount
    consents.carry_over(enrolment, move, at=at)
    enrolment.save()


def _give_back(move: Move, paid: list[Payment], *, by: User | None, at: datetime) -> None:
    """Refund what the new place costs less; last, since a credit note is the last of all locks.

    What a bank has, because of a dispute, goes back once it is returned.
    """
    left = sum(refunding.refundable(payment) for payment in paid)
    back = min(-move.difference, max(0, left - move.to_amount))
    whole = sum(refunding.returnable(payment) for payment in paid)
    refunding.owe(paid, min(-move.difference, max(0, whole - move.to_amount)) - max(0, back))
    reason = _("You moved to the %(intake)s, which costs less") % {"intake": move.to_intake.label}
    refunding.spread(paid, amount=back, reason=reason, at=at, by=by)


# When the difference has come -----------------------------------------------------------------


def complete(payment: Payment, enrolment: Enrolment, *, at: datetime) -> Payment.Flag:
    """The difference has been paid: the move is done, if it still can be.

    Inside the transaction that has locked the enrolment and the payment. Returns why the money
    cannot be used, where it cannot; the learner stays then. Money that comes after the place was
    let go moves the learner if there still is a place.
    """
    move = Move.objects.select_for_update(of=("self",)).get(payments=payment)
    if move.status == Move.Status.DONE:
        return Payment.Flag.TWICE
    flag = _why_not(move, enrolment)
    if flag == Payment.Flag.NONE:
        flag = _move_now(move, enrolment, at=at)
    if flag != Payment.Flag.NONE:
        let_move_go(payment, enrolment, kind=history.Kind.MOVE_DROPPED, mail=None, at=at)
    return flag


def _why_not(move: Move, enrolment: Enrolment) -> Payment.Flag:
    """Whether things are no more as they were when the difference was reckoned."""
    is_as_before = (
        enrolment.is_enrolled
        and enrolment.intake_id == move.from_intake_id
        and enrolment.amount == move.from_amount
    )
    waiting = enrolment.moves.filter(status=Move.Status.PENDING).exclude(pk=move.pk)
    if not is_as_before or waiting.exists():
        return Payment.Flag.ENDED
    return Payment.Flag.NONE


def _move_now(move: Move, enrolment: Enrolment, *, at: datetime) -> Payment.Flag:
    is_held = move.status == Move.Status.PENDING
    take = places.take_held if is_held else places.take_late
    try:
        with transaction.atomic():
            move.end(Move.Status.DONE, at=at)
            _do(move, enrolment, take=take, is_booked=is_held, by=move.by, at=at)
    except NotMovable:
        flag = Payment.Flag.ENDED if is_held else Payment.Flag.FULL
    except IntegrityError as error:
        if LIVE_CONSTRAINT not in str(error):
            raise
        flag = Payment.Flag.TWICE
    else:
        return Payment.Flag.NONE
    enrolment.refresh_from_db()
    return flag
