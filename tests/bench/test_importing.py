"""That the benchmark of imports measures what it says, with tiny numbers."""

import pytest

from tests.bench.importing import measure, table


@pytest.mark.django_db
def test_an_import_and_its_floor_are_measured() -> None:
    found = measure(terms=60, lessons=2)
    assert list(found) == ["import", "the same again", "floor", "each definition another"]
    assert [step.name for step in found["import"].steps] == [
        "read",
        "compare",
        "apply",
        "link texts",
    ]
    assert all(step.seconds > 0 for clock in found.values() for step in clock.steps)
    assert "goal: import in 1.0 s" in table(found)
