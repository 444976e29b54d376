"""What the home page says of courses: few of them one by one, many by their subjects."""

from dataclasses import dataclass, field

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber

from courses.models import Course

SUBJECTS = 9
COURSES_OF_A_SUBJECT = 4


@dataclass
class Subject:
    """A subject, how many courses it has, and the first of them; courses without one have ""."""

    name: str
    number: int
    courses: list[Course] = field(default_factory=list)

    @property
    def has_more(self) -> bool:
        """Whether there are courses that are not shown."""
        return self.number > len(self.courses)


def largest_subjects() -> tuple[list[Subject], bool]:
    """The subjects with the most courses, from A to Z, and whether there are more. Two queries."""
    public = Course.objects.public().order_by()
    counted = public.values_list("subject").annotate(number=Count("pk"))
    largest = list(counted.order_by("-number", "subject")[: SUBJECTS + 1])
    # Courses without a subject stand last.
    shown = sorted(largest[:SUBJECTS], key=lambda row: (not row[0], row[0].lower()))
    subjects = {name: Subject(name, number) for name, number in shown}
    place = Window(RowNumber(), partition_by=F("subject"), order_by=["title", "pk"])
    first = (
        public.filter(subject__in=list(subjects))
        .annotate(place=place)
        .filter(place__lte=COURSES_OF_A_SUBJECT)
        .order_by("subject", "place")
    )
    for course in first:
        subjects[course.subject].courses.append(course)
    return list(subjects.values()), len(largest) > SUBJECTS
