"""What can disagree between Stripe, payments, places and access, and which repair it has."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from courses.templatetags.money import money
from enrolment.models import Enrolment


class Kind(models.TextChoices):
    """In the order in which they are looked at and repaired: money first, then what follows it."""

    PAID_UNNOTICED = "paid_unnoticed", _("paid at Stripe, and not here")
    PAID_DIFFERENTLY = "paid_differently", _("paid here, and otherwise at Stripe")
    LOST_PAYMENT = "lost_payment", _("paid at Stripe, for nothing we know of")
    UNOPENED = "unopened", _("payment without a page at Stripe")
    SESSION_UNKNOWN = "session_unknown", _("page at Stripe that we did not know")
    SESSION_OVER = "session_over", _("open here, over at Stripe")
    SESSION_OPEN = "session_open", _("over here, open at Stripe")
    HELD_TOO_LONG = "held_too_long", _("place held too long")
    EVENT_LEFT = "event_left", _("word from Stripe that was not worked on")
    PAID_NOWHERE = "paid_nowhere", _("paid, and neither enrolled nor refunded")
    FLAGGED_KEPT = "flagged_kept", _("money that could not be used, and was kept")
    REFUND_UNKNOWN = "refund_unknown", _("refunded at Stripe, and not here")
    REFUND_BEHIND = "refund_behind", _("refund that Stripe sees otherwise")
    REFUND_MISSING = "refund_missing", _("refund that Stripe has not")
    REFUND_FAILED = "refund_failed", _("refund that failed")
    REFUND_BY_HAND = "refund_by_hand", _("refund that waits for you")
    OWED = "owed", _("owed after a dispute")
    DISPUTE_BEHIND = "dispute_behind", _("dispute that Stripe sees otherwise")
    OFFER_OVER = "offer_over", _("offer past its time")
    SUSPENDED = "suspended", _("lessons closed without a dispute")
    NOT_SUSPENDED = "not_suspended", _("lessons open during a dispute")
    NOT_COVERED = "not_covered", _("enrolled, and not paid for")
    CALLED_OFF = "called_off", _("left in an intake that was called off")
    COUNTER = "counter", _("places miscounted")


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
