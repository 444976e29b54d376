"""A lesson's page for a learner: the terms it takes for granted, its marks, and what it costs."""

import re
from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from courses.models import Course, Lesson, Reading
from courses.reading import STILL_READING, read, read_since
from glossary.models import Glossary, Memory, Term
from glossary.passages import write_passage
from glossary.practice.knowing import mark_links
from tests.courses.making import APRIL, a_course, a_lesson, a_provider, an_intake, enrol
from tests.glossary.writing import a_glossary, a_term

pytestmark = pytest.mark.django_db

LESSON = "/courses/deep-learning/lessons/backpropagation/"


@pytest.fixture
def glossary() -> Glossary:
    return a_glossary("Networks")


@pytest.fixture
def course(glossary: Glossary) -> Course:
    a_provider()
    return a_course(glossaries=[glossary])


def a_lesson_using(course: Course, names: Sequence[str]) -> Lesson:
    """A lesson whose text uses terms of these names, which it makes where they are not there."""
    glossary = course.glossaries.get()
    for name in names:
        if not glossary.terms.filter(name=name).exists():
            a_term(glossary, name, f"What {name.lower()} means.")
    source = "\n\n".join(f"Here comes {name.lower()} in a sentence." for name in names)
    passage = write_passage(None, source=source, glossaries=[glossary])
    return a_lesson(course, passage=passage)


@pytest.fixture
def lesson(course: Course) -> Lesson:
    return a_lesson_using(course, ["Gradient", "Loss", "Neuron", "Weight"])


@pytest.fixture
def learner(ada: User, course: Course) -> User:
    enrol(ada, an_intake(course, "2026-01"))
    return ada


def learn(learner: User, term: Term, *, phase: int = 2, days: int = 3) -> None:
    """What FSRS keeps after an answer that went well, unless told otherwise."""
    now = timezone.now()
    Memory.objects.create(
        learner=learner,
        term=term,
        phase=phase,
        step=None if phase == 2 else 0,
        stability=3.0,
        difficulty=5.0,
        due=now + timedelta(days=days),
        reviewed_at=now - timedelta(days=9),
        begun_at=now - timedelta(days=9),
        reviews=1,
    )


def marks(page: str) -> dict[str, str]:
    """How each term is marked in the text of a page, by the term's address."""
    text = page.partition('<div class="prose">')[2].partition("</article>")[0]
    links = re.findall(r'<a class="term( term--\w+)?" href="/glossary/networks/([a-z-]+)/"', text)
    return {slug: look.removeprefix(" term--") for look, slug in links}


def listed(page: str) -> list[str]:
    """The terms above the text, in order; those that are known with a tick."""
    above = page.partition('id="terms-used"')[2].partition("</section>")[0]
    return [
        name + ("✓" if 'aria-label="known"' in item else "")
        for item in re.findall(r"<li>(.*?)</li>", above)
        for name in re.findall(r'href="/glossary/networks/[a-z-]+/">([^<]+)</a>', item)
    ]


# The marks -------------------------------------------------------------------------------------


def test_what_a_learner_knows_is_marked_quietly_and_what_is_new_stands_out(
    as_ada: Client, learner: User, lesson: Lesson, glossary: Glossary
) -> None:
    learn(learner, glossary.terms.get(slug="loss"))
    page = as_ada.get(LESSON).text
    assert marks(page) == {"gradient": "new", "loss": "known", "neuron": "new", "weight": "new"}
    assert "3 new to you, 1 known" in page
    assert 'href="/practice/courses/deep-learning/"' in page


def test_the_lesson_opens_with_its_terms_those_not_yet_known_first(
    as_ada: Client, learner: User, lesson: Lesson, glossary: Glossary
) -> None:
    for slug in ("gradient", "neuron"):
        learn(learner, glossary.terms.get(slug=slug))
    page = as_ada.get(LESSON).text
    assert listed(page) == ["Loss", "Weight", "Gradient✓", "Neuron✓"]
    assert page.index('id="terms-used"') < page.index('<div class="prose">')


@pytest.mark.parametrize(("phase", "days"), [(1, 3), (3, 3), (2, -1)])
def test_what_is_being_learnt_or_due_again_counts_as_new(
    as_ada: Client, learner: User, lesson: Lesson, glossary: Glossary, phase: int, days: int
) -> None:
    learn(learner, glossary.terms.get(slug="loss"), phase=phase, days=days)
    assert set(marks(as_ada.get(LESSON).text).values()) == {"new"}


def test_what_another_learner_knows_never_shows(
    as_ada: Client, as_bob: Client, bob: User, learner: User, lesson: Lesson, glossary: Glossary
) -> None:
    enrol(bob, an_intake(lesson.course, "2026-02"))
    learn(bob, glossary.terms.get(slug="loss"))
    learn(learner, glossary.terms.get(slug="weight"))
    assert marks(as_ada.get(LESSON).text)["loss"] == "new"
    assert marks(as_bob.get(LESSON).text) == {
        "gradient": "new",
        "loss": "known",
        "neuron": "new",
        "weight": "new",
    }


def test_a_visitor_sees_the_list_and_the_usual_links(
    client: Client, lesson: Lesson, learner: User, glossary: Glossary
) -> None:
    Lesson.objects.update(is_free=True)
    learn(learner, glossary.terms.get(slug="loss"))
    page = client.get(LESSON).text
    assert listed(page) == ["Gradient", "Loss", "Neuron", "Weight"]
    assert set(marks(page).values()) == {""}
    assert "term--" not in page
    assert "Practise" not in page


