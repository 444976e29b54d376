"""``manage.py import_glossary``: from a document to a course that can be joined."""

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from courses import importing
from courses.importing import plan_import
from courses.models import Course, Intake, Price
from glossary import editing
from glossary.importing.applying import PlanOutdated, new_record
from glossary.importing.merging import Change
from glossary.models import AlternativeDefinition, Glossary, Import, Term
from tests.courses.making import APRIL, a_course, a_price, a_provider, an_intake
from tests.glossary.writing import SAILING, a_glossary, a_term, sailing, sailing_with

SLUG = "dinghy-sailing"

pytestmark = pytest.mark.django_db


def run(*arguments: object) -> str:
    """What the command prints."""
    out = io.StringIO()
    call_command("import_glossary", *map(str, arguments), stdout=out, stderr=out)
    return out.getvalue()


def counts() -> tuple[int, ...]:
    models = (Glossary, Term, AlternativeDefinition, Import, Course, Intake, Price)
    return tuple(model.objects.count() for model in models)


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[str, str], Path]:
    """A file with the document, some words of it replaced."""

    def write(old: str, new: str) -> Path:
        text = SAILING.read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / "changed.txt"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return path

    return write


def test_a_first_import_makes_the_course_and_its_intake_known_by_the_month() -> None:
    a_provider()
    printed = run(SAILING)
    course = Course.objects.get(slug=SLUG)
    assert (course.title, course.is_published, course.lessons.count()) == (
        "Dinghy Sailing",
        True,
        0,
    )
    assert [glossary.slug for glossary in course.glossaries_in_order()] == [SLUG]
    intake = course.intakes.get()
    assert (intake.month, intake.starts_on, intake.capacity) == (date(2026, 6, 1), None, None)
    assert (intake.enrolment_closes_at, intake.is_published) == (None, True)
    price = intake.prices.get()
    assert (price.name, price.amount, price.vat_treatment) == ("Standard", 12050, "not_registered")
    assert str(intake.state(at=APRIL).label) == "open enrolment"
    assert "Done: /glossary/dinghy-sailing/" in printed


def test_a_dry_run_shows_everything_and_changes_nothing() -> None:
    printed = run(SAILING, "--dry-run")
    for line in ("11", "7 added", "2 terms, merged", "June 2026", "£120.50", "dry run"):
        assert line in printed
    assert counts() == (0, 0, 0, 0, 0, 0, 0)


def test_a_second_import_changes_nothing_and_says_so() -> None:
    run(SAILING)
    before = counts()
    assert "Nothing to do" in run(SAILING)
    assert counts() == before


def test_how_vat_applies_comes_from_the_provider() -> None:
    a_provider(vat_treatment="inclusive", vat_rate=2000, vat_number="GB123456789")
    assert "VAT included" in run(SAILING)
    price = Price.objects.get()
    assert (price.vat_treatment, price.vat_rate) == ("inclusive", 2000)


def test_without_a_provider_the_price_is_said_to_be_of_one_not_registered() -> None:
    assert "No provider is set up" in run(SAILING)
    assert Price.objects.get().vat_treatment == "not_registered"


def test_a_changed_document_is_shown_term_by_term_and_not_applied_unasked(
    changed: Callable[[str, str], Path],
) -> None:
    run(SAILING)
    path = changed("keep your head down.\n\nCentre", "duck.\n\nCentre")
    out = io.StringIO()
    with pytest.raises(CommandError, match="add --yes"):
        call_command("import_glossary", str(path), stdout=out)
    assert "~ Gybe" in out.getvalue()
    assert "[-keep your head down.-] {+duck.+}" in out.getvalue()
    assert "duck" not in Term.objects.get(name="Gybe").definition.source


def test_a_changed_document_is_applied_when_told_to(changed: Callable[[str, str], Path]) -> None:
    run(SAILING)
    run(changed("keep your head down.\n\nCentre", "duck.\n\nCentre"), "--yes")
    assert "duck" in Term.objects.get(name="Gybe").definition.source


@pytest.mark.parametrize(("answer", "is_applied"), [("yes", True), ("no", False), ("", False)])
def test_a_person_is_asked_and_only_yes_applies(
    answer: str,
    is_applied: bool,
    changed: Callable[[str, str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run(SAILING)
    terminal = io.StringIO(f"{answer}\n")
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    run(changed("keep your head down.\n\nCentre", "duck.\n\nCentre"))
    assert ("duck" in Term.objects.get(name="Gybe").definition.source) is is_applied


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "bad.txt: the file is empty"),
        (b"Knots\n\nstray words", "bad.txt, line 1: there is no entry in it (write “Term: text”)"),
        (b"Knots\n\nBend: \x81", "bad.txt, line 3: this is not UTF-8 text; save it as UTF-8"),
    ],
)
def test_a_document_that_cannot_be_read_gets_one_line_and_changes_nothing(
    text: bytes, told: str, tmp_path: Path
) -> None:
    path = tmp_path / "bad.txt"
    path.write_bytes(text)
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(SystemExit) as caught:
        call_command("import_glossary", str(path), stdout=out, stderr=err)
    assert caught.value.code == 1
    assert err.getvalue().endswith(f"{told}\n")
    assert err.getvalue().count("\n") == 1
    assert out.getvalue() == ""
    assert counts() == (0, 0, 0, 0, 0, 0, 0)


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    err = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("import_glossary", str(tmp_path / "none.txt"), stderr=err)
    assert "no such file" in err.getvalue()


