"""Days and times as people in Britain write them."""

from datetime import UTC, date, datetime

import pytest

from courses.templatetags.dates import clock, day, deadline, moment, weekday

MAY = datetime(2026, 5, 3, 13, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("when", "said"),
    [
        (MAY, "2:30pm BST"),
        (datetime(2026, 1, 3, 9, 0, tzinfo=UTC), "9am GMT"),
        (datetime(2026, 1, 3, 12, 0, tzinfo=UTC), "midday GMT"),
        (datetime(2026, 1, 3, 12, 5, tzinfo=UTC), "12:05pm GMT"),
        (datetime(2026, 1, 3, 0, 0, tzinfo=UTC), "midnight GMT"),
        (datetime(2026, 1, 3, 0, 5, tzinfo=UTC), "12:05am GMT"),
    ],
)
def test_a_time_is_londons_and_names_its_zone(when: datetime, said: str) -> None:
    assert clock(when) == said


def test_a_day_is_the_one_in_london() -> None:
    assert day(datetime(2026, 5, 2, 23, 30, tzinfo=UTC)) == "3 May 2026"
    assert day(date(2026, 5, 3)) == "3 May 2026"
    assert weekday(MAY) == "Sunday 3 May 2026"


def test_a_moment_is_a_time_on_a_day() -> None:
    assert moment(MAY) == "2:30pm BST on 3 May 2026"


def test_an_end_at_midnight_belongs_to_the_day_before() -> None:
    assert deadline(MAY) == "2:30pm BST on Sunday 3 May 2026"
    midnight = datetime(2026, 5, 2, 23, 0, tzinfo=UTC)
    assert deadline(midnight) == "midnight BST at the end of Saturday 2 May 2026"


def test_nothing_is_nothing() -> None:
    assert [one(None) for one in (day, weekday, clock, moment, deadline)] == [""] * 5
