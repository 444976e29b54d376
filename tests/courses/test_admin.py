"""Staff at work in the admin: what they change shows on the site, what cannot be is said."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from courses.models import Course, Intake, LegalPage, Lesson, Price, Provider, SearchInVain
from courses.writing import save_course, save_lesson
from tests.courses.conftest import signed_in
from tests.courses.making import APRIL, a_course, a_lesson, a_price, a_provider, an_intake

pytestmark = pytest.mark.django_db


def form_of(client: Client, address: str) -> dict[str, Any]:
    """What the page's form would send if nothing were changed."""
    response = client.get(address)
    assert response.status_code == 200
    context = response.context
    data: dict[str, Any] = {}
    forms = [context["adminform"].form]
    for inline in context.get("inline_admin_formsets", []):
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for field in form:
            data |= _sent(field.html_name, field.value(), field.field.widget)
    return data


def _sent(name: str, value: Any, widget: Any) -> dict[str, Any]:
    if hasattr(widget, "widgets"):
        parts = widget.decompress(value)
        return {f"{name}_{i}": "" if part is None else part for i, part in enumerate(parts)}
    if value is None or value is False:
        return {} if value is False else {name: ""}
    shown = widget.format_value(value)
    if isinstance(shown, list):
        shown = shown[0] if shown else ""
    return {name: "on" if value is True else "" if shown is None else shown}


def errors_in(response: Any) -> str:
    found = [response.context["errors"]]
    return " ".join(str(each) for each in found)


PAGES = [
    "/admin/courses/course/",
    "/admin/courses/course/add/",
    "/admin/courses/lesson/",
    "/admin/courses/lesson/add/",
    "/admin/courses/intake/",
    "/admin/courses/intake/add/",
    "/admin/courses/intake/?state=open",
    "/admin/courses/intake/?state=nonsense",
    "/admin/courses/intake/?q=deep",
    "/admin/courses/legalpage/",
    "/admin/courses/legalpage/add/",
    "/admin/courses/provider/add/",
    "/admin/courses/intake/999/lay-out/",
    "/admin/courses/intake/nonsense/lay-out/",
]


@pytest.mark.parametrize("address", PAGES)
def test_the_pages_of_an_empty_site_open(as_sam: Client, address: str) -> None:
    assert as_sam.get(address).status_code == (404 if "lay-out" in address else 200)


@pytest.mark.parametrize("model", ["course", "lesson", "intake"])
def test_twice_the_rows_cost_a_list_no_more_queries(as_sam: Client, model: str) -> None:
    def add(number: int) -> None:
        course = a_course(f"course-{number}")
        a_lesson(course)
        a_price(an_intake(course))

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert as_sam.get(f"/admin/courses/{model}/").status_code == 200
        return len(captured)

    for number in range(3):
        add(number)
    cost()
    before = cost()
    for number in range(3, 9):
        add(number)
    assert cost() == before


# Courses and lessons ---------------------------------------------------------------------------


def test_a_new_course_and_its_lesson_are_on_the_site_at_once(as_sam: Client) -> None:
    data = form_of(as_sam, "/admin/courses/course/add/")
    data |= {"title": "Deep Learning", "description_text": "**Bold** words.", "is_published": "on"}
    assert as_sam.post("/admin/courses/course/add/", data).status_code == 302
    assert "<strong>Bold</strong> words." in as_sam.get("/courses/deep-learning/").content.decode()
    course = Course.objects.get()
    add = f"/admin/courses/lesson/add/?course={course.pk}"
    data = form_of(as_sam, add)
    data |= {
        "course": course.pk,
        "title": "Backpropagation",
        "text": "It is $x^2$.",
        "is_free": "on",
        "is_published": "on",
    }
    assert as_sam.post(add, data).status_code == 302
    page = Client().get("/courses/deep-learning/lessons/backpropagation/").content.decode()
    assert "<math" in page


def test_a_formula_that_cannot_be_shown_is_told_when_a_lesson_is_saved(as_sam: Client) -> None:
    lesson = a_lesson(a_course())
    address = f"/admin/courses/lesson/{lesson.pk}/change/"
    sent = form_of(as_sam, address) | {"text": r"The area is $\nonsense x$."}
    page = as_sam.post(address, sent, follow=True).content.decode()
    assert "is not shown" in page
    assert r"\nonsense is not known" in page


