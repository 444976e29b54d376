"""Documents brought into a glossary while somebody else is at it."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest
from django.db import DatabaseError, IntegrityError
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses import importing, reviewing
from courses.models import Course, Intake, Lesson
from courses.writing import save_lesson, set_glossaries
from glossary.models import Glossary, Import, Term, Version
from tests.bench.starting import run_together
from tests.concurrency.meeting import both, unlocked
from tests.courses.making import a_provider
from tests.glossary.writing import a_glossary, a_term, rewrite

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 4, 15, 12, tzinfo=UTC)
TEXT = "Sailing\n\nTack: To turn the bow through the wind.\n\nGybe: To turn the stern through it.\n"
INTAKE = "\nMay 2099 intake · open enrolment\n\nfrom £90 GBP\n"
PEOPLE = 3


@pytest.fixture
def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The journeys as they are, but for the locks on rows."""
    monkeypatch.setattr(QuerySet, "select_for_update", unlocked)


def somebody(name: str = "sam") -> User:
    return User.objects.create_superuser(f"{name}@example.org", "a long password")


def brought(by: User, text: str = TEXT, *, course: str = "") -> Import:
    """A document that was read, with every doubt decided for it."""
    record = reviewing.receive(
        name="Pasted text",
        data=text.encode(),
        slug=text.partition("\n")[0].lower(),
        course_slug=course,
        brings_intake=True,
        at=AT,
        by=by,
    )
    reviewing.look(record.pk)
    waiting = record.entries.undecided()
    reviewing.decide(record.pk, {entry.pk: "take" for entry in waiting})
    return record


def pressing(what: str, record: Import, by: User, **posted: str) -> Callable[[], str]:
    """Press the button for this on the import's page; what the page then says."""

    def press() -> str:
        client = Client()
        client.force_login(by)
        address = f"/admin/glossary/import/{record.pk}/{what}/"
        answer = client.post(address, posted, follow=True)
        assert answer.status_code == 200
        record.refresh_from_db()
        return " ".join([*(str(said) for said in answer.context["messages"]), record.message])

    return press


def applied(by: User, text: str = TEXT) -> Import:
    record = brought(by, text)
    assert "Applied." in pressing("apply", record, by)()
    return record


# One import, twice ------------------------------------------------------------------------------


def test_people_who_apply_one_import_at_once_apply_it_once() -> None:
    a_provider()
    people = [somebody(f"person{number}") for number in range(PEOPLE)]
    record = brought(people[0], TEXT + INTAKE)
    told = run_together(
        [partial(to_do, pressing("apply", record, person)) for person in people]
    ).answers
    assert sum("Applied." in said for said in told) == 1
    assert sum("This import is not waiting to be applied." in said for said in told) == PEOPLE - 1
    assert Version.objects.count() == Term.objects.count() == 2
    assert (Course.objects.count(), Intake.objects.count()) == (1, 1)


def to_do(deed: Callable[[], str]) -> list[Callable[[], str]]:
    return [partial(tried, deed)]


def tried(deed: Callable[[], str]) -> str:
    """What it says, or how the database failed it."""
    try:
        return deed()
    except DatabaseError as error:
        return f"failed: {type(error).__name__}"


@pytest.mark.usefixtures("without_locks")
def test_without_the_lock_the_second_of_them_would_run_into_a_constraint() -> None:
    sam, robin = somebody(), somebody("robin")
    a_glossary()
    record = brought(sam)
    with pytest.raises(IntegrityError):
        both(pressing("apply", record, sam), pressing("apply", record, robin))


def test_an_import_undone_by_several_at_once_is_undone_once() -> None:
    people = [somebody(f"person{number}") for number in range(PEOPLE)]
    glossary = a_glossary()
    a_term(glossary, "Tack", "As it was.")
    record = applied(people[0])
    run = [partial(to_do, pressing("undo", record, each, confirmed="yes")) for each in people]
    told = run_together(run).answers
    assert not [said for said in told if "failed" in said]
    term = Term.objects.get()
    assert (term.name, term.definition.source) == ("Tack", "As it was.")
    assert [version.what for version in term.versions.order_by("number")] == [
        "created",
        "imported",
        "undone",
    ]


