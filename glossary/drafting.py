"""Journeys of a draft: written, reviewed by a second person where the glossary asks, published.

Each holds the glossary and then the draft, so that of two who decide at once one finds it decided.
A draft never overwrites what nobody looked at: whoever publishes says which version of the term
they had before them.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import OperationalError, transaction
from django.dispatch import Signal
from django.utils.translation import gettext as _

from glossary import editing
from glossary.content import TermContent
from glossary.editing import CannotSave
from glossary.jobs import defer_publishing
from glossary.models import Draft, Glossary, Term, Version
from glossary.versions import tidied

logger = logging.getLogger(__name__)

State = Draft.State


class News(StrEnum):
    """What became of a draft."""

    WAITING = "waiting"
    APPROVED = "approved"  # and published later
    PUBLISHED = "published"
    RETURNED = "returned"
    DISMISSED = "dismissed"


# Sent with ``draft``, ``news`` and ``by`` (None is the site itself, at the draft's time) in the
# transaction in which it happened: who writes to people about it knows more than a glossary does.
happened = Signal()


class Refused(Exception):
    """It is not possible as things are; the message says why, and what to do."""


class Outdated(Refused):
    """The term was changed after whoever publishes looked at it."""

    def __init__(self) -> None:
        super().__init__("The term was changed meanwhile. Look at what would change now.")


@transaction.atomic
def keep(
    *,
    glossary: Glossary,
    content: TermContent,
    by: Any,
    at: datetime,
    term: Term | None = None,
    slug: str = "",
    is_published: bool = True,
) -> Draft:
    """A new draft, of ``term`` or of a new one. Raises Refused where the term has an open one."""
    editing.lock(glossary)
    if term and (present := Draft.objects.open().filter(term=term).first()):
        raise Refused(
            _("There is an open draft of this term already, by %(by)s. Change that.")
            % {"by": present.by}
        )
    return Draft.objects.create(
        glossary=glossary,
        term=term,
        content=tidied(content).as_json(),
        slug=slug,
        is_published=is_published,
        based_on=present_number(term),
        by=by,
        created_at=at,
        updated_at=at,
    )


@transaction.atomic
def rewrite(draft: Draft, content: TermContent, *, by: Any, at: datetime) -> Draft:
    """Let the draft say ``content``, and take its address, day and so on from ``draft``.

    Whoever does so becomes its author, so that nobody approves their own words; a review or a day
    that was agreed on does not hold for other words. Raises Refused where it is decided already.
    """
    held = _hold(draft)
    _check(held.is_open, "This draft is decided already; begin another.")
    held.content = tidied(content).as_json()
    held.slug, held.is_published = draft.slug, draft.is_published
    held.publish_at = draft.publish_at
    held.based_on = present_number(held.term)
    held.state, held.needs_review = State.DRAFT, False
    held.reviewed_by, held.reviewed_at = None, None
    held.by, held.updated_at = by, at
    held.save()
    return held


@transaction.atomic
def hand_in(draft: Draft, *, at: datetime) -> Draft:
    """Ask for a review. Done again, it does nothing."""
    held = _hold(draft)
    if held.state == State.WAITING:
        return held
    _check(held.state == State.DRAFT, "Only a draft that is being written is handed in.")
    _check_possible(held)
    held.state, held.needs_review = State.WAITING, held.glossary.needs_review
    held.note, held.reviewed_by, held.reviewed_at = "", None, None
    held.updated_at = at
    held.save()
    _tell(held, News.WAITING, by=held.by)
    return held


@transaction.atomic
def approve(draft: Draft, *, seen: int, by: Any, at: datetime) -> Draft:
    """Publish what was handed in, at once or at its time. Done again, it does nothing.

    ``seen`` is the number of the term's version that the reviewer compared it with. Raises
    Outdated where there is a later one, Refused for one's own draft, CannotSave where the term
    cannot say so any more.
    """
    held = _hold(draft)
    if held.state in {State.SCHEDULED, State.PUBLISHED}:
        return held
    _check(held.state == State.WAITING, "This draft is not handed in, or was taken back.")
    _check(held.by_id != by.pk, "This draft is yours: another person has to review it.")
    held.needs_review = held.needs_review or held.glossary.needs_review
    held.reviewed_by, held.reviewed_at = by, at
    return _agree(held, seen=seen, by=by, at=at)


@transaction.atomic
def publish(draft: Draft, *, seen: int, at: datetime) -> Draft:
    """Publish without a review, at once or at its time. Done again, it does nothing.

    Raises as ``approve`` does, and Refused where the glossary asks for a review.
    """
    held = _hold(draft)
    if held.state in {State.SCHEDULED, State.PUBLISHED}:
        return held
    _check(held.is_open, "This draft is decided already; begin another.")
    _check(
        not (held.glossary.needs_review or held.needs_review),
        f"{held.glossary} asks for a review: hand the draft in.",
    )
    return _agree(held, seen=seen, by=held.by, at=at)


@transaction.atomic
def send_back(draft: Draft, *, note: str, by: Any, at: datetime) -> Draft:
    """Give a draft that was handed in or approved back to its author, who reads ``note``."""
    held = _hold(draft)
    if held.state == State.DRAFT:
        return held
    _check(held.is_open, "This draft is decided already.")
    return _return(held, note=note, at=at, by=by)


@transaction.atomic
def dismiss(draft: Draft, *, by: Any, at: datetime) -> Draft:
    """Let go of a draft. Done again, it does nothing; Refused for one that is published."""
    held = _hold(draft)
    if held.state == State.DISMISSED:
        return held
    _check(held.state != State.PUBLISHED, "This draft is published already.")
    held.state, held.updated_at = State.DISMISSED, at
    if by.pk != held.by_id:
        held.reviewed_by, held.reviewed_at = by, at
    held.save()
    _tell(held, News.DISMISSED, by=by)
    return held


@transaction.atomic
def publish_if_due(draft: Draft, *, at: datetime) -> Draft:
    """Publish a draft whose time has come; nothing for any other, so that a job may run twice.

    One whose term was changed since it was agreed on, or that is not possible any more, goes back
    to be looked at again.
    """
    held = _hold(draft)
    if held.state != State.SCHEDULED or held.publish_at is None or held.publish_at > at:
        return held
    if held.based_on != present_number(held.term):
        return _return(held, note="Not published: the term was changed meanwhile.", at=at)
    if problems := _problems(held):
        return _return(held, note=f"Not published: {' '.join(problems)}", at=at)
    return _publish(held, by=None, at=at)


def publish_due(*, at: datetime) -> int:
    """Publish every draft whose time has come: what the jobs, had they not been lost, had done.

    How many. Each for itself: one that cannot be published keeps no other waiting.
    """
    due = list(Draft.objects.due(at=at).order_by("publish_at", "pk"))
    return sum(_is_published(draft, at=at) for draft in due)


def present_number(term: Term | None) -> int:
    """The number of the term's last version; 0 where there is none."""
    last = Version.objects.filter(term=term).order_by("-number") if term else Version.objects.none()
    return last.values_list("number", flat=True).first() or 0


