"""A glossary document brought in with what it says of an intake.

The glossary's part is ``glossary.importing``. Here the course and the intake that the document
names are made where they are missing; those that are there are never overwritten.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from courses.models import Course, Intake, Price, Provider
from courses.models.provider import VatTreatment
from courses.templatetags.money import money
from courses.writing import save_course, set_glossaries
from glossary import importing
from glossary.documents import Document, IntakeLine
from glossary.importing import Change, PlanOutdated, find_glossary
from glossary.models import Glossary, ImportedDocument


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

    glossary: importing.Plan
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
    document: Document, *, glossary_slug: str, course_slug: str | None = None
) -> ImportPlan:
    """What importing ``document`` would do. Writes nothing.

    ``course_slug`` is needed only where several courses use the glossary. Raises ImportRefused
    where they do and it is not given.
    """
    plan = importing.plan_import(document, slug=glossary_slug)
    if document.intake is None:
        return ImportPlan(plan, None, None)
    glossary = find_glossary(glossary_slug)
    found = _find_course(glossary, course_slug, fallback=glossary_slug)
    course = _plan_course(found, glossary, slug=course_slug or glossary_slug, title=plan.title)
    intake = _plan_intake(document.intake, found, glossary)
    return ImportPlan(plan, course, intake, _notes(found, intake))


@transaction.atomic
def apply(
    plan: ImportPlan, *, name: str, text: str, at: datetime, by: Any = None
) -> tuple[Glossary, ImportedDocument | None]:
    """Do what ``plan`` says, all of it or nothing.

    Raises PlanOutdated where the site is no longer as it was planned for.
    """
    course_slug = plan.course.slug if plan.course else None
    again = plan_import(
        plan.glossary.document, glossary_slug=plan.glossary.slug, course_slug=course_slug
    )
    if again != plan:
        raise PlanOutdated
    glossary, imported = importing.apply(plan.glossary, name=name, text=text, at=at, by=by)
    if plan.course:
        course = _apply_course(plan.course, glossary)
        if plan.intake and plan.intake.change == Change.ADDED:
            _add_intake(plan.intake, course)
    return glossary, imported


def plan_rows(plan: ImportPlan) -> list[tuple[str, str]]:
    """What the import would do to course and intake, as rows of a table."""
    rows = []
    if plan.course:
        told = {Change.ADDED: "made and published, without lessons", Change.SAME: "there already"}
        change = told.get(plan.course.change, "gets this glossary")
        rows.append(("Course", f"{plan.course.title} at /courses/{plan.course.slug}/, {change}"))
    if plan.intake:
        rows.append(("Intake", _intake_told(plan.intake)))
    return [*rows, *(("Note", note) for note in plan.notes)]


def _intake_told(intake: IntakePlan) -> str:
    line = intake.line
    if intake.change == Change.DELETED:
        return f"{line.label}: deleted by staff, and not brought back"
    if intake.change != Change.ADDED:
        return f"{line.label}: there already" + (f"; {intake.note}" if intake.note else "")
    if line.amount is None:
        return f"{line.label}: added, published, without a price"
    vat = VatTreatment(intake.vat_treatment).label
    return f"{line.label}: added and published, Standard price {money(line.amount)} ({vat})"


def _find_course(glossary: Glossary | None, slug: str | None, *, fallback: str) -> Course | None:
    if slug:
        return Course.objects.filter(slug=slug).first()
    using = list(glossary.courses.order_by("pk")) if glossary else []
    if len(using) > 1:
        named = ", ".join(course.slug for course in using)
        raise ImportRefused(f"several courses use this glossary ({named}); say which (--course)")
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
    present = "no price" if cheapest is None else money(cheapest)
    note = f"it has {present}, the document says {money(line.amount)}; nothing is changed"
    return IntakePlan(Change.KEPT, line, vat, rate, note)


def _imported_months(glossary: Glossary | None) -> set[str]:
    """The months whose intakes earlier documents brought."""
    if glossary is None:
        return set()
    contents = glossary.documents.values_list("content__intake__month", flat=True)
    return {month for month in contents if month}


def _notes(course: Course | None, intake: IntakePlan) -> tuple[str, ...]:
    notes = []
    if course and not course.is_published:
        notes.append("The course is not published, and stays so.")
    if intake.change == Change.ADDED and intake.line.amount is not None and not Provider.current():
        notes.append(
            "No provider is set up; the price counts as that of one not registered for VAT."
        )
    return tuple(notes)


def _apply_course(plan: CoursePlan, glossary: Glossary) -> Course:
    if plan.course_id is None:
        course = Course(title=plan.title, slug=plan.slug, is_published=True)
        return save_course(course, glossaries=[glossary])
    course = Course.objects.select_for_update().get(pk=plan.course_id)
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
