"""The admin's front page: each figure against the rows behind it, and who is shown which."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from courses.models import Course, Intake
from enrolment import coming, roles, takings
from enrolment.models import Dispute, Payment, Refund
from enrolment.templatetags.front_page import compared, drawn
from tests.courses.making import an_intake, enrol, london
from tests.enrolment.waiting_room import wait

pytestmark = pytest.mark.django_db
# Noon on Tuesday 16 April 2126: summer time since 31 March.
AT = london("2126-04-16 12:00")


def pay(
    student: User, intake: Intake, pence: int, when: str, *, flag: str = "", back: str = ""
) -> Payment:
    """A paid place; ``back`` is when 10 pounds and a penny of it went back."""
    at = london(when)
    payment = Payment.objects.create(
        enrolment=enrol(student, intake, enrolled_at=at, status="cancelled", ended_at=at),
        status="paid",
        flag=flag,
        amount=pence,
        amount_received=pence,
        created_at=at,
        expires_at=at,
        paid_at=at,
    )
    if back:
        done = {"status": "done", "done_at": london(back)}
        Refund.objects.create(payment=payment, amount=1001, reason="x", created_at=at, **done)
    return payment


def by_day(month: takings.Month) -> dict[int, tuple[int, int]]:
    return {one.day.day: (one.came, one.went) for one in month.days if one.came or one.went}


# Money -----------------------------------------------------------------------------------------


def test_money_counts_on_the_day_that_it_came_or_went_back_in_london(
    alice: User, intake: Intake
) -> None:
    pay(alice, intake, 9000, "2126-03-31 23:59:59", back="2126-04-01 00:00")
    pay(alice, intake, 7501, "2126-04-01 00:00", back="2126-04-15 23:59:59")
    pay(alice, intake, 30, "2126-04-01 23:59:59")
    pay(alice, intake, 500, "2126-04-16 12:00", flag="twice")
    pay(alice, intake, 600, "2126-04-16 12:01")  # later than the moment asked about
    pay(alice, intake, 700, "2126-02-28 23:59:59")  # two months ago
    this, last = takings.this_and_last(at=AT)
    assert this.first == date(2126, 4, 1)
    assert len(this.days) == 30
    assert by_day(this) == {1: (7531, 1001), 15: (0, 1001), 16: (500, 0)}
    assert (this.came, this.went, this.net) == (8031, 2002, 6029)
    assert by_day(last) == {31: (9000, 0)}
    assert len(last.days) == 31


def test_what_is_not_paid_or_not_yet_back_is_no_money(alice: User, intake: Intake) -> None:
    payment = pay(alice, intake, 9000, "2126-04-02 10:00")
    Refund.objects.create(payment=payment, amount=100, reason="x", created_at=AT)
    Refund.objects.create(payment=payment, amount=90, reason="x", created_at=AT, status="failed")
    Payment.objects.create(
        enrolment=payment.enrolment, amount=5000, created_at=AT, expires_at=AT, status="expired"
    )
    this, last = takings.this_and_last(at=AT)
    assert (this.came, this.went, last.came, last.went) == (9000, 0, 0, 0)


def test_the_clock_goes_forward_inside_a_month(alice: User, intake: Intake) -> None:
    """Of 31 March 2126, the day on which summer time begins, the hours are all there."""
    for when in ("2126-03-31 00:00", "2126-03-31 03:30", "2126-03-31 23:59:59"):
        pay(alice, intake, 100, when)
    pay(alice, intake, 70, "2126-04-01 00:00")
    this, _ = takings.this_and_last(at=london("2126-03-31 23:59:59"))
    assert by_day(this) == {31: (300, 0)}


def month_of(first: date, nets: dict[int, int]) -> takings.Month:
    days = [takings.Day(first.replace(day=n), nets.get(n, 0), 0) for n in range(1, 31)]
    return takings.Month(first, days)


@pytest.mark.parametrize(
    ("now", "then", "said"),
    [
        (9050, 9000, "£0.50 more than March had by the same day; March made £95."),
        (8000, 9000, "£10 less than March had by the same day; March made £95."),
        (9000, 9000, "As much as March had by the same day; March made £95."),
    ],
)
def test_the_month_is_compared_with_the_last_one_up_to_the_same_day(
    now: int, then: int, said: str
) -> None:
    this = month_of(date(2126, 4, 1), {3: now})
    last = month_of(date(2126, 3, 1), {16: then, 17: 9500 - then})
    assert compared(this, last, date(2126, 4, 16)) == said


def test_the_plot_has_a_column_for_each_day_at_one_scale() -> None:
    first = date(2126, 4, 1)
    days = [takings.Day(first + timedelta(days=n), 0, 0) for n in range(30)]
    days[0] = takings.Day(days[0].day, 20_000, 0)
    days[1] = takings.Day(days[1].day, 10_000, 10_000)
    days[2] = takings.Day(days[2].day, 1, 0)
    picture = drawn(takings.Month(first, days))
    assert [column.up for column in picture.columns[:4]] == [100, 50, 2, 0]
    assert picture.columns[1].down == 50
    assert (picture.highest, picture.lowest) == (20_000, 10_000)
    assert picture.line - picture.columns[0].up == picture.top
    assert picture.line + picture.columns[1].down == picture.bottom
    assert [column.name for column in picture.columns if column.name] == [1, 8, 15, 22, 29]
    assert len({column.left for column in picture.columns}) == 30


# Places ----------------------------------------------------------------------------------------


def names(rows: list[coming.Coming]) -> list[str]:
    return [row.intake.date_label for row in rows]


def test_the_next_intakes_are_those_that_have_not_begun_or_sell_all_month(course: Course) -> None:
    an_intake(course, "2126-03")
    an_intake(course, "2126-04")
    an_intake(course, "2126-04", slug="begun", starts_on=date(2126, 4, 15))
    an_intake(course, "2126-04", slug="today", starts_on=date(2126, 4, 16))
    an_intake(course, "2126-05", is_published=False)
    an_intake(course, "2126-06", cancelled_at=AT)
    assert names(coming.coming(at=AT)) == ["April 2126", "16 April 2126", "May 2126"]
    late, early = london("2126-04-16 23:59:59"), london("2126-04-17 00:00")
    assert "16 April 2126" in names(coming.coming(at=late))
    assert "16 April 2126" not in names(coming.coming(at=early))


def test_a_bar_is_the_capacity_with_what_is_taken_and_held(course: Course) -> None:
    an_intake(course, "2126-05", capacity=8, places_taken=2, places_held=1)
    an_intake(course, "2126-06", capacity=1000, places_taken=1)
    an_intake(course, "2126-07", places_taken=30, places_held=10)
    an_intake(course, "2126-08", places_taken=10)
    an_intake(course, "2126-09", capacity=0)
    rows = coming.coming(at=AT)
    assert [(row.taken, row.held) for row in rows] == [(25, 13), (1, 0), (75, 25), (25, 0), (0, 0)]


def test_an_intake_that_is_short_when_its_day_has_passed_comes_first(course: Course) -> None:
    wanted = {"capacity": 20, "minimum_places": 5, "decide_on": date(2126, 4, 15)}
    an_intake(course, "2126-05")
    short = an_intake(course, "2126-07", places_taken=4, **wanted)
    an_intake(course, "2126-08", places_taken=5, **wanted)
    an_intake(course, "2126-09", decision="runs", **wanted)
    rows = coming.coming(at=AT)
    assert [row.must_decide for row in rows] == [True, False, False, False]
    assert (rows[0].intake, rows[0].minimum) == (short, 25)
    assert [row.minimum for row in rows[1:]] == [None, 25, None]
    day_before = coming.coming(at=london("2126-04-15 23:59:59"))
    assert not any(row.must_decide for row in day_before)


def test_who_came_in_seven_days_of_london_and_who_waits_is_counted(
    course: Course, alice: User, bob: User, carol: User, sam: User
) -> None:
    may = an_intake(course, "2126-05", capacity=2)
    enrol(alice, may, enrolled_at=london("2126-04-10 00:00"))
    enrol(bob, may, enrolled_at=london("2126-04-09 23:59:59"))
    enrol(carol, may, enrolled_at=AT, status="cancelled", ended_at=AT)
    Intake.objects.filter(pk=may.pk).update(places_taken=2)
    wait(sam, may)
    (row,) = coming.coming(at=AT)
    assert (row.joined, row.waiting) == (1, 1)
    assert coming.joined_lately(at=AT) == 1


# The page --------------------------------------------------------------------------------------


def browser_of(role: str) -> Client:
    roles.make()
    person = User.objects.create_user(f"{role[:4].lower()}@example.org", is_staff=True)
    person.groups.set(person.groups.model.objects.filter(name=role))
    browser = Client()
    browser.force_login(person)
    return browser


@pytest.mark.parametrize(
    ("role", "shown"),
    [
        ("Admissions", ["The next intakes"]),
        ("Finance", ["Money in"]),
        ("Content editor", ["Words to see to"]),
    ],
)
def test_each_role_sees_its_own_section(course: Course, role: str, shown: list[str]) -> None:
    page = browser_of(role).get("/admin/").text
    headings = ["The next intakes", "Money in", "Words to see to"]
    assert [heading for heading in headings if heading in page] == shown


def test_the_page_says_what_the_rows_say(
    client: Client, sam: User, alice: User, intake: Intake
) -> None:
    Intake.objects.filter(pk=intake.pk).update(capacity=12, places_taken=3, places_held=2)
    payment = pay(alice, intake, 1_234_56, "2126-04-16 09:00", back="2126-04-16 10:00")
    Refund.objects.create(payment=payment, amount=5, reason="x", created_at=AT, status="failed")
    Dispute.objects.create(
        payment=payment, stripe_id="dp_1", stripe_status="needs_response", amount=5, opened_at=AT
    )
    client.force_login(sam)
    page = client.get("/admin/?at=2126-04-16T12:00").text
    assert "3 taken, 2 held, 7 free of 12" in page
    assert f'href="/admin/enrolment/enrolment/rosters/{intake.pk}/"' in page
    for figure in ("Money in April 2126", "£1,234.56", "£10.01", "£1,224.55"):
        assert figure in page
    assert ">1 refund failed</a>" in page
    assert ">1 dispute is open</a>" in page
    assert 'href="/admin/enrolment/refund/?status__exact=failed"' in page


def test_where_nothing_is_each_section_says_what_will_stand_there(
    client: Client, sam: User
) -> None:
    client.force_login(sam)
    page = client.get("/admin/").text
    assert "No intake is to come." in page
    assert "No money has come in or gone back this month." in page
    assert "Nothing waits for a decision." in page


def test_more_rows_cost_the_front_page_no_more_queries(
    client: Client, sam: User, alice: User, bob: User, course: Course
) -> None:
    client.force_login(sam)
    counts = []
    for number in (1, 6):
        for month in range(number):
            short = {"minimum_places": 3, "decide_on": date(2126, 4, 1)} if month % 2 else {}
            made = an_intake(course, f"2126-{month + 5:02}", slug=f"{number}-{month}", **short)
            enrol(bob, made, enrolled_at=AT)
            pay(alice, made, 9000, f"2126-04-{month + 1:02} 10:00", back="2126-04-16 10:00")
        client.get("/admin/")
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/admin/?at=2126-04-16T12:00").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[0] <= 25
