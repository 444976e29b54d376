"""A small world for the stateful test: four students, two intakes, Stripe, a clock and a worker.

Each method is something a person, Stripe or the machine does. What cannot be done at this moment
is refused by the journey itself, in its own words; anything else that is raised is a bug.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import time_machine
from django.db import connection, transaction
from django.db.models import Q, QuerySet, Sum
from django.test import Client
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from courses import reviewing
from courses.models import Intake, RefundTier
from enrolment import (
    accepting,
    alerts,
    cancelling,
    checkout,
    deciding,
    giving_up,
    moving,
    passing_on,
    paying,
    payments,
    reconciling,
    recounting,
    refunding,
    settling,
    vouchers,
    waiting,
)
from enrolment.models import (
    Enrolment,
    IntakeAlert,
    Offer,
    Payment,
    Refund,
    Voucher,
    VoucherBatch,
    WaitingListEntry,
)
from tests.any_order import letters
from tests.courses.making import a_course, a_price, a_provider, an_intake
from tests.enrolment.driving import deliver
from tests.sandbox.process import Sandbox

NAMES = ("alice", "bob", "carol", "dave")
ADDRESS = "http://localhost:8000/account/enrolments/{enrolment}/"
URLS = paying.Addresses(ADDRESS, ADDRESS)
# What a journey answers where the moment is not right for it.
REFUSALS: tuple[type[Exception], ...] = (
    checkout.NotJoinable,
    checkout.PriceNotBookable,
    checkout.AlreadyEnrolled,
    vouchers.VoucherRefused,
    paying.CheckoutRefused,
    paying.NothingToPay,
    giving_up.OnItsWay,
    cancelling.NotEnrolled,
    moving.NotMovable,
    waiting.PlaceFree,
    waiting.ListClosed,
    accepting.OfferOver,
    deciding.NotPossible,
    reviewing.NotYet,
)


class World:
    """Everything there is, and everything that can happen to it."""

    def __init__(self, stand_in: Sandbox) -> None:
        self.stand_in = stand_in
        stand_in.control("reset")
        self._at = datetime.fromtimestamp(stand_in.see("clock")["now"]).astimezone()
        self._clock = time_machine.travel(self._at, tick=False)
        self._traveller = self._clock.start()
        self.client = Client()
        self.delivered: Counter[str] = Counter()
        provider = a_provider(cancellation_fee=1000)
        RefundTier.objects.create(provider=provider, days_before=28, percent=50)
        course = a_course()
        later = f"{self._at.year + 100}"
        self.intakes = [
            an_intake(course, f"{later}-05", capacity=2),
            an_intake(course, f"{later}-06", capacity=1),
        ]
        for intake, amount in zip(self.intakes, (9000, 12000), strict=True):
            a_price(intake, amount)
        batch = VoucherBatch.objects.create(name="Half", percent=50, limit_per_person=None)
        self.voucher = Voucher.objects.create(batch=batch, code="HALF", limit=1)
        self.students = [
            User.objects.create_user(f"{name}@example.org", name=name.capitalize())
            for name in NAMES
        ]
        self.staff = User.objects.create_user("sam@example.org", name="Sam")

    def close(self) -> None:
        """Give the real time back."""
        self._clock.stop()

    def moment(self) -> datetime:
        """A moment for one act, and for no other: what is written at it happened in that act."""
        self._at += timedelta(microseconds=1)
        self._traveller.move_to(self._at)
        return self._at

    # People ------------------------------------------------------------------------------------

    def enrol(self, who: int, where: int, *, with_voucher: bool) -> None:
        """A student chooses an intake and comes to Stripe's page."""
        intake = self.fresh(self.intakes[where])
        order = checkout.Order(
            student=self.students[who],
            intake=intake,
            price=intake.prices.all()[0],
            return_url=ADDRESS,
            cancel_url=ADDRESS,
            voucher=self.voucher if with_voucher else None,
        )
        self._begin(order)

    def _begin(self, order: checkout.Order) -> None:
        enrolment = checkout.begin(order, at=self.moment())
        payment = enrolment.payments.first()
        if payment:
            paying.open_session(payment, at=self.moment())

    def give_up(self, enrolment: Enrolment) -> None:
        """A student does not want to pay after all."""
        giving_up.give_up(enrolment, by=enrolment.student, at=self.moment())

    def cancel(self, enrolment: Enrolment) -> None:
        """A learner leaves."""
        cancelling.cancel(enrolment, at=self.moment(), by=enrolment.student)

    def move(self, enrolment: Enrolment) -> None:
        """A learner goes to the other intake; where that is dearer, by Stripe's page."""
        there = next(one for one in self.intakes if one.pk != enrolment.intake_id)
        moved = moving.move(enrolment, to=self.fresh(there), at=self.moment(), urls=URLS)
        payment = moved.payments.first()
        if payment:
            paying.open_session(payment, at=self.moment())

    def wait_for(self, who: int, where: int, *, also: bool) -> None:
        """A student joins a waiting list; the other intake would do as well, or not."""
        others = [self.intakes[1 - where]] if also else []
        waiting.join(
            student=self.students[who], intake=self.intakes[where], also=others, at=self.moment()
        )

    def leave(self, entry: WaitingListEntry) -> None:
        """Somebody has waited long enough, or has been offered a place and does not want it."""
        waiting.leave(entry, at=self.moment())

    def take_up(self, offer: Offer) -> None:
        """Somebody takes the place that was offered."""
        intake = self.fresh(offer.intake)
        order = checkout.Order(
            student=offer.entry.student,
            intake=intake,
            price=offer.price,
            return_url=ADDRESS,
            cancel_url=ADDRESS,
            offer=offer,
        )
        self._begin(order)

    def pay_again(self, enrolment: Enrolment) -> None:
        """The page was closed, and the place is still held."""
        paying.open_session(
            paying.pay_again(enrolment, urls=URLS, at=self.moment()), at=self.moment()
        )

    def call_off(self, where: int, *, to: int | None = None) -> None:
        """Staff call an intake off; a job for each moves or refunds everybody."""
        there = None if to is None else self.fresh(self.intakes[to])
        deciding.call_off(self.intakes[where], to=there, at=self.moment(), by=self.staff)

    def refund(self, payment: Payment, amount: int) -> None:
        """Staff give something back, and the place is not touched."""
        with transaction.atomic():
            Enrolment.objects.locked(pk=payment.enrolment_id)
            refunding.begin(
                payment, amount=amount, reason="Goodwill", at=self.moment(), by=self.staff
            )

    def want_to_know(self, email: str) -> None:
        """Somebody asks to be told when the next intake opens."""
        alerts.ask(course=self.intakes[0].course, email=email, at=self.moment())

    def confirm(self, alert: IntakeAlert) -> None:
        """Somebody follows the link in the mail that asks whose address it is."""
        alerts.confirm(alert, at=self.moment())

    def fresh(self, intake: Intake) -> Intake:
        """The intake as it is now, as a page fetches it."""
        rows = Intake.objects.select_related("course").prefetch_related("prices")
        return rows.get(pk=intake.pk)

    def pay(self, payment: Payment, outcome: str) -> None:
        """What the student does on Stripe's page, where it is still open."""
        self._at_stripe(f"sessions/{payment.session_id}/pay", outcome=outcome)

    def come_back(self, payment: Payment) -> None:
        """The student returns from Stripe."""
        settling.settle(payment, at=self.moment())

    # Stripe ------------------------------------------------------------------------------------

    def _at_stripe(self, command: str, **values: Any) -> bool:
        """Whether Stripe let it happen."""
        try:
            self.stand_in.control(command, **values)
        except ValueError:
            return False
        return True

    def expire(self, payment: Payment) -> None:
        """Stripe closes the page."""
        self._at_stripe(f"sessions/{payment.session_id}/expire")

    def debit(self, payment: Payment, outcome: str) -> None:
        """A Direct Debit goes through, or does not."""
        self._at_stripe(f"sessions/{payment.session_id}/settle", outcome=outcome)

    def dispute(self, payment: Payment) -> None:
        """The student's bank takes the money back for now."""
        self._at_stripe("disputes", session=payment.session_id)

    def close_dispute(self, payment: Payment, outcome: str) -> None:
        """The bank has decided."""
        for dispute in self.stand_in.client().v1.disputes.list({"limit": 100}).data:
            if str(dispute.payment_intent) == payment.payment_intent_id:
                self._at_stripe(f"disputes/{dispute.id}/close", outcome=outcome)

    def webhook(self, pick: int, times: int) -> None:
        """One of Stripe's events arrives, old or new, so many times."""
        found = self.events()
        if not found:
            return
        event = found[pick % len(found)]
        for _ in range(times):
            self.moment()
            assert deliver(self.client, event).status_code == 200
            self.delivered[event["id"]] += 1

    def events(self) -> list[dict[str, Any]]:
        """Everything that Stripe has to tell, the newest first."""
        listed = self.stand_in.client().v1.events.list({"limit": 100})
        return [event.to_dict() for event in listed.auto_paging_iter()]

    # The machine -------------------------------------------------------------------------------

    def wait(self, minutes: int) -> None:
        """Time passes, here and at Stripe."""
        self._at += timedelta(minutes=minutes)
        self._traveller.move_to(self._at)
        self.stand_in.control("clock", advance=minutes * 60)

    def work(self, *, most: int = 1000, newest_first: bool = False) -> int:
        """Do queued jobs; how many. One that fails stays for another time."""
        order = "-pk" if newest_first else "pk"
        done = 0
        for job in self.jobs_left().order_by(order)[:most]:
            self._mark(job, "doing")
            self.moment()
            try:
                app.tasks[job.task_name].func(**job.args)
            except payments.PaymentsError:
                self._mark(job, "todo")
                continue
            self._mark(job, "succeeded")
            done += 1
        return done

    def jobs_left(self) -> QuerySet[ProcrastinateJob]:
        """Those that no worker has taken."""
        return ProcrastinateJob.objects.filter(status="todo")

    def _mark(self, job: ProcrastinateJob, status: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = %s WHERE id = %s", [status, job.pk]
            )

    def reconcile(self) -> None:
        """The schedule's turn."""
        report = reconciling.reconcile(at=self.moment())
        assert report.problems == []
        passing_on.run(at=self.moment())
        deciding.ask(at=self.moment())
        alerts.send_due(at=self.moment())

    def payments(self) -> list[Payment]:
        """Those that have a page at Stripe, the oldest first."""
        return list(Payment.objects.exclude(session_id=None).order_by("created_at", "pk"))

    def come_to_rest(self) -> None:
        """Days pass; nothing is told any more; the schedule does its work; the books agree."""
        for payment in self.payments():
            self.debit(payment, "success")
        self.wait(60 * 24 * 4)
        for _ in range(6):
            self.reconcile()
            if not self.work():
                break
            self.wait(120)
        self.check()
        self.check_at_rest()

    # What is always true -----------------------------------------------------------------------

    def check(self) -> None:
        """Hold everything against everything; raises AssertionError."""
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        assert recounting.miscounted() == []
        for intake in Intake.objects.all():
            assert intake.capacity is None or intake.places_booked <= intake.capacity
        live = Enrolment.objects.live().values_list("student_id", "intake_id")
        assert max(Counter(live).values(), default=1) == 1

    def check_at_rest(self) -> None:
        """What must be true once everything has been said and done."""
        letters.check()
        assert not self.jobs_left().exists()
        assert not Enrolment.objects.filter(status=Enrolment.Status.PENDING).exists()
        assert not Payment.objects.filter(status__in=Payment.OPEN).exists()
        # What the bank has taken back meanwhile cannot be refunded; staff see that it failed.
        paid = Payment.objects.filter(status=Payment.Status.PAID, disputes=None)
        refunds = Refund.objects.filter(payment__in=paid)
        assert not refunds.exclude(status=Refund.Status.DONE).exists()
        for payment in paid:
            came_to_something = payment.enrolment.status in {
                Enrolment.Status.ENROLLED,
                Enrolment.Status.CANCELLED,
            }
            given_back = payment.refunded == payment.amount_received
            assert given_back if payment.flag else came_to_something or given_back
        assert self.charged_at_stripe() == self.charged_here()

    def charged_here(self) -> dict[str, int]:
        """What our records say came by Stripe and did not go back by it, in pence, by intent."""
        paid = Payment.objects.filter(status=Payment.Status.PAID, method=Payment.Method.STRIPE)
        by_hand = Sum("refunds__amount", filter=~Q(refunds__note=""), default=0)
        return {
            payment.payment_intent_id: payment.amount_received - payment.refunded + payment.by_hand
            for payment in paid.annotate(by_hand=by_hand)
        }

    def charged_at_stripe(self) -> dict[str, int]:
        """The same as Stripe knows it."""
        charges = self.stand_in.client().v1.charges.list({"limit": 100})
        return {
            str(charge.payment_intent): charge.amount - charge.amount_refunded
            for charge in charges.auto_paging_iter()
            if charge.paid and charge.status == "succeeded"
        }
