"""An import on its way through the admin: received, read, decided on, applied, taken back.

Reading and applying may take long, so they can be jobs; each looks again at what state the import
is in, and running one twice is harmless.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from courses import importing
from courses.importing import ImportPlan, ImportRefused
from glossary import reporting
from glossary.documents import Document, DocumentError, report_lines
from glossary.importing import entries
from glossary.importing.applying import PlanOutdated
from glossary.importing.progress import Told, tell_nobody
from glossary.models import Import, ImportProgress
from glossary.parsing import read_document

State = Import.State
FAILED_LOOKING = gettext_lazy("Reading it has failed, which is no fault of yours. Send it again.")
FAILED_APPLYING = gettext_lazy("Applying it has failed, and nothing was done. Try again.")
CHANGED = gettext_lazy("The site has changed since you looked. Nothing was done: look again.")


class NotYet(Exception):
    """The import cannot be applied as it stands; the message tells staff why."""


def receive(
    *,
    name: str,
    data: bytes,
    slug: str,
    course_slug: str = "",
    brings_intake: bool,
    at: datetime,
    by: Any,
) -> Import:
    """Store a document that is to be read; ``slug`` is the glossary's, "" for one of its title."""
    record = Import.objects.create(
        name=name[:255],
        data=data,
        slug=slug,
        course_slug=course_slug,
        brings_intake=brings_intake,
        created_at=at,
        created_by=by,
    )
    ImportProgress.objects.create(document=record)
    return record


@transaction.atomic
def look(record_id: int, *, told: Told = tell_nobody, message: str = "") -> Import:
    """Read the document and write down what it would do; does nothing to one that is done with.

    Where it can be read, ``message`` is what staff are told besides.
    """
    record = _held(record_id)
    if record.state not in {State.READING, State.READY}:
        return record
    told(_("Reading the document"), 0, 0)
    try:
        document = read_document(bytes(record.data), record.name)
        record.slug = record.slug or slugify(document.title)[:200] or "glossary"
        told(_("Comparing it with the site"), 0, 0)
        plan = _plan(record, document)
    except (DocumentError, ImportRefused) as error:
        record.state = State.REFUSED
        record.message = _reason(error)
    else:
        told(_("Writing down what was found"), 0, 0)
        _write_down(record, document, plan)
        record.state, record.message = State.READY, message
    record.save()
    return record


@transaction.atomic
def fail_looking(record_id: int) -> None:
    """Say that reading has failed."""
    record = _held(record_id)
    if record.state == State.READING:
        _left(record, State.REFUSED, str(FAILED_LOOKING))


@transaction.atomic
def decide(record_id: int, wanted: Mapping[int, str]) -> int:
    """Store decisions by the entries' keys; how many. Raises entries.NotAChoice, and NotYet."""
    record = _held(record_id)
    if record.state != State.READY:
        raise NotYet(_("This import is not waiting for decisions."))
    return entries.decide(record, wanted)


@transaction.atomic
def begin_applying(record_id: int, *, by: Any) -> Import:
    """Say that it is being applied from now on, and by whom. Raises NotYet where it cannot be."""
    record = _held(record_id)
    if record.state != State.READY:
        raise NotYet(_("This import is not waiting to be applied."))
    if waiting := record.entries.undecided().count():
        words = ngettext(
            "%(count)s term waits for a decision.", "%(count)s terms wait for a decision.", waiting
        )
        raise NotYet(words % {"count": waiting})
    if record.glossary_needs_another(by):
        raise NotYet(
            _("This glossary asks for reviews: somebody else has to apply what you brought.")
        )
    record.state, record.applied_by = State.APPLYING, by
    record.save(update_fields=["state", "applied_by"])
    ImportProgress.objects.filter(document=record).update(step="", done=0, total=0)
    return record


@transaction.atomic
def finish_applying(record_id: int, *, at: datetime, told: Told = tell_nobody) -> Import:
    """Do what was decided, all of it or nothing.

    Where the site has changed since it was looked at, nothing is done but to look again.
    """
    record = _held(record_id)
    if record.state != State.APPLYING:
        return record
    told(_("Reading the document"), 0, 0)
    document = read_document(bytes(record.data), record.name)
    told(_("Comparing it with the site"), 0, 0)
    try:
        plan = _plan(record, document)
        if _write_down(record, document, plan):
            return _left(record, State.READY, str(CHANGED))
        importing.apply(
            plan,
            record,
            at=at,
            by=record.applied_by,
            choices=entries.decisions(record),
            told=told,
        )
    except PlanOutdated:
        # Somebody was quicker, between the comparison and the lock.
        _left(_held(record_id), State.READY, str(CHANGED))
        return look(record_id, told=told, message=str(CHANGED))
    except ImportRefused as error:
        return _left(_held(record_id), State.REFUSED, _reason(error))
    return record


def _left(record: Import, state: Import.State, message: str) -> Import:
    """Nothing was done, and this is why."""
    record.state, record.message = state, message
    record.save()
    return record


@transaction.atomic
def fail_applying(record_id: int) -> None:
    """Say that applying has failed and that nothing was done."""
    record = _held(record_id)
    if record.state == State.APPLYING:
        _left(record, State.READY, str(FAILED_APPLYING))


@transaction.atomic
def drop(record_id: int) -> Import:
    """Give it up; nothing was done yet. Does nothing to one that was applied."""
    record = _held(record_id)
    if record.state in {State.READING, State.READY, State.REFUSED}:
        record.state = State.DROPPED
        record.entries.all().delete()
        record.save(update_fields=["state"])
    return record


def _held(record_id: int) -> Import:
    return Import.objects.select_for_update(no_key=True, of=("self",)).get(pk=record_id)


def _plan(record: Import, document: Document) -> ImportPlan:
    return importing.plan_import(
        document,
        glossary_slug=record.slug,
        course_slug=record.course_slug or None,
        brings_intake=record.brings_intake,
    )


def _write_down(record: Import, document: Document, plan: ImportPlan) -> bool:
    """Store what was found, and say whether it is something else than before."""
    record.report = [
        *report_lines(document),
        *reporting.plan_rows(plan.glossary),
        *importing.plan_rows(plan),
    ]
    return entries.store(record, plan.glossary)


def _reason(error: DocumentError | ImportRefused) -> str:
    if isinstance(error, DocumentError):
        where = f"Line {error.line}: " if error.line else ""
        said = f"{where}{error.reason}"
    else:
        said = str(error)
    return f"{said[:1].upper()}{said[1:]}."
