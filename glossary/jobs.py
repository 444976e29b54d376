"""Work that is not done while somebody waits. Every job may run twice, or after a crash."""

from collections.abc import Collection
from typing import Any

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from glossary.models import Draft, Glossary
from glossary.naming import MANY_NAMES


@app.task(name="glossary.relink", retry=RetryStrategy(max_attempts=5, exponential_wait=5))
def relink(*, glossary_id: int, names: list[str] | None, elsewhere: bool = False) -> None:
    """Link the terms anew in the passages that contain one of ``names``; None means all.

    ``elsewhere`` leaves out the definitions of its own terms.
    """
    from glossary import mapping, relinking

    glossary = Glossary.objects.filter(pk=glossary_id).first()
    if glossary is not None:
        relinking.relink(relinking.passages_with(glossary, names, elsewhere=elsewhere))
        mapping.forget(glossary)


@app.periodic(cron="*/15 * * * *")
@app.task(name="glossary.draw_maps", queueing_lock="maps", pass_context=False)
def draw_maps(timestamp: int) -> None:
    """Every quarter of an hour: draw the maps of glossaries whose terms or links have changed."""
    from glossary import mapping

    for glossary in mapping.outdated().iterator():
        mapping.draw(glossary, at=timezone.now())


def defer_relinking(
    glossary: Glossary, names: Collection[str] | None, *, elsewhere: bool = False
) -> None:
    """Queue it in the transaction that is under way; what was worked out of the terms is old.

    One job at a time for a glossary: a later one must not be overtaken by an earlier one that
    read the terms before they changed.
    """
    glossary.renew_names()
    wanted: list[Any] | None = None
    if names is not None and len(names) <= MANY_NAMES:
        wanted = sorted(names)
    relink.configure(lock=f"glossary-{glossary.pk}").defer(
        glossary_id=glossary.pk, names=wanted, elsewhere=elsewhere
    )


@app.task(name="glossary.publish_draft", retry=RetryStrategy(max_attempts=5, exponential_wait=5))
def publish_draft(*, draft_id: int) -> None:
    """Publish a draft whose time has come."""
    from glossary import drafting

    draft = Draft.objects.filter(pk=draft_id).first()
    if draft is not None:
        drafting.publish_if_due(draft, at=timezone.now())


def defer_publishing(draft: Draft) -> None:
    """Queue it for its time, in the transaction that is under way."""
    publish_draft.configure(schedule_at=draft.publish_at).defer(draft_id=draft.pk)


@app.periodic(cron="*/5 * * * *")
@app.task(name="glossary.publish_due", queueing_lock="publish_due", pass_context=False)
def publish_due(timestamp: int) -> None:
    """Every five minutes: publish what a lost job left behind."""
    from glossary import drafting

    drafting.publish_due(at=timezone.now())
