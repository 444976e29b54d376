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

from courses.calendar import london_date, next_day_start
from courses.legal_text import fill_in
from courses.models import Intake, Provider
from enrolment.models import Consent, Enrolment

WORDINGS = Path(__file__).resolve().parent.parent / "courses" / "legal" / "consents.toml"
CANCELLATION_DAYS = 14


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


def are_wanted(intake: Intake, amount: int, *, at: datetime) -> bool:
    """Whether the consents make a difference to someone who enrols at ``at`` for ``amount`` pence.

    They do where something is paid and lessons would open before the right to cancel ends.
    """
    if amount == 0:
        return False
    at_once = intake.lessons_open == Intake.LessonsOpen.AT_ONCE
    return at_once or intake.starts_at < cancellation_ends_at(at)


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


def lessons_wait_until(enrolment: Enrolment, *, at: datetime) -> datetime | None:
    """Until when the lessons of a contract made at ``at`` stay closed; None for not at all."""
    if enrolment.amount == 0:
        return None
    if enrolment.consents.count() == len(Consent.Kind.values):
        return None
    return cancellation_ends_at(at)
