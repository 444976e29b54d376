"""That the benchmark of re-linking measures what it says, with tiny numbers."""

import pytest

from tests.bench.relinking import measure


@pytest.mark.django_db
def test_a_renamed_term_and_its_floor_are_measured() -> None:
    found = measure(terms=60, lessons=3)
    assert list(found) == [
        "floor, in one of a hundred",
        "term in one of a hundred",
        "floor, in every lesson",
        "term in every lesson",
    ]
    assert all(clock.whole.seconds > 0 for clock in found.values())
