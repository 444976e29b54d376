"""Work that is not done while somebody waits. Every job may run twice, or after a crash.

Jobs are queued in the transaction that caused them. The journeys that queue them are imported
inside the jobs, since each needs the other.
"""

import logging

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status

from courses.calendar import london_date

logger = logging.getLogger(__name__)

# Stripe or the mail server may be away for hours: 14 s, 18 s, 26 s … about 18 hours in all.
PATIENT = RetryStrategy(max_attempts=15, exponential_wait=2, wait=10)
# A worker says every 10 seconds that it lives.
STALLED_AFTER = 60  # seconds


@app.task(retry=PATIENT)
def send_mail(*, kind: str, key: str) -> None:
    """Write one mail and hand it to the mail server."""
    from enrolment import mail
    from enrolment.mail_kinds import NothingToSay

    try:
        mail.send(kind, key)
    except NothingToSay:
        logger.info("There is no need any more for the mail %s about %s.", kind, key)


@app.task(retry=PATIENT)
def open_session(*, payment_id: str) -> None:
    """Carry on with a checkout that Stripe was too slow to open."""
    from enrolment import paying
    from enrolment.models import Payment

    payment = Payment.objects.select_related("enrolment__intake").get(pk=payment_id)
    try:
        paying.open_session(payment, at=timezone.now())
    except paying.CheckoutRefused:
        logger.warning("Payment %s was refused; its place is free again.", payment.reference)


@app.task(retry=PATIENT)
def settle_payment(*, payment_id: str) -> None:
    """See at Stripe whether a payment was made."""
    from enrolment import settling
    from enrolment.models import Payment

    settling.settle(Payment.objects.get(pk=payment_id), at=timezone.now())


@app.task(retry=PATIENT)
def process_event(*, event_id: str) -> None:
    """Do what a webhook asks for."""
    from enrolment import events
    from enrolment.models import StripeEvent

    events.process(StripeEvent.objects.get(event_id=event_id), at=timezone.now())


@app.task(retry=PATIENT)
def carry_out_refund(*, refund_id: str) -> None:
    """Send money back."""
    from enrolment import refunding
    from enrolment.models import Refund

    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    refunding.carry_out(refund, at=timezone.now())


@app.task(retry=PATIENT)
def close_session(*, payment_id: str) -> None:
    """Close the payment page of something that was given up; where it was paid after all, see."""
    from enrolment import giving_up
    from enrolment.models import Payment

    giving_up.close_session(Payment.objects.get(pk=payment_id), at=timezone.now())


@app.task(retry=PATIENT)
def leave_called_off(
    *, enrolment_id: str, intake_id: int, to_id: int | None, by_id: int | None, reason: str
) -> None:
    """Move or refund somebody whose intake has been called off."""
    from accounts.models import User
    from courses.models import Intake
    from enrolment import deciding
    from enrolment.models import Enrolment

    deciding.leave(
        Enrolment.objects.get(pk=enrolment_id),
        intake=Intake.objects.get(pk=intake_id),
        to=Intake.objects.filter(pk=to_id).first() if to_id else None,
        by=User.objects.filter(pk=by_id).first() if by_id else None,
        reason=reason,
        at=timezone.now(),
    )


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="decisions", pass_context=False)
def ask_for_decisions(timestamp: int) -> None:
    """Every hour: ask staff about intakes whose day has passed short of their minimum."""
    from enrolment import deciding

    deciding.ask(at=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="reconcile", pass_context=False)
def reconcile(timestamp: int) -> None:
    """Every minute: find what never came, and finish what was left half done."""
    from enrolment import reconciling

    reconciling.reconcile(at=timezone.now(), look_back=reconciling.SHORTLY)


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="reconcile_long", pass_context=False)
def reconcile_long(timestamp: int) -> None:
    """Every hour: the same, looking back far enough to make up for a day without us."""
    from enrolment import reconciling

    reconciling.reconcile(at=timezone.now(), look_back=reconciling.LONG)


@app.periodic(cron="0 6 * * *")
@app.task(queueing_lock="left_to_see_to", pass_context=False)
def tell_what_is_left(timestamp: int) -> None:
    """Every morning: write to the provider what waits for staff, if anything does."""
    send_mail.defer(kind="left_to_see_to", key=str(london_date(timezone.now())))


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="alerts", pass_context=False)
def send_alerts(timestamp: int) -> None:
    """Every five minutes: tell those who asked that a course can be joined."""
    from enrolment import alerts

    alerts.send_due(at=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="pass_on_places", pass_context=False)
def pass_on_places(timestamp: int) -> None:
    """Every minute: offers that were not used pass on, and places that came free are offered."""
    from enrolment import passing_on

    passing_on.run(at=timezone.now())


@app.periodic(cron="50 3 * * *")
@app.task(queueing_lock="old_alerts", pass_context=False)
def forget_old_alerts(timestamp: int) -> None:
    """Every night: drop the addresses that have been told, or that nobody confirmed."""
    from enrolment import alerts

    alerts.forget_old(at=timezone.now())


@app.periodic(cron="47 * * * *")
@app.task(queueing_lock="documents", pass_context=False)
def issue_missing_documents(timestamp: int) -> None:
    """Every hour: documents for payments from before there were any."""
    from enrolment import documents

    documents.issue_missing(at=timezone.now())


@app.periodic(cron="30 3 * * *")
@app.task(queueing_lock="recount", pass_context=False)
def recount_places(timestamp: int) -> None:
    """Every night: count places from enrolments and correct what disagrees."""
    from enrolment import recounting

    recounting.recount()


@app.periodic(cron="45 3 * * *")
@app.task(queueing_lock="old_jobs", pass_context=False)
async def forget_old_jobs(timestamp: int) -> None:
    """Every night: jobs done a month ago go; failed ones stay for staff to see."""
    await app.job_manager.delete_old_jobs(nb_hours=30 * 24)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="stalled", pass_context=False)
async def run_stalled_jobs_again(timestamp: int) -> None:
    """Every minute: jobs whose worker died are run again."""
    manager = app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
        logger.warning("Job %s (%s) had lost its worker.", job.id, job.task_name)
        try:
            await manager.retry_job(job)
        except ConnectorException:
            # A periodic job of which the next one waits already: that one does the work.
            await manager.finish_job(job, status=Status.FAILED, delete_job=False)
