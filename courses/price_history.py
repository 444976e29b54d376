"""What a place cost at any moment, so that every claim about an earlier price can be proved.

Read from the history that is written with every change of a price, who made it, and when; the
history of a deleted price stays. Places booked are no part of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from courses.models import Intake, Price
from courses.templatetags.dates import moment
from courses.templatetags.money import money
from courses.vat import vat_note

# What is told of a change, in this order.
TOLD = (
    "name", "kind", "amount", "vat_treatment", "vat_rate", "available_from", "available_until",
    "places_limit", "declaration",
)  # fmt: skip
MADE, DELETED = "+", "-"


@dataclass(frozen=True)
class Difference:
    """One thing that a change changed, in words; ``before`` is empty for a new price."""

    what: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """A price made, changed or deleted: when, by whom, and from what to what."""

    at: datetime
    by: str
    name: str
    did: str
    differences: list[Difference]

    @property
    def told(self) -> str:
        """What was done, in words."""
        what = {"what": ", ".join(self._told(one) for one in self.differences)}
        if self.did == "made":
            return _("Made: %(what)s") % what
        return (_("Deleted: %(what)s") if self.did == "deleted" else _("Changed: %(what)s")) % what

    def _told(self, one: Difference) -> str:
        if self.did != "changed":
            return _("%(what)s “%(value)s”") % {"what": one.what, "value": one.before or one.after}
        return _("%(what)s from “%(before)s” to “%(after)s”") % {
            "what": one.what,
            "before": one.before or _("nothing"),
            "after": one.after or _("nothing"),
        }


@dataclass(frozen=True)
class PriceThen:
    """A price as it stood at a moment. The amount is in pence."""

    name: str
    kind: str
    amount: int
    vat: str
    was_on_sale: bool
    window: str
    places_limit: int | None
    since: datetime

    @property
    def is_for_anyone(self) -> bool:
        """Whether it could be the headline."""
        return self.kind != Price.Kind.CONCESSION


def changes(intake: Intake) -> list[Change]:
    """Everything that happened to the intake's prices, deleted ones included, the newest first."""
    last: dict[int, Any] = {}
    told = []
    for record in _records(intake):
        change = _change(last.get(record.id), record)
        if change:
            told.append(change)
        last[record.id] = record
    return told[::-1]


def prices_at(intake: Intake, *, at: datetime) -> list[PriceThen]:
    """What a place in the intake cost at the moment ``at``: every price that there was.

    Whether the places at a limited price had all gone by then is not in the history.
    """
    last: dict[int, Any] = {}
    for record in _records(intake).filter(history_date__lte=at):
        last[record.id] = record
    stood = [record for record in last.values() if record.history_type != DELETED]
    return [_then(record, at=at) for record in sorted(stood, key=_as_listed)]


def least_amount_at(intake: Intake, *, at: datetime) -> int | None:
    """The cheapest price in pence that anyone could book at ``at``, had places been left at it."""
    prices = prices_at(intake, at=at)
    amounts = [one.amount for one in prices if one.was_on_sale and one.is_for_anyone]
    return min(amounts, default=None)


def _records(intake: Intake) -> "QuerySet[Any]":
    rows = Price.history.filter(intake_id=intake.pk).select_related("history_user")
    return rows.order_by("history_date", "history_id")


def _as_listed(record: Any) -> tuple[int, int, int]:
    return record.position, record.amount, record.id


def _then(record: Any, *, at: datetime) -> PriceThen:
    begun = record.available_from is None or record.available_from <= at
    return PriceThen(
        name=record.name,
        kind=record.kind,
        amount=record.amount,
        vat=vat_note(amount=record.amount, treatment=record.vat_treatment, rate=record.vat_rate),
        was_on_sale=begun and (record.available_until is None or at < record.available_until),
        window=_window(record),
        places_limit=record.places_limit,
        since=record.history_date,
    )


def _window(record: Any) -> str:
    facts = {"start": moment(record.available_from), "end": moment(record.available_until)}
    if facts["start"] and facts["end"]:
        return _("from %(start)s until %(end)s") % facts
    if facts["start"]:
        return _("from %(start)s") % facts
    return _("until %(end)s") % facts if facts["end"] else ""


def _change(before: Any, after: Any) -> Change | None:
    """None where a price was saved as it was."""
    is_new = before is None or after.history_type == MADE
    if after.history_type == DELETED:
        did, differences = "deleted", _differences(after, None)
    elif is_new:
        did, differences = "made", _differences(None, after)
    else:
        did, differences = "changed", _differences(before, after)
        if not differences:
            return None
    by = str(after.history_user) if after.history_user else ""
    return Change(after.history_date, by, after.name, did, differences)


def _differences(before: Any, after: Any) -> list[Difference]:
    found: Iterable[Difference] = (
        Difference(_called(name), _said(before, name), said)
        for name in TOLD
        if (said := _said(after, name)) != _said(before, name)
    )
    return list(found)


def _said(record: Any, name: str) -> str:
    """A value in words; nothing for one that is not set, or where there is no record."""
    value = getattr(record, name) if record is not None else None
    if value is None or value == "":
        return ""
    if name == "amount":
        return money(value) if value else _("free")
    if name == "vat_rate":
        return f"{value / 100:g}%" if value else ""
    if isinstance(value, datetime):
        return moment(value)
    labels = dict(_field(name).flatchoices)
    return str(labels.get(value, value))


def _called(name: str) -> str:
    # The form asks for pence; here it is told in pounds.
    return _("amount") if name == "amount" else str(_field(name).verbose_name)


def _field(name: str) -> Any:
    return Price._meta.get_field(name)
