"""The journeys that are killed: how each begins, and the part during which something dies.

When nothing of an act was committed, whoever did it saw an error page, and does it once more. Once
the first transaction that writes something was committed, the site has accepted what they wanted,
and nothing more may be needed of them: the jobs and the schedule have to bring it to the same end.
What nobody does by clicking is never done again: money has come or failed already, time has passed,
and whether a browser or a webhook ever tells us is not up to anyone (``acts.NOBODY_S``).
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.any_order.world import REFUSALS, World
from tests.kills import acts, beginnings


def nothing(world: World) -> None:
    """Nothing happens."""


@dataclass(frozen=True)
class Story:
    """``prepare`` goes undisturbed; during ``act`` something dies; ``then`` follows some minutes
    later, whatever died, and is what the act was for.
    """

    name: str
    act: Callable[[World], None]
    prepare: Callable[[World], None] = nothing
    then: Callable[[World], None] = nothing

    def is_done_again(self, *, committed: bool) -> bool:
        """Whether somebody does it once more; ``committed``: something of it had been written."""
        return not committed and self.act not in acts.NOBODY_S


def do(act: Callable[[World], None], world: World) -> None:
    """Do it; a journey may refuse, in its own words."""
    try:
        act(world)
    except REFUSALS:
        return


STORIES = (
    # Paying
    Story("a student enrols", acts.enrol, then=acts.pay),
    Story("a student returns from paying", acts.come_back, beginnings.paid),
    Story("Stripe tells of a payment", acts.hear, beginnings.paid),
    Story("nobody pays in time", acts.tidy, beginnings.an_hour_late),
    Story("a student gives up", acts.give_up, beginnings.begun),
    Story("a Direct Debit is ordered", acts.come_back, beginnings.debit_ordered),
    Story("a Direct Debit succeeds", acts.hear, beginnings.debit_succeeded),
    Story("a Direct Debit fails", acts.hear, beginnings.debit_failed),
    Story("a student pays by a link", acts.pay_again, beginnings.pay_link_sent, acts.pay),
    Story("a student pays again", acts.pay_again, beginnings.page_closed, acts.pay),
    Story("a student says who pays", acts.say_who_pays, beginnings.learning),
    # Waiting
    Story("a student joins the waiting list", acts.join_the_list, beginnings.learning_in_june),
    Story("a student declines an offer", acts.leave_the_list, beginnings.offered),
    Story("a student takes an offer up", acts.take_up, beginnings.offered, acts.pay),
    Story("an offer is not used", acts.tidy, beginnings.offer_unused),
    Story("somebody asks to be told", acts.ask_to_be_told),
    Story("somebody confirms an address", acts.confirm, beginnings.asked_to_be_told),
    Story("an intake opens", acts.tidy, beginnings.july_opens),
    # Leaving and moving
    Story("a learner cancels", acts.leave_the_course, beginnings.learning),
    Story("a learner cancels and somebody waits", acts.leave_the_course, beginnings.one_waits),
    Story("a learner moves to a dearer intake", acts.move, beginnings.learning, acts.pay),
    Story("the difference is paid", acts.come_back, beginnings.moving_on),
    Story("a learner moves to a cheaper intake", acts.move, beginnings.learning_in_june),
    # Disputes
    Story("a payment is disputed", acts.hear, beginnings.disputed),
    Story("a dispute is won", acts.hear, beginnings.dispute_won),
    Story("a dispute is won after the learner left", acts.hear, beginnings.left_while_disputed),
    Story("a dispute is lost", acts.hear, beginnings.dispute_lost),
    # Staff
    Story("staff enrol somebody free", acts.enrol_free),
    Story("staff enrol somebody who paid elsewhere", acts.enrol_paid_elsewhere),
    Story("staff send a link to pay", acts.send_pay_link),
    Story("staff receive money elsewhere", acts.receive_elsewhere, beginnings.pay_link_sent),
    Story("staff refund", acts.refund, beginnings.learning),
    Story("staff try a refund again", acts.retry_refund, beginnings.refund_failed),
    Story("staff send back what Stripe could not", acts.mark_done, beginnings.refund_failed),
    Story("staff send back what was paid elsewhere", acts.mark_done, beginnings.refund_by_hand),
    Story("staff are asked whether an intake runs", acts.tidy, beginnings.short_of_learners),
    Story("staff call an intake off", acts.call_off, beginnings.learning),
    Story("staff call an intake off for another", acts.call_off_for_june, beginnings.both_learning),
    Story("everybody is refunded", acts.tidy, beginnings.called_off),
    Story("everybody is moved or refunded", acts.tidy, beginnings.called_off_for_june),
    # Documents
    Story("a document is read", acts.read_document, beginnings.document_sent),
    Story("a document is applied", acts.apply_document, beginnings.document_read),
    Story("a long document is applied", acts.have_document_applied, beginnings.document_read),
    Story("a document is undone", acts.undo_document, beginnings.document_applied),
)
