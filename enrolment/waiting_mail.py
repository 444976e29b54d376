"""What the mails to those who wait are about; sent by ``enrolment.mail``."""

from django.utils import timezone

from enrolment import offering, waiting
from enrolment.mail_kinds import Context, Kinds, NothingToSay
from enrolment.models import IntakeAlert, Offer, WaitingListEntry


def _about_entry(key: str) -> tuple[str, Context]:
    rows = WaitingListEntry.objects.select_related("student", "intake__course")
    entry = rows.get(pk=key)
    return entry.student.email, {
        "entry": entry,
        "student": entry.student,
        "intake": entry.intake,
        "course": entry.intake.course,
    }


def _joined(key: str) -> tuple[str, Context]:
    to, context = _about_entry(key)
    entry = context["entry"]
    if not entry.is_live:
        raise NothingToSay
    own, *others = waiting.standings([entry], at=timezone.now())[entry.pk]
    return to, {**context, "own": own, "others": others}


def _about_offer(key: str) -> tuple[str, Context]:
    offer = Offer.objects.select_related("intake__course", "price", "entry__intake").get(pk=key)
    to, context = _about_entry(str(offer.entry_id))
    return to, {
        **context,
        "offer": offer,
        "intake": offer.intake,
        "price_in_words": offering.price_in_words(offer),
    }


def _offered(key: str) -> tuple[str, Context]:
    to, context = _about_offer(key)
    if not context["offer"].is_open(at=timezone.now()):
        raise NothingToSay
    return to, context


def _about_alert(key: str) -> tuple[str, Context]:
    """``key`` is the alert's, with the moment of asking behind it where it was asked again."""
    alert = IntakeAlert.objects.select_related("course").filter(pk=key.partition(".")[0]).first()
    if alert is None:
        raise NothingToSay
    return alert.email, {"alert": alert, "course": alert.course}


KINDS: Kinds = {
    "waiting_joined": _joined,
    "waiting_over": _about_entry,
    "offer": _offered,
    "offer_over": _about_offer,
    "alert_confirm": _about_alert,
    "alert_open": _about_alert,
}
