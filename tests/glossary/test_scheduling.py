"""When a term comes back: FSRS's own numbers, on days of London's calendar."""

from datetime import UTC, datetime, timedelta

from fsrs import Card, Scheduler
from fsrs import Rating as FsrsRating
from hypothesis import given
from hypothesis import strategies as st

from glossary.practice.scheduling import (
    LONGEST,
    MemoryState,
    Phase,
    Rating,
    choices,
    day_start,
    rated,
)

NOON = datetime(2026, 1, 12, 12, tzinfo=UTC)
ratings = st.sampled_from(list(Rating))


@given(st.lists(st.tuples(ratings, st.integers(0, 400)), min_size=1, max_size=12))
def test_at_one_hour_every_day_the_numbers_are_those_of_fsrs_itself(
    answers: list[tuple[Rating, int]],
) -> None:
    scheduler = Scheduler(maximum_interval=LONGEST, enable_fuzzing=False)
    card, state, at = Card(card_id=1, due=NOON), None, NOON
    for rating, days in answers:
        at += timedelta(days=days)
        # Noon in London is an hour earlier in UTC in summer; the days are the same.
        card, _ = scheduler.review_card(card, FsrsRating(rating), at)
        state = rated(state, rating, at=at)
        assert (state.phase, state.step) == (card.state, card.step)
        assert (state.stability, state.difficulty) == (card.stability, card.difficulty)
        in_days = card.due - at >= timedelta(days=1)
        assert state.due == (day_start(card.due) if in_days else card.due)


def test_the_first_good_answers_lead_from_minutes_to_days() -> None:
    first = rated(None, Rating.GOOD, at=NOON)
    assert (first.phase, first.due - NOON) == (Phase.LEARNING, timedelta(minutes=10))
    second = rated(first, Rating.GOOD, at=NOON + timedelta(minutes=10))
    assert second.phase == Phase.REVIEW
    assert second.due == datetime(2026, 1, 14, tzinfo=UTC)
    assert not second.is_due(second.due - timedelta(microseconds=1))
    assert second.is_due(second.due)


def test_what_was_learnt_in_the_evening_is_a_day_old_in_the_morning() -> None:
    evening = datetime(2026, 1, 12, 22, tzinfo=UTC)
    morning = datetime(2026, 1, 14, 7, tzinfo=UTC)
    learnt = rated(None, Rating.EASY, at=evening)
    early = rated(learnt, Rating.GOOD, at=morning)
    late = rated(learnt, Rating.GOOD, at=morning + timedelta(hours=16))
    assert (early.stability, early.due) == (late.stability, late.due)


def test_what_comes_back_in_summer_comes_back_at_londons_midnight() -> None:
    learnt = rated(None, Rating.EASY, at=datetime(2026, 7, 1, 12, tzinfo=UTC))
    assert learnt.due.hour == 23
    assert learnt.due.tzinfo is UTC


@given(st.lists(ratings, min_size=1, max_size=30))
def test_better_answers_never_come_back_sooner(answers: list[Rating]) -> None:
    state, at = None, NOON
    for rating in answers:
        state = rated(state, rating, at=at)
        at = state.due
    leads_to = list(choices(state, at=at).values())
    dues = [one.due for one in leads_to]
    assert dues == sorted(dues)
    assert all(one.due <= at + timedelta(days=LONGEST) for one in leads_to)


@given(st.lists(ratings, min_size=1, max_size=30))
def test_a_state_survives_json(answers: list[Rating]) -> None:
    state = None
    for rating in answers:
        state = rated(state, rating, at=state.due if state else NOON)
    assert state is not None
    assert MemoryState.from_json(state.as_json()) == state


def test_a_clock_that_goes_back_counts_as_standing_still() -> None:
    state = rated(None, Rating.GOOD, at=NOON)
    earlier = rated(state, Rating.GOOD, at=NOON - timedelta(days=3))
    assert earlier == rated(state, Rating.GOOD, at=NOON)
    assert earlier.due > earlier.reviewed_at


def test_memory_fades_with_the_days() -> None:
    state = rated(None, Rating.EASY, at=NOON)
    likely = [state.retrievability(NOON + timedelta(days=days)) for days in (0, 8, 100)]
    assert likely[0] == 1
    assert likely == sorted(likely, reverse=True)
    assert 0.85 < likely[1] < 0.95
