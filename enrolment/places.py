"""The counters of places. Every change of them is one of these statements.

Each is a conditional update: it takes the row's lock, sees what the transactions before it did,
and changes one row or none. Check constraints (``intake_never_oversold``,
``price_never_oversold``, ``voucher_never_overused``) stand behind them.
Callers update last in their transaction, voucher, intake, price in this order, since everyone who
wants this intake waits for the row. For the same reason they are plain SQL, written once: putting
them together anew from a queryset took longer than PostgreSQL needs to carry them out.

A place is held by a pending enrolment, an open offer or a move that waits for its payment; it is
taken by someone enrolled.
"""

from datetime import datetime

from django.db import connection

from courses.models import Intake, Price
from enrolment.models import Voucher

_FREE = "(capacity IS NULL OR capacity > places_taken + places_held)"
_NOT_CANCELLED = "(cancelled_at IS NULL OR cancelled_at > %(at)s)"
_SELLS = f"is_published AND (closes_at IS NULL OR closes_at > %(at)s) AND {_NOT_CANCELLED}"


def _update(model: type[Intake | Price | Voucher], change: str, only: str = "true") -> str:
    """The statement that makes ``change`` in the row with the key asked for, if ``only`` holds."""
    # Nothing in it comes from anybody but us; the values are parameters.
    return f"UPDATE {model._meta.db_table} SET {change} WHERE id = %(key)s AND {only}"  # noqa: S608


_HOLD = "places_held = places_held + 1"
_TAKE = "places_taken = places_taken + 1"
_RELEASE = "places_held = places_held - 1"
_STATEMENTS = {
    "hold": _update(Intake, _HOLD, f"{_FREE} AND {_SELLS}"),
    "hold_late": _update(Intake, _HOLD, f"{_FREE} AND {_NOT_CANCELLED}"),
    "take": _update(Intake, _TAKE, f"{_FREE} AND {_SELLS}"),
    "take_late": _update(Intake, _TAKE, f"{_FREE} AND {_NOT_CANCELLED}"),
    "take_held": _update(Intake, f"{_RELEASE}, {_TAKE}", _NOT_CANCELLED),
    "release_held": _update(Intake, _RELEASE),
    "release_taken": _update(Intake, "places_taken = places_taken - 1"),
    "book_price": _update(
        Price,
        "places_booked = places_booked + 1",
        "(places_limit IS NULL OR places_limit > places_booked)",
    ),
    "release_price": _update(Price, "places_booked = places_booked - 1"),
    "use_voucher": _update(
        Voucher,
        "times_used = times_used + 1",
        'NOT is_withdrawn AND ("limit" IS NULL OR "limit" > times_used)',
    ),
    "give_voucher_back": _update(Voucher, "times_used = times_used - 1"),
}


def _run(name: str, key: int, *, at: datetime | None = None) -> bool:
    """Carry a statement out; whether it changed the row."""
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENTS[name], {"key": key, "at": at})
        return bool(cursor.rowcount == 1)


def hold(intake_id: int, *, at: datetime) -> bool:
    """Keep a place for someone who is paying; False where there is none, or it no longer sells."""
    return _run("hold", intake_id, at=at)


def take(intake_id: int, *, at: datetime) -> bool:
    """Take a free place at once; False where there is none, or the intake no longer sells."""
    return _run("take", intake_id, at=at)


def take_late(intake_id: int, *, at: datetime) -> bool:
    """Take a place for money that came after its hold ended; False where none is left.

    Staff who enrol by hand after enrolment has closed take one in the same way.
    """
    return _run("take_late", intake_id, at=at)


def hold_late(intake_id: int, *, at: datetime) -> bool:
    """Keep a place though the intake may have closed: staff send a link to pay by."""
    return _run("hold_late", intake_id, at=at)


def take_held(intake_id: int, *, at: datetime) -> bool:
    """The held place is paid for; False where the intake was cancelled meanwhile."""
    return _run("take_held", intake_id, at=at)


def release_held(intake_id: int) -> None:
    """The held place is free again."""
    _run("release_held", intake_id)


def release_taken(intake_id: int) -> None:
    """The place of someone who was enrolled is free again."""
    _run("release_taken", intake_id)


def book_price(price_id: int | None) -> bool:
    """Count a place at this price; False where its own limit is reached."""
    return price_id is None or _run("book_price", price_id)


def release_price(price_id: int | None) -> None:
    """One place fewer is booked at this price."""
    if price_id is not None:
        _run("release_price", price_id)


def use_voucher(voucher_id: int) -> bool:
    """Count a use; False where the voucher is used up or was withdrawn."""
    return _run("use_voucher", voucher_id)


def give_voucher_back(voucher_id: int | None) -> None:
    """A use that came to nothing counts no more."""
    if voucher_id is not None:
        _run("give_voucher_back", voucher_id)
