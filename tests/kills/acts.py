"""What people, Stripe and the schedule do while something dies: an act, and the jobs it queued."""

from django.db import transaction

from courses import importing, jobs, reviewing
from enrolment import billing, by_hand, refunding
from enrolment.models import IntakeAlert, Offer
from glossary.models import Import
from tests.any_order.world import World
from tests.kills.beginnings import (
    THREE_DAYS,
    WANTS_TO_KNOW,
    alices,
    begun,
    first_in_line,
    her_refund,
    newest_payment,
    place_for,
)

# Nobody clicks ------------------------------------------------------------------------------------


def come_back(world: World) -> None:
    """Alice returns from Stripe."""
    world.come_back(newest_payment(world))


def hear(world: World) -> None:
    """Every webhook arrives, and its work is done."""
    for number in range(len(world.events())):
        world.webhook(number, 1)
    world.work()


def tidy(world: World) -> None:
    """The schedule's turn."""
    world.reconcile()
    world.work()


def read_document(world: World) -> None:
    """The worker reads a document."""
    world.work()


# Done by itself by what has happened already, so that nobody would do it a second time.
NOBODY_S = (come_back, hear, tidy, read_document)


# A student does it --------------------------------------------------------------------------------


def enrol(world: World) -> None:
    """Alice chooses an intake, and comes to Stripe's page."""
    begun(world)


def pay(world: World) -> None:
    """Whoever holds a place pays on Stripe's page, to which ours has the link by now."""
    world.pay(newest_payment(world), "success")


def pay_again(world: World) -> None:
    """Alice goes to Stripe's page by her link, perhaps once more."""
    world.pay_again(alices())
    world.work()


def give_up(world: World) -> None:
    """Alice does not want to pay after all."""
    world.give_up(alices())
    world.work()


def leave_the_course(world: World) -> None:
    """Alice cancels, and her money goes back."""
    world.cancel(alices())
    world.work()


def move(world: World) -> None:
    """Alice goes to the other intake."""
    world.move(alices())
    world.work()


def join_the_list(world: World) -> None:
    """Carol waits as well."""
    world.wait_for(2, 1, also=True)
    world.work()


def leave_the_list(world: World) -> None:
    """Bob waits no more, and declines what he was offered."""
    world.leave(first_in_line())
    world.work()


def take_up(world: World) -> None:
    """Bob takes the place that was offered."""
    world.take_up(Offer.objects.earliest("created_at"))
    world.work()


def say_who_pays(world: World) -> None:
    """Alice wants her invoice made out to a company."""
    details = billing.Details("Example Ltd", "2 Paper Lane")
    enrolment = alices()
    billing.change(enrolment, details, by=enrolment.student, at=world.moment())


def ask_to_be_told(world: World) -> None:
    """Erin wants to be told when the next intake opens."""
    world.want_to_know(WANTS_TO_KNOW)
    world.work()


def confirm(world: World) -> None:
    """Erin follows the link in the mail."""
    world.confirm(IntakeAlert.objects.get())


# Staff do it --------------------------------------------------------------------------------------


def enrol_free(world: World) -> None:
    """Staff enrol somebody who has no account yet, and who pays nothing."""
    by_hand.enrol_free(place_for(world, "frank@example.org", "Frank"), at=world.moment())
    world.work()


def enrol_paid_elsewhere(world: World) -> None:
    """Staff enrol Alice, who has paid by bank transfer."""
    place = place_for(world, "alice@example.org")
    by_hand.enrol_paid_elsewhere(place, amount=9000, how="Bank transfer", at=world.moment())
    world.work()


def send_pay_link(world: World) -> None:
    """Staff hold a place for Alice, and send her a link to pay by."""
    at = world.moment()
    place = place_for(world, "alice@example.org")
    by_hand.send_pay_link(place, amount=9000, held_until=at + THREE_DAYS, at=at)
    world.work()


def receive_elsewhere(world: World) -> None:
    """Staff write down that Alice has paid for the held place by bank transfer."""
    by_hand.receive_elsewhere(alices(), how="Bank transfer", by=world.staff, at=world.moment())
    world.work()


def refund(world: World) -> None:
    """Staff give a part of Alice's money back."""
    world.refund(newest_payment(world), 2000)
    world.work()


def retry_refund(world: World) -> None:
    """Staff try a refund again that Stripe could not send."""
    refunding.retry(her_refund(), at=world.moment(), by=world.staff)
    world.work()


def mark_done(world: World) -> None:
    """Staff have given it back by other means."""
    refunding.mark_done(her_refund(), how="Bank transfer", at=world.moment(), by=world.staff)
    world.work()


def call_off(world: World) -> None:
    """Staff call May off, and everybody's money goes back."""
    world.call_off(0)
    world.work()


def call_off_for_june(world: World) -> None:
    """Staff call May off, and move to June whoever finds a place there."""
    world.call_off(0, to=1)
    world.work()


def apply_document(world: World) -> None:
    """Staff apply a document; it is done while they wait."""
    with transaction.atomic():
        record = reviewing.begin_applying(Import.objects.get().pk, by=world.staff)
        reviewing.finish_applying(record.pk, at=world.moment())
    world.work()


def have_document_applied(world: World) -> None:
    """Staff apply a document that is long; the worker does it."""
    with transaction.atomic():
        record = reviewing.begin_applying(Import.objects.get().pk, by=world.staff)
        jobs.apply_import.defer(import_id=record.pk)
    world.work()


def undo_document(world: World) -> None:
    """Staff take an import back."""
    importing.undo(Import.objects.get(), at=world.moment(), by=world.staff)
    world.work()
