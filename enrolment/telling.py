"""What happened to an enrolment, in words: a sentence for each kind of entry in its history.

An entry tells its facts by name. One that is missing, since an older version did not keep it,
leaves its half of the sentence out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from courses.calendar import LONDON
from courses.templatetags.money import money
from enrolment.models import Enrolment, HistoryEntry, Payment

Kind = HistoryEntry.Kind


@dataclass(frozen=True)
class Told:
    """What a sentence is made of: who did it (empty: nobody), to whom, why, and the facts."""

    who: str
    student: str
    reason: str
    facts: dict[str, Any]

    @property
    def by_student(self) -> bool:
        """Whether the student did it, or may as well have."""
        return self.who in {"", self.student}

    @property
    def staff(self) -> str:
        """Who of the staff did it."""
        return self.who or "staff"

    @property
    def because(self) -> str:
        """The reason in quotation marks, behind a colon, where there is one."""
        return f": ‘{self.reason.rstrip('.')}’" if self.reason else ""

    @property
    def noted_by(self) -> str:
        """Who wrote it down, where that was a person."""
        return f", as {self.who} noted" if self.who else ""

    def money(self, name: str = "amount") -> str:
        """An amount in pounds."""
        pence = self.facts.get(name)
        return "money" if pence is None else money(pence)

    def fact(self, name: str, words: str = "{}") -> str:
        """A fact in the words around it; nothing where it is missing or empty."""
        value = self.facts.get(name)
        return words.format(value) if value else ""

    def moment(self, name: str, words: str = "{}") -> str:
        """A moment, as people in London say it, in the words around it."""
        value = self.facts.get(name)
        if not value:
            return ""
        moment = datetime.fromisoformat(value).astimezone(LONDON)
        return words.format(f"{moment:%-d %B %Y, %H:%M}")


def tell(entry: HistoryEntry, *, student: str) -> str:
    """The sentence, or two, about an entry; ``entry.by`` is fetched with it."""
    who = entry.by.get_full_name() if entry.by else ""
    said = _SENTENCES[Kind(entry.kind)](Told(who, student, entry.reason, entry.facts))
    return said[0].upper() + said[1:]


def begin(enrolment: Enrolment, *, moved: dict[str, Any] | None) -> str:
    """How the student took the place; ``moved`` are the facts of the first move, if there was one.

    What the place cost before it was moved, only the move tells.
    """
    student = enrolment.student.get_full_name()
    amount = enrolment.amount if moved is None else moved.get("from_amount")
    price = enrolment.price_name if moved is None else moved.get("from_price")
    named = f" ({price})" if price else ""
    if amount is None:
        return f"{student} took a place."
    if amount == 0:
        return f"{student} took a place{named}, free."
    off = enrolment.discount if moved is None else 0
    less = f", {money(off)} less by a voucher," if off else ""
    return f"{student} took a place at {money(amount)}{named}{less} and went to pay."


# Taking a place ------------------------------------------------------------------------------


def _enrolled(told: Told) -> str:
    return f"{told.student} is enrolled."


def _enrolled_by_hand(told: Told) -> str:
    price = told.fact("price", " ({})")
    if told.facts.get("amount"):
        agreed = f"at {told.money()}{price}{told.fact('how', ', paid elsewhere ({})')}"
    else:
        usual = told.facts.get("list_amount")
        agreed = f"free{f' instead of {money(usual)}' if usual else ''}{price}"
    return f"{told.staff} enrolled {told.student} {agreed}{told.because}."


def _pay_link_sent(told: Told) -> str:
    place = f"kept a place for {told.student}{told.moment('until', ' until {}')}"
    price = told.fact("price", " ({})")
    return f"{told.staff} {place} and sent a link to pay {told.money()}{price}{told.because}."


def _lapsed(told: Told) -> str:
    return f"{told.student} did not pay in time; the place is free again."


def _given_up(told: Told) -> str:
    if not told.by_student:
        return f"{told.who} let the place go before it was paid{told.because}."
    return f"{told.student} gave the place up before paying{told.because}."


# Money ---------------------------------------------------------------------------------------


def _payment_on_its_way(told: Told) -> str:
    return f"{told.student} ordered a Direct Debit of {told.money()}; the bank takes some days."


def _payment_received(told: Told) -> str:
    if "how" in told.facts:
        return f"Paid {told.money()} elsewhere{told.fact('how', ' ({})')}{told.noted_by}."
    return f"Paid {told.money()} by Stripe."


def _payment_failed(told: Told) -> str:
    return f"The bank did not pay {told.money()}."


def _payment_flagged(told: Told) -> str:
    flag = told.facts.get("flag")
    why = Payment.Flag(flag).label if flag in Payment.Flag.values else "it could not be used"
    return f"{told.money()} came and goes back: {why}."


def _refund_begun(told: Told) -> str:
    if not told.by_student:
        return f"{told.who} gave back {told.money()}{told.because}."
    return f"{told.money()} goes back{told.because}."


def _refund_done(told: Told) -> str:
    return f"{told.money()} has gone back{told.fact('how', ' ({})')}{told.noted_by}."


def _refund_failed(told: Told) -> str:
    return f"{told.money()} could not be given back; somebody has to look."


def _billing_changed(told: Told) -> str:
    who = told.who or told.student
    return f"{who} changed whom the invoice is made out to{told.fact('company', ': {}')}."


# Leaving and moving --------------------------------------------------------------------------


def _cancelled(told: Told) -> str:
    intake = told.fact("intake", " in {}")
    if told.by_student:
        done = f"{told.student} cancelled the place{intake}"
    else:
        done = f"{told.who} cancelled the place of {told.student}{intake}"
    return f"{done}{told.because}. {_what_goes_back(told)}"


def _what_goes_back(told: Told) -> str:
    back, quoted = told.facts.get("refund"), told.facts.get("quoted")
    goes = f"{money(back)} goes back" if back else "Nothing goes back"
    owed = told.facts.get("owed")
    later = f" {money(owed)} will, once the bank has returned what is disputed." if owed else ""
    if quoted is None or quoted == back:
        return f"{goes}.{later}"
    return f"{goes}, where the terms give {money(quoted)}."


def _move_begun(told: Told) -> str:
    who = "" if told.by_student else f", moved by {told.who},"
    rest = f" once {told.money('difference')} is paid" if told.facts.get("difference") else ""
    return f"{told.student}{who} goes{_way(told)}{rest}."


def _moved(told: Told) -> str:
    who = f"{told.student} moved" if told.by_student else f"{told.who} moved {told.student}"
    difference = told.facts.get("difference") or 0
    paid = f" {money(difference)} more was paid." if difference > 0 else ""
    back = f" It costs {money(-difference)} less." if difference < 0 else ""
    return f"{who}{_way(told)}{told.because}.{paid}{back}"


def _move_lapsed(told: Told) -> str:
    return f"The move{told.fact('to', ' to {}')} was not paid; {told.student} stays."


def _move_dropped(told: Told) -> str:
    if told.who:
        return f"{told.who} gave up the move{told.fact('to', ' to {}')}."
    return f"The move{told.fact('to', ' to {}')} came to nothing."


def _way(told: Told) -> str:
    return told.fact("origin", " from {}") + told.fact("to", " to {}")


# Disputes and repairs ------------------------------------------------------------------------


def _dispute_opened(told: Told) -> str:
    why = f" ({told.reason})" if told.reason else ""
    if told.facts.get("inquiry"):
        return f"The bank asks about {told.money()}{why}."
    return f"The bank took back {told.money()}{why}; the payment is disputed."


def _dispute_won(told: Told) -> str:
    return f"The dispute about {told.money()} was won."


def _dispute_lost(told: Told) -> str:
    return f"The dispute about {told.money()} was lost; the money stays with the bank."


def _repaired(told: Told) -> str:
    who = told.who or "The site"
    return f"{who} put it right{told.because}."


_SENTENCES: dict[Kind, Callable[[Told], str]] = {
    Kind.ENROLLED: _enrolled,
    Kind.ENROLLED_BY_HAND: _enrolled_by_hand,
    Kind.PAY_LINK_SENT: _pay_link_sent,
    Kind.PAYMENT_ON_ITS_WAY: _payment_on_its_way,
    Kind.PAYMENT_RECEIVED: _payment_received,
    Kind.PAYMENT_FAILED: _payment_failed,
    Kind.PAYMENT_FLAGGED: _payment_flagged,
    Kind.LAPSED: _lapsed,
    Kind.GIVEN_UP: _given_up,
    Kind.CANCELLED: _cancelled,
    Kind.MOVE_BEGUN: _move_begun,
    Kind.MOVED: _moved,
    Kind.MOVE_LAPSED: _move_lapsed,
    Kind.MOVE_DROPPED: _move_dropped,
    Kind.REFUND_BEGUN: _refund_begun,
    Kind.REFUND_DONE: _refund_done,
    Kind.REFUND_FAILED: _refund_failed,
    Kind.DISPUTE_OPENED: _dispute_opened,
    Kind.DISPUTE_WON: _dispute_won,
    Kind.DISPUTE_LOST: _dispute_lost,
    Kind.BILLING_CHANGED: _billing_changed,
    Kind.REPAIRED: _repaired,
}
