"""The journeys that are killed: how each begins, and the part during which something dies."""

from collections.abc import Callable
from dataclasses import dataclass

from enrolment.models import Enrolment, Offer, Payment, WaitingListEntry
from tests.any_order.world import REFUSALS, World


@dataclass(frozen=True)
class Story:
    """``prepare`` goes undisturbed; ``act`` is what dies, and is done once more afterwards.

    ``act`` is named in words, as a person would say what they do.
    """

    name: str
    act: Callable[[World], None]
    prepare: Callable[[World], None] = lambda world: None  # noqa: ARG005 - nothing to prepare


def do(act: Callable[[World], None], world: World) -> None:
    """Do it; a journey may refuse, in its own words."""
    try:
        act(world)
    except REFUSALS:
        return


def _payment(world: World) -> Payment:
    return world.payments()[-1]


def _alices() -> Enrolment:
    return Enrolment.objects.order_by("created_at").first() or Enrolment()


# What comes before --------------------------------------------------------------------------------


def begun(world: World) -> None:
    """Alice is on Stripe's page."""
    world.enrol(0, 0, with_voucher=True)


def paid(world: World) -> None:
    """Alice has paid; nobody has told the site yet."""
    begun(world)
    world.pay(_payment(world), "success")


def learning(world: World) -> None:
    """Alice is in, and everything about it has been said and done."""
    world.enrol(0, 0, with_voucher=False)
    world.pay(_payment(world), "success")
    world.come_back(_payment(world))
    world.work()


def learning_in_june(world: World) -> None:
    """Alice is in the dearer intake."""
    world.enrol(0, 1, with_voucher=False)
    world.pay(_payment(world), "success")
    world.come_back(_payment(world))
    world.work()


def debit_failed(world: World) -> None:
    """Alice ordered a Direct Debit, which the bank has refused."""
    begun(world)
    world.pay(_payment(world), "bacs")
    world.come_back(_payment(world))
    world.work()
    world.debit(_payment(world), "failure")


def an_hour_late(world: World) -> None:
    """Alice has not paid within the hour."""
    begun(world)
    world.wait(60)


def one_waits(world: World) -> None:
    """The only place in June is Alice's, and Bob waits for it."""
    learning_in_june(world)
    world.wait_for(1, 1, also=False)


def offered(world: World) -> None:
    """Alice has left, and Bob is offered her place."""
    one_waits(world)
    world.cancel(_alices())
    world.work()


def offer_unused(world: World) -> None:
    """Bob has not taken it for three days, and Carol waits behind him."""
    one_waits(world)
    world.wait_for(2, 1, also=False)
    world.cancel(_alices())
    world.work()
    world.wait(60 * 24 * 3)


def moving_on(world: World) -> None:
    """Alice has paid the difference for June; nobody has told the site yet."""
    learning(world)
    world.move(_alices())
    world.pay(_payment(world), "success")


def disputed(world: World) -> None:
    """Alice's bank has taken the money back."""
    learning(world)
    world.dispute(_payment(world))


def called_off(world: World) -> None:
    """Alice and Bob are in May, and staff have called it off."""
    learning(world)
    world.enrol(1, 0, with_voucher=False)
    world.pay(_payment(world), "success")
    world.come_back(_payment(world))
    world.work()
    world.call_off(0)


# What dies ----------------------------------------------------------------------------------------


def come_back(world: World) -> None:
    """Alice returns from Stripe."""
    world.come_back(_payment(world))


def hear(world: World) -> None:
    """Every webhook arrives, and its work is done."""
    for number in range(len(world.events())):
        world.webhook(number, 1)
    world.work()


def tidy(world: World) -> None:
    """The schedule's turn."""
    world.reconcile()
    world.work()


def give_up(world: World) -> None:
    """Alice does not want to pay after all."""
    world.give_up(_alices())
    world.work()


def leave_the_course(world: World) -> None:
    """Alice cancels, and her money goes back."""
    world.cancel(_alices())
    world.work()


def move(world: World) -> None:
    """Alice goes to the other intake."""
    world.move(_alices())
    world.work()


def join_the_list(world: World) -> None:
    """Carol waits as well."""
    world.wait_for(2, 1, also=True)
    world.work()


def leave_the_list(world: World) -> None:
    """Bob waits no more, and declines what he was offered."""
    world.leave(WaitingListEntry.objects.earliest("joined_at"))
    world.work()


def take_up(world: World) -> None:
    """Bob takes the place that was offered."""
    world.take_up(Offer.objects.earliest("created_at"))
    world.work()


def call_off(world: World) -> None:
    """Staff call May off, and everybody's money goes back."""
    world.call_off(0)
    world.work()


STORIES = (
    Story("a student enrols", begun),
    Story("a student returns from paying", come_back, paid),
    Story("Stripe tells of a payment", hear, paid),
    Story("nobody pays in time", tidy, an_hour_late),
    Story("a Direct Debit fails", hear, debit_failed),
    Story("a student gives up", give_up, begun),
    Story("a learner cancels", leave_the_course, learning),
    Story("a learner cancels and somebody waits", leave_the_course, one_waits),
    Story("a learner moves to a dearer intake", move, learning),
    Story("the difference is paid", come_back, moving_on),
    Story("a learner moves to a cheaper intake", move, learning_in_june),
    Story("a student joins the waiting list", join_the_list, learning_in_june),
    Story("a student declines an offer", leave_the_list, offered),
    Story("a student takes an offer up", take_up, offered),
    Story("an offer is not used", tidy, offer_unused),
    Story("a payment is disputed", hear, disputed),
    Story("staff call an intake off", call_off, learning),
    Story("everybody is refunded", tidy, called_off),
)
