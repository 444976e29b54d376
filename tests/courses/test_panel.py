"""The enrol panel: what it reads, at which moment, at what cost."""

import re
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.template import Context, Template
from pytest_django import DjangoAssertNumQueries

from courses.models import Course, Intake
from courses.panels import Offered, PriceShown, starting_next
from courses.turning import next_turn
from glossary.models import Glossary
from tests.courses.making import APRIL, a_course, a_price, an_intake, london

pytestmark = pytest.mark.django_db


@pytest.fixture
def glossary() -> Glossary:
    return Glossary.objects.create(title="Deep learning", slug="deep-learning", is_published=True)


def panel(at: datetime = APRIL, **of: object) -> str:
    """The panel's text, white space made even, of a glossary or a course."""
    [name] = of
    template = Template("{% load intakes %}{% enrol_panel " + f"{name}=it" + " %}")
    request = SimpleNamespace(at=at)
    html = template.render(Context({"request": request, "it": of[name], "csrf_token": "t0ken"}))
    return " ".join(html.split())


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_the_panel_reads_as_the_document_does(glossary: Glossary) -> None:
    intake = an_intake(a_course(glossaries=[glossary]), "2026-05")
    a_price(intake)
    shown = panel(glossary=glossary)
    assert ">May 2026 intake · open enrolment<" in shown
    assert ">from £90 GBP<" in shown
    assert '<a class="button button--primary button--wide" ' in shown
    assert 'href="/courses/deep-learning/intakes/2026-05/enrol/">Enrol</a>' in shown
    assert "<form" not in shown


def test_later_it_shows_the_next_intake_that_can_be_joined(glossary: Glossary) -> None:
    course = a_course(glossaries=[glossary])
    for month in ("2026-05", "2026-06", "2026-07"):
        a_price(an_intake(course, month, capacity=1))
    Intake.objects.filter(slug="2026-06").update(places_taken=1)
    assert "May 2026 intake · under way" in panel(london("2026-05-31 23:59"), glossary=glossary)
    assert "July 2026 intake · open enrolment" in panel(london("2026-06-01 00:00"), course=course)


def test_with_none_to_join_it_offers_to_tell_and_mentions_one_announced(
    glossary: Glossary,
) -> None:
    course = a_course(glossaries=[glossary])
    intake = an_intake(course, enrolment_opens_at=london("2026-04-20 09:00"))
    a_price(intake)
    shown = panel(glossary=glossary)
    assert "May 2026 intake · announced" in shown
    assert 'method="post" action="/courses/deep-learning/alerts/"' in shown
    assert 'name="csrfmiddlewaretoken" value="t0ken"' in shown
    assert 'type="email"' in shown
    assert "£90" not in shown
    assert "/enrol/" not in shown


def test_with_no_intake_at_all_it_still_offers_to_tell(glossary: Glossary) -> None:
    a_course(glossaries=[glossary])
    shown = panel(glossary=glossary)
    assert "No intake is open just now." in shown
    assert 'action="/courses/deep-learning/alerts/"' in shown


def test_a_glossary_that_no_published_course_uses_has_no_panel(glossary: Glossary) -> None:
    course = a_course(glossaries=[glossary], is_published=False)
    a_price(an_intake(course))
    assert panel(glossary=glossary) == ""


def test_what_can_be_joined_comes_before_what_is_announced_sooner(glossary: Glossary) -> None:
    course = a_course(glossaries=[glossary])
    a_price(an_intake(course, "2026-05", enrolment_opens_at=london("2026-04-20 09:00")))
    a_price(an_intake(course, "2026-09"))
    assert "September 2026 intake · open enrolment" in panel(glossary=glossary)


