"""Whether an intake runs: staff are asked where it is short, and what follows where it does not.

Calling off marks the intake in one transaction and queues a job for each enrolment, which moves
or refunds it. Each job looks again and does nothing twice, so calling off may be interrupted at
any point and repeated.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from courses.calendar import london_date
from courses.models import Intake, Provider
from courses.templatetags.money import money
from enrolment import cancelling, history, jobs, lapsing, moving, offering, refunding
from enrolment.destinations import option_to
from enrolment.models import Enrolment, Move, Payment


class NotPossible(Exception):
    """What was asked for cannot be; the message says why."""


# Asking --------------------------------------------------------------------------------------


def due(*, at: datetime) -> QuerySet[Intake]:
    """Intakes that need a minimum, whose day has passed, and of which nothing is decided."""
    return Intake.objects.filter(
        Q(cancelled_at=None) | Q(cancelled_at__gt=at),
        is_published=True,
        decision=Intake.Decision.OPEN,
        decide_on__lt=london_date(at),
    ).select_related("course")


def ask(*, at: datetime) -> int:
    """Ask staff, once, about each that is short; the others run. How many were asked about.

    Where staff set a later day afterwards, they are asked again when that has passed.
    """
    if Provider.current() is None:
        return 0  # nobody to write to yet
    return sum(_ask(intake, at=at) for intake in due(at=at))


@transaction.atomic
def _ask(intake: Intake, *, at: datetime) -> bool:
    locked = offering.locked_intake(intake.pk)
    if not due(at=at).filter(pk=locked.pk).exists():
        return False
    if not locked.is_short:
        _decide(locked, Intake.Decision.RUNS, by=None)
        return False
    asked = locked.decision_asked_at
    if asked and locked.decide_on and london_date(asked) > locked.decide_on:
        return False
    locked.decision_asked_at = at
    locked.save(update_fields=["decision_asked_at"])
    # Asked again after a later day is another letter.
    jobs.send_mail.defer(kind="decision_due", key=f"{locked.pk}.{int(at.timestamp())}")
    return True


def run_anyway(intake: Intake, *, by: User) -> Intake:
    """Staff let an intake run that is short. Raises NotPossible where it has been called off."""
    with transaction.atomic():
        locked = offering.locked_intake(intake.pk)
        if locked.decision == Intake.Decision.RUNS:
            return locked
        if locked.cancelled_at:
            raise NotPossible(_("It has been called off."))
        _decide(locked, Intake.Decision.RUNS, by=by)
        return locked


def _decide(intake: Intake, decision: str, *, by: User | None) -> None:
    """The decision, and who took it, in the intake's history too."""
    intake.decision = decision
    intake._history_user = by  # type: ignore[attr-defined]  # simple_history's way to say who
    intake.save(update_fields=["decision", "cancelled_at"])


# Calling off ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fate:
    """What calling off does to one enrolment: ``back`` is the refund in pence."""

    enrolment: Enrolment
    moves: bool
    back: int

    @property
    def in_words(self) -> str:
        """For staff, before they decide."""
        if self.enrolment.is_pending:
            return _("has not paid; the place is let go")
        amount = {"amount": money(self.back)}
        if self.moves:
            return (
                _("moves; %(amount)s goes back") % amount
                if self.back
                else _("moves; no money goes back")
            )
        return (
            _("leaves; %(amount)s goes back") % amount
            if self.back
            else _("leaves; no money goes back")
        )


def plan(intake: Intake, *, to: Intake | None, at: datetime) -> list[Fate]:
    """What calling off would do to everyone, in the order in which it is done."""
    left = to.places_left if to else 0
    there = set(_live(to).values_list("student_id", flat=True)) if to else set()
    fates = []
    rows = _live(intake).select_related("student", "intake", "price", "voucher__batch")
    for enrolment in rows.prefetch_related("payments__refunds", "payments__disputes"):
        option = None
        if to and enrolment.is_enrolled and left != 0 and enrolment.student_id not in there:
            option = option_to(enrolment, to, at=at, waive=True)
        if option and left is not None:
            left -= 1
        paid = min(_paid(enrolment), enrolment.amount)
        back = max(0, paid - option.amount) if option else paid
        fates.append(Fate(enrolment, option is not None, back))
    return fates


def _live(intake: Intake) -> QuerySet[Enrolment]:
    """Those in it and those paying for it, in the order in which they came."""
    return Enrolment.objects.live().filter(intake=intake).order_by("created_at", "pk")


