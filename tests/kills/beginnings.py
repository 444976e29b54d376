"""What comes before the part of a story during which something dies; all of it goes undisturbed."""

from datetime import timedelta

from courses import jobs, reviewing
from enrolment import by_hand
from enrolment.models import Enrolment, IntakeAlert, Payment, Refund, WaitingListEntry
from glossary.models import Import
from tests.any_order.world import World
from tests.courses.making import a_price, an_intake
from tests.glossary.writing import a_glossary, a_term

WANTS_TO_KNOW = "erin@example.org"
THREE_DAYS = timedelta(days=3)


# Which row is meant -------------------------------------------------------------------------------


def newest_payment(world: World) -> Payment:
    """The last one that has a page at Stripe."""
    return world.payments()[-1]


def alices() -> Enrolment:
    """The first enrolment, which is Alice's in every story."""
    return Enrolment.objects.earliest("created_at")


def her_refund() -> Refund:
    """The only refund."""
    return Refund.objects.get()


def first_in_line() -> WaitingListEntry:
    """Whoever has waited longest, also where the waiting is over."""
    return WaitingListEntry.objects.earliest("joined_at")


# Paying -------------------------------------------------------------------------------------------


def begun(world: World) -> None:
    """Alice is on Stripe's page."""
    world.enrol(0, 0, with_voucher=True)


def paid(world: World) -> None:
    """Alice has paid; nobody has told the site yet."""
    begun(world)
    world.pay(newest_payment(world), "success")


def an_hour_late(world: World) -> None:
    """Alice has not paid within the hour."""
    begun(world)
    world.wait(60)


def debit_ordered(world: World) -> None:
    """Alice has ordered a Direct Debit; nobody has told the site yet."""
    begun(world)
    world.pay(newest_payment(world), "bacs")


def _debit_on_its_way(world: World) -> None:
    debit_ordered(world)
    world.come_back(newest_payment(world))
    world.work()


def debit_failed(world: World) -> None:
    """The bank has refused the Direct Debit that Alice ordered."""
    _debit_on_its_way(world)
    world.debit(newest_payment(world), "failure")


def debit_succeeded(world: World) -> None:
    """The money of Alice's Direct Debit has come; nobody has told the site yet."""
    _debit_on_its_way(world)
    world.debit(newest_payment(world), "success")


def _in(world: World, who: int, where: int) -> None:
    world.enrol(who, where, with_voucher=False)
    world.pay(newest_payment(world), "success")
    world.come_back(newest_payment(world))
    world.work()


def learning(world: World) -> None:
    """Alice is in, and everything about it has been said and done."""
    _in(world, 0, 0)


def learning_in_june(world: World) -> None:
    """Alice is in the dearer intake."""
    _in(world, 0, 1)


def both_learning(world: World) -> None:
    """Alice and Bob are in May."""
    learning(world)
    _in(world, 1, 0)


# Places given by staff ----------------------------------------------------------------------------


def place_for(world: World, email: str, name: str = "") -> by_hand.Place:
    """A place in May that staff give."""
    intake = world.fresh(world.intakes[0])
    return by_hand.Place(
        email=email, intake=intake, price=intake.prices.all()[0], by=world.staff, name=name
    )


def pay_link_sent(world: World) -> None:
    """Staff have sent Alice a link to pay by, good for three days."""
    at = world.moment()
    place = place_for(world, "alice@example.org")
    by_hand.send_pay_link(place, amount=9000, held_until=at + THREE_DAYS, at=at)
    world.work()


def page_closed(world: World) -> None:
    """Alice has followed her link, and has let Stripe's page go by."""
    pay_link_sent(world)
    world.pay_again(alices())
    world.wait(60)
    world.reconcile()
    world.work()


def paid_elsewhere(world: World) -> None:
    """Staff have enrolled Alice, who paid by bank transfer."""
    place = place_for(world, "alice@example.org")
    by_hand.enrol_paid_elsewhere(place, amount=9000, how="Bank transfer", at=world.moment())
    world.work()


# Waiting ------------------------------------------------------------------------------------------


def one_waits(world: World) -> None:
    """The only place in June is Alice's, and Bob waits for it."""
    learning_in_june(world)
    world.wait_for(1, 1, also=False)


def offered(world: World) -> None:
    """Alice has left, and Bob is offered her place."""
    one_waits(world)
    world.cancel(alices())
    world.work()


def offer_unused(world: World) -> None:
    """Bob has not taken it for three days, and Carol waits behind him."""
    one_waits(world)
    world.wait_for(2, 1, also=False)
    world.cancel(alices())
    world.work()
    world.wait(60 * 24 * 3)