def test_the_panel_costs_at_most_two_queries(
    glossary: Glossary, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(2):
        panel(glossary=glossary)
    course = a_course(glossaries=[glossary])
    with django_assert_max_num_queries(2):
        panel(glossary=glossary)
    for month in range(1, 13):
        a_price(an_intake(course, f"2027-{month:02}"))
    with django_assert_max_num_queries(2):
        panel(glossary=glossary)
    with django_assert_max_num_queries(2):
        panel(course=course)


def test_a_title_with_markup_is_shown_as_text(glossary: Glossary) -> None:
    course = a_course(glossaries=[glossary], title="<script>alert(1)</script>")
    a_price(an_intake(course))
    shown = panel(glossary=glossary)
    assert "<script>" not in shown
    assert "<script>" in text(shown).replace("&lt;", "<").replace("&gt;", ">")


@pytest.mark.parametrize(
    ("capacity", "taken", "note"),
    [(None, 900, ""), (20, 0, ""), (20, 14, ""), (20, 17, "3 places left"), (2, 1, "1 place left")],
)
def test_places_left_are_mentioned_only_when_few(
    capacity: int | None, taken: int, note: str
) -> None:
    a_price(an_intake(a_course(), capacity=capacity, places_taken=taken))
    offered = Offered.of(Intake.objects.on_sale(at=APRIL).get(), at=APRIL)
    assert offered.places_note == note


@pytest.mark.parametrize(
    ("amount", "line"),
    [(0, "free"), (30, "from £0.30 GBP"), (9000, "from £90 GBP"), (123450, "from £1,234.50 GBP")],
)
def test_the_from_line_shows_whole_pounds_or_pence(amount: int, line: str) -> None:
    a_price(an_intake(a_course()), amount)
    assert Offered.of(Intake.objects.on_sale(at=APRIL).get(), at=APRIL).from_line == line


def test_what_starts_next_is_one_intake_a_course_before_a_second_one_of_any() -> None:
    later, sooner = a_course("later"), a_course("sooner")
    for course, months in ((later, ["2026-06", "2026-07"]), (sooner, ["2026-05", "2026-06"])):
        for month in months:
            a_price(an_intake(course, month))
    starting = starting_next(at=APRIL, limit=3)
    assert [(one.intake.course.slug, one.intake.slug) for one in starting] == [
        ("sooner", "2026-05"),
        ("later", "2026-06"),
        ("sooner", "2026-06"),
    ]
    assert Course.objects.count() == 2


def prices_shown(intake: Intake) -> list[PriceShown]:
    (now,) = Intake.objects.with_state(at=APRIL).filter(pk=intake.pk)
    return Offered.of(now, at=APRIL).prices


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        (
            {"name": "Early bird", "kind": "early", "available_until": london("2027-01-01 00:00")},
            PriceShown("£90", "Early bird", "until 31 December 2026", is_off=False),
        ),
        (
            {"name": "Early bird", "kind": "early", "places_limit": 10},
            PriceShown("£90", "Early bird", "for the first 10", is_off=False),
        ),
        (
            {"places_limit": 10, "places_booked": 4},
            PriceShown("£90", "Standard", "for the first 10", is_off=False),
        ),
        (
            {"places_limit": 10, "places_booked": 8},
            PriceShown("£90", "Standard", "for the first 10, 2 left at this price", is_off=False),
        ),
        (
            {"places_limit": 10, "places_booked": 10},
            PriceShown("£90", "Standard", "for the first 10, all gone", is_off=True),
        ),
        (
            {"places_limit": 3},
            PriceShown("£90", "Standard", "for the first 3", is_off=False),
        ),
        (
            {"available_from": london("2026-04-20 00:00")},
            PriceShown("£90", "Standard", "from 20 April 2026", is_off=True),
        ),
        (
            {"name": "Student", "kind": "concession"},
            PriceShown("£90", "Student", "concession", is_off=False),
        ),
        (
            {"name": "Scholarship", "amount": 0},
            PriceShown("Free", "Scholarship", "", is_off=False, is_paid=False),
        ),
        ({"name": "Free", "amount": 0}, PriceShown("Free", "", "", is_off=False, is_paid=False)),
    ],
)
def test_a_price_says_its_limits(fields: dict[str, Any], shown: PriceShown) -> None:
    intake = an_intake(a_course())
    a_price(intake, **fields)
    assert prices_shown(intake) == [shown]


