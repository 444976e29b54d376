"""That the benchmark of the catalogue measures what it says, with tiny numbers."""

import pytest

from courses.models import Intake, Price
from tests.bench.choosing import FILTERS, MONTHS, measure, table


@pytest.mark.django_db
def test_the_catalogue_and_its_floor_are_measured() -> None:
    found = measure(courses=18, rounds=1)
    assert Intake.objects.count() == 18 * MONTHS < Price.objects.count()
    assert len(found) == len(FILTERS)
    assert found["everything"].number == 18
    assert 0 < found["Free"].number < found["Up to £250"].number < 18
    assert all(chosen.pages[0] > 0 < chosen.floors[0] for chosen in found.values())
    assert len(table(found).splitlines()) == 1 + len(FILTERS)