def test_lessons_are_sorted_by_the_numbers_that_staff_type(as_sam: Client) -> None:
    course = save_course(Course(title="Deep Learning"))
    for title in ("A", "B", "C"):
        save_lesson(Lesson(course=course, title=title), text="Text.")
    address = f"/admin/courses/course/{course.pk}/change/"
    data = form_of(as_sam, address)
    data |= {"lessons-0-position": 3, "lessons-1-position": 1, "lessons-2-position": 1}
    assert as_sam.post(address, data).status_code == 302
    rows = course.lessons.order_by("position").values_list("position", "title")
    assert list(rows) == [(1, "B"), (2, "C"), (3, "A")]


def test_a_lesson_put_where_another_is_moves_that_one_down(as_sam: Client) -> None:
    course = save_course(Course(title="Deep Learning"))
    for title in ("A", "B", "C"):
        save_lesson(Lesson(course=course, title=title), text="Text.")
    address = f"/admin/courses/lesson/{course.lessons.get(title='C').pk}/change/"
    assert as_sam.post(address, form_of(as_sam, address) | {"position": 1}).status_code == 302
    rows = course.lessons.order_by("position").values_list("title", flat=True)
    assert list(rows) == ["C", "A", "B"]


def test_an_address_that_exists_is_refused_in_words(as_sam: Client) -> None:
    course = save_course(Course(title="Deep Learning"))
    save_lesson(Lesson(course=course, title="A"), text="Text.")
    data = form_of(as_sam, "/admin/courses/lesson/add/")
    data |= {"course": course.pk, "title": "Another", "slug": "a", "text": "Text."}
    response = as_sam.post("/admin/courses/lesson/add/", data)
    assert "This course has a lesson with this address already." in errors_in(response)


# Intakes and prices ----------------------------------------------------------------------------


def test_a_new_intake_with_a_price_in_pounds_is_on_sale(as_sam: Client) -> None:
    a_provider(vat_treatment="inclusive", vat_rate=2000, vat_number="GB123456789")
    course = a_course()
    data = form_of(as_sam, "/admin/courses/intake/add/")
    data |= {
        "course": course.pk,
        "starts_on": "04/05/2099",
        "is_published": "on",
        "prices-TOTAL_FORMS": 1,
        "prices-0-name": "Standard",
        "prices-0-kind": "standard",
        "prices-0-amount": "£1,090.50",
        "prices-0-vat_treatment": "inclusive",
        "prices-0-vat_rate": "2000",
        "prices-0-position": "0",
    }
    response = as_sam.post("/admin/courses/intake/add/", data)
    assert response.status_code == 302, errors_in(response)
    assert Price.objects.get().amount == 109050
    page = Client().get("/courses/deep-learning/").content.decode()
    assert "4 May 2099 intake · open enrolment" in page
    assert "from £1,090.50 GBP" in page


def test_a_new_price_takes_vat_from_the_provider(as_sam: Client) -> None:
    a_provider(vat_treatment="inclusive", vat_rate=2000, vat_number="GB123456789")
    response = as_sam.get("/admin/courses/intake/add/")
    [inline] = response.context["inline_admin_formsets"]
    assert inline.formset.empty_form["vat_treatment"].value() == "inclusive"
    assert inline.formset.empty_form["vat_rate"].value() == 2000


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"capacity": 4}, "5 places are taken or held already."),
        ({"month": ""}, "Give the month, or the day on which it starts."),
        ({"starts_on": "04/06/2026"}, "The intake starts in June 2026."),
        ({"ends_on": "30/04/2026"}, "An intake cannot end before it starts."),
        ({"late_joining_until": "30/05/2026"}, "Allow late joining, or leave this empty."),
        (
            {"enrolment_opens_at_0": "01/07/2026", "enrolment_opens_at_1": "09:00"},
            "Enrolment cannot open after it has closed.",
        ),
        ({"month": "nonsense"}, "Enter a valid date."),
        ({"month": "01/12/9999"}, "The year must be between 1900 and 2199."),
        ({"ends_on": "31/12/9999"}, "The year must be between 1900 and 2199."),
        ({"access_ends_on": "31/12/9999"}, "The year must be between 1900 and 2199."),
        ({"capacity": "99999999999"}, "less than or equal to 2147483647"),
        (
            {"cancelled_at_0": "2126-01-01", "cancelled_at_1": "12:00:00"},
            "Give a moment that has passed: it is called off at once.",
        ),
    ],
)
def test_what_contradicts_itself_is_refused_in_words(
    as_sam: Client, changes: dict[str, Any], message: str
) -> None:
    intake = an_intake(a_course(), capacity=10, places_taken=3, places_held=2)
    address = f"/admin/courses/intake/{intake.pk}/change/"
    response = as_sam.post(address, form_of(as_sam, address) | changes)
    assert response.status_code == 200
    assert message in errors_in(response)


