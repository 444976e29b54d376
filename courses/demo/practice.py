"""Two months of the demo learner's practice, so that there is something to see and to do."""

from datetime import datetime, timedelta

from accounts.models import User
from glossary.models import Memory, Term
from glossary.practice.accounts import AccountMemories
from glossary.practice.keeping import Answer
from glossary.practice.scheduling import Rating

TERMS = 26
# How well the answers go, in turns that do not fall into step with the terms.
TURNS = (Rating.GOOD, Rating.GOOD, Rating.EASY, Rating.AGAIN, Rating.GOOD, Rating.HARD, Rating.GOOD)


def practise(learner: User, *, at: datetime) -> None:
    """Answer as a learner would have who last practised three days before ``at``.

    Nothing happens where the learner has practised already.
    """
    if Memory.objects.filter(learner=learner).exists():
        return
    memories = AccountMemories(learner)
    terms = Term.objects.public().order_by("pk").values_list("pk", flat=True)[:TERMS]
    for place, term_id in enumerate(terms):
        moment = at - timedelta(days=56 - 2 * place)
        number = 0
        while moment < at - timedelta(days=3):
            rating = TURNS[(place * 3 + number) % len(TURNS)]
            memories.rate(Answer(term_id, number, rating, "meaning"), at=moment)
            number += 1
            moment = max(memories.all()[term_id].state.due, moment + timedelta(minutes=10))
