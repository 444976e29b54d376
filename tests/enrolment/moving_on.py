"""Moving, for tests: how it is asked for, and what must agree afterwards."""

from typing import Any

from django.utils import timezone

from courses.models import Intake, Price
from enrolment import moving, recounting
from enrolment.models import (
    Enrolment,
    Move,
)
from tests.enrolment.leaving import (
    URLS,
    net,
)


def go(enrolment: Enrolment, to: Intake, **how: Any) -> Move:
    return moving.move(enrolment, to=to, at=timezone.now(), urls=URLS, **how)


def reprice(intake: Intake, amount: int) -> None:
    Price.objects.filter(intake=intake).update(amount=amount)


def agrees(enrolment: Enrolment) -> None:
    """Counters are right, and what was paid and not given back is what is agreed."""
    enrolment.refresh_from_db()
    assert recounting.miscounted() == []
    assert net(enrolment) == enrolment.amount


# At the same price ----------------------------------------------------------------------------
