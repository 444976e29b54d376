"""Counting places from enrolments, against the counters kept beside each intake."""

import logging
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q

from courses.models import Intake
from enrolment.models import Enrolment

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Correction:
    """An intake whose counters were wrong, and what they are now."""

    intake: str
    taken_before: int
    held_before: int
    taken: int
    held: int


def recount() -> list[Correction]:
    """Correct every counter that disagrees with the enrolments; what was corrected."""
    wrong = [
        intake.pk
        for intake in _counted()
        if (intake.places_taken, intake.places_held) != _of(intake)
    ]
    return [found for pk in wrong if (found := _correct(pk))]


def _counted() -> "list[Intake]":
    taken = Count("enrolments", filter=Q(enrolments__status=Enrolment.Status.ENROLLED))
    held = Count("enrolments", filter=Q(enrolments__status=Enrolment.Status.PENDING))
    return list(Intake.objects.annotate(taken_now=taken, held_now=held))


def _of(intake: Intake) -> tuple[int, int]:
    return intake.taken_now, intake.held_now  # type: ignore[attr-defined]


@transaction.atomic
def _correct(pk: int) -> Correction | None:
    """Count once more with the row locked: what looked wrong may have been under way."""
    intake = Intake.objects.select_for_update(of=("self",)).select_related("course").get(pk=pk)
    live = Enrolment.objects.filter(intake=intake)
    taken = live.filter(status=Enrolment.Status.ENROLLED).count()
    held = live.filter(status=Enrolment.Status.PENDING).count()
    if (intake.places_taken, intake.places_held) == (taken, held):
        return None
    correction = Correction(str(intake), intake.places_taken, intake.places_held, taken, held)
    logger.error("Places were miscounted: %s", correction)
    Intake.objects.filter(pk=pk).update(places_taken=taken, places_held=held)
    return correction
