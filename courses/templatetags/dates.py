"""The one way that days and times are written: ``3 May 2026``, ``2:30pm BST``.

As the style guide of GOV.UK has it: twelve hours, no noughts, "midday" and "midnight" in words.
Times are London's, and always name their zone.
"""

from datetime import date, datetime

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from courses.calendar import LONDON

register = template.Library()


@register.filter
def day(when: date | datetime | None) -> str:
    """``3 May 2026``; of an instant, its day in London."""
    return date_format(_there(when), "j F Y") if when else ""


@register.filter
def weekday(when: date | datetime | None) -> str:
    """``Sunday 3 May 2026``, for what somebody has to be there or decide by."""
    return date_format(_there(when), "l j F Y") if when else ""


@register.filter
def clock(when: datetime | None) -> str:
    """``2:30pm BST``, ``9am GMT``, ``midday BST``, ``midnight GMT``."""
    if when is None:
        return ""
    there = when.astimezone(LONDON)
    zone = there.tzname() or ""
    if (there.hour, there.minute) in {(0, 0), (12, 0)}:
        name = _("midday") if there.hour else _("midnight")
        return f"{name} {zone}"
    half = _("am") if there.hour < 12 else _("pm")
    minutes = f":{there:%M}" if there.minute else ""
    return f"{there.hour % 12 or 12}{minutes}{half} {zone}"


@register.filter
def moment(when: datetime | None) -> str:
    """``2:30pm BST on 3 May 2026``."""
    return _("%(time)s on %(day)s") % {"time": clock(when), "day": day(when)} if when else ""


@register.filter
def deadline(when: datetime | None) -> str:
    """The end of something, with its weekday: ``2:30pm BST on Sunday 3 May 2026``.

    Midnight belongs to the day that it ends, as people mean it: ``midnight BST at the end of
    Saturday 2 May 2026``.
    """
    if when is None:
        return ""
    there = when.astimezone(LONDON)
    if (there.hour, there.minute) == (0, 0):
        before = date.fromordinal(there.toordinal() - 1)
        words = _("%(time)s at the end of %(day)s")
        return words % {"time": clock(there), "day": weekday(before)}
    return _("%(time)s on %(day)s") % {"time": clock(there), "day": weekday(there)}


def _there(when: date | datetime) -> date | datetime:
    return when.astimezone(LONDON) if isinstance(when, datetime) else when
