"""Which terms a learner has shown that they know."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from glossary.models import Memory
from glossary.practice.scheduling import Phase


def known_terms(learner: Any, term_ids: Iterable[int], *, at: datetime) -> set[int]:
    """Those of ``term_ids`` that ``learner`` knows at ``at``: one query, none for no terms.

    Known is what was answered well enough to come back after days rather than minutes, and has
    not come back yet.
    """
    wanted = list(term_ids)
    if not wanted or not learner.is_authenticated:
        return set()
    known = Memory.objects.filter(
        learner=learner, term__in=wanted, phase=Phase.REVIEW.value, due__gt=at
    )
    return set(known.values_list("term_id", flat=True))
