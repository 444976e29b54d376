"""Two who bring back a deleted term at the same moment: it comes back once."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError
from django.db.models import QuerySet

from glossary import editing
from glossary.bringing_back import bring_back
from glossary.models import DeletedTerm, Term
from tests.concurrency.meeting import both, unlocked
from tests.glossary.writing import a_glossary, a_term

MOMENT = datetime(2026, 4, 15, 12, tzinfo=UTC)


def bringing_back() -> Callable[[], str]:
    """Of a term that was deleted just now."""
    editing.delete_term(a_term(a_glossary()), at=MOMENT)
    deleted = DeletedTerm.objects.get()

    def told() -> str:
        try:
            return str(bring_back(deleted, by=None, at=MOMENT))
        except editing.CannotSave as refused:
            return str(refused)

    return told


@pytest.mark.django_db(transaction=True)
def test_two_who_bring_back_a_term_bring_back_one() -> None:
    one = bringing_back()
    assert both(one, one) == "Tack is brought back already."
    assert [version.number for version in Term.objects.get().versions.all()] == [2, 1]


@pytest.mark.django_db(transaction=True)
def test_without_the_locks_the_second_would_run_into_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = bringing_back()
    monkeypatch.setattr(QuerySet, "select_for_update", unlocked)
    with pytest.raises(IntegrityError, match="term_slug_unique"):
        both(one, one)
