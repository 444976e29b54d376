"""Short ways to people who are in and may want to leave."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from courses.models import Intake, Price, Provider, RefundTier
from enrolment import checkout, paying, recounting, settling
from enrolment.models import Enrolment, HistoryEntry, Payment, VoucherBatch
from tests.courses.making import enrol
from tests.enrolment.driving import pay
from tests.sandbox.process import Sandbox

ADDRESS = "http://localhost:8000/account/enrolments/{enrolment}/"
URLS = paying.Addresses(ADDRESS, ADDRESS)


def with_policy(*tiers: tuple[int, int], fee: int = 0) -> dict[str, Any]:
    """The provider gives back so many per cent until so many days before; the policy as stored."""
    provider = Provider.objects.get()
    provider.cancellation_fee = fee
    provider.save()
    for days, percent in tiers:
        RefundTier.objects.create(provider=provider, days_before=days, percent=percent)
    provider.refresh_from_db()
    policy: dict[str, Any] = provider.policy
    return policy


def a_place(student: User, intake: Intake, at: datetime, **fields: Any) -> Enrolment:
    """A place paid for at the moment ``at``, as rows alone: for questions about other days."""
    known: dict[str, Any] = {
        "created_at": at,
        "enrolled_at": at,
        "policy": Provider.objects.get().policy,
    }
    enrolment = enrol(student, intake, **{**known, **fields})
    if enrolment.amount:
        Payment.objects.create(
            enrolment=enrolment,
            status=Payment.Status.PAID,
            amount=enrolment.amount,
            amount_received=enrolment.amount,
            payment_intent_id=f"pi_{enrolment.pk.hex}",
            created_at=at,
            expires_at=at,
            paid_at=at,
        )
    recounting.recount()
    return enrolment


def begin(student: User, price: Price, **order: Any) -> Enrolment:
    """Enrol as far as Stripe's page, now; at £0, all the way."""
    made = checkout.begin(
        checkout.Order(
            student=student,
            intake=price.intake,
            price=price,
            return_url=ADDRESS,
            cancel_url=ADDRESS,
            **order,
        ),
        at=timezone.now(),
    )
    for payment in made.payments.all():
        paying.open_session(payment, at=timezone.now())
    return made


def settle(stand_in: Sandbox, payment: Payment) -> None:
    """The student pays, and the site hears of it."""
    paying.open_session(payment, at=timezone.now())
    pay(stand_in, payment)
    settling.settle(payment, at=timezone.now())


def buy(stand_in: Sandbox, student: User, price: Price, **order: Any) -> Enrolment:
    """A place paid for at Stripe, now."""
    enrolment = begin(student, price, **order)
    for payment in enrolment.payments.all():
        settle(stand_in, payment)
    enrolment.refresh_from_db()
    assert enrolment.is_enrolled
    return enrolment


def a_batch(**fields: Any) -> VoucherBatch:
    """Vouchers that take £20 off."""
    known = {"name": "Twenty off", "amount_off": 2000}
    if "percent" in fields:
        known.pop("amount_off")
    return VoucherBatch.objects.create(**{**known, **fields})


def kinds(enrolment: Enrolment) -> list[str]:
    """What its history is of, in order."""
    return list(HistoryEntry.objects.filter(enrolment=enrolment).values_list("kind", flat=True))


def net(enrolment: Enrolment) -> int:
    """What was received for it less what went back or is on its way, in pence."""
    return sum(payment.refundable for payment in enrolment.payments.all())
