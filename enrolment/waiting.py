"""Waiting for a place: joining the list, where one stands on it, and leaving it."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Func, IntegerField, OuterRef, Q, Subquery

from accounts.models import User
from courses.models import Intake
from courses.states import State
from enrolment import freeing, jobs, offering
from enrolment.models import Enrolment, Offer, WaitingListEntry

# The states in which somebody who wants a place can only wait for one.
BOOKED_UP = (State.FULL, State.LAST_PLACES)


class PlaceFree(Exception):
    """There is no need to wait: a place can be booked."""


class ListClosed(Exception):
    """The intake has no waiting list, no longer sells, or closes too soon for an offer."""


def invites(intake: Intake, *, at: datetime) -> bool:
    """Whether somebody can join the waiting list: booked up, and an offer could still be made."""
    return (
        intake.has_waiting_list
        and intake.state(at=at) in BOOKED_UP
        and offering.is_selling(intake, at=at)
        and offering.expires_at(intake, at=at) is not None
    )


def others(intake: Intake, *, student: User, at: datetime) -> list[Intake]:
    """The other intakes of the course that a student can only wait for as well.

    Not those in which the student has a place, or which an entry of the student's names already.
    """
    mine = WaitingListEntry.objects.filter(student=student, status__in=WaitingListEntry.LIVE)
    enrolled = Enrolment.objects.live().filter(student=student)
    found = (
        Intake.objects.with_state(at=at)
        .filter(Q(state_now__in=BOOKED_UP), course=intake.course_id, has_waiting_list=True)
        .exclude(pk=intake.pk)
        .exclude(pk__in=mine.values("intake"))
        .exclude(pk__in=mine.exclude(also=None).values("also"))
        .exclude(pk__in=enrolled.values("intake"))
        .order_by("starts_at", "pk")
    )
    return [one for one in found if offering.expires_at(one, at=at)]


def entry_of(intake: Intake, *, student: User) -> WaitingListEntry | None:
    """The student's live entry that waits for this intake, or names it among others."""
    mine = WaitingListEntry.objects.filter(student=student, status__in=WaitingListEntry.LIVE)
    found = mine.filter(Q(intake=intake) | Q(also=intake)).select_related("intake__course")
    return found.order_by("joined_at").first()


@transaction.atomic
def join(
    *, student: User, intake: Intake, also: Collection[Intake] = (), at: datetime
) -> WaitingListEntry:
    """Put a student on the list of an intake; the entry there is, where there is one.

    Looks again with the intake locked, so that nobody waits while a place is free. ``also`` are
    others of the course that would do as well; those that need no waiting, or have no list, are
    left out. Raises PlaceFree or ListClosed; nothing is kept then.
    """
    # The others too: a place that comes free there at this moment is then offered, not sold.
    offering.lock_intakes(intake.pk, *(one.pk for one in also))
    locked = offering.locked_intake(intake.pk)
    existing = entry_of(locked, student=student)
    if existing:
        return existing
    if locked.state(at=at).is_joinable and offering.is_selling(locked, at=at):
        raise PlaceFree
    if not invites(locked, at=at):
        raise ListClosed
    price = offering.price_for_anyone(locked, at=at)
    entry = WaitingListEntry.objects.create(
        student=student,
        intake=locked,
        joined_at=at,
        price_name_then=price.name if price else "",
        amount_then=price.amount if price else None,
    )
    entry.also.set(_sensible(also, locked, student=student, at=at))
    jobs.send_mail.defer(kind="waiting_joined", key=str(entry.pk))
    return entry


def _sensible(
    chosen: Iterable[Intake], intake: Intake, *, student: User, at: datetime
) -> list[Intake]:
    possible = {one.pk for one in others(intake, student=student, at=at)}
    return [one for one in chosen if one.pk in possible]


@transaction.atomic
def change_others(entry: WaitingListEntry, also: Collection[Intake], *, at: datetime) -> None:
    """Name other intakes that would do as well; nothing happens once the waiting is over.

    What was named before may stay, whatever its state is now.
    """
    # With its intake locked nobody is offered a place there, and the entry is not passed over.
    offering.lock_intakes(entry.intake_id, *(one.pk for one in also))
    locked = _locked(entry.pk)
    if locked.is_waiting:
        before = list(locked.also.all())
        kept = [one for one in before if one in also]
        locked.also.set(kept + _sensible(also, locked.intake, student=locked.student, at=at))


