"""Work that is not done while somebody waits. Every job may run twice, or after a crash."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from glossary.models import Glossary


@app.task(name="glossary.relink", retry=RetryStrategy(max_attempts=5, exponential_wait=5))
def relink(*, glossary_id: int, names: list[str] | None) -> None:
    """Link the terms anew in the passages that contain one of ``names``; None means all."""
    from glossary import relinking

    glossary = Glossary.objects.filter(pk=glossary_id).first()
    if glossary is not None:
        relinking.relink(relinking.passages_with(glossary, names))


@app.periodic(cron="*/15 * * * *")
@app.task(name="glossary.draw_maps", queueing_lock="maps", pass_context=False)
def draw_maps(timestamp: int) -> None:
    """Every quarter of an hour: draw the maps of glossaries whose terms or links have changed."""
    from glossary import mapping

    for glossary in Glossary.objects.filter(is_published=True).iterator():
        mapping.draw(glossary, at=timezone.now())


def defer_relinking(glossary: Glossary, names: Sequence[str] | None) -> None:
    """Queue it in the transaction that is under way; what was worked out of the terms is old.

    One job at a time for a glossary: a later one must not be overtaken by an earlier one that
    read the terms before they changed.
    """
    glossary.renew_names()
    wanted: list[Any] | None = None if names is None else sorted(names)
    relink.configure(lock=f"glossary-{glossary.pk}").defer(glossary_id=glossary.pk, names=wanted)
