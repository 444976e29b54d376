"""The journeys that are killed: how each begins, and the part during which something dies."""

from collections.abc import Callable
from dataclasses import dataclass

from enrolment.models import Payment
from tests.any_order.world import REFUSALS, World


@dataclass(frozen=True)
class Story:
    """``prepare`` goes undisturbed; ``act`` is what dies, and is done once more afterwards.

    ``again`` is left out where a person would not do it twice.
    """

    name: str
    act: Callable[[World], None]
    prepare: Callable[[World], None] = lambda world: None  # noqa: ARG005 - nothing to prepare
    again: bool = True


def _the_payment(world: World) -> Payment:
    return world.payments()[-1]


def enrol(world: World) -> None:
    """Alice chooses an intake and comes to Stripe's page."""
    world.enrol(0, 0, with_voucher=True)


def enrol_and_pay(world: World) -> None:
    """And pays; nobody has told the site yet."""
    enrol(world)
    world.pay(_the_payment(world), "success")


def enrol_by_debit(world: World) -> None:
    """And orders a Direct Debit, which the site has heard of."""
    enrol(world)
    world.pay(_the_payment(world), "bacs")
    world.come_back(_the_payment(world))
    world.work()


def come_back(world: World) -> None:
    """Alice returns from Stripe."""
    world.come_back(_the_payment(world))


def hear(world: World) -> None:
    """Every webhook arrives, and its work is done."""
    for number in range(len(world.events())):
        world.webhook(number, 1)
    world.work()


def tidy(world: World) -> None:
    """The schedule's turn, an hour later."""
    world.reconcile()
    world.work()


def run_out(world: World) -> None:
    """An hour passes."""
    enrol(world)
    world.wait(60)


def debit_fails(world: World) -> None:
    """The bank refuses the debit."""
    enrol_by_debit(world)
    world.debit(_the_payment(world), "failure")


STORIES = (
    Story("a student enrols", enrol),
    Story("a student returns from paying", come_back, enrol_and_pay),
    Story("Stripe tells of a payment", hear, enrol_and_pay),
    Story("nobody pays in time", tidy, run_out),
    Story("a Direct Debit fails", hear, debit_fails),
)


def do(act: Callable[[World], None], world: World) -> None:
    """Do it; a journey may refuse, in its own words."""
    try:
        act(world)
    except REFUSALS:
        return
