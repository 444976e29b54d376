"""Practising: one card after the other, until nothing is due."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import BigIntegerField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from glossary.models import Passage, Review, Term
from glossary.practice.cards import Scope, card_for
from glossary.practice.keeping import Answer, Gone, Memories, memories_of
from glossary.practice.queue import queue_of, term_to_ask
from glossary.practice.scheduling import Rating
from glossary.views.public import public_glossary_or_404
from glossary.views.reference import moved_to

# Longer ago nobody knows which answer the last one was.
UNDO_WITHIN = timedelta(hours=12)
ANSWERED_ALREADY = gettext_lazy("That card was answered already. Here is the next.")
TAKEN_AWAY = gettext_lazy("That term was taken away meanwhile. Your answer was not counted.")
LARGEST = BigIntegerField.MAX_BIGINT


class PractiseRequest(HttpRequest):
    """A request as the site's middleware leaves it: with the moment it speaks of."""

    at: datetime


class AnswerForm(forms.Form):
    """What a card sends back."""

    term = forms.IntegerField(min_value=1, max_value=LARGEST)
    number = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    kind = forms.ChoiceField(choices=Review.Kind.choices)
    rating = forms.TypedChoiceField(
        choices=[(str(rating.value), rating.name) for rating in Rating],
        coerce=lambda text: Rating(int(text)),
    )

    def answer(self) -> Answer:
        """Once it is valid."""
        data = self.cleaned_data
        return Answer(data["term"], data["number"], data["rating"], data["kind"])


class SeeOther(HttpResponseRedirect):
    """A redirect that is followed with GET, so that a page that is loaded again sends nothing."""

    status_code = 303


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def glossary_practice(request: PractiseRequest, glossary: str) -> HttpResponse:
    """The terms of one published glossary, for learners and visitors alike."""
    found = public_glossary_or_404(glossary)
    url = reverse("glossary_practice", args=[found.slug])
    # An answer from a page that was opened before the address changed counts.
    if found.slug != glossary and request.method != "POST":
        return moved_to(request, url)
    scope = Scope(
        title=found.title,
        url=url,
        terms=Term.objects.public().filter(glossary=found),
        passages=public_definitions(),
    )
    context = {
        "glossary": found,
        "back_url": found.get_absolute_url(),
        "back_name": found.title,
    }
    return practise(request, scope, context, at=request.at)


def public_definitions() -> Any:
    """The definitions that anybody may read."""
    return Passage.objects.filter(defines__is_published=True, defines__glossary__is_published=True)


def practise(
    request: HttpRequest, scope: Scope, context: dict[str, Any], *, at: datetime
) -> HttpResponse:
    """Show the next card of ``scope``, or take an answer to one, or take the last one back."""
    memories = memories_of(request)
    is_htmx = "HX-Request" in request.headers
    wanted, status = _number(request.GET.get("card")), 200
    if request.method == "POST":
        if "undo" in request.POST:
            wanted = memories.undo(request.POST["undo"])
        elif _take(request, scope, memories, at=at):
            wanted = None
        elif not is_htmx:  # which puts nothing but success into a page
            status = 422
        if status == 200 and not is_htmx:
            return SeeOther(f"{scope.url}?card={wanted}" if wanted else scope.url)
    page = _page(scope, memories, wanted, at=at)
    template = "glossary/practice_card.html" if is_htmx else "glossary/practice.html"
    return render(request, template, {**context, **page}, status=status)


def _take(request: HttpRequest, scope: Scope, memories: Memories, *, at: datetime) -> bool:
    """Count an answer; False where it cannot be read."""
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("That answer did not arrive whole. Rate the card again."))
        return False
    if told := _rate(scope, memories, form.answer(), at=at):
        messages.info(request, told)
    return True


def _rate(scope: Scope, memories: Memories, answer: Answer, *, at: datetime) -> str:
    """What there is to say to it; nothing where the answer counts."""
    if not scope.terms.filter(pk=answer.term_id).exists():
        return str(TAKEN_AWAY)
    try:
        return "" if memories.rate(answer, at=at) else str(ANSWERED_ALREADY)
    except Gone:
        return str(TAKEN_AWAY)


def _page(scope: Scope, memories: Memories, wanted: int | None, *, at: datetime) -> dict[str, Any]:
    queue = queue_of(scope.terms, memories, at=at)
    term = term_to_ask(scope.terms, queue, wanted)
    card = card_for(term, memories.one(term.pk), scope, at=at) if term else None
    last = memories.last()
    can_undo = last is not None and at - last.at < UNDO_WITHIN
    return {"scope": scope, "queue": queue, "card": card, "last": last if can_undo else None}


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None