def test_a_price_that_is_over_or_of_a_cancelled_intake_is_not_shown() -> None:
    intake = an_intake(a_course())
    a_price(intake, name="Early bird", kind="early", available_until=london("2026-04-01 00:00"))
    assert prices_shown(intake) == []
    a_price(intake)
    assert len(prices_shown(intake)) == 1
    Intake.objects.update(cancelled_at=london("2026-04-01 00:00"))
    assert prices_shown(intake) == []


def test_vat_is_said_once_where_it_is_the_same_for_all_prices() -> None:
    intake = an_intake(a_course())
    a_price(intake, 9000)
    a_price(intake, 4500, name="Student", kind="concession", declaration="Say where you study.")
    (now,) = Intake.objects.on_sale(at=APRIL)
    assert Offered.of(now, at=APRIL).vat_of_all == "no VAT is charged"
    assert [one.facts for one in prices_shown(intake)] == ["concession", ""]
    a_price(intake, 3000, name="Exempt", vat_treatment="exempt")
    (now,) = Intake.objects.on_sale(at=APRIL)
    assert Offered.of(now, at=APRIL).vat_of_all == ""
    assert [one.facts for one in prices_shown(intake)] == [
        "exempt from VAT",
        "no VAT is charged, concession",
        "no VAT is charged",
    ]


def test_no_more_places_are_left_at_a_price_than_in_the_intake() -> None:
    intake = an_intake(a_course(), capacity=10, places_taken=9)
    a_price(intake, places_limit=5, places_booked=1)
    assert prices_shown(intake)[0].facts == "for the first 5, 1 left at this price"


def test_the_panel_says_how_vat_applies_to_the_price_it_names(glossary: Glossary) -> None:
    intake = an_intake(a_course(glossaries=[glossary]))
    a_price(intake, 9000, vat_treatment="exempt")
    a_price(intake, 8000, vat_treatment="inclusive", vat_rate=2000)
    shown = panel(glossary=glossary)
    assert ">from £80 GBP<" in shown
    assert ">VAT at 20% included<" in shown
    assert "exempt" not in shown


def test_a_minimum_is_said_with_how_many_there_are(glossary: Glossary) -> None:
    intake = an_intake(
        a_course(glossaries=[glossary]),
        minimum_places=6,
        decide_on=date(2026, 4, 20),
        places_taken=4,
    )
    a_price(intake)
    assert "Runs if 6 enrol by 20 April 2026; 4 have so far" in panel(glossary=glossary)
    Intake.objects.update(decision="runs")
    assert "Runs if" not in panel(glossary=glossary)


def test_what_a_panel_says_holds_until_the_next_turn(glossary: Glossary) -> None:
    course = a_course(glossaries=[glossary])
    early = an_intake(course, "2026-05", minimum_places=3, decide_on=date(2026, 4, 20))
    a_price(early, available_until=london("2026-04-25 09:30"))
    a_price(early, 12000, available_from=london("2026-04-25 09:30"), name="Later")
    full = an_intake(
        course,
        "2026-07",
        starts_on=date(2026, 7, 6),
        ends_on=date(2026, 7, 31),
        capacity=1,
        places_taken=1,
        enrolment_closes_at=london("2026-07-01 15:00"),
    )
    a_price(full)
    late = an_intake(
        course,
        "2026-08",
        enrolment_opens_at=london("2026-06-01 10:00"),
        allows_late_joining=True,
        late_joining_until=date(2026, 8, 12),
    )
    a_price(late)
    at, last = london("2026-04-01 00:00"), london("2026-10-01 00:00")
    turns = 0
    while at < last:
        intakes = Intake.objects.prefetch_related("prices")
        until = next_turn(intakes, at=at) or last
        said = panel(at=at, course=course)
        for part in (0.25, 0.75, 1):
            later = at + (until - at) * part - timedelta(microseconds=1)
            assert panel(at=later, course=course) == said, (at, later, until)
        at, turns = until, turns + 1
    assert turns > 15
