"""The two consents that UK law asks for before teaching starts inside the cancellation period.

Both are optional. Without them the place sells just the same, and paid lessons open once the
right to cancel has run out. Source: the Consumer Contracts (Information, Cancellation and
Additional Charges) Regulations 2013, reg. 30 (the period), reg. 36 (teaching) and reg. 37
(digital content).
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from courses.calendar import london_date, next_day_start
from courses.legal_text import fill_in
from courses.models import Intake, Provider
from enrolment.models import Consent, Enrolment, Move

WORDINGS = Path(__file__).resolve().parent.parent / "courses" / "legal" / "consents.toml"
CANCELLATION_DAYS = 14
# A first Bacs Direct Debit takes up to seven working days (docs.stripe.com/payments/bacs-debit);
# with weekends and bank holidays between, two weeks at most.
DEBIT_TAKES = timedelta(days=14)


@dataclass(frozen=True)
class Wording:
    """A text that someone agrees to, and which version of it."""

    version: str
    text: str


@cache
def wordings() -> dict[str, Wording]:
    """The consents' wordings by kind."""
    with WORDINGS.open("rb") as file:
        read = tomllib.load(file)
    return {
        kind: Wording(version=read[kind]["version"], text=" ".join(read[kind]["wording"].split()))
        for kind in Consent.Kind.values
    }


def model_form(provider: Provider | None) -> str:
    """The model cancellation form of Schedule 3, Part B, made out to the provider."""
    with WORDINGS.open("rb") as file:
        return fill_in(tomllib.load(file)["model_form"]["text"].strip(), provider)


def cancellation_ends_at(contract_made_at: datetime) -> datetime:
    """When the right to cancel runs out: the end of the 14th day after the contract's (reg. 30)."""
    return next_day_start(last_day_to_cancel(contract_made_at))


def last_day_to_cancel(contract_made_at: datetime) -> date:
    """The 14th day after the contract's, in London (reg. 30)."""
    return london_date(contract_made_at) + timedelta(days=CANCELLATION_DAYS)


def contract_made_at(enrolment: Enrolment) -> datetime:
    """When the student enrolled, or moved from a free place to one that is paid for."""
    paid_moves = enrolment.moves.filter(status=Move.Status.DONE, from_amount=0, to_amount__gt=0)
    moved = paid_moves.order_by("ended_at").last()
    return (moved and moved.ended_at) or enrolment.enrolled_at or enrolment.created_at


# Whether to ask -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Opening:
    """When paid lessons open, where the two consents make a difference.

    ``with_both`` is when they open for who gives both, None for at once. ``soonest`` is when they
    open without, for who pays at once, and ``latest`` for who pays as late as can be: the wait is
    counted from the payment.
    """

    with_both: datetime | None
    soonest: datetime
    latest: datetime

    @property
    def waits(self) -> bool:
        """Whether they open later without the consents even for who pays at once."""
        return self.with_both is None or self.with_both < self.soonest

    @property
    def can_be_later(self) -> bool:
        """Whether paying later makes them open later."""
        return self.soonest < self.latest


def opening(
    intake: Intake, amount: int, *, at: datetime, held_until: datetime | None = None
) -> Opening | None:
    """What the consents change for someone who orders a place at ``at`` for ``amount`` pence.

    None where they change nothing: nothing is paid, or the right to cancel has ended before the
    lessons open, however late the payment comes. ``held_until`` is until when the place is held
    for the student beyond one payment.
    """
    if amount == 0:
        return None
    latest = cancellation_ends_at(_paid_by(at, held_until))
    return _opening(intake, cancellation_ends_at(at), latest, at=at)