def test_the_addresses_can_be_chosen() -> None:
    run(SAILING, "--glossary", "boats", "--course", "sailing-101")
    assert Glossary.objects.get().slug == "boats"
    assert Course.objects.get().slug == "sailing-101"
    with pytest.raises(CommandError, match="no address"):
        run(SAILING, "--glossary", "no such thing!")


def test_an_intake_that_is_there_is_never_overwritten_and_its_price_reported() -> None:
    run(SAILING)
    Price.objects.update(amount=15000)
    plan = plan_import(sailing(), glossary_slug=SLUG)
    assert plan.intake is not None
    assert plan.intake.change == Change.KEPT
    assert "£150" in plan.intake.note
    assert not plan.does_something


def test_an_intake_that_staff_deleted_stays_deleted() -> None:
    run(SAILING)
    Intake.objects.all().delete()
    run(SAILING)
    assert Intake.objects.count() == 0


def test_a_new_month_is_added_beside_the_old(changed: Callable[[str, str], Path]) -> None:
    run(SAILING)
    run(changed("June 2026", "July 2026"), "--yes")
    assert [intake.slug for intake in Intake.objects.all()] == ["2026-06", "2026-07"]


def test_an_intake_of_the_month_that_staff_gave_a_day_is_the_one_meant() -> None:
    course = a_course(SLUG, glossaries=[a_glossary("Sailing", slug=SLUG)])
    a_price(an_intake(course, "2026-06", starts_on=date(2026, 6, 8)), 12050)
    plan = plan_import(sailing(), glossary_slug=SLUG)
    assert plan.intake is not None
    assert plan.intake.change == Change.SAME


def test_a_site_with_a_glossary_of_its_own_keeps_every_word() -> None:
    glossary = a_glossary("Dinghy sailing", slug=SLUG)
    for found in sailing().terms:
        a_term(glossary, found.name.lower(), "Our own words.")
    course = a_course(SLUG, title="Our course", glossaries=[glossary])
    an_intake(course, "2026-06")
    run(SAILING, "--yes")
    assert {term.definition.source for term in Term.objects.all()} == {"Our own words."}
    assert set(AlternativeDefinition.objects.values_list("decision", flat=True)) == {"waiting"}
    assert AlternativeDefinition.objects.values("term").distinct().count() == len(sailing().terms)
    assert Course.objects.get().title == "Our course"
    assert Intake.objects.count() == 1


def test_a_course_without_a_glossary_gets_it_only_when_agreed() -> None:
    a_course(SLUG)
    with pytest.raises(CommandError, match="add --yes"):
        run(SAILING)
    assert not Glossary.objects.exists()
    run(SAILING, "--yes")
    assert Course.objects.get().glossaries_in_order() == [Glossary.objects.get()]


def test_a_course_of_another_glossary_gets_this_one_behind_it_when_agreed() -> None:
    a_course(SLUG, glossaries=[a_glossary("Knots")])
    with pytest.raises(CommandError, match="add --yes"):
        run(SAILING)
    run(SAILING, "--yes")
    titles = [glossary.title for glossary in Course.objects.get().glossaries_in_order()]
    assert titles == ["Knots", "Dinghy Sailing"]


def test_where_several_courses_use_the_glossary_one_must_be_named() -> None:
    glossary = a_glossary("Sailing", slug=SLUG)
    a_course("one", glossaries=[glossary])
    a_course("two", glossaries=[glossary])
    with pytest.raises(CommandError, match="one, two"):
        run(SAILING)
    run(SAILING, "--course", "two", "--yes")
    assert Intake.objects.get().course.slug == "two"


def test_a_document_without_an_intake_makes_no_course(tmp_path: Path) -> None:
    path = tmp_path / "knots.txt"
    path.write_text("Knots\n\nBend: It joins two ropes.")
    run(path)
    assert Glossary.objects.get().slug == "knots"
    assert not Course.objects.exists()


def test_a_change_between_the_look_and_the_deed_stops_the_import() -> None:
    run(SAILING)
    plan = plan_import(sailing_with("June 2026", "July 2026"), glossary_slug=SLUG)
    editing.delete_term(Term.objects.get(name="Tack"), at=APRIL)
    before = counts()
    with pytest.raises(PlanOutdated):
        importing.apply(plan, new_record(plan.glossary, name="x", data=b"x", at=APRIL), at=APRIL)
    assert counts() == before
