"""The joint search: what each person finds, how it is shown, what was looked for in vain."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser, Permission
from django.core.cache import cache
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from courses import finding
from courses.access import courses_read_by
from courses.jobs import forget_searches_in_vain
from courses.models import (
    Course,
    CourseQuestion,
    Intake,
    Lesson,
    SearchedCourse,
    SearchedLesson,
    SearchInVain,
)
from courses.writing import (
    delete_course,
    delete_question,
    save_course,
    save_lesson,
    save_question,
)
from enrolment.models import Enrolment
from glossary.models import Glossary, Passage
from glossary.searching import Wanted
from tests.courses.making import APRIL, a_course, an_intake, enrol
from tests.glossary.writing import a_glossary, a_term

pytestmark = pytest.mark.django_db

FREE = "Wind comes over the **starboard** side. <b>Luffing</b> is to be shown."
PAID = "The knot that nobody tells is called zeppelin, and it never jams."


@pytest.fixture
def sailing() -> Course:
    """A course with a free lesson and one that is paid for; a term; a draft of each."""
    glossary = a_glossary("Sailing")
    a_term(glossary, "Tack", "To turn the bow through the wind.", aliases=["Go about"])
    a_term(glossary, "Starboard tack", "With the wind over the right side.", abbreviation="SBT")
    course = a_course("sailing", summary="Two days on the water.", subject="Seamanship")
    save_course(course, description="You will **reef** before it is too late.")
    _lesson(course, "Points of sail", FREE, is_free=True, summary="Where the wind is from.")
    _lesson(course, "Knots for the wet", PAID, summary="Three that hold.")
    _lesson(course, "Draft of docking", "Bollards.", is_published=False, is_free=True)
    draft = a_course("rowing", is_published=False, summary="Oars.")
    _lesson(draft, "Feathering", "Turn the blade flat.", is_free=True)
    return course


def _lesson(course: Course, title: str, text: str, **fields: object) -> Lesson:
    return save_lesson(
        Lesson(course=course, title=title, **{"is_published": True, **fields}), text=text
    )


def titles(typed: str, user: User | AnonymousUser | None = None) -> list[str]:
    found = finding.search(typed, user=user or AnonymousUser())
    return [f"{group.name}: {hit.url}" for group in found.groups for hit in group.hits]


def page(client: Client, typed: str, **more: str) -> str:
    response = client.get("/search/", {"q": typed, **more})
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


KNOTS = "lessons: /courses/sailing/lessons/knots-for-the-wet/"
POINTS = "lessons: /courses/sailing/lessons/points-of-sail/"
FEATHERING = "lessons: /courses/rowing/lessons/feathering/"


def test_terms_lessons_and_courses_are_found_together(sailing: Course) -> None:
    assert titles("wind") == [
        "terms: /glossary/sailing/tack/",
        "terms: /glossary/sailing/starboard-tack/",
        POINTS,
    ]
    assert titles("sail") == [POINTS, "courses: /courses/sailing/"]
    assert titles("seamanship") == ["courses: /courses/sailing/"]
    assert titles("reefing") == ["courses: /courses/sailing/"]


def test_a_course_is_found_by_its_questions_and_their_answers(
    sailing: Course, client: Client
) -> None:
    asked = CourseQuestion(course=sailing, question="Do I need a hat & boots?")
    save_question(asked, answer="Bring a *sou'wester*, whatever the forecast.")
    course = "courses: /courses/sailing/"
    assert titles("hats") == titles("forecast") == [course]
    assert "Do I need a <mark>hat</mark> &amp; boots? Bring a" in page(client, "hat")
    assert "whatever the <mark>forecast</mark>." in page(client, "forecast")
    # Past every journey: the triggers keep what is searched.
    Passage.objects.filter(answers=asked).update(html="<p>Goggles.</p>")
    CourseQuestion.objects.update(question="What else?")
    assert titles("forecast") == titles("hat") == []
    assert titles("goggles") == [course]
    delete_question(asked)
    assert titles("goggles") == []
    assert titles("reefing") == [course]


def test_the_text_of_a_paid_lesson_is_found_by_its_learners_alone(
    sailing: Course, ada: User, bob: User, sam: User
) -> None:
    intake = an_intake(sailing, "2026-04", lessons_open=Intake.LessonsOpen.AT_ONCE)
    enrol(ada, intake)
    pat = User.objects.create_user("pat@example.org", "x", is_staff=True)
    for nobody in (AnonymousUser(), bob, pat):
        assert titles("zeppelin", nobody) == []
        assert titles("knots", nobody) == [KNOTS]
        assert titles("three that hold", nobody) == [KNOTS]
    assert titles("zeppelin", ada) == [KNOTS]
    assert titles("zeppelin", sam) == [KNOTS]
    pat.user_permissions.add(Permission.objects.get(codename="read_lesson"))
    assert titles("zeppelin", User.objects.get(pk=pat.pk)) == [KNOTS]


def test_nothing_of_a_paid_text_is_shown_to_those_who_may_not_read_it(
    sailing: Course, as_bob: Client, as_ada: Client, ada: User
) -> None:
    for typed in ("knots", "knots zeppelin", "knots that never jams", "nobody tells"):
        for client in (as_bob, Client()):
            shown = page(client, typed)
            assert "it never jams" not in shown
            assert "is called" not in shown
    enrol(ada, an_intake(sailing, "2026-04", lessons_open=Intake.LessonsOpen.AT_ONCE))
    assert "<mark>zeppelin</mark>, and it never jams." in page(as_ada, "zeppelin")


@pytest.mark.parametrize(
    "fields",
    [
        {"suspended_at": APRIL},
        {"status": Enrolment.Status.CANCELLED, "ended_at": APRIL},
        {"lessons_wait_until": APRIL + timedelta(days=365_00)},
    ],
)
def test_access_that_has_ended_or_not_begun_finds_nothing(
    sailing: Course, ada: User, fields: dict[str, object]
) -> None:
    enrol(ada, an_intake(sailing, "2026-04", lessons_open=Intake.LessonsOpen.AT_ONCE), **fields)
    assert titles("zeppelin", ada) == []


def test_what_is_not_published_is_found_by_nobody_who_may_not_read_it(
    sailing: Course, bob: User, ada: User
) -> None:
    for typed in ("docking", "bollards", "rowing", "oars", "feathering", "blade"):
        assert titles(typed, bob) == []
    rowing = Course.objects.get(slug="rowing")
    enrol(ada, an_intake(rowing, "2026-04", lessons_open=Intake.LessonsOpen.AT_ONCE))
    # A learner keeps a course that is no longer sold.
    assert titles("blade", ada) == [FEATHERING]
    assert titles("rowing", ada) == ["courses: /courses/rowing/"]
    assert titles("bollards", ada) == []


def test_the_answer_for_all_courses_is_the_answer_for_each(
    sailing: Course, ada: User, bob: User, sam: User
) -> None:
    enrol(ada, an_intake(sailing, "2026-04", lessons_open=Intake.LessonsOpen.AT_ONCE))
    enrol(bob, an_intake(Course.objects.get(slug="rowing"), "2126-04"))
    gone = User.objects.create_superuser("gone@example.org", "x", is_active=False)
    seen = []
    for user in (ada, bob, sam, gone):
        at_once = set(Course.objects.filter(courses_read_by(user)))
        one_by_one = {
            course
            for course in Course.objects.all()
            if user.has_perm("courses.read_lesson", Lesson(course=course))
        }
        assert at_once == one_by_one
        seen.append(len(at_once))
    assert seen == [1, 0, 2, 0]
    assert not Course.objects.filter(courses_read_by(AnonymousUser())).exists()


def test_a_misspelling_finds_the_nearest_and_says_so(sailing: Course, client: Client) -> None:
    shown = page(client, "starbord tak")
    assert "Nothing found for “starbord tak”. The nearest:" in shown
    assert 'href="/glossary/sailing/starboard-tack/"' in shown
    assert "Points of sail" in page(client, "points of sial")


def test_one_word_of_several_leads_to_the_nearest(sailing: Course, client: Client) -> None:
    shown = page(client, "starboard xylophone concerto")
    assert "The nearest:" in shown
    assert 'href="/glossary/sailing/starboard-tack/"' in shown


def test_what_was_looked_for_is_marked_and_everything_else_is_text(
    sailing: Course, client: Client
) -> None:
    a_term(sailing_glossary(), "<script>alert(1)</script>", "Luff & <i>bear</i> away; a < b.")
    shown = page(client, "bear away")
    assert "<mark>bear</mark>&lt;/i&gt; <mark>away</mark>; a &lt; b." in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<script>alert" not in shown
    assert "Luff &amp; " in shown
    assert "<mark>Starboard tack</mark></a>" in page(client, "starboard tacks")
    assert "also <mark>Go</mark> about" in page(client, "go about")
    assert "(<mark>SBT</mark>)" in page(client, "sbt")


def sailing_glossary() -> Glossary:
    return Glossary.objects.get(slug="sailing")


@pytest.mark.parametrize(
    "typed",
    ['"><script>alert(1)</script>', "' OR 1=1 --", "a&in=terms", "{{ 7 }}", "<mark>", "\x02\x03"],
)
def test_what_was_typed_comes_back_as_text(client: Client, sailing: Course, typed: str) -> None:
    shown = page(client, typed)
    assert "<script>alert" not in shown
    assert "<mark>" not in shown.replace("&lt;mark&gt;", "")


@pytest.mark.parametrize("more", [{"page": "x"}, {"page": "-1"}, {"page": "99999999"}, {"in": "x"}])
@pytest.mark.parametrize("typed", ["", "🦜", "the", "&|!():*<>", "wind" * 5_000])
def test_nothing_in_the_address_fails(
    client: Client, sailing: Course, typed: str, more: dict[str, str]
) -> None:
    page(client, typed, **more)


def test_many_are_shown_a_page_at_a_time(sailing: Course, client: Client) -> None:
    for number in range(30):
        a_term(sailing_glossary(), f"Halyard {number:02}", "A rope.")
    first = page(client, "halyard")
    assert first.count('class="hit"') == finding.IN_A_GROUP
    assert 'href="/search/?q=halyard&amp;in=terms"' in first
    listed = page(client, "halyard", **{"in": "terms"})
    assert listed.count('class="hit"') == finding.ON_A_PAGE
    assert "Page 1 of 2" in listed
    assert 'href="/search/?q=halyard&amp;in=terms&amp;page=2"' in listed
    assert page(client, "halyard", **{"in": "terms", "page": "2"}).count('class="hit"') == 10


def test_htmx_gets_the_results_alone(sailing: Course, client: Client) -> None:
    part = client.get("/search/?q=tack", headers={"HX-Request": "true"})
    text = part.content.decode()
    assert "<html" not in text
    assert 'hx-swap-oob="innerHTML"' in text
    assert "2 found for “tack”." in text
    assert "HX-Request" in part.headers["Vary"]
    whole = client.get(
        "/search/?q=tack",
        headers={"HX-Request": "true", "HX-History-Restore-Request": "true"},
    )
    assert "<html" in whole.content.decode()


def test_a_search_keeps_up_with_lessons_and_courses(sailing: Course) -> None:
    lesson = Lesson.objects.get(slug="points-of-sail")
    lesson.title = "Beam reach"
    save_lesson(lesson, text="Abeam.")
    assert titles("points of sail") == []
    assert titles("luffing") == []
    assert titles("abeam") == titles("beam reach") == [POINTS]
    sailing.summary = "A weekend afloat."
    save_course(sailing, description="Nothing of the kind.")
    assert titles("reef") == []
    assert titles("weekend") == ["courses: /courses/sailing/"]
    Lesson.objects.filter(pk=lesson.pk).update(title="Close hauled")
    assert titles("close hauled") == [POINTS]
    delete_course(sailing)
    assert SearchedLesson.objects.count() == SearchedCourse.objects.count() == 1
    connection.check_constraints()


def test_more_of_everything_takes_no_more_queries(
    sailing: Course, ada: User, as_ada: Client
) -> None:
    def more(number: int) -> None:
        for _ in range(number):
            name = f"c{Course.objects.count()}"
            course = a_course(name, summary="Wind and water.")
            _lesson(course, f"Wind in {name}", "Wind.", summary="Wind.")
            enrol(ada, an_intake(course, "2026-04", lessons_open=Intake.LessonsOpen.AT_ONCE))
            a_term(sailing_glossary(), f"Wind {name}", "Wind.", aliases=[f"Gust {name}"])

    def queries() -> dict[str, int]:
        found = {}
        for typed in ("wind", "gust", "starbord tak", "qqqq"):
            SearchInVain.objects.all().delete()
            with CaptureQueriesContext(connection) as captured:
                page(as_ada, typed)
            found[typed] = len(captured)
        return found

    more(3)
    queries()
    before = queries()
    more(6)
    assert queries() == before
    assert max(before.values()) <= 45


def let_a_minute_pass() -> None:
    """As seen from the searches that were counted."""
    minute = timedelta(minutes=1)
    SearchInVain.objects.update(first_at=F("first_at") - minute, last_at=F("last_at") - minute)


def test_what_is_looked_for_in_vain_is_counted_without_who(
    sailing: Course, as_ada: Client, client: Client
) -> None:
    page(as_ada, "Spinnaker Pole")
    let_a_minute_pass()
    page(client, "spinnaker-pole ")
    row = SearchInVain.objects.get()
    assert (row.words, row.times) == ("spinnaker pole", 2)
    assert {field.name for field in SearchInVain._meta.get_fields()} == {
        "id",
        "words",
        "glossary",
        "times",
        "first_at",
        "last_at",
    }


def test_the_same_again_within_a_minute_is_one_search(sailing: Course, client: Client) -> None:
    for _ in range(3):
        page(client, "spinnaker")
    assert SearchInVain.objects.get().times == 1


def test_what_was_found_and_what_is_still_being_typed_is_not_counted(
    sailing: Course, client: Client
) -> None:
    page(client, "tack")
    for typed in ("s", "sp", "spin", "spinnaker"):
        shown = client.get("/search/", {"q": typed}, headers={"HX-Request": "true"})
    assert not SearchInVain.objects.exists()
    # What found nothing asks again when it has stood for a while.
    assert 'hx-get="/search/?q=spinnaker&amp;settled=1"' in shown.content.decode()
    counted = client.get("/search/?q=spinnaker&settled=1", headers={"HX-Request": "true"})
    assert counted.status_code == 204
    assert SearchInVain.objects.get().words == "spinnaker"


@pytest.mark.parametrize("typed", ["ann@example.org", "q", "!", ""])
def test_what_is_no_search_or_may_be_an_address_is_not_kept(
    sailing: Course, client: Client, typed: str
) -> None:
    page(client, typed)
    assert not SearchInVain.objects.exists()


def test_what_is_looked_up_in_vain_in_a_glossary_is_counted_for_it(
    sailing: Course, client: Client, as_sam: Client
) -> None:
    address, typing = "/glossary/sailing/", {"HX-Request": "true"}
    shown = client.get(address, {"q": "Spinnaker Pole"}, headers=typing).content.decode()
    client.get(address, {"q": "tack"})
    as_sam.get(address, {"q": "kazoo", "at": "2026-04-15T12:00"})
    assert not SearchInVain.objects.exists()
    settled = "/glossary/sailing/?q=Spinnaker%20Pole&amp;settled=1"
    assert f'hx-get="{settled}"' in shown
    assert client.get(settled.replace("&amp;", "&"), headers=typing).status_code == 204
    page(client, "spinnaker pole")
    let_a_minute_pass()
    client.get(address, {"q": "spinnaker-pole"})
    counted = SearchInVain.objects.order_by("times").values_list("words", "glossary", "times")
    assert list(counted) == [
        ("spinnaker pole", None, 1),
        ("spinnaker pole", sailing_glossary().pk, 2),
    ]
    listed = as_sam.get("/admin/courses/searchinvain/").content.decode()
    assert "the whole site" in listed


def test_a_misspelling_counts_as_in_vain(sailing: Course, client: Client) -> None:
    page(client, "starbord tak")
    assert SearchInVain.objects.get().words == "starbord tak"


def test_robots_cannot_fill_the_table(
    sailing: Course, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "MOST_IN_VAIN", 2)
    for typed in ("xylophone", "kazoo", "vuvuzela", "kazoo"):
        page(client, typed)
        let_a_minute_pass()
    assert dict(SearchInVain.objects.values_list("words", "times")) == {"xylophone": 1, "kazoo": 2}


def test_a_clock_that_is_behind_changes_no_time(sailing: Course) -> None:
    finding.count_in_vain(Wanted.of("kazoo"), at=APRIL)
    finding.count_in_vain(Wanted.of("kazoo"), at=APRIL - timedelta(seconds=1))
    row = SearchInVain.objects.get()
    assert (row.times, row.last_at) == (1, APRIL)
    finding.count_in_vain(Wanted.of("kazoo"), at=APRIL + timedelta(seconds=60))
    assert SearchInVain.objects.get().times == 2


@pytest.mark.proof
def test_a_flood_of_nonsense_pushes_nothing_out_of_the_cache(client: Client) -> None:
    # The database's cache holds so many entries, and drops those whose names come first.
    most = cache._max_entries
    cache.set("allauth:rl:attempts-to-sign-in", 9, timeout=None)
    for number in range(most + 10):
        finding.count_in_vain(Wanted.of(f"nonsense {number}"), at=APRIL)
    assert cache.get("allauth:rl:attempts-to-sign-in") == 9


def test_what_staff_ask_about_another_moment_is_not_counted(
    sailing: Course, as_sam: Client
) -> None:
    page(as_sam, "kazoo", at="2026-04-15T12:00")
    assert not SearchInVain.objects.exists()


def test_searches_that_nobody_repeats_are_forgotten() -> None:
    old = APRIL - timedelta(days=5_000)
    for words, last in (("old", old), ("new", APRIL + timedelta(days=36_500))):
        SearchInVain.objects.create(words=words, first_at=old, last_at=last)
    forget_searches_in_vain(timestamp=0)
    assert SearchInVain.objects.get().words == "new"


def test_staff_see_what_is_looked_for_most_often_first(as_sam: Client) -> None:
    for words, times in (("kazoo", 2), ("vuvuzela", 11), ("xylophone", 1)):
        SearchInVain.objects.create(words=words, times=times, first_at=APRIL, last_at=APRIL)
    shown = as_sam.get("/admin/courses/searchinvain/").content.decode()
    places = [shown.index(words) for words in ("vuvuzela", "kazoo", "xylophone")]
    assert places == sorted(places)
