"""The catalogue: which courses it shows for what is wanted, in which order, at what cost."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from courses.calendar import add_months, london_date
from courses.catalogue import Catalogue, Wanted
from courses.models import Course, Intake
from tests.courses.making import APRIL, a_course, a_price, an_intake, london

pytestmark = pytest.mark.django_db

ROW = re.compile(r'class="timetable__title"><a href="/courses/([^/]+)/"')


def sold(slug: str, month: str = "2026-05", amount: int = 9000, **fields: object) -> Course:
    """A course with one intake at one price."""
    course = a_course(slug, subject=str(fields.pop("subject", "")))
    a_price(an_intake(course, month, **fields), amount)
    return course


def found(**given: str) -> list[str]:
    page = Catalogue(Wanted.of(given), at=APRIL).get_page(1)
    assert page.paginator.count == len(page.object_list)
    return [course.slug for course in page.object_list]


def shown(client: Client, address: str, **headers: str) -> list[str]:
    response = client.get(address, headers=headers)
    assert response.status_code == 200
    return ROW.findall(response.content.decode())


def test_what_can_be_joined_next_comes_first_and_what_cannot_comes_last() -> None:
    a_course("nothing-planned")
    sold("sold-out", "2026-05", capacity=1, places_taken=1)
    sold("in-july", "2026-07")
    sold("in-may", "2026-05")
    a_course("hidden", is_published=False)
    assert found() == ["in-may", "in-july", "nothing-planned", "sold-out"]


def test_a_subject_a_month_a_price_and_places_narrow_it_down() -> None:
    sold("knots", "2026-05", 9000, subject="Sailing", capacity=4)
    sold("sails", "2026-06", 0, subject="Sailing")
    sold("pots", "2026-06", 5000, subject="Pottery", capacity=4, places_taken=2, places_held=1)
    assert found(subject="Sailing") == ["knots", "sails"]
    assert found(month="2026-06") == ["pots", "sails"]
    assert found(price="0") == ["sails"]
    assert found(price="50") == ["pots", "sails"]
    assert found(places="1") == ["knots", "pots", "sails"]
    assert found(places="2") == ["knots", "sails"]
    assert found(places="5") == ["sails"]
    assert found(subject="Sailing", month="2026-06", price="10", places="100") == ["sails"]
    assert found(subject="Sailing", price="80", month="2026-05") == []


def test_all_that_is_wanted_must_hold_of_one_intake() -> None:
    course = sold("knots", "2026-05", 9000)
    a_price(an_intake(course, "2026-06"), 3000)
    assert found(month="2026-05", price="50") == []
    assert found(month="2026-06", price="50") == ["knots"]


def test_a_price_for_some_or_for_later_is_not_what_anyone_pays_now() -> None:
    course = sold("knots", "2026-05", 9000)
    intake = course.intakes.get()
    a_price(intake, 1000, name="Concession", kind="concession")
    a_price(intake, 2000, name="Later", available_from=london("2026-04-20 00:00"))
    assert found(price="50") == []
    assert found(price="90") == ["knots"]


def test_a_month_is_londons() -> None:
    sold("knots", "2026-07")  # from 23:00 UTC on the last of June
    assert found(month="2026-06") == []
    assert found(month="2026-07") == ["knots"]


@pytest.mark.parametrize(
    "query",
    [
        "month=2026-13", "month=0000-01", "month=99999-01", "month=may", "month=2026-05-01",
        "price=-1", "price=9999999999999999999", "price=%C2%B2", "price=1.5", "price=free",
        "places=x", "places=99999999999999999999", "places=0", "page=x", "page=-3", "page=99999",
        "subject=", "subject=%20", "at=2026-05-01",
    ],
)  # fmt: skip
def test_wrong_values_are_left_out_of_account(client: Client, query: str) -> None:
    sold("knots", "2099-05")
    assert shown(client, f"/courses/?{query}") == ["knots"]


def test_the_page_shows_the_intake_that_is_wanted_and_keeps_what_was_chosen(
    client: Client,
) -> None:
    month = add_months(london_date(timezone.now()), 2)
    course = sold("knots", f"{month:%Y-%m}", subject="Sailing")
    a_price(an_intake(course, f"{add_months(month, 1):%Y-%m}"), 4000)
    page = client.get("/courses/?subject=Sailing&price=50").content.decode()
    assert "from £40 GBP" in page
    assert "from £90 GBP" not in page
    assert '<option value="Sailing" selected>' in page
    assert '<option value="50" selected>' in page
    assert f'<option value="{month:%Y-%m}">' in page
    assert 'href="/courses/?price=50"' in page  # without the subject
    assert 'href="/courses/?subject=Sailing"' in page  # without the price


def test_filters_that_lead_to_nothing_say_so_with_a_way_back(client: Client) -> None:
    sold("knots", "2099-05", subject="Sailing")
    page = client.get("/courses/?subject=<Pottery>&price=20").content.decode()
    assert "No course is like that" in page
    assert "0 courses" in page
    assert 'href="/courses/?price=20"' in page
    assert 'href="/courses/"' in page
    assert "<Pottery>" not in page


def test_paging_keeps_the_filters(client: Client) -> None:
    for index in range(30):
        sold(f"course-{index:02}", "2099-05", subject="Arts & crafts")
        sold(f"other-{index:02}", "2099-05")
    first = client.get("/courses/?subject=Arts+%26+crafts").content.decode()
    assert "30 courses, 1 to 24 shown" in first
    assert 'href="?subject=Arts+%26+crafts&amp;page=2"' in first
    second = shown(client, "/courses/?subject=Arts+%26+crafts&page=2")
    assert second == [f"course-{index}" for index in range(24, 30)]


def test_htmx_gets_the_list_alone_and_the_address_to_stand_there(client: Client) -> None:
    sold("knots", "2099-05")
    asked = "/courses/?subject=&month=&price=100&places="
    response = client.get(asked, headers={"HX-Request": "true"})
    page = response.content.decode()
    assert "<main" not in page
    assert ROW.findall(page) == ["knots"]
    assert 'id="catalogue-status" role="status" hx-swap-oob="innerHTML"' in page
    assert response.headers["HX-Push-Url"] == "/courses/?price=100"
    assert "HX-Request" in response.headers["Vary"]
    going_back = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<main" in client.get(asked, headers=going_back).content.decode()


def test_more_courses_and_intakes_cost_no_more_queries(client: Client) -> None:
    def grow(to: int) -> None:
        for index in range(Course.objects.count(), to):
            course = sold(f"course-{index}", "2099-05", subject=f"Subject {index % 7}")
            a_price(an_intake(course, "2099-06"), 5000)
            a_price(an_intake(course, "2099-07", capacity=1, places_taken=1))

    def cost(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        return len(captured)

    addresses = ["/courses/", "/courses/?month=2099-06&price=80&places=2", "/courses/?places=1"]
    grow(3)
    before = [cost(address) for address in addresses]
    assert max(before) <= 6
    grow(40)
    assert [cost(address) for address in addresses] == before


def test_a_page_is_found_by_index_and_not_by_reading_every_intake() -> None:
    """At a few thousand intakes: no plan that reads them all for each course."""
    courses = [Course(title=f"C{n}", slug=f"c{n}", is_published=True) for n in range(400)]
    Course.objects.bulk_create(courses)
    rows = []
    for course in courses:
        for offset in range(12):
            month = add_months(london_date(APRIL), offset)
            intake = Intake(course=course, month=month, is_published=True, published_at=APRIL)
            intake.derive()
            rows.append(intake)
    Intake.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE courses_course, courses_intake, courses_price")
    page = Catalogue(Wanted(), at=APRIL).get_page(2)
    plan = page.object_list.explain()
    assert "Seq Scan on courses_intake" not in plan
    assert page.paginator.count == 400
