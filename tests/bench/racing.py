"""More attempts than places, all at once: how long until the last is answered."""

from functools import partial

from accounts.models import User
from courses.models import Course
from tests.bench.holding import dealt, held, holds, hot_intake
from tests.bench.starting import BenchFailed, run_together


def measure(
    course: Course, people: list[User], *, places: int, processes: int, rounds: int
) -> list[float]:
    """The seconds that each round took, from the shot to the last answer.

    Every attempt was prepared while there still were places, so that nobody is turned away before
    the counter is asked. Raises BenchFailed where not exactly ``places`` were sold.
    """
    taken = []
    for _ in range(rounds):
        intake = hot_intake(course, capacity=places)
        run = run_together([partial(holds, hand, intake.pk) for hand in dealt(people, processes)])
        counts = sum(run.answers), held(intake), len(run.answers)
        if counts != (places, places, len(people)):
            raise BenchFailed(
                f"{places} places: {counts[0]} attempts were told yes, {counts[1]} places are "
                f"held, {counts[2]} of {len(people)} attempts were answered"
            )
        taken.append(run.seconds)
    return taken
