"""Fills the browser tests' site, as a process of its own: ``python -m tests.browser.preparing``.

Loads the demo, adds what the tests need beyond it through the site's own journeys, and prints a
JSON object: ``cookies`` (a session of each person), and ``places`` (addresses with keys in them).

It is no part of the test process: Playwright's event loop and Django's database calls do not go
together in one thread.
"""

import json
import sys
from datetime import date
from typing import Any

import django

from tests.browser.hostile_content import write_hostile_content
from tests.browser.imports import write_imports
from tests.browser.oddments import write_oddments
from tests.browser.people import a_person, first_keys, sessions


def main() -> None:
    """Prepare everything in one go."""
    django.setup()
    from django.core.management import call_command

    call_command("load_demo", stdout=sys.stderr)
    _open_lessons_at_once()
    _make_may_2026()
    _make_a_dearer_intake()
    places = _pay_and_wait() | _give_and_offer() | write_hostile_content() | write_imports()
    places |= write_oddments(paid=places["paid_payment"], left=places["left"])
    json.dump({"cookies": sessions(), "places": places | first_keys()}, sys.stdout)


def _open_lessons_at_once() -> None:
    """A paid lesson can be read on the day it is paid for, whatever day the tests run on."""
    from courses.models import Intake

    Intake.objects.filter(course__slug="deep-learning").update(lessons_open="at_once")


def _make_may_2026() -> None:
    """The month that the acceptance asks about; the demo's own months move with the calendar."""
    from courses.models import Course, Intake
    from tests.courses.making import a_price, an_intake

    course = Course.objects.get(slug="deep-learning")
    if not Intake.objects.filter(course=course, month=date(2026, 5, 1)).exists():
        a_price(an_intake(course, "2026-05"))


def _make_a_dearer_intake() -> None:
    """Somewhere to move to that costs more: £30 above the demo's own price."""
    from courses.models import Course
    from tests.courses.making import a_price, an_intake

    a_price(an_intake(Course.objects.get(slug="deep-learning"), "2032-06"), 12000)


def _pay_and_wait() -> dict[str, str]:
    """One person who has paid at the stand-in, and one who has a payment page open."""
    from django.utils import timezone

    from enrolment import paying, settling
    from tests.sandbox.process import fetch

    paid = _begin(a_person("payer@example.org", "Petra Payer"), ["early_start", "digital_content"])
    payment = paying.open_session(paid.payments.get(), at=timezone.now())
    base = payment.session_url.partition("/c/pay/")[0]
    answer = fetch(f"{base}/_control/sessions/{payment.session_id}/pay", b'{"outcome": "success"}',
                   {"Content-Type": "application/json"})  # fmt: skip
    if answer.status != 200:
        raise RuntimeError(f"the stand-in took no payment: {answer.body}")
    settling.settle(payment, at=timezone.now())
    waiting = _begin(a_person("waiting@example.org", "Wendy Waiting"), [])
    paying.open_session(waiting.payments.get(), at=timezone.now())
    return {
        "enrolled": paid.get_absolute_url(),
        "receipt": payment.get_absolute_url(),
        "pending": waiting.get_absolute_url(),
        "next_intake": paid.intake.get_enrol_url(),
        "cancelled_intake": _cancelled(),
        "admitted": str(paid.pk),
        "paid_payment": str(payment.pk),
        "open_payment": waiting.payments.get().session_url,
        "invoice": payment.documents.get(kind="invoice").get_absolute_url(),
    }


def _give_and_offer() -> dict[str, str]:
    """A full intake: one place was cancelled and is kept for somebody, one waits to be paid."""
    from datetime import timedelta

    from django.utils import timezone

    from accounts.models import User
    from courses.models import Course
    from enrolment import by_hand, cancelling, waiting
    from enrolment.models import WaitingListEntry
    from tests.courses.making import a_price, an_intake

    at = timezone.now()
    intake = an_intake(Course.objects.get(slug="statistics-refresher"), "2032-07", capacity=2)
    price = a_price(intake)
    staff = User.objects.get(email="staff@termtime.example")
    for email, name in [("leaver@example.org", "Lena Leaver"), ("later@example.org", "Lars Later")]:
        a_person(email, name)
    place = by_hand.Place(email="leaver@example.org", intake=intake, price=price, by=staff)
    left = by_hand.enrol_paid_elsewhere(place, amount=9000, how="by bank transfer", at=at)
    linked = by_hand.send_pay_link(
        by_hand.Place(email="later@example.org", intake=intake, price=price, by=staff),
        amount=9000,
        held_until=at + timedelta(days=5),
        at=at,
    )
    offered = a_person("offered@example.org", "Ottilie Offered")
    entry = waiting.join(student=offered, intake=intake, at=at)
    cancelling.cancel(left, at=at, by=left.student)
    waits = WaitingListEntry.objects.get(student__email="wanda@termtime.example")
    return {
        "full_intake": intake.get_enrol_url(),
        "cancelled": left.get_absolute_url(),
        "left": str(left.pk),
        "linked": str(linked.pk),
        "pay_link": linked.get_absolute_url(),
        "offered": entry.get_absolute_url(),
        "waits": waits.get_absolute_url(),
    }


def _begin(student: Any, agreed: list[str]) -> Any:
    from django.conf import settings
    from django.db.models import Q
    from django.utils import timezone

    from courses.models import Intake
    from enrolment import checkout
    from enrolment.models import Consent

    at = timezone.now()
    on_sale = Intake.objects.on_sale(at=at)
    paid = on_sale.filter(Q(from_amount__gt=0), course__slug="deep-learning")
    intake = paid.order_by("starts_at").first()
    assert intake is not None
    back = f"{settings.SITE_URL}/account/enrolments/{{enrolment}}/"
    order = checkout.Order(
        student=student,
        intake=intake,
        price=intake.prices.get(name="Standard"),
        agreed=Consent.Kind.values if agreed else [],
        return_url=f"{back}return/",
        cancel_url=back,
    )
    return checkout.begin(order, at=at)


def _cancelled() -> str:
    from courses.models import Intake

    return str(Intake.objects.filter(cancelled_at__isnull=False)[0].get_enrol_url())


if __name__ == "__main__":
    main()
