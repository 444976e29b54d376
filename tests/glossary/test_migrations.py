"""What is on a site already survives an upgrade."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

START = datetime(2026, 4, 15, 12, tzinfo=UTC)


@pytest.fixture
def empty_schema(db: None) -> None:
    """An empty database as far as migrations can see, until the test ends."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA upgrade")
        cursor.execute("SET LOCAL search_path TO upgrade")


def migrate(*targets: tuple[str, str]) -> Any:
    """Bring the database to these migrations; the models as they were then.

    What was written before is checked first, as at the end of a transaction of its own.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    executor = MigrationExecutor(connection)
    return executor.migrate(list(targets)).apps


@pytest.mark.usefixtures("empty_schema")
def test_the_history_of_terms_and_glossaries_becomes_versions_and_former_addresses() -> None:
    before = migrate(("glossary", "0002_words_and_problems"))
    sam = before.get_model("accounts", "User").objects.create(email="sam@example.org")
    glossary = before.get_model("glossary", "Glossary").objects.create(title="S", slug="s")
    terms = {name: old_term(before, glossary, name) for name in ("Tack", "Gybe", "Silent")}
    tack, gybe = terms["Tack"], terms["Gybe"]
    before.get_model("glossary", "Alias").objects.create(term=tack, name="Go about")
    tack.see_also.add(gybe)

    def happened(term: Any, minutes: float, text: str | None, name: str | None) -> None:
        at = START + timedelta(minutes=minutes)
        if text is not None:
            past = before.get_model("glossary", "HistoricalPassage")
            past.objects.create(
                id=term.definition_id, source=text, updated_at=at, history_date=at,
                history_type="~", history_user_id=sam.pk,
            )  # fmt: skip
        if name is not None:
            at += timedelta(milliseconds=5)
            past = before.get_model("glossary", "HistoricalTerm")
            past.objects.create(
                id=term.pk, name=name, slug="x", updated_at=at, history_date=at,
                history_type="~", history_user_id=sam.pk, glossary_id=glossary.pk,
            )  # fmt: skip

    renamed = before.get_model("glossary", "HistoricalGlossary")
    renamed.objects.create(
        id=glossary.pk, title="S", slug="old", history_date=START, history_type="~",
        created_at=START, updated_at=START,
    )  # fmt: skip
    happened(tack, 0, "First.", "Tacking")
    happened(gybe, 1, "Text of Gybe.", "Gybe")
    happened(tack, 5, "Second.", "Tacking")
    happened(tack, 9, None, "Tack")
    happened(tack, 12, "Text of Tack.", "Tack")
    happened(tack, 15, None, "Tack")

    after = migrate(("glossary", "0006_former_addresses"))
    versions = after.get_model("glossary", "Version").objects
    found = list(versions.filter(term_id=tack.pk).order_by("number"))
    assert [(each.number, each.content["name"], each.content["definition"]) for each in found] == [
        (1, "Tacking", "First."),
        (2, "Tacking", "Second."),
        (3, "Tack", "Second."),
        (4, "Tack", "Text of Tack."),
    ]
    assert [each.what for each in found] == ["created", "edited", "edited", "edited"]
    assert {each.by_id for each in found} == {sam.pk}
    assert found[0].at == START + timedelta(milliseconds=5)
    assert found[3].content["aliases"] == ["Go about"]
    assert found[3].content["see_also"] == ["Gybe"]
    assert versions.get(term_id=gybe.pk).content["definition"] == "Text of Gybe."
    silent = versions.get(term_id=terms["Silent"].pk)
    assert (silent.number, silent.what, silent.content["name"]) == (1, "created", "Silent")
    assert not after.get_model("glossary", "HistoricalPassage").objects.exists()
    left = after.get_model("glossary", "FormerGlossaryAddress").objects.get()
    assert (left.slug, left.glossary_id) == ("old", glossary.pk)
    former = after.get_model("glossary", "FormerTermAddress").objects.filter(term_id=tack.pk)
    addresses = former.values_list("glossary_slug", "slug")
    assert set(addresses) == {("s", "x"), ("old", "x")}


def old_term(apps: Any, glossary: Any, name: str) -> Any:
    """A term as it stands now, with a definition."""
    text = apps.get_model("glossary", "Passage").objects.create(source=f"Text of {name}.")
    return apps.get_model("glossary", "Term").objects.create(
        glossary=glossary, name=name, slug=name.lower(), definition=text
    )


@pytest.mark.usefixtures("empty_schema")
def test_a_glossary_of_a_course_and_its_texts_becomes_the_first_of_several() -> None:
    before = migrate(
        ("glossary", "0004_definitions_as_markdown"), ("courses", "0004_selling_and_leaving")
    )
    glossary = before.get_model("glossary", "Glossary").objects.create(title="S", slug="s")
    passages = before.get_model("glossary", "Passage").objects
    linked, _ = passages.create(glossary=glossary), passages.create()
    courses = before.get_model("courses", "Course").objects
    course = courses.create(title="A", slug="a", glossary=glossary)
    courses.create(title="B", slug="b")
    for day, glossary_id in ((1, None), (2, glossary.pk), (3, glossary.pk)):
        at = START + timedelta(days=day)
        before.get_model("courses", "HistoricalCourse").objects.create(
            id=course.pk, title="A", slug="a", glossary_id=glossary_id, updated_at=at,
            history_date=at, history_type="~",
        )  # fmt: skip

    after = migrate(("glossary", "0005_several_glossaries"), ("courses", "0005_several_glossaries"))
    of_courses = after.get_model("courses", "CourseGlossary").objects
    assert list(of_courses.values_list("course", "glossary", "position")) == [
        (course.pk, glossary.pk, 1)
    ]
    of_texts = after.get_model("glossary", "PassageGlossary").objects
    assert list(of_texts.values_list("passage", "glossary", "position")) == [
        (linked.pk, glossary.pk, 1)
    ]
    kept = after.get_model("courses", "HistoricalCourseGlossary").objects.get()
    assert (kept.course_id, kept.glossary_id) == (course.pk, glossary.pk)
    assert (kept.history_type, kept.history_date) == ("+", START + timedelta(days=2))