def _paid(enrolment: Enrolment) -> int:
    used = (one for one in enrolment.payments.all() if one.is_paid and not one.flag)
    return sum(refunding.refundable(payment) for payment in used)


def targets(intake: Intake, *, at: datetime) -> QuerySet[Intake]:
    """The other intakes of the course that people could be moved to, the next to start first."""
    return (
        Intake.objects.filter(
            Q(cancelled_at=None) | Q(cancelled_at__gt=at),
            Q(ends_at=None) | Q(ends_at__gt=at),
            course=intake.course_id,
            is_published=True,
        )
        .exclude(pk=intake.pk)
        .select_related("course")
        .prefetch_related("prices")
        .order_by("starts_at", "pk")
    )


@transaction.atomic
def call_off(
    intake: Intake, *, at: datetime, by: User, to: Intake | None = None, reason: str = ""
) -> int:
    """Call an intake off: everybody moves to ``to`` where there is a place, or gets all back.

    Nobody can join any more, offers are withdrawn, and a job is queued for every enrolment that
    is left; how many. May be repeated, also with another ``to``, for those who are left. Raises
    NotPossible.
    """
    if to and not targets(intake, at=at).filter(pk=to.pk).exists():
        raise NotPossible(_("Nobody can be moved there: choose another intake of the course."))
    locked = offering.locked_intake(intake.pk)
    was_on = locked.cancelled_at is None or locked.cancelled_at > at
    if was_on or locked.decision != Intake.Decision.CALLED_OFF:
        locked.cancelled_at = at if was_on else locked.cancelled_at
        _decide(locked, Intake.Decision.CALLED_OFF, by=by)
    offering.withdraw_all(locked, at=at)
    # Whoever got a place before has been committed, since that took the intake's lock; and from
    # here on nobody gets one.
    affected = list(_affected(locked))
    for key in affected:
        jobs.leave_called_off.defer(
            enrolment_id=str(key),
            intake_id=locked.pk,
            to_id=to.pk if to else None,
            by_id=by.pk,
            reason=reason,
        )
    return len(affected)


def _affected(intake: Intake) -> Iterator[object]:
    """The keys of the enrolments in it, and of those that are about to move to it."""
    yield from _live(intake).values_list("pk", flat=True)
    moves = Move.objects.filter(to_intake=intake, status=Move.Status.PENDING)
    yield from moves.values_list("enrolment_id", flat=True)


@transaction.atomic
def leave(
    enrolment: Enrolment,
    *,
    intake: Intake,
    at: datetime,
    to: Intake | None = None,
    by: User | None = None,
    reason: str = "",
) -> None:
    """Take one enrolment out of an intake that is called off; nothing where it has left already.

    Moved without charging more, and with what costs less given back; or cancelled with everything
    given back, where there is nowhere to move to or no place left there.
    """
    locked = Enrolment.objects.locked(pk=enrolment.pk)
    refunding.used_payments(locked, lock=True)
    if locked.intake_id != intake.pk:
        cancelling.drop_move(locked, to=intake, mail="move_lapsed", at=at)
    elif locked.is_pending:
        _let_go(locked, by=by, reason=reason, at=at)
    elif locked.is_enrolled and not _moved(locked, to, by=by, reason=reason, at=at):
        cancelling.cancel(locked, at=at, by=by, reason=reason, mail=None)
        _tell(locked)


def _let_go(enrolment: Enrolment, *, by: User | None, reason: str, at: datetime) -> None:
    """Money that is on its way all the same goes back when it comes."""
    for payment in enrolment.payments.filter(status=Payment.Status.PENDING):
        payment.expire()
        jobs.close_session.defer(payment_id=str(payment.pk))
    lapsing.let_go(enrolment, kind=history.Kind.GIVEN_UP, mail=None, reason=reason, at=at, by=by)
    _tell(enrolment)


def _moved(
    enrolment: Enrolment, to: Intake | None, *, by: User | None, reason: str, at: datetime
) -> bool:
    if to is None:
        return False
    try:
        moving.move(enrolment, to=to, at=at, by=by, waive=True, reason=reason, mail=None)
    except moving.NotMovable:
        return False
    _tell(enrolment)
    return True


def _tell(enrolment: Enrolment) -> None:
    """Write to the student: about what has just been written into the history."""
    told = (history.Kind.MOVED, history.Kind.CANCELLED, history.Kind.GIVEN_UP)
    entry = enrolment.entries.filter(kind__in=told).latest("pk")
    jobs.send_mail.defer(kind="intake_called_off", key=str(entry.pk))
