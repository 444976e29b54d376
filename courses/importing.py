"""A glossary document brought in with what it says of an intake.

The glossary's part is ``glossary.importing``. Here the course and the intake that the document
names are made where they are missing; those that are there are never overwritten.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils.translation import gettext as _

from courses.models import Course, Intake, Price, Provider
from courses.models.provider import VatTreatment
from courses.templatetags.money import money
from courses.writing import delete_course, save_course, set_glossaries
from glossary.documents import Document, IntakeLine
from glossary.importing import applying, planning, undoing
from glossary.importing.applying import PlanOutdated
from glossary.importing.merging import Change
from glossary.importing.planning import find_glossary
from glossary.importing.progress import Told, tell_nobody
from glossary.models import Glossary, Import


class ImportRefused(Exception):
    """The document can be read, but where it belongs is not clear; the message says why."""


@dataclass(frozen=True)
class CoursePlan:
    """What an import does with the course: ADDED, CHANGED (it gets the glossary too) or SAME."""

    change: Change
    slug: str
    title: str
    course_id: int | None = None


@dataclass(frozen=True)
class IntakePlan:
    """What an import does with the intake: ADDED, SAME, KEPT or DELETED.

    KEPT is one whose price is not the document's; ``note`` tells it.
    """

    change: Change
    line: IntakeLine
    vat_treatment: str
    vat_rate: int
    note: str = ""


@dataclass(frozen=True)
class ImportPlan:
    """All that an import would do. ``course`` and ``intake`` are None without an intake line."""

    glossary: planning.Plan
    course: CoursePlan | None
    intake: IntakePlan | None
    notes: tuple[str, ...] = ()

    @property
    def does_something(self) -> bool:
        """Whether the site would be any different afterwards."""
        return (
            self.glossary.does_something
            or (self.course is not None and self.course.change != Change.SAME)
            or (self.intake is not None and self.intake.change == Change.ADDED)
        )

    @property
    def touches_what_is_there(self) -> bool:
        """Whether it would write to a glossary or a course that is there already."""
        gives_glossary = self.course is not None and self.course.change == Change.CHANGED
        return gives_glossary or (not self.glossary.is_new and self.does_something)


def plan_import(
    document: Document,
    *,
    glossary_slug: str,
    course_slug: str | None = None,
    brings_intake: bool = True,
) -> ImportPlan:
    """What importing ``document`` would do. Writes nothing.

    ``course_slug`` is needed only where several courses use the glossary. Without
    ``brings_intake`` what the document says of an intake is left alone. Raises ImportRefused
    where they do and it is not given.
    """
    plan = planning.plan_import(document, slug=glossary_slug)
    selling = _plan_selling(plan, course_slug) if brings_intake else (None, None, ())
    return ImportPlan(plan, *selling)


def _plan_selling(
    plan: planning.Plan, course_slug: str | None
) -> tuple[CoursePlan | None, IntakePlan | None, tuple[str, ...]]:
    """What is done with course and intake, and what staff should know of it."""
    line = plan.document.intake
    if line is None:
        return None, None, ()
    glossary = find_glossary(plan.slug)
    found = _find_course(glossary, course_slug, fallback=plan.slug)
    course = _plan_course(found, glossary, slug=course_slug or plan.slug, title=plan.title)
    intake = _plan_intake(line, found, glossary)
    return course, intake, _notes(found, intake)


@transaction.atomic
def apply(
    plan: ImportPlan,
    record: Import,
    *,
    at: datetime,
    by: Any = None,
    choices: Mapping[str, str] | None = None,
    told: Told = tell_nobody,
) -> Glossary:
    """Do what ``plan`` says and staff decided (``choices``), all of it or nothing.

    Raises PlanOutdated where the site is no longer as it was planned for.
    """
    course_slug = plan.course.slug if plan.course else None
    selling = plan.course, plan.intake, plan.notes
    if plan.course and plan.course.course_id:
        _hold_course(plan.course.course_id)
    if plan.course and _plan_selling(plan.glossary, course_slug) != selling:
        raise PlanOutdated
    glossary = applying.apply(plan.glossary, record, at=at, by=by, choices=choices, told=told)
    if plan.course:
        course = _apply_course(plan.course, glossary)
        if plan.course.change == Change.ADDED:
            record.before["course"] = course.pk
        if plan.intake and plan.intake.change == Change.ADDED:
            record.before["intake"] = _add_intake(plan.intake, course).pk
    if record.pk:
        record.save(update_fields=["before"])
    return glossary


@transaction.atomic
def undo(record: Import, *, at: datetime, by: Any = None) -> undoing.Undoing:
    """Take an import back with the course and the intake that it made.

    An intake that anybody has to do with stays, and so does a course with lessons or intakes.
    """
    if "course" in record.before:
        _hold_course(record.before["course"])
    done = undoing.undo(record, at=at, by=by)
    intakes = Intake.objects.filter(pk=record.before.get("intake"))
    courses = Course.objects.filter(pk=record.before.get("course"), lessons=None)
    for intake in intakes:
        _delete_if_free(intake)
    for course in courses.filter(intakes=None):
        delete_course(course)
    return done


def _hold_course(course_id: int) -> None:
    """One writer of it at a time; it is held before its glossaries, as by who writes a lesson."""
    Course.objects.select_for_update().filter(pk=course_id).first()


def _delete_if_free(intake: Intake) -> None:
    try:
        with transaction.atomic():
            intake.prices.all().delete()
            intake.delete()
    except (ProtectedError, RestrictedError):
        return


def plan_rows(plan: ImportPlan) -> list[tuple[str, str]]:
    """What the import would do to course and intake, as rows of a table."""
    rows = []
    if plan.course:
        told = {
            Change.ADDED: _("made and published, without lessons"),
            Change.SAME: _("there already"),
        }
        change = told.get(plan.course.change, _("gets this glossary"))
        rows.append(
            (
                _("Course"),
                _("%(title)s at /courses/%(slug)s/, %(change)s")
                % {"title": plan.course.title, "slug": plan.course.slug, "change": change},
            )
        )
    if plan.intake:
        rows.append((_("Intake"), _intake_told(plan.intake)))
    return [*rows, *((_("Note"), note) for note in plan.notes)]


def _intake_told(intake: IntakePlan) -> str:
    line = intake.line
    if intake.change == Change.DELETED:
        return _("%(intake)s: deleted by staff, and not brought back") % {"intake": line.label}
    if intake.change != Change.ADDED:
        words = (
            _("%(intake)s: there already; %(note)s")
            if intake.note
            else _("%(intake)s: there already")
        )
        return words % {"intake": line.label, "note": intake.note}
    if line.amount is None:
        return _("%(intake)s: added, published, without a price") % {"intake": line.label}
    vat = VatTreatment(intake.vat_treatment).label
    words = _("%(intake)s: added and published, Standard price %(price)s (%(vat)s)")
    return words % {"intake": line.label, "price": money(line.amount), "vat": vat}


def _find_course(glossary: Glossary | None, slug: str | None, *, fallback: str) -> Course | None:
    if slug:
        return Course.objects.filter(slug=slug).first()
    using = list(glossary.courses.order_by("pk")) if glossary else []
    if len(using) > 1:
        named = ", ".join(course.slug for course in using)
        raise ImportRefused(
            _("several courses use this glossary (%(named)s); say which") % {"named": named}
        )
    return using[0] if using else Course.objects.filter(slug=fallback).first()


def _plan_course(
    course: Course | None, glossary: Glossary | None, *, slug: str, title: str
) -> CoursePlan:
    if course is None:
        return CoursePlan(Change.ADDED, slug, title)
    uses_it = glossary is not None and course.glossaries.contains(glossary)
    change = Change.SAME if uses_it else Change.CHANGED
    return CoursePlan(change, course.slug, course.title, course.pk)


def _plan_intake(line: IntakeLine, course: Course | None, glossary: Glossary | None) -> IntakePlan:
    provider = Provider.current()
    vat = VatTreatment(provider.vat_treatment) if provider else VatTreatment.NOT_REGISTERED
    rate = provider.vat_rate if provider and vat == VatTreatment.INCLUSIVE else 0
    month = course.intakes.filter(month=line.month) if course else Intake.objects.none()
    if not month.exists():
        was_there = line.month.isoformat() in _imported_months(glossary)
        return IntakePlan(Change.DELETED if was_there else Change.ADDED, line, vat, rate)
    standard = Price.objects.filter(intake__in=month, kind=Price.Kind.STANDARD)
    cheapest = standard.order_by("amount").values_list("amount", flat=True).first()
    if line.amount is None or cheapest == line.amount:
        return IntakePlan(Change.SAME, line, vat, rate)
    present = _("no price") if cheapest is None else money(cheapest)
    note = _("it has %(present)s, the document says %(amount)s; nothing is changed") % {
        "present": present,
        "amount": money(line.amount),
    }
    return IntakePlan(Change.KEPT, line, vat, rate, note)


def _imported_months(glossary: Glossary | None) -> set[str]:
    """The months whose intakes earlier documents brought."""
    if glossary is None:
        return set()
    contents = glossary.imports.filter(state=Import.State.APPLIED).values_list(
        "content__intake__month", flat=True
    )
    return {month for month in contents if month}


def _notes(course: Course | None, intake: IntakePlan) -> tuple[str, ...]:
    notes = []
    if course and not course.is_published:
        notes.append(_("The course is not published, and stays so."))
    if intake.change == Change.ADDED and intake.line.amount is not None and not Provider.current():
        notes.append(
            _("No provider is set up; the price counts as that of one not registered for VAT.")
        )
    return tuple(notes)


def _apply_course(plan: CoursePlan, glossary: Glossary) -> Course:
    if plan.course_id is None:
        course = Course(title=plan.title, slug=plan.slug, is_published=True)
        return save_course(course, glossaries=[glossary])
    course = Course.objects.get(pk=plan.course_id)
    if plan.change == Change.CHANGED:
        set_glossaries(course, [*course.glossaries_in_order(), glossary])
    return course


def _add_intake(plan: IntakePlan, course: Course) -> Intake:
    """Known by its month, without a limit of places: the document says no more."""
    intake = Intake.objects.create(course=course, month=plan.line.month, is_published=True)
    if plan.line.amount is not None:
        Price.objects.create(
            intake=intake,
            amount=plan.line.amount,
            vat_treatment=plan.vat_treatment,
            vat_rate=plan.vat_rate,
        )
    return intake
