"""Short ways to a course and its intakes, for tests."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from courses.models import Course, Intake, Lesson, Price, Provider
from courses.writing import save_course
from enrolment.models import Enrolment
from glossary.models import Passage

LONDON = ZoneInfo("Europe/London")
# Noon on 15 April 2026: the moment that most tests ask about.
APRIL = datetime(2026, 4, 15, 12, tzinfo=LONDON)


def london(text: str) -> datetime:
    """``2026-04-15 12:00`` as a moment in London."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def a_provider(**fields: Any) -> Provider:
    """The provider."""
    known = {"name": "Example College", "address": "1 Paper Lane", "email": "hello@example.org"}
    return Provider.objects.create(pk=1, **{**known, **fields})


def a_course(slug: str = "deep-learning", **fields: Any) -> Course:
    """A published course."""
    title = slug.replace("-", " ").capitalize()
    glossaries = fields.pop("glossaries", ())
    known = {"slug": slug, "title": title, "is_published": True}
    return save_course(Course(**{**known, **fields}), glossaries=glossaries)


def a_lesson(course: Course, slug: str = "backpropagation", **fields: Any) -> Lesson:
    """A published lesson with a text of its own."""
    passage = Passage.objects.create(
        source="The secret of the lesson.",
        html="<p>The secret of the lesson.</p>",
        linked_html="<p>The secret of the lesson.</p>",
        word_count=360,
    )
    known = {
        "course": course,
        "slug": slug,
        "title": slug.replace("-", " ").capitalize(),
        "position": course.lessons.count() + 1,
        "passage": passage,
        "is_published": True,
    }
    return Lesson.objects.create(**{**known, **fields})


def an_intake(course: Course, month: str = "2026-05", **fields: Any) -> Intake:
    """A published intake without a price."""
    first = date.fromisoformat(f"{month}-01")
    return Intake.objects.create(
        **{"course": course, "month": first, "is_published": True, **fields}
    )


def a_price(intake: Intake, amount: int = 9000, **fields: Any) -> Price:
    """A standard price, by default £90."""
    return Price.objects.create(
        **{"intake": intake, "amount": amount, "vat_treatment": "not_registered", **fields}
    )


def enrol(learner: User, intake: Intake, **fields: Any) -> Enrolment:
    """A paid-up place whose lessons are open."""
    then = datetime(2026, 1, 1, tzinfo=LONDON)
    known = {
        "student": learner,
        "intake": intake,
        "status": Enrolment.Status.ENROLLED,
        "price_name": "Standard",
        "amount": 9000,
        "vat_treatment": "not_registered",
        "created_at": then,
        "enrolled_at": then,
    }
    given = {**known, **fields}
    return Enrolment.objects.create(**{"list_amount": given["amount"], **given})
