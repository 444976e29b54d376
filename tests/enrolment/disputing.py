"""What a bank does to a payment, and how staff and the site hear of it."""

from typing import Any

from django.test import Client
from django.utils import timezone

from courses.models import Intake
from enrolment import settling
from enrolment.models import Dispute, Payment
from tests.enrolment.driving import begin_paying, deliver, events, pay, run_jobs
from tests.sandbox.process import Sandbox


def paid(client: Client, intake: Intake, stand_in: Sandbox, **answers: str) -> Payment:
    """Enrol and pay, and let the site notice."""
    payment = begin_paying(client, intake, **answers)
    pay(stand_in, payment)
    settling.settle(payment, at=timezone.now())
    run_jobs()
    payment.refresh_from_db()
    return payment


def dispute(stand_in: Sandbox, payment: Payment, **claim: Any) -> str:
    """The bank disputes a payment; Stripe's id of the dispute. No webhook is delivered by this."""
    return str(stand_in.control("disputes", session=payment.session_id, **claim)["id"])


def tell(client: Client, stand_in: Sandbox, kind: str) -> None:
    """The newest event of this kind is delivered and worked on."""
    deliver(client, events(stand_in, kind)[0])
    run_jobs()


def only_dispute() -> Dispute:
    """The one dispute there is."""
    return Dispute.objects.get()
