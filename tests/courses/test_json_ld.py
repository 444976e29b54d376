"""What search engines are told of courses: valid, and the same as the page says."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from courses.models import Course, CourseQuestion, Intake, Price
from courses.writing import save_question
from tests.courses.making import APRIL, a_course, a_price, a_provider, an_intake, london
from tests.courses.vocabulary import blocks, complaints

pytestmark = pytest.mark.django_db

ADDRESS = "/courses/sailing/"
HERE = "https://college.example/courses/sailing/"


@pytest.fixture(autouse=True)
def house(settings: Settings) -> Iterator[None]:
    settings.SITE_URL = "https://college.example"
    a_provider(vat_number="GB123456789", phone="020 7946 0000", legal_name="Example College Ltd")
    with time_machine.travel(APRIL, tick=False):
        yield


@pytest.fixture
def course() -> Course:
    return a_course(
        "sailing", summary="Learn to sail.", subject="Boats", outcomes="Tie a knot\nTack"
    )


def said(address: str, kind: str, client: Client | None = None) -> dict[str, Any]:
    """The block of this type on a page, which must be valid."""
    page = (client or Client()).get(address).content.decode()
    found = blocks(page)
    assert [one for block in found for one in complaints(block)] == []
    (block,) = [one for one in found if one.get("@type", "@graph") == kind]
    return block


def offers(client: Client | None = None, query: str = "") -> dict[str, dict[str, Any]]:
    """What each intake is offered for, by its name; empty for one that is not."""
    instances = said(f"{ADDRESS}{query}", "Course", client).get("hasCourseInstance", [])
    return {one["name"].partition(", ")[2]: one.get("offers", {}) for one in instances}


def test_a_course_says_who_teaches_what(course: Course) -> None:
    block = said(ADDRESS, "Course")
    assert block["@id"] == block["url"] == HERE
    assert block["name"] == "Sailing"
    assert block["description"] == "Learn to sail."
    assert block["teaches"] == ["Tie a knot", "Tack"]
    assert block["about"] == {"@type": "Thing", "name": "Boats"}
    assert block["provider"] == {
        "@type": "Organization",
        "@id": "https://college.example/#organization",
        "name": "Example College",
        "url": "https://college.example/",
    }
    assert "hasCourseInstance" not in block


def test_the_questions_that_staff_answered_are_told_with_their_answers(course: Course) -> None:
    assert "FAQPage" not in Client().get(ADDRESS).content.decode()
    for question, answer in (
        ("Do I get wet?", "*Yes*."),
        ("</script> or a hat?", "A hat & boots."),
    ):
        save_question(CourseQuestion(course=course, question=question), answer=answer)
    block = said(ADDRESS, "FAQPage")
    assert block["@id"] == f"{HERE}#questions"
    assert [
        (one["name"], one["acceptedAnswer"]["text"].strip()) for one in block["mainEntity"]
    ] == [
        ("Do I get wet?", "<p><em>Yes</em>.</p>"),
        ("</script> or a hat?", "<p>A hat &amp; boots.</p>"),
    ]


def test_an_intake_says_when_it_runs_and_what_it_costs(course: Course) -> None:
    intake = an_intake(course, starts_on=date(2026, 5, 4), ends_on=date(2026, 6, 29))
    a_price(intake, 9050)
    (instance,) = said(ADDRESS, "Course")["hasCourseInstance"]
    assert instance == {
        "@type": "CourseInstance",
        "@id": f"{HERE}#intake-2026-05",
        "name": f"Sailing, {intake.label}",
        "courseMode": "Online",
        "startDate": "2026-05-04",
        "endDate": "2026-06-29",
        "eventStatus": "https://schema.org/EventScheduled",
        "eventAttendanceMode": "https://schema.org/OnlineEventAttendanceMode",
        "location": {"@type": "VirtualLocation", "url": HERE},
        "offers": {
            "@type": "Offer",
            "url": HERE,
            "category": "Paid",
            "price": "90.50",
            "priceCurrency": "GBP",
            "availability": "https://schema.org/InStock",
            "validThrough": "2026-05-04T00:00:00+01:00",
        },
    }


def test_an_intake_known_by_its_month_says_no_day(course: Course) -> None:
    a_price(an_intake(course))
    (instance,) = said(ADDRESS, "Course")["hasCourseInstance"]
    assert instance["startDate"] == "2026-05"
    assert "endDate" not in instance


def _full(intake: Intake) -> None:
    Intake.objects.filter(pk=intake.pk).update(capacity=3, places_taken=3)


def _nearly_full(intake: Intake) -> None:
    Intake.objects.filter(pk=intake.pk).update(capacity=3, places_taken=2)


def _held(intake: Intake) -> None:
    Intake.objects.filter(pk=intake.pk).update(capacity=3, places_taken=2, places_held=1)


def _announced(intake: Intake) -> None:
    intake.enrolment_opens_at = london("2026-04-20 09:00")
    intake.save()


def _for_later(intake: Intake) -> None:
    Price.objects.update(available_from=london("2026-04-21 09:00"))


def _running(intake: Intake) -> None:
    intake.month, intake.starts_on = date(2026, 4, 1), date(2026, 4, 1)
    intake.allows_late_joining = True
    intake.save()


def _nothing(intake: Intake) -> None:
    pass


@pytest.mark.parametrize(
    ("change", "availability"),
    [
        (_nothing, "InStock"),
        (_running, "InStock"),
        (_nearly_full, "LimitedAvailability"),
        (_full, "SoldOut"),
        (_held, "SoldOut"),
        (_announced, "PreOrder"),
        (_for_later, "PreOrder"),
    ],
)
def test_availability_follows_from_the_state(
    course: Course, change: Any, availability: str
) -> None:
    a_price(intake := an_intake(course))
    change(intake)
    (offer,) = offers().values()
    assert offer["availability"] == f"https://schema.org/{availability}"
    assert offer["price"] == "90.00"


def test_what_opens_later_says_when(course: Course) -> None:
    a_price(intake := an_intake(course), available_from=london("2026-04-01 09:00"))
    _announced(intake)
    (offer,) = offers().values()
    assert offer["validFrom"] == "2026-04-20T09:00:00+01:00"


def test_what_is_called_off_or_closed_is_not_offered(course: Course) -> None:
    a_price(closed := an_intake(course, "2026-06"))
    closed.enrolment_closes_at = APRIL - timedelta(days=1)
    closed.save()
    a_price(an_intake(course, "2026-07", cancelled_at=APRIL - timedelta(days=1)))
    an_intake(course, "2026-08", is_published=False)
    block = said(ADDRESS, "Course")
    june, july = block["hasCourseInstance"]
    assert "offers" not in june
    assert "offers" not in july
    assert june["eventStatus"] == "https://schema.org/EventScheduled"
    assert july["eventStatus"] == "https://schema.org/EventCancelled"


def test_a_free_place_is_offered_for_nothing(course: Course) -> None:
    a_price(an_intake(course), 0)
    (offer,) = offers().values()
    assert (offer["price"], offer["category"]) == ("0.00", "Free")


def test_a_concession_is_never_the_offer(course: Course) -> None:
    intake = an_intake(course)
    a_price(intake, 4000, kind="concession", name="Student", declaration="I study.")
    assert list(offers().values()) == [{}]
    a_price(intake, 9000)
    assert [offer["price"] for offer in offers().values()] == ["90.00"]


def test_the_offer_agrees_with_the_panel_at_every_moment(course: Course, as_sam: Client) -> None:
    spring, autumn = an_intake(course, "2026-05"), an_intake(course, "2026-09")
    early = {"kind": "early", "name": "Early", "available_until": london("2026-04-20 00:00")}
    a_price(spring, 7500, **early)
    a_price(spring, 9000)
    a_price(autumn, 12000, available_from=london("2026-06-01 00:00"))
    seen = set()
    for at in ("2026-04-15", "2026-04-20", "2026-05-30", "2026-06-15", "2026-09-29", "2026-12-01"):
        query = f"?at={at}T12:00"
        page = as_sam.get(f"{ADDRESS}{query}").content.decode()
        line = re.search(r'enrol-panel__line">([^<]*)', page)
        price = re.search(r'enrol-panel__price">from £([\d.]+) GBP', page)
        offered = offers(as_sam, query)
        in_stock = [
            one for one in offered.values() if one.get("availability", "").endswith("InStock")
        ]
        assert bool(price) == bool(in_stock)
        if line and price:
            label = line[1].partition(" · ")[0]
            assert offered[label]["price"] == f"{price[1]}.00"
            seen.add((label, offered[label]["price"]))
    assert {price for _, price in seen} == {"75.00", "90.00", "120.00"}


def test_the_home_page_says_who_and_how_to_search() -> None:
    site, provider = said("/", "@graph")["@graph"]
    assert site["@type"] == "WebSite"
    assert site["potentialAction"]["target"]["urlTemplate"] == (
        "https://college.example/search/?q={search_term_string}"
    )
    assert site["publisher"] == {"@id": provider["@id"]}
    assert provider["legalName"] == "Example College Ltd"
    assert provider["vatID"] == "GB123456789"
    assert provider["address"] == "1 Paper Lane"


def test_the_catalogue_lists_its_courses_in_their_order() -> None:
    for number in range(25):
        a_course(f"c{number:02}")
    items = said("/courses/?page=2", "ItemList")["itemListElement"]
    assert [(one["position"], one["url"]) for one in items] == [
        (25, "https://college.example/courses/c24/")
    ]


def test_breadcrumbs_say_what_the_page_shows(course: Course) -> None:
    page = Client().get(f"{ADDRESS}terms/").content.decode()
    shown = page.partition('class="breadcrumbs"')[2].partition("</nav>")[0]
    items = said(f"{ADDRESS}terms/", "BreadcrumbList")["itemListElement"]
    assert [one["name"] for one in items] == ["Home", "Courses", "Sailing", "Terms"]
    links = re.findall(r'<a href="([^"]*)"', shown)
    assert [one["item"] for one in items[:-1]] == [f"https://college.example{one}" for one in links]
    assert "item" not in items[-1]


def test_a_name_cannot_end_the_element() -> None:
    name = "</script><script>alert(1)</script><!-- & \u2028"
    course = a_course("sailing", title=name, summary=name, outcomes=name)
    a_price(an_intake(course))
    assert said(ADDRESS, "Course")["name"] == name
    page = Client().get(ADDRESS).content.decode()
    assert "<script>alert" not in page


def test_the_checks_find_what_is_wrong() -> None:
    context = {"@context": "https://schema.org"}
    assert complaints({"@type": "Course"}) != []
    wrong: list[dict[str, Any]] = [
        {"@type": "Kourse"},
        {"@type": "Thing", "price": "1.00"},
        {"@type": "Thing", "name": ""},
        {"@type": "Event", "startDate": "May 2026"},
        {"@type": "Event", "offers": {"@type": "Person"}},
        {"@type": "Event", "eventStatus": "https://schema.org/InStock"},
        {"@type": "Offer"},
        {"@type": "Thing", "url": "/relative/"},
    ]
    assert [len(complaints(context | one)) for one in wrong] == [1] * len(wrong)