def test_a_page_that_knows_somebody_is_kept_by_nobody(
    client: Client, as_ada: Client, learner: User, lesson: Lesson
) -> None:
    for someone in (client, as_ada):
        assert "no-store" in someone.get(LESSON).headers["Cache-Control"]


def test_a_long_list_is_folded_behind_what_is_new(
    as_ada: Client, learner: User, course: Course, glossary: Glossary
) -> None:
    names = [f"Layer{letter}" for letter in "abcdefghijk"]
    a_lesson_using(course, names)
    for name in names[:4]:
        learn(learner, glossary.terms.get(name=name))
    page = as_ada.get(LESSON).text
    assert "<summary>3 more</summary>" in page
    assert listed(page) == [*names[4:], *[f"{name}✓" for name in names[:4]]]
    assert listed(page.partition("<details")[0] + "</section>") == [*names[4:], f"{names[0]}✓"]


def test_nine_terms_are_not_folded_for_the_sake_of_one(
    as_ada: Client, learner: User, course: Course
) -> None:
    a_lesson_using(course, [f"Layer{letter}" for letter in "abcdefghi"])
    page = as_ada.get(LESSON).text
    assert "<details" not in page
    assert len(listed(page)) == 9


def test_a_term_that_is_no_longer_public_is_not_listed(
    as_ada: Client, learner: User, lesson: Lesson
) -> None:
    Term.objects.filter(slug="loss").update(is_published=False)
    assert listed(as_ada.get(LESSON).text) == ["Gradient", "Neuron", "Weight"]


def test_marking_touches_the_links_to_terms_and_nothing_else() -> None:
    html = (
        '<p>A <a class="term" href="/glossary/g/a/">a</a>, <a href="/glossary/g/a/">page</a> and '
        '<a class="term" href="/glossary/g/b/">b</a>: class="term"</p>'
    )
    assert mark_links(html, {"/glossary/g/a/"}) == (
        '<p>A <a class="term term--known" href="/glossary/g/a/">a</a>, '
        '<a href="/glossary/g/a/">page</a> and '
        '<a class="term term--new" href="/glossary/g/b/">b</a>: class="term"</p>'
    )


# What it costs ---------------------------------------------------------------------------------


def statements(browser: Client) -> list[str]:
    """What the page asks the database, the second time it is opened."""
    browser.get(LESSON)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(LESSON).status_code == 200
    return [query["sql"] for query in captured]


@pytest.mark.parametrize("number", [4, 400])
def test_a_learners_page_is_four_queries_however_many_terms_and_lessons(
    as_ada: Client, learner: User, course: Course, glossary: Glossary, number: int
) -> None:
    names = [f"Part{n // 20:c}{n % 20:c}".translate(LETTERS) for n in range(number)]
    a_lesson_using(course, names)
    for position in range(number // 20):
        a_lesson(course, f"lesson-{position}")
    for term in glossary.terms.all()[: number // 2]:
        learn(learner, term)
    sent = statements(as_ada)
    assert len(sent) == 4, sent
    assert [sql.split()[0] for sql in sent] == ["SELECT"] * 4
    assert len(listed(as_ada.get(LESSON).text)) == number


def test_a_lesson_lists_its_sections_where_there_are_several(
    as_ada: Client, learner: User, course: Course
) -> None:
    passage = write_passage(None, source="## Keel & $x$\n\nx\n\n## Mast\n\ny", glossaries=[])
    a_lesson(course, passage=passage)
    shown = as_ada.get(LESSON).text
    assert shown.count('<a class="sections__link" href="#section-keel-x">Keel &amp; <math') == 2
    assert '<h2 id="section-mast"><a class="itself" href="#section-mast">Mast</a></h2>' in shown
    write_passage(passage, source="## Mast", glossaries=[])
    assert "sections__link" not in as_ada.get(LESSON).text


def test_the_contents_say_how_far_a_learner_has_come(
    as_ada: Client, learner: User, lesson: Lesson
) -> None:
    a_lesson(lesson.course, "another")
    assert "progress__bar" not in as_ada.get(LESSON).text
    as_ada.post(f"{LESSON}completion/")
    assert "1 of 2 lessons done" in as_ada.get(LESSON).text


# As characters that make a word of a name: chr(0) is an a.
LETTERS = {number: chr(ord("a") + number) for number in range(20)}


def test_a_first_visit_is_noted_and_a_reload_writes_nothing(
    as_ada: Client, learner: User, lesson: Lesson
) -> None:
    as_ada.get(LESSON)
    noted = Reading.objects.get()
    as_ada.get(LESSON)
    assert Reading.objects.get().last_read_at == noted.last_read_at
    Reading.objects.update(
        first_read_at=noted.first_read_at - timedelta(minutes=6),
        last_read_at=noted.last_read_at - timedelta(minutes=6),
    )
    as_ada.get(LESSON)
    assert Reading.objects.get().last_read_at > noted.last_read_at


def test_coming_back_to_a_lesson_from_another_is_noted_at_once(
    ada: User, bob: User, lesson: Lesson
) -> None:
    other = a_lesson(lesson.course, "other")

    def noted(minutes: int) -> list[Lesson]:
        at = APRIL + timedelta(minutes=minutes)
        return [reading.lesson for reading in read_since(ada, moment=at - STILL_READING)]

    read(learner=bob, lesson=lesson, at=APRIL)
    assert noted(0) == []
    read(learner=ada, lesson=lesson, at=APRIL)
    assert noted(4) == [lesson]
    assert noted(5) == []
    read(learner=ada, lesson=other, at=APRIL + timedelta(minutes=1))
    assert noted(4) == [other]
