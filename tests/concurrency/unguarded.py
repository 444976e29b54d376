"""The site with the guard on its places taken away, to show that the race is real.

It looks at the counter, and writes down what it saw plus one: what the guard is there to prevent.
"""

from datetime import datetime

from config.wsgi import application
from courses.models import Intake
from enrolment import places

__all__ = ["application"]


def hold(intake_id: int, *, at: datetime) -> bool:
    intake = Intake.objects.get(pk=intake_id)
    if intake.places_left is not None and intake.places_left < 1:
        return False
    Intake.objects.filter(pk=intake_id).update(places_held=intake.places_held + 1)
    return True


places.hold = hold
