"""Which terms a learner has shown that they know, and how links to them look for it."""

import re
from collections.abc import Collection
from typing import Any

from django.db.models import Exists, OuterRef

from glossary.models import Memory

# As ``glossary.linking`` writes it; sanitising leaves no class on anybody else's link.
_LINK = re.compile(r'<a class="term" href="([^"]*)"')


def is_known_to(learner: Any, *, at: Any) -> Exists:
    """A condition on terms: that ``learner``, somebody signed in, knows them at ``at``.

    Both may be expressions.
    """
    known = Memory.objects.known(at=at)
    return Exists(known.filter(learner=learner, term=OuterRef("pk")))


def mark_links(html: str, known: Collection[str]) -> str:
    """Finished ``html`` with each link to a term marked as known or as new.

    ``known`` holds the addresses of the terms that are known. Only the links are looked at, so
    that a page may do this each time it is shown: some microseconds a link.
    """

    def marked(link: re.Match[str]) -> str:
        look = "known" if link[1] in known else "new"
        return f'<a class="term term--{look}" href="{link[1]}"'

    return _LINK.sub(marked, html)