# An import and an editor ------------------------------------------------------------------------


def test_what_somebody_writes_while_an_import_is_applied_is_not_overwritten() -> None:
    sam = somebody()
    term = a_term(a_glossary(), "Tack", "As it was.")
    record = brought(sam)
    told = both(lambda: rewrite(term, definition="By an editor."), pressing("apply", record, sam))
    assert "Nothing was done" in told
    term.refresh_from_db()
    assert term.definition.source == "By an editor."
    assert Term.objects.count() == 1
    # It shows what the site says by now.
    assert record.entries.get(before__definition="By an editor.").name == "Tack"


@pytest.mark.usefixtures("without_locks")
def test_without_the_lock_the_editors_words_would_go_unseen() -> None:
    sam = somebody()
    term = a_term(a_glossary(), "Tack", "As it was.")
    record = brought(sam)
    told = both(lambda: rewrite(term, definition="By an editor."), pressing("apply", record, sam))
    assert "Applied." in told
    term.refresh_from_db()
    assert term.definition.source == "To turn the bow through the wind."


def test_who_writes_while_an_import_is_applied_writes_after_it() -> None:
    sam = somebody()
    term = a_term(a_glossary(), "Tack", "As it was.")
    record = brought(sam)
    both(pressing("apply", record, sam), lambda: rewrite(term, definition="By an editor."))
    term.refresh_from_db()
    assert term.definition.source == "By an editor."
    said = term.versions.order_by("number").values_list("what", "content__definition")
    assert list(said) == [
        ("created", "As it was."),
        ("imported", "To turn the bow through the wind."),
        ("edited", "By an editor."),
    ]


def test_a_lesson_is_written_while_an_import_gives_its_course_an_intake() -> None:
    """A lesson's writer holds the course, then its glossaries; an import the same way round."""
    a_provider()
    sam = somebody()
    applied(sam, TEXT + INTAKE)
    course = Course.objects.get()
    record = brought(sam, TEXT + INTAKE.replace("May", "June"))
    lesson = Lesson(course=course, title="Turning", is_published=True)
    told = both(
        lambda: Course.objects.select_for_update().get(pk=course.pk),
        pressing("apply", record, sam),
        then=lambda: save_lesson(lesson, text="First tack, then gybe."),
    )
    assert "Applied." in told
    assert Intake.objects.count() == 2
    assert lesson.passage.mentions.count() == 2


# Undoing and an editor --------------------------------------------------------------------------


def test_what_somebody_writes_while_an_import_is_undone_stays() -> None:
    sam = somebody()
    record = applied(sam)
    term = Term.objects.get(name="Tack")
    told = both(
        lambda: rewrite(term, definition="By an editor."),
        pressing("undo", record, sam, confirmed="yes"),
    )
    assert "Undone." in told
    assert Term.objects.get().definition.source == "By an editor."


@pytest.mark.usefixtures("without_locks")
def test_without_the_lock_undoing_would_run_into_the_editors_words() -> None:
    sam = somebody()
    record = applied(sam)
    term = Term.objects.get(name="Tack")
    with pytest.raises(IntegrityError):
        both(
            lambda: rewrite(term, definition="By an editor."),
            pressing("undo", record, sam, confirmed="yes"),
        )


def test_who_writes_while_the_term_goes_keeps_their_words() -> None:
    sam = somebody()
    record = applied(sam)
    term = Term.objects.get(name="Tack")
    both(
        pressing("undo", record, sam, confirmed="yes"),
        lambda: rewrite(term, definition="By an editor."),
    )
    assert Term.objects.get().definition.source == "By an editor."


# Two imports ------------------------------------------------------------------------------------