def asked_to_be_told(world: World) -> None:
    """Erin wants to be told when the next intake opens, and has not confirmed her address."""
    world.want_to_know(WANTS_TO_KNOW)
    world.work()


def july_opens(world: World) -> None:
    """Erin has confirmed her address, and the next intake is on sale."""
    asked_to_be_told(world)
    world.confirm(IntakeAlert.objects.get())
    course = world.intakes[0].course
    a_price(an_intake(course, f"{world.intakes[0].month.year}-07"), 9000)


# Moving, leaving and refunds ----------------------------------------------------------------------


def moving_on(world: World) -> None:
    """Alice has paid the difference for June; nobody has told the site yet."""
    learning(world)
    world.move(alices())
    world.pay(newest_payment(world), "success")


def called_off(world: World) -> None:
    """Alice and Bob are in May, and staff have called it off."""
    both_learning(world)
    world.call_off(0)


def called_off_for_june(world: World) -> None:
    """Alice and Bob are in May, and staff move people to June, where there is one place."""
    both_learning(world)
    world.call_off(0, to=1)


def short_of_learners(world: World) -> None:
    """May needs two, and Alice is the only one when its day has passed."""
    learning(world)
    intake = world.fresh(world.intakes[0])
    intake.minimum_places = 2
    intake.decide_on = world.moment().date() - timedelta(days=2)
    intake.save(update_fields=["minimum_places", "decide_on"])


def leaving(world: World) -> None:
    """Alice has cancelled; her money is about to go back."""
    learning(world)
    world.cancel(alices())


def refund_failed(world: World) -> None:
    """Staff have given something back to Alice, and Stripe could not send it."""
    learning(world)
    world.stand_in.control("refunds", status="failed", count=1)
    world.refund(newest_payment(world), 2000)
    world.work()


def refund_by_hand(world: World) -> None:
    """Staff are to give something back of what Alice paid by bank transfer."""
    paid_elsewhere(world)
    world.refund(Payment.objects.get(), 2000)
    world.work()


# Documents ----------------------------------------------------------------------------------------

DOCUMENT = (
    "Knots\n\nBowline: A fixed loop.\n\nReef knot (RK): Joins two ends.\n\n"
    "Takeaways:\n\n- Tie it the same way each time.\n\n"
    "May 2099 intake · open enrolment\n\nfrom £90 GBP\n"
)


def _sent(world: World, text: str) -> Import:
    glossary = a_glossary("Knots")
    a_term(glossary, "Bowline", "A loop that does not slip.")
    a_term(glossary, "Cleat", "A bowline is belayed to it.")
    world.work()
    return reviewing.receive(
        name="Pasted text",
        data=text.encode(),
        slug="knots",
        brings_intake=True,
        at=world.moment(),
        by=world.staff,
    )


def document_sent(world: World) -> None:
    """Staff have sent a document about a glossary that has one of its terms; it waits for us."""
    jobs.look_at_import.defer(import_id=_sent(world, DOCUMENT).pk)


def document_read(world: World, text: str = DOCUMENT) -> None:
    """They have looked through it, and decided on what was doubtful."""
    record = _sent(world, text)
    reviewing.look(record.pk)
    waiting = record.entries.undecided()
    reviewing.decide(record.pk, {entry.pk: "take" for entry in waiting})


def document_applied(world: World) -> None:
    """It is applied, and everything that follows from it is done."""
    document_read(world)
    record = Import.objects.get()
    reviewing.begin_applying(record.pk, by=world.staff)
    reviewing.finish_applying(record.pk, at=world.moment())
    world.work()


# Disputes -----------------------------------------------------------------------------------------


def disputed(world: World) -> None:
    """Alice's bank has taken the money back; nobody has told the site yet."""
    learning(world)
    world.dispute(newest_payment(world))


def _lessons_closed(world: World) -> None:
    disputed(world)
    world.reconcile()
    world.work()


def dispute_won(world: World) -> None:
    """The bank has returned the money; nobody has told the site yet."""
    _lessons_closed(world)
    world.close_dispute(newest_payment(world), "won")


def dispute_lost(world: World) -> None:
    """The bank keeps the money; nobody has told the site yet."""
    _lessons_closed(world)
    world.close_dispute(newest_payment(world), "lost")


def left_while_disputed(world: World) -> None:
    """Alice has left while her bank had the money, and now it returns it."""
    _lessons_closed(world)
    world.cancel(alices())
    world.work()
    world.close_dispute(newest_payment(world), "won")