def opening_after_move(
    enrolment: Enrolment, intake: Intake, amount: int, *, at: datetime
) -> Opening | None:
    """The same for a learner who moves to a place in ``intake`` for ``amount`` pence.

    A free place that becomes a paid one makes a new contract. Otherwise the 14 days go on as they
    are, and there is a wait only where a consent is missing.
    """
    if enrolment.amount == 0 or amount == 0:
        return opening(intake, amount, at=at)
    waits_until = enrolment.lessons_wait_until
    if waits_until is None or waits_until <= at:
        return None
    return _opening(intake, waits_until, waits_until, at=at)


def _paid_by(at: datetime, held_until: datetime | None) -> datetime:
    """The latest that the money comes of who orders at ``at``, and pays by any of our methods."""
    latest = (held_until or at) + timedelta(minutes=settings.PLACE_HOLD_MINUTES)
    return latest + DEBIT_TAKES if "bacs_debit" in settings.STRIPE_PAYMENT_METHODS else latest


def _opening(
    intake: Intake, soonest: datetime, latest: datetime, *, at: datetime
) -> Opening | None:
    at_start = intake.lessons_open == Intake.LessonsOpen.AT_START
    starts_at = intake.starts_at if at_start and intake.starts_at > at else None
    if starts_at and starts_at >= latest:
        return None
    return Opening(starts_at, max(soonest, starts_at or at), max(latest, starts_at or at))


def missing(enrolment: Enrolment) -> list[str]:
    """The kinds of consent that the student has not given for the contract that there is."""
    given = set(enrolment.consents.values_list("kind", flat=True))
    return [kind for kind in Consent.Kind.values if kind not in given]


# What was given -------------------------------------------------------------------------------


def record(enrolment: Enrolment, kinds: Iterable[str], *, at: datetime) -> None:
    """Keep what was agreed to: the wording, its version and the time."""
    Consent.objects.bulk_create(
        Consent(
            enrolment=enrolment,
            kind=kind,
            version=wordings()[kind].version,
            wording=wordings()[kind].text,
            given_at=at,
        )
        for kind in kinds
    )


@transaction.atomic
def give(enrolment: Enrolment, kinds: Iterable[str], *, at: datetime) -> None:
    """Keep what is agreed to for a place that waits to be paid; what was given before, stays."""
    locked = Enrolment.objects.locked(pk=enrolment.pk)
    if locked.is_pending:
        wanted = set(kinds)
        record(locked, [kind for kind in missing(locked) if kind in wanted], at=at)


def evidence(enrolment: Enrolment) -> list[dict[str, Any]]:
    """What has been agreed to, to keep as evidence where it no longer counts."""
    names = ("kind", "version", "wording", "given_at")
    return [dict(one) for one in enrolment.consents.order_by("kind").values(*names)]


def with_move(kinds: Iterable[str]) -> list[dict[str, str]]:
    """What is agreed to with a move, as the move keeps it until it is done (``Move.agreed``)."""
    return [
        {"kind": kind, "version": wordings()[kind].version, "wording": wordings()[kind].text}
        for kind in kinds
    ]


def carry_over(enrolment: Enrolment, move: Move, *, at: datetime) -> None:
    """A move is done at ``at``: what was agreed to with it counts, and lessons wait accordingly.

    The enrolment is locked, has its new amount, and is saved by the caller. What was given for an
    earlier contract, which ended when the place became free, does not count for a new one; the
    history keeps it.
    """
    if move.makes_contract:
        enrolment.consents.all().delete()
    wanted = set(missing(enrolment))
    Consent.objects.bulk_create(
        Consent(enrolment=enrolment, given_at=move.created_at, **given)
        for given in move.agreed
        if given["kind"] in wanted
    )
    if move.makes_contract or move.to_amount == 0 or not missing(enrolment):
        enrolment.lessons_wait_until = lessons_wait_until(enrolment, at=at)


def lessons_wait_until(enrolment: Enrolment, *, at: datetime) -> datetime | None:
    """Until when the lessons of a contract made at ``at`` stay closed; None for not at all."""
    if enrolment.amount == 0 or not missing(enrolment):
        return None
    return cancellation_ends_at(at)
