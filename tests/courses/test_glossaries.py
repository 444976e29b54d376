"""The glossaries of a course: which terms its texts are linked to, and in which order."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from courses.models import Course, CourseGlossary, Lesson
from courses.writing import save_course, save_lesson, set_glossaries
from glossary.editing import delete_glossary
from glossary.models import Glossary, Passage
from tests.courses.making import a_course
from tests.courses.test_admin import form_of
from tests.glossary.writing import a_glossary, a_term, run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def sailing() -> Glossary:
    sailing = a_glossary("Sailing")
    a_term(sailing, "Sheet")
    a_term(sailing, "Tack")
    return sailing


@pytest.fixture
def riding() -> Glossary:
    riding = a_glossary("Riding")
    a_term(riding, "Tack")
    a_term(riding, "Halter")
    return riding


def addresses(passage: Passage) -> list[str]:
    passage.refresh_from_db()
    return [part.split('"')[0] for part in passage.linked_html.split('href="')[1:]]


def a_lesson(course: Course, text: str = "Tack, sheet, halter.") -> Passage:
    return save_lesson(Lesson(course=course, title="One"), text=text).passage


def test_the_first_glossary_has_the_name_that_two_have(sailing: Glossary, riding: Glossary) -> None:
    course = a_course(glossaries=[sailing, riding])
    text = a_lesson(course)
    assert addresses(text) == [
        "/glossary/sailing/tack/",
        "/glossary/sailing/sheet/",
        "/glossary/riding/halter/",
    ]
    set_glossaries(course, [riding, sailing])
    assert addresses(text) == [
        "/glossary/riding/tack/",
        "/glossary/sailing/sheet/",
        "/glossary/riding/halter/",
    ]


def test_the_description_is_linked_as_the_lessons_are(sailing: Glossary, riding: Glossary) -> None:
    course = save_course(
        Course(title="Both"), description="Tack and halter.", glossaries=[riding, sailing]
    )
    assert course.description is not None
    assert addresses(course.description) == ["/glossary/riding/tack/", "/glossary/riding/halter/"]
    set_glossaries(course, [sailing])
    assert addresses(course.description) == ["/glossary/sailing/tack/"]


def test_a_change_in_either_glossary_is_linked(sailing: Glossary, riding: Glossary) -> None:
    text = a_lesson(a_course(glossaries=[sailing, riding]), "A boom and a bridle.")
    a_term(riding, "Bridle")
    a_term(sailing, "Boom")
    run_jobs()
    assert addresses(text) == ["/glossary/sailing/boom/", "/glossary/riding/bridle/"]


def test_without_one_of_its_glossaries_a_text_is_linked_to_the_others(
    sailing: Glossary, riding: Glossary
) -> None:
    text = a_lesson(a_course(glossaries=[sailing, riding]))
    delete_glossary(sailing)
    assert addresses(text) == ["/glossary/riding/tack/", "/glossary/riding/halter/"]


def test_the_same_glossaries_again_change_nothing(sailing: Glossary) -> None:
    course = a_course(glossaries=[sailing])
    set_glossaries(course, [sailing])
    assert CourseGlossary.history.count() == 1


def test_a_glossary_is_not_twice_in_a_course_nor_two_in_one_place(
    sailing: Glossary, riding: Glossary
) -> None:
    course = a_course(glossaries=[sailing])
    for glossary, position in ((sailing, 2), (riding, 1)):
        with pytest.raises(IntegrityError), transaction.atomic():
            CourseGlossary.objects.create(course=course, glossary=glossary, position=position)


def test_a_course_names_its_published_glossaries_in_their_order(
    client: Client, sailing: Glossary, riding: Glossary
) -> None:
    hidden = a_glossary("Hidden", is_published=False)
    a_course("boats", glossaries=[sailing, hidden, riding])
    page = client.get("/courses/boats/").content.decode()
    assert page.index("/glossary/sailing/") < page.index("/glossary/riding/")
    assert "/glossary/hidden/" not in page


# In the admin ----------------------------------------------------------------------------------


@pytest.fixture
def as_sam(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("sam@example.org", "x"))
    return client


def change(client: Client, course: Course, **changes: Any) -> Any:
    address = f"/admin/courses/course/{course.pk}/change/"
    sent = {f"glossary_places-{name.replace('_', '-', 1)}": v for name, v in changes.items()}
    return client.post(address, form_of(client, address) | sent)


def test_staff_choose_glossaries_and_their_order(
    as_sam: Client, sailing: Glossary, riding: Glossary
) -> None:
    course = a_course(glossaries=[sailing])
    text = a_lesson(course)
    sent = {"1_glossary": riding.pk, "1_position": 1, "0_position": 2}
    assert change(as_sam, course, **{f"{name}": v for name, v in sent.items()}).status_code == 302
    assert course.glossaries_in_order() == [riding, sailing]
    assert addresses(text)[0] == "/glossary/riding/tack/"
    assert change(as_sam, course, **{"0_DELETE": "on"}).status_code == 302
    assert course.glossaries_in_order() == [sailing]
    page = as_sam.get("/admin/courses/course/").content.decode()
    assert '<td class="field-glossary_titles">Sailing</td>' in page


def test_two_glossaries_change_places_in_one_save(
    as_sam: Client, sailing: Glossary, riding: Glossary
) -> None:
    course = a_course(glossaries=[sailing, riding])
    assert change(as_sam, course, **{"0_position": 2, "1_position": 1}).status_code == 302
    assert course.glossaries_in_order() == [riding, sailing]
    places = CourseGlossary.objects.filter(course=course).values_list("position", flat=True)
    assert list(places) == [1, 2]


def test_a_glossary_without_a_place_comes_last(
    as_sam: Client, sailing: Glossary, riding: Glossary
) -> None:
    course = a_course(glossaries=[sailing])
    assert change(as_sam, course, **{"1_glossary": riding.pk}).status_code == 302
    assert course.glossaries_in_order() == [sailing, riding]


def test_a_glossary_chosen_twice_is_refused_in_words(as_sam: Client, sailing: Glossary) -> None:
    course = a_course(glossaries=[sailing])
    response = change(as_sam, course, **{"1_glossary": sailing.pk, "1_position": 2})
    assert "A glossary is named twice." in response.content.decode()
    assert course.glossaries_in_order() == [sailing]


def test_a_new_course_has_the_glossaries_that_it_was_given(
    as_sam: Client, sailing: Glossary
) -> None:
    data = form_of(as_sam, "/admin/courses/course/add/") | {
        "title": "Boats",
        "description_text": "To tack.",
        "glossary_places-0-glossary": sailing.pk,
    }
    assert as_sam.post("/admin/courses/course/add/", data).status_code == 302
    course = Course.objects.get()
    assert course.description is not None
    assert addresses(course.description) == ["/glossary/sailing/tack/"]


def test_a_lessons_preview_has_the_terms_of_all_glossaries_of_its_course(
    as_sam: Client, sailing: Glossary, riding: Glossary
) -> None:
    course = a_course(glossaries=[riding, sailing])
    a_lesson(course)
    page = as_sam.get(f"/admin/courses/lesson/{course.lessons.get().pk}/change/").content.decode()
    address = f"/admin/glossary/passage/preview/?glossary={riding.pk}&glossary={sailing.pk}&term="
    assert address.replace("&", "&amp;") in page
    fields = {"preview": "text", "text": "Tack, sheet.", "fragment": "1"}
    shown = as_sam.post(address, fields).content.decode()
    assert "/glossary/riding/tack/" in shown
    assert "/glossary/sailing/sheet/" in shown
