"""What happened to an enrolment, in words: a sentence for each kind of entry in its history.

An entry tells its facts by name. One that is missing, since an older version did not keep it,
leaves its half of the sentence out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from courses.templatetags.dates import deadline
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
        return self.who or _("staff")

    @property
    def because(self) -> str:
        """The reason in quotation marks, behind a colon, where there is one."""
        return _(": ‘%(reason)s’") % {"reason": self.reason.rstrip(".")} if self.reason else ""

    @property
    def noted_by(self) -> str:
        """Who wrote it down, where that was a person."""
        return _(", as %(who)s noted") % {"who": self.who} if self.who else ""

    def money(self, name: str = "amount") -> str:
        """An amount in pounds."""
        pence = self.facts.get(name)
        return _("money") if pence is None else money(pence)

    @property
    def price(self) -> str:
        """Which price it is, in brackets."""
        return _in_brackets(self.facts.get("price"))

    @property
    def how(self) -> str:
        """How it was paid or given back, in brackets."""
        return _in_brackets(self.facts.get("how"))

    def words(self, sentence: str, **more: str) -> str:
        """A sentence with who, whom, why, how much and ``more`` in their places."""
        known = {
            "who": self.who,
            "staff": self.staff,
            "student": self.student,
            "because": self.because,
            "amount": self.money(),
        }
        return sentence % {**known, **more}

    def fact(self, name: str, words: str) -> str:
        """A fact in the words around it; nothing where it is missing or empty."""
        value = self.facts.get(name)
        return words % {"fact": value} if value else ""


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
    off = enrolment.discount if moved is None else 0
    said = {
        "student": student,
        "price": _in_brackets(price),
        "amount": money(amount),
        "discount": money(off),
    }
    if amount is None:
        return _("%(student)s took a place.") % said
    if amount == 0:
        return _("%(student)s took a place%(price)s, free.") % said
    if off:
        return (
            _(
                "%(student)s took a place at %(amount)s%(price)s, %(discount)s less by a voucher, "
                "and went to pay."
            )
            % said
        )
    return _("%(student)s took a place at %(amount)s%(price)s and went to pay.") % said


def _in_brackets(words: str | None) -> str:
    return _(" (%(words)s)") % {"words": words} if words else ""


# Taking a place ------------------------------------------------------------------------------


def _enrolled(told: Told) -> str:
    return told.words(_("%(student)s is enrolled."))


def _enrolled_by_hand(told: Told) -> str:
    usual = told.facts.get("list_amount")
    if told.facts.get("amount"):
        words = (
            _(
                "%(staff)s enrolled %(student)s at %(amount)s%(price)s, "
                "paid elsewhere%(how)s%(because)s."
            )
            if told.how
            else _("%(staff)s enrolled %(student)s at %(amount)s%(price)s%(because)s.")
        )
    elif usual:
        words = _("%(staff)s enrolled %(student)s free instead of %(usual)s%(price)s%(because)s.")
    else:
        words = _("%(staff)s enrolled %(student)s free%(price)s%(because)s.")
    return told.words(words, price=told.price, how=told.how, usual=money(usual))


def _pay_link_sent(told: Told) -> str:
    until = told.facts.get("until")
    words = (
        _(
            "%(staff)s kept a place for %(student)s until %(until)s "
            "and sent a link to pay %(amount)s%(price)s%(because)s."
        )
        if until
        else _(
            "%(staff)s kept a place for %(student)s "
            "and sent a link to pay %(amount)s%(price)s%(because)s."
        )
    )
    said = deadline(datetime.fromisoformat(until)) if until else ""
    return told.words(words, until=said, price=told.price)


def _lapsed(told: Told) -> str:
    return told.words(_("%(student)s did not pay in time; the place is free again."))


def _given_up(told: Told) -> str:
    if not told.by_student:
        return told.words(_("%(who)s let the place go before it was paid%(because)s."))
    return told.words(_("%(student)s gave the place up before paying%(because)s."))


# Money ---------------------------------------------------------------------------------------


def _payment_on_its_way(told: Told) -> str:
    return told.words(
        _("%(student)s ordered a Direct Debit of %(amount)s; the bank takes some days.")
    )


def _payment_received(told: Told) -> str:
    if "how" in told.facts:
        words = _("Paid %(amount)s elsewhere%(how)s%(noted)s.")
        return told.words(words, how=told.how, noted=told.noted_by)
    return told.words(_("Paid %(amount)s by Stripe."))


def _payment_failed(told: Told) -> str:
    return told.words(_("The bank did not pay %(amount)s."))


def _payment_flagged(told: Told) -> str:
    flag = told.facts.get("flag")
    known = flag in Payment.Flag.values
    why = str(Payment.Flag(str(flag)).label) if known else _("it could not be used")
    return told.words(_("%(amount)s came and goes back: %(why)s."), why=why)


def _refund_begun(told: Told) -> str:
    if not told.by_student:
        return told.words(_("%(who)s gave back %(amount)s%(because)s."))
    return told.words(_("%(amount)s goes back%(because)s."))


def _refund_done(told: Told) -> str:
    words = _("%(amount)s has gone back%(how)s%(noted)s.")
    return told.words(words, how=told.how, noted=told.noted_by)


def _refund_failed(told: Told) -> str:
    return told.words(_("%(amount)s could not be given back; somebody has to look."))


def _billing_changed(told: Told) -> str:
    who, company = told.who or told.student, told.facts.get("company")
    if company:
        words = _("%(who)s changed whom the invoice is made out to: %(company)s.")
        return told.words(words, who=who, company=company)
    return told.words(_("%(who)s changed whom the invoice is made out to."), who=who)


# Leaving and moving --------------------------------------------------------------------------


def _cancelled(told: Told) -> str:
    place = told.fact("intake", _(" in %(fact)s"))
    words = (
        _("%(student)s cancelled the place%(place)s%(because)s.")
        if told.by_student
        else _("%(who)s cancelled the place of %(student)s%(place)s%(because)s.")
    )
    return f"{told.words(words, place=place)} {_what_goes_back(told)}"


def _what_goes_back(told: Told) -> str:
    back, quoted = told.facts.get("refund"), told.facts.get("quoted")
    owed = told.facts.get("owed")
    said = {"back": money(back), "quoted": money(quoted), "owed": money(owed)}
    if quoted is not None and quoted != back:
        words = (
            _("%(back)s goes back, where the terms give %(quoted)s.")
            if back
            else _("Nothing goes back, where the terms give %(quoted)s.")
        )
        return words % said
    goes = _("%(back)s goes back.") % said if back else _("Nothing goes back.")
    later = _("%(owed)s will, once the bank has returned what is disputed.") % said
    return f"{goes} {later}" if owed else goes


def _move_begun(told: Told) -> str:
    rest = _(" once %(amount)s is paid") % {"amount": told.money("difference")}
    words = (
        _("%(student)s goes%(way)s%(rest)s.")
        if told.by_student
        else _("%(student)s, moved by %(who)s, goes%(way)s%(rest)s.")
    )
    return told.words(words, way=_way(told), rest=rest if told.facts.get("difference") else "")


def _moved(told: Told) -> str:
    words = (
        _("%(student)s moved%(way)s%(because)s.")
        if told.by_student
        else _("%(who)s moved %(student)s%(way)s%(because)s.")
    )
    said = told.words(words, way=_way(told))
    difference = told.facts.get("difference") or 0
    if difference > 0:
        said += " " + _("%(amount)s more was paid.") % {"amount": money(difference)}
    if difference < 0:
        said += " " + _("It costs %(amount)s less.") % {"amount": money(-difference)}
    return said


def _move_lapsed(told: Told) -> str:
    return told.words(_("The move%(way)s was not paid; %(student)s stays."), way=_to(told))


def _move_dropped(told: Told) -> str:
    if told.who:
        return told.words(_("%(who)s gave up the move%(way)s."), way=_to(told))
    return told.words(_("The move%(way)s came to nothing."), way=_to(told))


def _way(told: Told) -> str:
    return told.fact("origin", _(" from %(fact)s")) + _to(told)


def _to(told: Told) -> str:
    return told.fact("to", _(" to %(fact)s"))


# Disputes and repairs ------------------------------------------------------------------------


def _dispute_opened(told: Told) -> str:
    words = (
        _("The bank asks about %(amount)s%(why)s.")
        if told.facts.get("inquiry")
        else _("The bank took back %(amount)s%(why)s; the payment is disputed.")
    )
    return told.words(words, why=_in_brackets(told.reason))


def _dispute_won(told: Told) -> str:
    return told.words(_("The dispute about %(amount)s was won."))


def _dispute_lost(told: Told) -> str:
    return told.words(_("The dispute about %(amount)s was lost; the money stays with the bank."))


def _repaired(told: Told) -> str:
    return told.words(_("%(who)s put it right%(because)s."), who=told.who or _("The site"))


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
