"""Days and months as people here mean them: Europe/London."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
# A date beyond these is a slip of the pen, and reckoning with it may leave the calendar.
YEARS = range(1900, 2200)


def day_start(day: date) -> datetime:
    """Midnight at the beginning of ``day``, London time, with its zone."""
    return datetime.combine(day, time.min, tzinfo=LONDON)


def next_day_start(day: date) -> datetime:
    """Midnight at the end of ``day``, London time: the first instant that is no longer in it."""
    return day_start(day + timedelta(days=1))


def month_after(day: date) -> date:
    """The first day of the month after the one that ``day`` is in."""
    return add_months(day, 1)


def london_date(at: datetime) -> date:
    """The date in London at the instant ``at``."""
    return at.astimezone(LONDON).date()


def add_months(day: date, months: int) -> date:
    """The first day of the month ``months`` after (negative: before) the one ``day`` is in."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)