def test_two_imports_into_one_glossary_at_once_are_not_mixed() -> None:
    sam, robin = somebody(), somebody("robin")
    a_glossary()
    one, other = brought(sam), brought(robin, TEXT.replace("the wind", "the breeze"))
    told = both(pressing("apply", one, sam), pressing("apply", other, robin))
    assert "Nothing was done" in told
    assert Term.objects.get(name="Tack").definition.source == "To turn the bow through the wind."
    assert [record.state for record in Import.objects.order_by("pk")] == ["applied", "ready"]
    # Looked through again, the second is applied on top.
    waiting = other.entries.undecided()
    reviewing.decide(other.pk, {entry.pk: "take" for entry in waiting})
    assert "Applied." in pressing("apply", other, robin)()
    assert Term.objects.get(name="Tack").definition.source == "To turn the bow through the breeze."


@pytest.mark.usefixtures("without_locks")
def test_without_the_lock_the_second_import_would_run_into_the_names_of_the_first() -> None:
    sam, robin = somebody(), somebody("robin")
    a_glossary()
    one, other = brought(sam), brought(robin)
    with pytest.raises(IntegrityError):
        both(pressing("apply", one, sam), pressing("apply", other, robin))


def test_two_imports_that_make_one_glossary_at_once_make_one() -> None:
    a_provider()
    sam, robin = somebody(), somebody("robin")
    one, other = brought(sam, TEXT + INTAKE), brought(robin, TEXT + INTAKE)
    told = both(pressing("apply", one, sam), pressing("apply", other, robin))
    assert "Nothing was done" in told
    assert (Glossary.objects.count(), Course.objects.count(), Intake.objects.count()) == (1, 1, 1)
    assert Version.objects.count() == Term.objects.count() == 2


def test_two_imports_that_bring_one_intake_at_once_bring_one() -> None:
    a_provider()
    sam, robin = somebody(), somebody("robin")
    applied(sam, TEXT + INTAKE)
    june = TEXT + INTAKE.replace("May", "June")
    one, other = brought(sam, june), brought(robin, june)
    told = both(pressing("apply", one, sam), pressing("apply", other, robin))
    assert "Nothing was done" in told
    assert Intake.objects.count() == 2


def test_two_glossaries_that_bring_one_intake_at_once_bring_one() -> None:
    a_provider()
    sam, robin = somebody(), somebody("robin")
    course = applied_to_a_course_of_two(sam)
    june = INTAKE.replace("May", "June")
    one = brought(sam, TEXT + june, course=course)
    other = brought(robin, f"Rowing\n\nOar: It moves the boat.\n{june}", course=course)
    told = both(pressing("apply", one, sam), pressing("apply", other, robin))
    assert "Nothing was done" in told
    assert Intake.objects.count() == 2


def applied_to_a_course_of_two(by: User) -> str:
    """The address of a course with an intake, which links to two glossaries."""
    applied(by, TEXT + INTAKE)
    course = Course.objects.get()
    set_glossaries(course, [Glossary.objects.get(), a_glossary("Rowing")])
    return course.slug


def test_many_imports_at_once_are_applied_one_after_the_other() -> None:
    """Each in a process of its own, pressed until it is through."""
    people = [somebody(f"person{number}") for number in range(PEOPLE)]
    names = ["Luff", "Leech", "Foot"]
    texts = [f"Sailing\n\n{name}: A part of the sail.\n" for name in names]
    records = [brought(each, text) for each, text in zip(people, texts, strict=True)]
    run = [
        partial(to_do, partial(until_applied, record, each))
        for record, each in zip(records, people, strict=True)
    ]
    assert run_together(run).answers == ["applied"] * PEOPLE
    assert sorted(Term.objects.values_list("name", flat=True)) == sorted(names)
    assert Glossary.objects.count() == 1


def until_applied(record: Import, by: User) -> str:
    for _ in range(3 * PEOPLE):
        pressing("apply", record, by)()
        if record.state == Import.State.APPLIED:
            return "applied"
    return record.message


def test_undoing_while_the_next_import_is_applied_keeps_what_is_newer() -> None:
    sam, robin = somebody(), somebody("robin")
    first = applied(sam)
    newer = brought(robin, TEXT.replace("the wind", "the breeze"))
    told = both(pressing("apply", newer, robin), pressing("undo", first, sam, confirmed="yes"))
    assert "Undone." in told
    assert Term.objects.get().definition.source == "To turn the bow through the breeze."
    assert importing.undo(newer, at=timezone.now()).back
