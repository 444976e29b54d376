"""What goes back to a student who cancels, to the penny, and why.

Two rules stand side by side, and the one that gives more counts: the right to cancel within 14
days (the Consumer Contracts (Information, Cancellation and Additional Charges) Regulations 2013,
regs 29 to 37), and the provider's policy as it stood when the student enrolled. How the charge for
what was supplied is worked out, and why, is in ``docs/decisions/refunds.md``; ``/cancellation/``
says it to students. Roundings are in the student's favour.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from courses.calendar import london_date
from courses.models import Lesson, Reading
from courses.templatetags.dates import day
from courses.templatetags.money import money
from enrolment import consents, refunding
from enrolment.models import Consent, Enrolment, Move, Payment

LOST = gettext_lazy(
    "Your bank has given you this payment back, so nothing is left for us to give back."
)
DISPUTED = gettext_lazy(
    "Your bank has the money, since the payment is disputed, so we cannot give it back now. "
    "If it comes back to us, we will give you what is due then."
)
PARTLY_DISPUTED = gettext_lazy(
    "Besides, your bank has a payment that is disputed; of that we cannot give anything back now."
)


@dataclass(frozen=True)
class Quote:
    """What goes back on cancelling at a moment, in pence; ``law`` and ``policy`` say why.

    ``owed`` is what goes back besides, should the bank return a payment that is disputed.
    """

    paid: int
    by_law: int
    by_policy: int
    law: str
    policy: str
    is_disputed: bool = False
    is_lost: bool = False
    owed: int = 0

    @property
    def refund(self) -> int:
        """Whichever gives the student more."""
        return max(self.by_law, self.by_policy)

    @property
    def kept(self) -> int:
        """What does not go back."""
        return self.paid - self.refund

    @property
    def reason(self) -> str:
        """Why it is this much, in sentences."""
        if not self.paid and (self.is_disputed or self.is_lost):
            return str(DISPUTED if self.is_disputed else LOST)
        if not self.paid:
            return _("Nothing was paid, so there is nothing to give back.")
        if not self.refund:
            why = f"{self.law} {self.policy}"
        else:
            why = self.law if self.by_law >= self.by_policy else self.policy
        return f"{why} {PARTLY_DISPUTED}" if self.is_disputed else why

    @property
    def other(self) -> str:
        """What the rule says that gives less; empty where it adds nothing."""
        if not self.refund or self.by_law == self.paid:
            return ""
        return self.policy if self.by_law >= self.by_policy else self.law


@dataclass(frozen=True)
class _Part:
    """A part of what was bought: how much of it was supplied, and that in words."""

    supplied: Fraction
    words: str


def quote(enrolment: Enrolment, *, at: datetime) -> Quote:
    """What the student gets back who cancels at the moment ``at``, and why."""
    return quote_for(enrolment, refunding.used_payments(enrolment), at=at)


def quote_for(enrolment: Enrolment, payments: list[Payment], *, at: datetime) -> Quote:
    """The same, of payments that the caller has fetched, or locked."""
    left = sum(refunding.refundable(payment) for payment in payments)
    # A refund that failed is owed besides, until staff try it again (``refunding.retry``).
    paid = min(left, enrolment.amount)
    by_law, law = _by_law(enrolment, paid, at=at)
    by_policy, policy = _by_policy(enrolment, paid, at=at)
    held = [one for one in payments if one.refundable and not refunding.refundable(one)]
    disputed = any(refunding.returnable(one) for one in held)
    lost = bool(held) and not disputed
    quoted = Quote(paid, by_law, by_policy, law, policy, disputed, lost)
    if not disputed:
        return quoted
    whole = min(sum(refunding.returnable(one) for one in payments), enrolment.amount)
    would_be = max(_by_law(enrolment, whole, at=at)[0], _by_policy(enrolment, whole, at=at)[0])
    return replace(quoted, owed=would_be - quoted.refund)


# The right to cancel ------------------------------------------------------------------------


def _by_law(enrolment: Enrolment, paid: int, *, at: datetime) -> tuple[int, str]:
    cancelled_at = enrolment.intake.cancelled_at
    if cancelled_at and cancelled_at <= at:
        return paid, _("We have called this intake off, so everything that you paid goes back.")
    made_at = consents.contract_made_at(enrolment)
    last = {"day": day(consents.last_day_to_cancel(made_at))}
    if at >= consents.cancellation_ends_at(made_at):
        return 0, _("The 14 days in which the law lets you cancel ended on %(day)s.") % last
    parts = _parts(enrolment, at=at)
    charges = [int(paid * part.supplied / len(parts)) for part in parts]
    if not sum(charges):
        words = _(
            "Until %(day)s the law lets you cancel without giving a reason. Everything that you "
            "paid goes back."
        )
        return paid, words % last
    had = [
        _("%(what)s (%(amount)s)") % {"what": part.words, "amount": money(charge)}
        for part, charge in zip(parts, charges, strict=True)
        if charge
    ]
    both = _("%(one)s and %(other)s") % {"one": had[0], "other": had[-1]}
    words = _(
        "Until %(day)s the law lets you cancel without giving a reason. You asked us to start "
        "early, so you pay for what you have had: %(had)s."
    )
    return paid - sum(charges), words % {**last, "had": both if len(had) > 1 else had[0]}


def _parts(enrolment: Enrolment, *, at: datetime) -> list[_Part]:
    """What the price is for, in equal parts: the teaching and the paid lessons.

    An intake with a last day has teaching; it is supplied day by day (reg. 36(4): in proportion
    to the whole). Paid lessons are digital content; one opened is supplied, and only those are
    kept, though the right to cancel them all has ended (reg. 37).
    """
    agreed = set(enrolment.consents.values_list("kind", flat=True))
    parts = [_teaching(enrolment, asked_for=Consent.Kind.TEACHING in agreed, at=at)]
    parts.append(_lessons(enrolment, agreed_to=Consent.Kind.DIGITAL_CONTENT in agreed))
    return [part for part in parts if part]


def _teaching(enrolment: Enrolment, *, asked_for: bool, at: datetime) -> _Part | None:
    """The days since the intake began, or since the learner came to it late; today not counted."""
    intake = enrolment.intake
    if intake.ends_on is None:
        return None
    first = max(intake.starts_on or intake.month, london_date(_joined_at(enrolment)))
    whole = max(1, (intake.ends_on - first).days + 1)
    passed = min(max(0, (london_date(at) - first).days), whole) if asked_for else 0
    words = ngettext(
        "%(passed)s of %(whole)s day of teaching", "%(passed)s of %(whole)s days of teaching", whole
    )
    return _Part(Fraction(passed, whole), words % {"passed": passed, "whole": whole})


def _joined_at(enrolment: Enrolment) -> datetime:
    """When the learner came to the intake: by enrolling, or by the last move."""
    moves = enrolment.moves.filter(status=Move.Status.DONE)
    moved_at = moves.aggregate(last=Max("ended_at"))["last"]
    return max(enrolment.enrolled_at or enrolment.created_at, moved_at or enrolment.created_at)


def _lessons(enrolment: Enrolment, *, agreed_to: bool) -> _Part | None:
    """The paid lessons opened since the contract was made: those of a free place cost nothing."""
    lessons = Lesson.objects.filter(
        course=enrolment.intake.course_id, is_published=True, is_free=False
    )
    whole = lessons.count()
    if not whole:
        return None
    since = consents.contract_made_at(enrolment)
    read = Reading.objects.filter(
        learner=enrolment.student_id, lesson__in=lessons, last_read_at__gte=since
    )
    opened = read.count() if agreed_to else 0
    words = ngettext(
        "%(opened)s of %(whole)s paid lesson", "%(opened)s of %(whole)s paid lessons", whole
    )
    return _Part(Fraction(opened, whole), words % {"opened": opened, "whole": whole})


# The policy ---------------------------------------------------------------------------------


def percent_back(enrolment: Enrolment, *, at: datetime) -> int:
    """What the policy gives back at ``at`` by the days that are left, per cent.

    Days are counted from one date to the other, in London; from the start on nothing goes back.
    """
    starts_at = enrolment.intake.starts_at
    if at >= starts_at:
        return 0
    left = (london_date(starts_at) - london_date(at)).days
    return next((percent for days, percent in _tiers(enrolment.policy) if left >= days), 0)


def _tiers(policy: dict[str, Any]) -> list[tuple[int, int]]:
    """Days before the start and per cent, most days first."""
    return [(days, percent) for days, percent in policy.get("tiers", [])]


def _by_policy(enrolment: Enrolment, paid: int, *, at: datetime) -> tuple[int, str]:
    policy = enrolment.policy
    if not _tiers(policy):
        return 0, _("Our own terms give back nothing beyond that.")
    moves = enrolment.moves.filter(status=Move.Status.DONE)
    kept_to = min(moves.values_list("percent_then", flat=True), default=100)
    now = percent_back(enrolment, at=at)
    percent = min(now, kept_to)
    if not percent:
        return 0, _nothing(now, kept_to)
    fee = min(int(policy.get("fee", 0)), paid)
    back = max(0, -(-paid * percent // 100) - fee)
    left = (london_date(enrolment.intake.starts_at) - london_date(at)).days
    words = _share_words(left if percent == now else None, has_fee=fee > 0)
    return back, words % {"share": _share(percent), "fee": money(fee), "count": left}


def _nothing(now: int, kept_to: int) -> str:
    if not now:
        return _("By our terms on the day you enrolled, nothing goes back any more.")
    if not kept_to:
        return _("By our terms on the day you enrolled, nothing goes back since you moved.")
    return _("By our terms on the day you enrolled, nothing goes back.")


def _share_words(days: int | None, *, has_fee: bool) -> str:
    """What goes back ``days`` before the start; None where a move before has settled it."""
    if days is None and has_fee:
        return _(
            "By our terms on the day you enrolled, %(share)s goes back since you moved, "
            "less %(fee)s that we keep."
        )
    if days is None:
        return _("By our terms on the day you enrolled, %(share)s goes back since you moved.")
    if has_fee:
        return ngettext(
            "By our terms on the day you enrolled, %(share)s goes back %(count)s day before the "
            "start, less %(fee)s that we keep.",
            "By our terms on the day you enrolled, %(share)s goes back %(count)s days before the "
            "start, less %(fee)s that we keep.",
            days,
        )
    return ngettext(
        "By our terms on the day you enrolled, %(share)s goes back %(count)s day before the start.",
        "By our terms on the day you enrolled, %(share)s goes back %(count)s days before the "
        "start.",
        days,
    )


def _share(percent: int) -> str:
    if percent == 100:
        return _("everything")
    return f"{percent}%" if percent else _("nothing")


def policy_in_words(policy: dict[str, Any]) -> list[str]:
    """A policy on cancelling as a list of sentences; empty where it gives nothing back."""
    said = [_tier_in_words(days, percent) for days, percent in _tiers(policy)]
    fee = int(policy.get("fee", 0))
    if said:
        said.append(_("After that: nothing."))
    if said and fee:
        said.append(_("Of what goes back we keep %(fee)s.") % {"fee": money(fee)})
    return said


def _tier_in_words(days: int, percent: int) -> str:
    share = _share(percent)
    if days == 0:
        return _("Until the intake starts: %(share)s.") % {"share": share}
    words = ngettext(
        "Until %(count)s day before the start: %(share)s.",
        "Until %(count)s days before the start: %(share)s.",
        days,
    )
    return words % {"count": days, "share": share}