def leave(entry: WaitingListEntry, *, at: datetime) -> None:
    """The student no longer waits; an open offer is declined, and its place passes on at once."""
    _end(entry.pk, WaitingListEntry.Status.LEFT, Offer.Status.DECLINED, at=at)


def remove(entry: WaitingListEntry, *, reason: str, at: datetime) -> bool:
    """Staff take the student off the list, who is told why; False where the waiting was over.

    An open offer is withdrawn, and its place passes on.
    """
    with transaction.atomic():
        removed = _end(
            entry.pk,
            WaitingListEntry.Status.REMOVED,
            Offer.Status.WITHDRAWN,
            reason=reason,
            at=at,
        )
        if removed:
            jobs.send_mail.defer(kind="waiting_over", key=str(entry.pk))
    return removed


def end_needless(entry: WaitingListEntry, *, at: datetime) -> bool:
    """The student has a place in the intake by another way; False where the waiting was over."""
    return _end(entry.pk, WaitingListEntry.Status.ENROLLED, Offer.Status.WITHDRAWN, at=at)


def _end(entry_id: uuid.UUID, status: str, offered: str, *, at: datetime, reason: str = "") -> bool:
    """End an entry, and its open offer as ``offered``; False where it had ended.

    The intake whose place is offered is locked before the entry; where another offer was made in
    between, it is begun again.
    """
    while True:
        with transaction.atomic():
            offer = _open_offer(entry_id)
            if offer:
                offering.locked_intake(offer.intake_id)
            entry = _locked(entry_id)
            if not entry.is_live:
                return False
            if _open_offer(entry_id) != offer:
                continue
            entry.end(status, at=at, reason=reason)
            if offer:
                offer.end(offered, at=at)
                freeing.free_held(offer.intake_id, offer.price_id, at=at)
            return True


def _open_offer(entry_id: uuid.UUID) -> Offer | None:
    return Offer.objects.filter(entry=entry_id, status=Offer.Status.OPEN).first()


def _locked(entry_id: uuid.UUID) -> WaitingListEntry:
    rows = WaitingListEntry.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("student", "intake__course").get(pk=entry_id)


@dataclass(frozen=True)
class Standing:
    """Where an entry stands in the line for one of its intakes."""

    intake: Intake
    before: int
    gets_offers: bool

    @property
    def position(self) -> int:
        """Counted from 1."""
        return self.before + 1


def standings(
    entries: Iterable[WaitingListEntry], *, at: datetime
) -> dict[uuid.UUID, list[Standing]]:
    """For each entry, its intake first and then the others it names; three queries.

    Whoever is before it is counted by the rule that offers are made by.
    """
    keys = [entry.pk for entry in entries]
    own = WaitingListEntry.objects.filter(pk__in=keys).annotate(before=before())
    named = (
        WaitingListEntry.also.through.objects.filter(waitinglistentry__in=keys)
        .annotate(before=before("waitinglistentry__joined_at", "waitinglistentry_id"))
        .order_by("intake__starts_at", "intake_id")
    )
    rows = [(one.pk, one.intake_id, one.before) for one in own]
    # The checker does not see what is annotated to a table that Django made by itself.
    also: Iterable[Any] = named
    rows += [(one.waitinglistentry_id, one.intake_id, one.before) for one in also]
    intakes = Intake.objects.select_related("course").in_bulk({row[1] for row in rows})
    found: dict[uuid.UUID, list[Standing]] = {key: [] for key in keys}
    for key, intake_id, count in rows:
        found[key].append(
            Standing(intakes[intake_id], count, _gets_offers(intakes[intake_id], at=at))
        )
    return found


def _gets_offers(intake: Intake, *, at: datetime) -> bool:
    return offering.is_selling(intake, at=at) and offering.expires_at(intake, at=at) is not None


def before(
    joined_at: str = "joined_at", key: str = "pk", intake: int | OuterRef | None = None
) -> Subquery:
    """How many are before the entry that the outer query's row is about.

    ``joined_at`` and ``key`` say where that row has the entry's; ``intake`` is the line that is
    meant, the row's own where it says nothing.
    """
    earlier = Q(joined_at__lt=OuterRef(joined_at)) | Q(
        joined_at=OuterRef(joined_at), pk__lt=OuterRef(key)
    )
    line = offering.waiting_for(OuterRef("intake_id") if intake is None else intake)
    count = Func(F("pk"), function="COUNT", output_field=IntegerField())
    return Subquery(line.filter(earlier).order_by().annotate(count=count).values("count"))
