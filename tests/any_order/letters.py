"""The mails that there should be, told by what the records say has happened; never by the queue.

Each journey queues its mail in the transaction that writes its record, so the two agree at any
moment. A record that is told of nowhere here, or a mail that no record asks for, is a failure.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from procrastinate.contrib.django.models import ProcrastinateJob

from courses.models import Intake
from enrolment.models import (
    Dispute,
    Enrolment,
    HistoryEntry,
    IntakeAlert,
    Move,
    Offer,
    Payment,
    Refund,
    WaitingListEntry,
)

Kind = HistoryEntry.Kind
Letter = tuple[str, str]  # its kind, and the key of the row that it is about
# About a day, and not about anything that happened.
DAILY = {"left_to_see_to"}


def check() -> None:
    """Each mail is queued exactly once, and no other; raises AssertionError.

    No two have the same key, of which a mail server would take the second for the first.
    """
    found, due = queued(), expected()
    assert found == due, f"never queued: {due - found}; for no reason: {found - due}"
    twice = [letter for letter, times in Counter(_with_whole_keys()).items() if times > 1]
    assert twice == [], f"with the same key: {twice}"


def queued() -> Counter[Letter]:
    """What has been queued, sent or not.

    What comes after a dot in a key tells letters apart that are about the same row.
    """
    return Counter((kind, key.partition(".")[0]) for kind, key in _with_whole_keys())


def _with_whole_keys() -> list[Letter]:
    jobs = ProcrastinateJob.objects.filter(task_name="enrolment.jobs.send_mail")
    found = ((job.args["kind"], job.args["key"]) for job in jobs)
    return [letter for letter in found if letter[0] not in DAILY]


def expected() -> Counter[Letter]:
    """What should have been queued."""
    return Counter(
        (kind, str(key))
        for letters in (_enrolments(), _refunds(), _disputes(), _waiting(), _intakes())
        for kind, key in letters
    )


# What happened to enrolments --------------------------------------------------------------------


@dataclass(frozen=True)
class Happening:
    """An entry in the history of an enrolment.

    ``beside`` is what else happened to it at the same moment, and so in the same transaction;
    ``before`` all that had happened by then.
    """

    entry: HistoryEntry
    beside: frozenset[str]
    before: frozenset[str]

    @property
    def enrolment(self) -> Enrolment:
        return self.entry.enrolment

    def of_the_enrolment(self, kind: str) -> tuple[str, object]:
        return kind, self.enrolment.pk

    def is_called_off(self, intake: Intake) -> bool:
        """Whether staff took the learner out of an intake that had been called off."""
        by_staff = self.entry.by_id not in {None, self.enrolment.student_id}
        return by_staff and bool(intake.cancelled_at and intake.cancelled_at <= self.entry.at)

    def payment_open_then(self) -> Payment:
        """The last one begun. One that Stripe had and we had not was sent with no parameters."""
        ours = self.enrolment.payments.exclude(parameters={})
        return ours.filter(created_at__lt=self.entry.at).latest("created_at")

    def move_open_then(self) -> Move:
        """The last one begun for which a difference was to be paid."""
        paid_for = self.enrolment.moves.filter(payments__isnull=False)
        return paid_for.filter(created_at__lt=self.entry.at).latest("created_at")


Told = tuple[str, object] | None


def _payment_failed(one: Happening) -> Told:
    """Of a place that was only held; of a move, that it lapsed is told."""
    is_held = not one.before & {Kind.ENROLLED, Kind.LAPSED, Kind.GIVEN_UP}
    return one.of_the_enrolment("payment_failed") if is_held else None


def _lapsed(one: Happening) -> Told:
    """Where a debit failed, or money came that goes back, that is told."""
    told_otherwise = one.beside & {Kind.PAYMENT_FAILED, Kind.PAYMENT_FLAGGED}
    return None if told_otherwise else one.of_the_enrolment("expired")


def _given_up(one: Happening) -> Told:
    """Who gives up by themselves knows."""
    called_off = one.is_called_off(one.enrolment.intake)
    return ("intake_called_off", one.entry.pk) if called_off else None


def _cancelled(one: Happening) -> Told:
    return _given_up(one) or one.of_the_enrolment("cancelled")


def _moved(one: Happening) -> Told:
    move = one.enrolment.moves.get(status=Move.Status.DONE, ended_at=one.entry.at)
    called_off = one.is_called_off(move.from_intake)
    return ("intake_called_off", one.entry.pk) if called_off else ("moved", move.pk)


def _move_dropped(one: Happening) -> Told:
    """The intake it went to was called off; otherwise the student did it, or hears what was."""
    is_all = one.entry.by_id is None and not one.beside
    return ("move_lapsed", one.move_open_then().pk) if is_all else None


TOLD: dict[str, Callable[[Happening], Told]] = {
    Kind.ENROLLED: lambda one: one.of_the_enrolment("enrolled"),
    Kind.ENROLLED_BY_HAND: lambda one: one.of_the_enrolment("enrolled_by_hand"),
    Kind.PAY_LINK_SENT: lambda one: one.of_the_enrolment("pay_link"),
    Kind.PAYMENT_ON_ITS_WAY: lambda one: ("awaiting", one.payment_open_then().pk),
    Kind.PAYMENT_FAILED: _payment_failed,
    Kind.LAPSED: _lapsed,
    Kind.GIVEN_UP: _given_up,
    Kind.CANCELLED: _cancelled,
    Kind.MOVED: _moved,
    Kind.MOVE_LAPSED: lambda one: ("move_lapsed", one.move_open_then().pk),
    Kind.MOVE_DROPPED: _move_dropped,
}
# Told by what they led to, by their own rows below, or on the page of whoever did them.
NOT_TOLD = {
    Kind.PAYMENT_RECEIVED,
    Kind.PAYMENT_FLAGGED,
    Kind.MOVE_BEGUN,
    Kind.REFUND_BEGUN,
    Kind.REFUND_DONE,
    Kind.REFUND_FAILED,
    Kind.DISPUTE_OPENED,
    Kind.DISPUTE_WON,
    Kind.DISPUTE_LOST,
    Kind.BILLING_CHANGED,
    Kind.REPAIRED,
}


def _enrolments() -> Iterator[tuple[str, object]]:
    for one in _happenings():
        if one.entry.kind in NOT_TOLD:
            continue
        if letter := TOLD[one.entry.kind](one):
            yield letter


def _happenings() -> Iterator[Happening]:
    rows = HistoryEntry.objects.select_related("enrolment__intake").order_by("pk")
    of_each: dict[object, list[HistoryEntry]] = defaultdict(list)
    for entry in rows:
        of_each[entry.enrolment_id].append(entry)
    for entries in of_each.values():
        for number, entry in enumerate(entries):
            others = (other for other in entries if other != entry and other.at == entry.at)
            yield Happening(
                entry,
                beside=frozenset(other.kind for other in others),
                before=frozenset(other.kind for other in entries[:number]),
            )


# What has rows of its own -----------------------------------------------------------------------


def _refunds() -> Iterator[tuple[str, object]]:
    """Of what goes back on leaving and moving, the mail about these says it."""
    leaving = HistoryEntry.objects.filter(kind__in=[Kind.CANCELLED, Kind.MOVED])
    moments = set(leaving.values_list("enrolment_id", "at"))
    for refund in Refund.objects.select_related("payment"):
        payment = refund.payment
        if payment.flag or (payment.enrolment_id, refund.created_at) not in moments:
            yield "refund", refund.pk


def _disputes() -> Iterator[tuple[str, object]]:
    """To staff. One that is over when we first hear of it is told once; there are no inquiries."""
    opened: dict[object, list[HistoryEntry]] = defaultdict(list)
    for entry in HistoryEntry.objects.filter(kind=Kind.DISPUTE_OPENED).order_by("pk"):
        opened[entry.enrolment_id].append(entry)
    for dispute in Dispute.objects.select_related("payment").order_by("pk"):
        entry = opened[dispute.payment.enrolment_id].pop(0)
        if dispute.is_open or entry.at != dispute.closed_at:
            yield "dispute_opened", dispute.pk
        if not dispute.is_open:
            yield "dispute_closed", dispute.pk


def _waiting() -> Iterator[tuple[str, object]]:
    """Who leaves the list, declines an offer or takes it up knows; the others are told."""
    withdrawn = set()
    for offer in Offer.objects.select_related("intake"):
        yield "offer", offer.pk
        if offer.status == Offer.Status.WITHDRAWN and _was_over(offer):
            withdrawn.add((offer.entry_id, offer.ended_at))
            yield "offer_over", offer.pk
        elif offer.status == Offer.Status.EXPIRED:
            yield "offer_over", offer.pk
    for entry in WaitingListEntry.objects.all():
        yield "waiting_joined", entry.pk
        was_told = (entry.pk, entry.ended_at) in withdrawn
        if entry.status == WaitingListEntry.Status.REMOVED or (
            entry.status == WaitingListEntry.Status.CLOSED and not was_told
        ):
            yield "waiting_over", entry.pk


def _was_over(offer: Offer) -> bool:
    """Whether the intake had been called off or closed; else the student had a place in it."""
    intake = offer.intake
    ends = (intake.cancelled_at, intake.closes_at)
    return any(end <= offer.ended_at for end in ends if end and offer.ended_at)


def _intakes() -> Iterator[tuple[str, object]]:
    """Staff are asked about an intake once here; who wants to be told confirms, and is told."""
    for intake in Intake.objects.exclude(decision_asked_at=None):
        yield "decision_due", intake.pk
    for alert in IntakeAlert.objects.all():
        if alert.confirmation_sent_at:
            yield "alert_confirm", alert.pk
        if alert.sent_at:
            yield "alert_open", alert.pk
