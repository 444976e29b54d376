"""Sites at their ends, each a process of its own: ``python -m tests.browser.crowding bare|full``.

``bare`` has nobody but a member of staff and a student. ``full`` has the longest names that fit,
without a space, a course with no intake and one with twelve, a glossary of one term and one of
5,000. Prints what ``tests.browser.preparing`` prints.
"""

import json
import sys
from datetime import timedelta
from typing import Any

import django

from tests.browser.people import a_person, first_keys, sessions

LONG = "Antidisestablishmentarianism" * 8
TERMS = 5_000
MONTHS = [f"2031-{number:02}" for number in range(1, 13)]


def main(kind: str) -> None:
    """Prepare one of the two."""
    django.setup()
    from accounts.models import User

    User.objects.create_superuser(
        "staff@example.org", "a long enough sentence", name="Stella Staff"
    )
    if kind == "full":
        _fill(a_person("student@example.org", LONG[:200]))
    else:
        a_person("student@example.org", "Sten Student")
    json.dump({"cookies": sessions(), "places": first_keys()}, sys.stdout)


def _fill(student: Any) -> None:
    from courses.seeding import seed_legal_pages
    from tests.bench.listing import write_glossary
    from tests.courses.making import a_course, a_lesson, a_price, a_provider, an_intake, enrol

    a_provider(name=LONG[:120], email=f"{LONG[:60].lower()}@example.org")
    seed_legal_pages()
    many, one = write_glossary(TERMS), _glossary_of_one()
    course = a_course(
        "full", title=LONG[:200], summary=LONG, subject=LONG[:100], glossaries=[many, one]
    )
    for number in range(1, 41):
        a_lesson(
            course, f"lesson-{number}", title=LONG[number:200], summary=LONG, is_free=number < 3
        )
    for number, month in enumerate(MONTHS):
        intake = an_intake(course, month, capacity=None if number % 3 else number + 1)
        for place in range(4):
            a_price(intake, 900_000 + place, name=f"{place}{LONG[:99]}")
        enrol(student, intake, price_name=LONG[:100])
    a_course("empty", title="A course with nothing in it")
    for number in range(30):
        a_course(f"course-{number}", title=f"{number} {LONG[:190]}", subject=f"Subject {number}")


def _glossary_of_one() -> Any:
    from django.utils import timezone

    from glossary.content import TermContent
    from glossary.editing import save_glossary, save_term
    from glossary.models import Glossary, Term

    at = timezone.now() - timedelta(days=1)
    glossary = Glossary(title=LONG[:200], slug="one", summary=LONG, is_published=True)
    save_glossary(glossary, introduction=LONG, at=at)
    glossary.takeaways.create(position=1, text=LONG)
    content = TermContent(
        LONG[:200],
        abbreviation=LONG[:40],
        aliases=tuple(f"{number}{LONG[:190]}" for number in range(12)),
        definition=f"{LONG} {LONG}",
        formula="+".join(f"x_{{{number}}}" for number in range(80)),
        formula_caption=LONG,
        source=LONG,
        source_url=f"https://example.org/{LONG}",
    )
    save_term(Term(glossary=glossary, slug="one", is_published=True), content, at=at)
    return glossary


if __name__ == "__main__":
    main(sys.argv[1])
