"""How a term is asked: a question that does not hold its answer, and four ways to say how it went.

A term that is being learnt is asked for its meaning. Once it comes back after days the kinds
take turns, since who can only ever answer one question knows the card and not the term
(docs/decisions/practice.md).
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from glossary.models import Passage, Review, Term, TermQuerySet
from glossary.practice.blanking import blank, names_of, sentences_with_gaps
from glossary.practice.keeping import Kept
from glossary.practice.scheduling import MemoryState, Phase, Rating, choices

Kind = Review.Kind
TURNS = (Kind.NAME, Kind.GAP, Kind.MEANING)
# Texts that are searched for a sentence.
MOST_PASSAGES = 8

WORDS = {
    Rating.AGAIN: _("Not at all"),
    Rating.HARD: _("With effort"),
    Rating.GOOD: _("Well"),
    Rating.EASY: _("Easily"),
}


@dataclass(frozen=True)
class Scope:
    """What is practised together, and where."""

    title: str
    url: str
    terms: TermQuerySet
    # Texts that whoever practises may read; sentences are taken from those that use the term.
    passages: "QuerySet[Passage]"


@dataclass(frozen=True)
class Choice:
    """One rating as a button shows it."""

    rating: Rating
    words: str
    when: str


@dataclass(frozen=True)
class Card:
    """A question, and what there is to say to it."""

    term: Term
    number: int
    kind: str
    # Finished HTML; empty where the term's name is the question.
    question: str
    choices: list[Choice]


def card_for(term: Term, kept: Kept | None, scope: Scope, *, at: datetime) -> Card:
    """The card of a term; a sentence for a gap costs one query."""
    number = kept.reviews if kept else 0
    state = kept.state if kept else None
    kind, question = _question(term, _turn(state, number), number, scope)
    leads_to = choices(state, at=at)
    return Card(
        term,
        number,
        kind,
        question,
        [
            Choice(rating, str(WORDS[rating]), in_words(to, at=at))
            for rating, to in leads_to.items()
        ],
    )


def _turn(state: MemoryState | None, number: int) -> Kind:
    if state is None or state.phase != Phase.REVIEW:
        return Kind.MEANING
    return TURNS[number % len(TURNS)]


def _question(term: Term, kind: Kind, number: int, scope: Scope) -> tuple[Kind, str]:
    names = names_of(term)
    if kind == Kind.GAP:
        sentences = _sentences(term, names, scope)
        if sentences:
            return Kind.GAP, sentences[number % len(sentences)]
        kind = Kind.NAME
    if kind == Kind.NAME:
        question, _ = blank(term.definition.html, names)
        if question.strip():
            return Kind.NAME, question
    return Kind.MEANING, ""


def _sentences(term: Term, names: list[str], scope: Scope) -> list[str]:
    """Sentences with a gap: of texts that use the term, else of its own definition."""
    passages = scope.passages.filter(mentions__term=term).exclude(pk=term.definition_id)
    texts = [*passages.order_by("pk").values_list("html", flat=True)[:MOST_PASSAGES]]
    found = [sentence for html in texts for sentence in islice(sentences_with_gaps(html, names), 2)]
    return found or list(islice(sentences_with_gaps(term.definition.html, names), 2))


def in_words(state: MemoryState, *, at: datetime) -> str:
    """When it comes back: ``in 10 minutes``, ``tomorrow``, ``in 3 weeks``."""
    if state.phase != Phase.REVIEW:
        minutes = max(1, round((state.due - at).total_seconds() / 60))
        return ngettext("in %(n)s minute", "in %(n)s minutes", minutes) % {"n": minutes}
    days = (timezone.localdate(state.due) - timezone.localdate(at)).days
    if days <= 1:
        return gettext("tomorrow")
    if days < 14:
        return ngettext("in %(n)s day", "in %(n)s days", days) % {"n": days}
    if days < 60:
        weeks = round(days / 7)
        return ngettext("in %(n)s week", "in %(n)s weeks", weeks) % {"n": weeks}
    months = round(days / 30.4)
    if days < 360:
        return ngettext("in %(n)s month", "in %(n)s months", months) % {"n": months}
    return gettext("in a year")
