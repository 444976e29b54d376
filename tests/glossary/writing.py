"""Short ways to glossaries, terms and texts, for tests."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from glossary.content import TermContent
from glossary.documents import Document
from glossary.editing import save_term
from glossary.models import Glossary, Passage, Term
from glossary.parsing import read_document
from glossary.passages import write_passage
from glossary.versions import content_of

MOMENT = datetime(2026, 4, 15, 12, tzinfo=UTC)
SAILING = Path(__file__).parent / "data" / "sailing.txt"


def a_glossary(title: str = "Sailing", **fields: Any) -> Glossary:
    """A published glossary."""
    known = {"slug": title.lower(), "is_published": True}
    return Glossary.objects.create(title=title, **{**known, **fields})


def a_term(
    glossary: Glossary,
    name: str = "Tack",
    definition: str = "To turn the bow through the wind.",
    aliases: Sequence[str] = (),
    is_published: bool = True,
    slug: str = "",
    **fields: Any,
) -> Term:
    """A published term, saved as staff save it; ``fields`` are those of its content."""
    term = Term(glossary=glossary, is_published=is_published, slug=slug)
    content = TermContent(name, definition=definition, aliases=tuple(aliases), **fields)
    return save_term(term, content, at=MOMENT)


def rewrite(term: Term, **fields: Any) -> Term:
    """The same term, saying something else in these fields of its content."""
    return save_term(term, replace(content_of(term), **fields), at=MOMENT)


def a_text(glossary: Glossary, source: str) -> Passage:
    """A text of its own in which the glossary's terms are linked."""
    return write_passage(None, source=source, glossaries=[glossary])


def run_jobs() -> int:
    """Do the jobs that are queued, as the worker would; how many there were."""
    jobs = list(ProcrastinateJob.objects.filter(status="todo").order_by("pk"))
    ProcrastinateJob.objects.filter(pk__in=[job.pk for job in jobs]).delete()
    for job in jobs:
        app.tasks[job.task_name](**job.args)
    return len(jobs)


def sailing() -> Document:
    """The suite's own document."""
    return read_document(SAILING.read_bytes())


def sailing_with(old: str, new: str) -> Document:
    """The same with some words replaced, which must be there."""
    text = SAILING.read_text(encoding="utf-8")
    assert old in text
    return read_document(text.replace(old, new).encode())
