"""Anything, in any order: whatever people, Stripe and time do, the books agree."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Model
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from pytest_django import Settings

from enrolment.models import Enrolment, Offer, WaitingListEntry
from tests.any_order.world import REFUSALS, World
from tests.enrolment.driving import turned_to
from tests.sandbox.process import Sandbox

people = st.integers(0, 3)
intakes = st.integers(0, 1)
picks = st.integers(0, 30)


class AnyOrder(RuleBasedStateMachine):
    """Whatever can happen to the world, in an order that Hypothesis makes up."""

    stand_in: Sandbox

    def __init__(self) -> None:
        super().__init__()
        # Everything of one example is undone at its end.
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.world = World(self.stand_in)
        self.called_off = False
        # What has been tried so far: drawn itself, so that a story told again draws the same.
        self.enrolled = self.waited = False

    def teardown(self) -> None:
        """Nothing more happens; the schedule does its work; then everything is undone."""
        try:
            self.world.come_to_rest()
        finally:
            self.world.close()
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    def attempt(self, act: Callable[..., None], *args: Any, **kwargs: Any) -> None:
        """Do it; a journey may refuse, in its own words."""
        try:
            with transaction.atomic():
                act(*args, **kwargs)
        except REFUSALS:
            pass

    def of_one(
        self, rows: Sequence[Model], act: Callable[..., None], pick: int, *more: Any
    ) -> None:
        """Do it with one of the rows there are; nothing, where there is none.

        What Hypothesis draws depends on nothing that is looked up, since keys are made by lot and a
        story told again may not go the same way to the last step.
        """
        if rows:
            self.attempt(act, rows[pick % len(rows)], *more)

    def of_a_payment(self, act: Callable[..., None], pick: int, *more: Any) -> None:
        """Do it with one of the payments."""
        self.of_one(self.world.payments(), act, pick, *more)

    @rule(who=people, where=intakes, with_voucher=st.booleans())
    def enrol(self, who: int, where: int, with_voucher: bool) -> None:
        self.enrolled = True
        self.attempt(self.world.enrol, who, where, with_voucher=with_voucher)

    @precondition(lambda self: self.enrolled)
    @rule(pick=picks, outcome=st.sampled_from(["success", "decline", "bacs"]))
    def pay(self, pick: int, outcome: str) -> None:
        self.of_a_payment(self.world.pay, pick, outcome)

    @precondition(lambda self: self.enrolled)
    @rule(pick=picks)
    def come_back(self, pick: int) -> None:
        self.of_a_payment(self.world.come_back, pick)

    @precondition(lambda self: self.enrolled)
    @rule(pick=picks)
    def expire(self, pick: int) -> None:
        self.of_a_payment(self.world.expire, pick)

    @precondition(lambda self: self.enrolled)
    @rule(pick=picks, outcome=st.sampled_from(["success", "failure"]))
    def debit(self, pick: int, outcome: str) -> None:
        self.of_a_payment(self.world.debit, pick, outcome)

    @precondition(lambda self: self.enrolled)
    @rule(pick=picks)
    def dispute(self, pick: int) -> None:
        self.of_a_payment(self.world.dispute, pick)

    @precondition(lambda self: self.enrolled)
    @rule(pick=picks, outcome=st.sampled_from(["won", "lost"]))
    def close_dispute(self, pick: int, outcome: str) -> None:
        self.of_a_payment(self.world.close_dispute, pick, outcome)

    @precondition(lambda self: self.enrolled)
    @rule(pick=picks, what=st.sampled_from(["give_up", "cancel", "move", "pay_again"]))
    def change_one_s_mind(self, pick: int, what: str) -> None:
        rows = Enrolment.objects.order_by("created_at", "student__email")
        self.of_one(list(rows), getattr(self.world, what), pick)

    @rule(who=people, where=intakes, also=st.booleans())
    def wait_for(self, who: int, where: int, also: bool) -> None:
        self.waited = True
        self.attempt(self.world.wait_for, who, where, also=also)

    @precondition(lambda self: self.waited)
    @rule(pick=picks)
    def leave(self, pick: int) -> None:
        rows = WaitingListEntry.objects.order_by("joined_at", "student__email")
        self.of_one(list(rows), self.world.leave, pick)

    @precondition(lambda self: self.waited)
    @rule(pick=picks)
    def take_up(self, pick: int) -> None:
        rows = Offer.objects.order_by("created_at", "entry__student__email")
        self.of_one(list(rows), self.world.take_up, pick)

    @precondition(lambda self: not self.called_off)
    @rule(where=intakes)
    def call_off(self, where: int) -> None:
        self.called_off = True
        self.attempt(self.world.call_off, where)

    @rule(pick=picks, times=st.integers(1, 2))
    def webhook(self, pick: int, times: int) -> None:
        self.world.webhook(pick, times)

    @rule(most=st.integers(1, 5), newest_first=st.booleans())
    def work(self, most: int, newest_first: bool) -> None:
        self.world.work(most=most, newest_first=newest_first)

    @rule(minutes=st.sampled_from([1, 30, 60, 60 * 24, 60 * 24 * 20]))
    def wait(self, minutes: int) -> None:
        self.world.wait(minutes)

    @rule()
    def reconcile(self) -> None:
        self.world.reconcile()

    @invariant()
    def the_books_agree(self) -> None:
        self.world.check()


@pytest.fixture
def machine(
    running_stand_in: Sandbox, db: None, settings: Settings
) -> Iterator[type[RuleBasedStateMachine]]:
    """The machine, with Stripe's stand-in to talk to."""
    settings.STRIPE_PAYMENT_METHODS = ["card", "bacs_debit"]
    with turned_to(running_stand_in, settings):
        yield type("AnyOrderHere", (AnyOrder,), {"stand_in": running_stand_in})


# A failing story is made shorter where somebody waits for it, and not in CI.
QUIET = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much]


def test_whatever_happens_in_whatever_order_the_books_agree(
    machine: type[RuleBasedStateMachine],
) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=10, stateful_step_count=30, deadline=None, suppress_health_check=QUIET
        ),
    )


@pytest.mark.proof
def test_it_holds_for_long_stories_and_many_of_them(machine: type[RuleBasedStateMachine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=100, stateful_step_count=50, deadline=None, suppress_health_check=QUIET
        ),
    )
