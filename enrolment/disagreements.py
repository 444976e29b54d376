"""What can disagree between Stripe, payments, places and access, and which repair it has."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.urls import reverse

from courses.templatetags.money import money
from enrolment.models import Enrolment


class Kind(models.TextChoices):
    """In the order in which they are looked at and repaired: money first, then what follows it."""

    PAID_UNNOTICED = "paid_unnoticed", "paid at Stripe, and not here"
    PAID_DIFFERENTLY = "paid_differently", "paid here, and otherwise at Stripe"
    LOST_PAYMENT = "lost_payment", "paid at Stripe, for nothing we know of"
    UNOPENED = "unopened", "payment without a page at Stripe"
    SESSION_UNKNOWN = "session_unknown", "page at Stripe that we did not know"
    SESSION_OVER = "session_over", "open here, over at Stripe"
    SESSION_OPEN = "session_open", "over here, open at Stripe"
    HELD_TOO_LONG = "held_too_long", "place held too long"
    EVENT_LEFT = "event_left", "webhook left over"
    PAID_NOWHERE = "paid_nowhere", "paid, and neither enrolled nor refunded"
    FLAGGED_KEPT = "flagged_kept", "money that could not be used, and was kept"
    REFUND_UNKNOWN = "refund_unknown", "refunded at Stripe, and not here"
    REFUND_BEHIND = "refund_behind", "refund that Stripe sees otherwise"
    REFUND_MISSING = "refund_missing", "refund that Stripe has not"
    REFUND_FAILED = "refund_failed", "refund that failed"
    REFUND_BY_HAND = "refund_by_hand", "refund that waits for you"
    OWED = "owed", "owed after a dispute"
    DISPUTE_BEHIND = "dispute_behind", "dispute that Stripe sees otherwise"
    OFFER_OVER = "offer_over", "offer past its time"
    SUSPENDED = "suspended", "lessons closed without a dispute"
    NOT_SUSPENDED = "not_suspended", "lessons open during a dispute"
    NOT_COVERED = "not_covered", "enrolled, and not paid for"
    CALLED_OFF = "called_off", "left in an intake that was called off"
    COUNTER = "counter", "places miscounted"


@dataclass(frozen=True)
class Disagreement:
    """Two records that cannot both be right.

    ``what`` says so in a sentence, ``where`` is a page of the admin, ``key`` the row that
    ``repair`` (a name among ``enrolment.repairing.REPAIRS``) is told; with ``kind`` it tells this
    one from all others. Without a repair staff decide by themselves. ``may_stay`` says that they
    may also leave it as it is, for good; that is kept with ``enrolment``, its key.
    """

    kind: Kind
    what: str
    where: str
    key: str
    repair: str | None = None
    may_stay: bool = False
    enrolment: uuid.UUID | None = None

    def __str__(self) -> str:
        return self.what

    @property
    def mark(self) -> str:
        """What a decision to leave it as it is is kept under."""
        return f"{self.kind}:{self.key}"


def page_of(model: str, key: Any) -> str:
    """The admin's page of a row."""
    return reverse(f"admin:{model}_change", args=[key])


def list_of(model: str) -> str:
    """The admin's list of a model."""
    return reverse(f"admin:{model}_changelist")


def about(enrolment: Enrolment) -> str:
    """Who, and what: ``Alice Archer, Deep learning, May 2026 intake``."""
    return f"{enrolment.student.get_full_name()}, {enrolment.intake}"


def pounds(pence: int) -> str:
    """An amount as people read it; ``£0`` where there is none."""
    return money(pence) or "£0"
