"""What a page says in a line or two about an intake, and which intake it says it of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from courses.models import Course, Intake
from courses.states import State
from courses.templatetags.money import money
from glossary.models import Glossary

# Up to so many places left are worth mentioning; more is not news, and must not hurry anybody.
FEW = 5


@dataclass(frozen=True)
class Offered:
    """An intake as it stands at a moment, in the words that pages use for it."""

    intake: Intake
    state: State
    from_amount: int | None

    @classmethod
    def of(cls, intake: Intake) -> "Offered":
        """From a row that ``Intake.objects.with_state`` fetched."""
        return cls(intake, State(intake.state_now), intake.from_amount)

    @property
    def is_joinable(self) -> bool:
        """Whether someone can enrol."""
        return self.state.is_joinable

    @property
    def line(self) -> str:
        """As ``May 2026 intake · open enrolment``."""
        return f"{self.intake.label} · {self.state.label}"

    @property
    def from_line(self) -> str:
        """As ``from £90 GBP``, or ``free``; empty where nobody can book a place just now."""
        if self.from_amount is None or not self.is_joinable:
            return ""
        if self.from_amount == 0:
            return "free"
        return f"from {money(self.from_amount)} GBP"

    @property
    def places_note(self) -> str:
        """How many places are left, where they are few; empty otherwise."""
        left = self.intake.places_left
        if not self.is_joinable or left is None or left > FEW:
            return ""
        return "1 place left" if left == 1 else f"{left} places left"

    @property
    def enrol_url(self) -> str:
        """Where to enrol; empty where nobody can."""
        return self.intake.get_enrol_url() if self.is_joinable else ""


@dataclass(frozen=True)
class Panel:
    """What an enrol panel shows: the next intake to join, or a way to be told."""

    course: Course
    offered: Offered | None

    @property
    def is_open(self) -> bool:
        """Whether there is an intake to enrol in."""
        return self.offered is not None and self.offered.is_joinable


def panel_for_course(course: Course, *, at: datetime) -> Panel:
    """The panel of one course at the moment ``at``: one query."""
    intake = course.intakes.promised(at=at).select_related("course").first()
    return Panel(course, Offered.of(intake) if intake else None)


def panel_for_glossary(glossary: Glossary, *, at: datetime) -> Panel | None:
    """The panel of the courses that use a glossary, in at most two queries.

    None where no published course uses it.
    """
    intakes = Intake.objects.filter(course__glossary=glossary)
    intake = intakes.promised(at=at).select_related("course").first()
    if intake:
        return Panel(intake.course, Offered.of(intake))
    course = Course.objects.public().filter(glossary=glossary).first()
    return Panel(course, None) if course else None


def next_by_course(courses: Iterable[Course], *, at: datetime) -> dict[int, Offered]:
    """The next intake that can be joined of each of ``courses``, by course id: one query."""
    rows = (
        Intake.objects.on_sale(at=at)
        .filter(course__in=[course.pk for course in courses])
        .order_by("course", "starts_at", "pk")
        .distinct("course")
        .select_related("course")
    )
    return {intake.course_id: Offered.of(intake) for intake in rows}