@pytest.mark.parametrize(
    ("amount", "message"),
    [
        ("0.29", "A price is 0 (free) or at least £0.30."),
        ("-1", "greater than or equal to 0"),
        ("9.999", "no more than 2 decimal places"),
        ("ninety", "Enter a number."),
        ("1e30", "less than or equal to 1000000"),
        ("NaN", "Enter a number."),
        ("sNaN", "Enter a number."),
    ],
)
def test_an_amount_that_cannot_be_charged_is_refused_in_words(
    as_sam: Client, amount: str, message: str
) -> None:
    price = a_price(an_intake(a_course()))
    address = f"/admin/courses/intake/{price.intake.pk}/change/"
    response = as_sam.post(address, form_of(as_sam, address) | {"prices-0-amount": amount})
    assert message in errors_in(response)


def test_saving_a_price_as_it_is_changes_nothing(as_sam: Client) -> None:
    price = a_price(an_intake(a_course()), 9050)
    address = f"/admin/courses/intake/{price.intake.pk}/change/"
    data = form_of(as_sam, address)
    assert data["prices-0-amount"] == "90.50"
    assert as_sam.post(address, data).status_code == 302
    price.refresh_from_db()
    assert price.amount == 9050
    assert price.history.count() == 1


def test_places_booked_while_the_form_was_open_are_kept_and_told(
    as_sam: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = an_intake(a_course(), capacity=10, places_taken=3)
    address = f"/admin/courses/intake/{intake.pk}/change/"
    data = form_of(as_sam, address) | {"capacity": 4}
    check = Intake.full_clean

    def booked_in_between(self: Intake, *args: Any, **kwargs: Any) -> None:
        check(self, *args, **kwargs)
        Intake.objects.filter(pk=intake.pk).update(places_taken=9)

    monkeypatch.setattr(Intake, "full_clean", booked_in_between)
    response = as_sam.post(address, data, follow=True)
    assert response.status_code == 200
    assert "Nothing was saved: places were booked" in response.content.decode()
    intake.refresh_from_db()
    # The booking in between was part of the transaction that was given up.
    assert (intake.capacity, intake.places_taken) == (10, 3)


def test_a_year_is_laid_out_from_the_list_in_one_action(as_sam: Client) -> None:
    intake = an_intake(a_course(), "2026-05")
    a_price(intake)
    an_intake(intake.course, "2026-08")
    response = as_sam.post(
        "/admin/courses/intake/", {"action": "lay_out", "_selected_action": [intake.pk]}
    )
    address = f"/admin/courses/intake/{intake.pk}/lay-out/"
    assert response.headers["Location"] == address
    assert 'value="2026-06-01"' in as_sam.get(address).content.decode()
    data = {"first_month": "2026-06-01", "count": 12, "is_published": "on"}
    page = as_sam.post(address, data, follow=True).content.decode()
    assert "11 intakes laid out. Left alone, since there is one already: August 2026." in page
    assert Intake.objects.count() == 13
    assert Price.objects.count() == 12


@pytest.mark.parametrize(
    "changes",
    [
        {"count": "0"},
        {"count": "1000"},
        {"count": ""},
        {"first_month": "soon"},
        {"first_month": "9999-12-01"},
    ],
)
def test_laying_out_nonsense_is_refused_in_words(as_sam: Client, changes: dict[str, str]) -> None:
    intake = an_intake(a_course())
    data = {"first_month": "2026-06-01", "count": "12"} | changes
    response = as_sam.post(f"/admin/courses/intake/{intake.pk}/lay-out/", data)
    assert "Put this right" in response.content.decode()
    assert Intake.objects.count() == 1


def test_staff_who_may_only_look_cannot_lay_out() -> None:
    intake = an_intake(a_course())
    looker = User.objects.create_user("lou@example.org", "x", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_intake"))
    client = signed_in(looker)
    assert client.get("/admin/courses/intake/").status_code == 200
    assert client.get(f"/admin/courses/intake/{intake.pk}/lay-out/").status_code == 403


# Provider and legal pages ----------------------------------------------------------------------


def test_there_is_one_provider_to_change_and_none_to_add_or_delete(as_sam: Client) -> None:
    data = form_of(as_sam, "/admin/courses/provider/add/")
    data |= {"name": "Example College", "address": "1 Lane", "email": "hello@example.org"}
    assert as_sam.post("/admin/courses/provider/add/", data).status_code == 302
    assert Provider.current() is not None
    change = "/admin/courses/provider/1/change/"
    assert as_sam.get("/admin/courses/provider/").headers["Location"] == change
    assert as_sam.get(change).status_code == 200
    assert as_sam.get("/admin/courses/provider/add/").status_code == 403
    assert as_sam.get("/admin/courses/provider/1/delete/").status_code == 403


def test_a_provider_that_charges_vat_needs_its_number(as_sam: Client) -> None:
    a_provider()
    address = "/admin/courses/provider/1/change/"
    response = as_sam.post(address, form_of(as_sam, address) | {"vat_treatment": "inclusive"})
    assert "needs its VAT number" in errors_in(response)


def test_a_provider_that_charges_vat_needs_its_rate(as_sam: Client) -> None:
    a_provider()
    address = "/admin/courses/provider/1/change/"
    changes = {"vat_treatment": "inclusive", "vat_number": "GB123456789", "vat_rate": "0"}
    response = as_sam.post(address, form_of(as_sam, address) | changes)
    assert response.status_code == 200
    assert Provider.objects.get().vat_treatment == "not_registered"
    assert "needs its rate" in response.content.decode()


def test_a_legal_page_is_previewed_with_the_providers_facts_and_saved(as_sam: Client) -> None:
    a_provider()
    source = "We are **{{ provider.name }}**."
    preview = as_sam.post(
        "/admin/courses/legalpage/preview/", {"preview": "source", "source": source}
    )
    assert "We are <strong>Example College</strong>." in preview.content.decode()
    data = {"title": "Terms", "slug": "terms", "version": "1", "source": source}
    assert as_sam.post("/admin/courses/legalpage/add/", data).status_code == 302
    assert "<strong>Example College</strong>" in as_sam.get("/terms/").content.decode()
    assert LegalPage.objects.get().html == preview.context["html"]


def test_an_unknown_placeholder_is_refused_in_words(as_sam: Client) -> None:
    data = {"title": "T", "slug": "terms", "version": "1", "source": "{{ provider.nam }}"}
    response = as_sam.post("/admin/courses/legalpage/add/", data)
    assert "provider.nam" in errors_in(response)
    assert "Known are: provider.name" in errors_in(response)


def test_a_preview_is_for_staff(client: Client, as_ada: Client) -> None:
    for someone in (client, as_ada):
        response = someone.post("/admin/courses/legalpage/preview/", {"preview": "x", "x": "y"})
        assert response.status_code == 302


def test_the_front_page_names_what_is_looked_for_in_vain_most_often(as_sam: Client) -> None:
    for times in range(1, 8):
        SearchInVain.objects.create(
            words=f"search {times}", times=times, first_at=APRIL, last_at=APRIL
        )
    page = as_sam.get("/admin/").text
    assert [n for n in range(1, 8) if f"search {n} " in page] == [3, 4, 5, 6, 7]
    assert page.index("search 7 ") < page.index("search 3 ")