def _is_published(draft: Draft, *, at: datetime) -> bool:
    """Publish it if that can be done. Its author reads why not, but of what passes by itself."""
    try:
        return publish_if_due(draft, at=at).state == State.PUBLISHED
    except (Draft.DoesNotExist, Glossary.DoesNotExist):
        return False  # deleted since it was looked for
    except OperationalError:
        logger.exception("Draft %s is left for the next time.", draft.pk)
    except Exception as error:
        logger.exception("Draft %s cannot be published.", draft.pk)
        _give_up(draft, error, at=at)
    return False


@transaction.atomic
def _give_up(draft: Draft, error: Exception, *, at: datetime) -> None:
    held = _hold(draft)
    if held.state == State.SCHEDULED:
        note = _(
            "Not published: the site failed at it (%(error)s). Try it again, and "
            "tell whoever runs the site if it fails again."
        ) % {"error": type(error).__name__}
        _return(held, note=note, at=at)


def _hold(draft: Draft) -> Draft:
    editing.lock(draft.glossary)
    drafts = Draft.objects.select_for_update(of=("self",))
    return drafts.select_related("glossary", "term__glossary", "by").get(pk=draft.pk)


def _agree(draft: Draft, *, seen: int, by: Any, at: datetime) -> Draft:
    if seen != present_number(draft.term):
        raise Outdated
    _check_possible(draft)
    draft.based_on = seen
    if draft.publish_at is None or draft.publish_at <= at:
        return _publish(draft, by=by, at=at)
    draft.state, draft.updated_at = State.SCHEDULED, at
    draft.save()
    defer_publishing(draft)
    _tell(draft, News.APPROVED, by=by)
    return draft


def _publish(draft: Draft, *, by: Any, at: datetime) -> Draft:
    draft.term = editing.save_term(_placed(draft), draft.says, at=at, by=draft.by)
    draft.state, draft.published_at, draft.updated_at = State.PUBLISHED, at, at
    draft.save()
    _tell(draft, News.PUBLISHED, by=by)
    return draft


def _return(draft: Draft, *, note: str, at: datetime, by: Any = None) -> Draft:
    draft.state, draft.note, draft.updated_at = State.DRAFT, note, at
    draft.needs_review, draft.reviewed_by, draft.reviewed_at = False, by, at if by else None
    draft.save()
    _tell(draft, News.RETURNED, by=by)
    return draft


def _tell(draft: Draft, news: News, *, by: Any) -> None:
    happened.send(Draft, draft=draft, news=news, by=by)


def _placed(draft: Draft) -> Term:
    """The term at the place on the site that the draft gives it, in memory."""
    term = draft.term or Term(glossary=draft.glossary)
    term.slug = draft.slug or term.slug
    term.is_published = draft.is_published
    return term


def _problems(draft: Draft) -> Sequence[str]:
    return editing.problems_of(_placed(draft), draft.says)


def _check_possible(draft: Draft) -> None:
    if problems := _problems(draft):
        raise CannotSave(problems)


def _check(condition: bool, message: str) -> None:
    if not condition:
        raise Refused(message)
