"""The days of an intake as a calendar entry (RFC 5545), published or withdrawn (RFC 5546)."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress, vText

from courses.models import Intake, Provider
from enrolment.models import Enrolment, Move


def for_enrolment(enrolment: Enrolment) -> bytes | None:
    """The calendar file of a learner's intake; None where no day is known, or nobody is in.

    All day from the first day to the last, without making the learner look busy. Its UID stays
    the same for as long as the enrolment does, so that a day which has moved, or an intake moved
    to, changes the entry that is there; one that is cancelled withdraws it.
    """
    intake = enrolment.intake
    is_off = enrolment.status == Enrolment.Status.CANCELLED or intake.cancelled_at is not None
    if intake.starts_on is None or not (enrolment.is_enrolled or is_off):
        return None
    if enrolment.enrolled_at is None:
        return None
    calendar = Calendar()
    calendar.add("prodid", "-//Termtime//Intakes//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if is_off else "PUBLISH")
    calendar.add_component(_event(enrolment, first=intake.starts_on, is_off=is_off))
    return calendar.to_ical()


def _event(enrolment: Enrolment, *, first: date, is_off: bool) -> Event:
    intake = enrolment.intake
    page = settings.SITE_URL + intake.course.get_absolute_url()
    changed_at = _changed_at(enrolment)
    last = intake.ends_on
    event = Event()
    event.add("uid", f"{enrolment.pk}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("dtstamp", changed_at)
    event.add("last-modified", changed_at)
    # Grows with every change, as section 3.8.7.4 asks, without being counted anywhere.
    event.add("sequence", max(0, int((changed_at - enrolment.created_at).total_seconds())))
    event.add(
        "summary",
        intake.course.title if last else _("%(course)s begins") % {"course": intake.course.title},
    )
    event.add("dtstart", first)
    event.add("dtend", (last or first) + timedelta(days=1))  # the day after: section 3.6.1
    event.add("status", "CANCELLED" if is_off else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    event.add("url", page)
    words = _("%(intake)s. Your lessons: %(address)s")
    event.add("description", words % {"intake": intake.label, "address": page})
    if provider := Provider.current():
        event.add("organizer", _organizer(provider))
    return event


def _organizer(provider: Provider) -> vCalAddress:
    address = vCalAddress(f"mailto:{provider.email}")
    address.params["CN"] = vText(provider.name)
    return address


def _changed_at(enrolment: Enrolment) -> datetime:
    """When anything that the entry says was last changed."""
    said = enrolment.intake.history.order_by("-history_date").values_list("history_date", flat=True)
    moved = enrolment.moves.filter(status=Move.Status.DONE).order_by("-ended_at")
    moments = (
        enrolment.enrolled_at,
        enrolment.ended_at,
        said.first(),
        moved.values_list("ended_at", flat=True).first(),
    )
    latest = max((moment for moment in moments if moment), default=enrolment.created_at)
    return latest.astimezone(UTC).replace(microsecond=0)


def file_name(intake: Intake) -> str:
    """What the file is called when it is kept."""
    return f"{intake.course.slug}-{intake.slug}.ics"
