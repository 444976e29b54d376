"""Odd things that stand on a site already come through all upgrades, and can be worked with."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from pytest_django import DjangoDbBlocker

from glossary import versions
from glossary.downloads import public_content
from glossary.editing import save_term
from glossary.exporting import Format, export
from glossary.importing import applying, planning, undoing
from glossary.models import (
    FormerGlossaryAddress,
    FormerTermAddress,
    Glossary,
    Import,
    Passage,
    Term,
    Version,
)
from glossary.parsing import read_document
from glossary.rendering import markdown_from_text
from tests.browser.live_site import database
from tests.glossary.test_linking import without_ours

START = datetime(2026, 4, 15, 12, tzinfo=UTC)
TURNING = "To *turn* the bow; 2 < 3 & 1_000_000."
HEADED = '<h2 id="section-a">On <math><mi>x</mi></math></h2><p>A keel.</p><h3 id="b">B</h3>'
LINKED = HEADED.replace("keel", '<a class="term" href="/keel/">keel</a>')
OLD = f"Sailing\n\nTack: {TURNING}\n\nNever: Was deleted by staff.\n"


@pytest.fixture
def empty_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database of its own: what was written there before an upgrade was committed before it."""
    usual = connection.settings_dict["NAME"]
    with database("upgrade") as address, django_db_blocker.unblock():
        use(urlsplit(address).path.removeprefix("/"))
        try:
            yield
        finally:
            use(usual)


def use(name: str) -> None:
    """Let all that follows speak to this database."""
    connection.close()
    connection.close_pool()
    connection.settings_dict["NAME"] = name


def upgrade(*targets: tuple[str, str]) -> Any:
    """Bring it to these migrations, or to the newest; the models as they were then."""
    executor = MigrationExecutor(connection)
    return executor.migrate(list(targets) or executor.loader.graph.leaf_nodes()).apps


@pytest.mark.usefixtures("empty_database")
def test_odd_terms_texts_histories_and_documents_come_through_every_upgrade() -> None:
    old = upgrade(("glossary", "0002_words_and_problems"))
    keys = write_odd_things(old)
    text = old.get_model("glossary", "Passage").objects.create(html=HEADED, linked_html=LINKED)
    upgrade()
    headings_lead_to_themselves(Passage.objects.get(pk=text.pk))
    sailing = Glossary.objects.get(slug="sailing")

    # Each term has versions that end with what it says.
    for term in Term.objects.all():
        last = term.versions.order_by("-number").first()
        assert last is not None
        assert last.said == versions.content_of(term)
    tack = Term.objects.get(pk=keys["Tack"])
    assert [version.said.formula for version in tack.versions.order_by("number")] == ["", "x^2"]
    assert Term.objects.get(pk=keys["Silent"]).definition.source == ""
    assert Term.objects.get(pk=keys["Street"]).versions.get().said.aliases == ("STRASSE", "Straße")

    # Every address that a term has had leads to it, but for those that another has by now.
    former = FormerTermAddress.objects.values_list("glossary_slug", "slug", "term")
    assert set(former) == {
        ("sailing", "tacking", keys["Tack"]),
        ("boats", "tacking", keys["Tack"]),
        ("gone", "tack", keys["Tack"]),
    }
    assert set(FormerGlossaryAddress.objects.values_list("slug", "glossary")) == {
        ("boats", sailing.pk)
    }

    # Documents are imports that were applied; nobody knows who brought the second.
    imports = list(sailing.imports.order_by("applied_at"))
    assert [(one.state, one.slug, bytes(one.data).decode()) for one in imports] == [
        ("applied", "sailing", "\ufeffempty"),
        ("applied", "sailing", OLD),
    ]
    assert [one.created_at == one.applied_at for one in imports] == [True, True]
    assert imports[1].created_by is None
    work_with(sailing, imports[1])


def headings_lead_to_themselves(text: Passage) -> None:
    """A lesson's text has its sections, and everything else as it was."""
    assert text.sections == [{"id": "section-a", "html": "On <math><mi>x</mi></math>"}]
    assert text.html == HEADED
    assert without_ours(text.linked_html) == HEADED
    assert '<a class="itself" href="#section-a">On <math>' in text.linked_html
    assert '<h3 id="b"><a class="itself" href="#b">B</a></h3>' in text.linked_html


def work_with(sailing: Glossary, last: Import) -> None:
    """What staff do next: bring documents, write, take back."""
    # What staff deleted stays deleted, and what they wrote in Markdown is as the document says.
    plan = planning.plan_import(read_document(OLD.encode()), slug="sailing")
    assert {each.name: each.change.value for each in plan.terms} == {
        "Tack": "same",
        "Never": "deleted",
    }
    # The silent term cannot be exported, since nothing is said of it.
    Term.objects.get(slug="silent").delete()
    own = export(public_content(sailing), Format.JSON)
    assert not planning.plan_import(read_document(own, "x.json"), slug="sailing").does_something
    # An import of before can be asked to be undone, and knows nothing that it could undo.
    assert undoing.undo(last, at=START + timedelta(days=30)).gone == ()
    text = OLD.replace("the bow", "the whole bow") + "\nLuff: The edge.\n"
    plan = planning.plan_import(read_document(text.encode()), slug="sailing")
    record = applying.new_record(plan, name="x", data=text.encode(), at=START + timedelta(days=31))
    take = {each.key: "take" for each in plan.terms}
    applying.apply(plan, record, at=START + timedelta(days=31), choices=take)
    tack = Term.objects.get(slug="tack")
    assert "the whole bow" in tack.definition.source
    save_term(tack, versions.content_of(tack), at=START + timedelta(days=32))
    undoing.undo(record, at=START + timedelta(days=33))
    assert not Term.objects.filter(name="Luff").exists()
    numbers = Version.objects.filter(term=tack).order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, len(numbers) + 1))


def write_odd_things(apps: Any) -> dict[str, int]:
    """As an early site may have them; the keys of the terms by name."""
    sailing = apps.get_model("glossary", "Glossary").objects.create(
        title="Sailing", slug="sailing", is_published=True
    )
    terms = {
        "Tack": a_term(apps, sailing, "Tack", markdown_from_text(TURNING), formula="x^2"),
        "Silent": a_term(apps, sailing, "Silent", ""),
        "Broken": a_term(apps, sailing, "Broken", "A formula that nobody can show.",
                         formula="\\frac{", formula_caption="<script>"),
        "Street": a_term(apps, sailing, "Street", "Where boats do not go."),
    }  # fmt: skip
    # Doubles for whoever folds letters, and none for the database.
    for term, name in [("Street", "Straße"), ("Street", "STRASSE"), ("Tack", "Going about"),
                       ("Broken", "GOING ABOUT")]:  # fmt: skip
        apps.get_model("glossary", "Alias").objects.create(term=terms[term], name=name)
    terms["Tack"].see_also.add(terms["Silent"])
    write_histories(apps, sailing, terms)
    write_documents(apps, sailing, terms["Tack"])
    return {name: term.pk for name, term in terms.items()}


def a_term(apps: Any, glossary: Any, name: str, text: str, **fields: str) -> Any:
    passage = apps.get_model("glossary", "Passage").objects.create(source=text)
    return apps.get_model("glossary", "Term").objects.create(
        glossary=glossary, name=name, slug=name.lower(), definition=passage, **fields
    )


def write_histories(apps: Any, sailing: Any, terms: dict[str, Any]) -> None:
    """Of terms that are there, that are gone, and that stood in glossaries that are gone."""

    def past(model: str, key: int, minutes: int, kind: str = "~", **fields: Any) -> None:
        at = START + timedelta(minutes=minutes)
        apps.get_model("glossary", f"Historical{model}").objects.create(
            id=key, history_date=at, history_type=kind, updated_at=at, **fields
        )

    tack, gone = terms["Tack"], 999_999
    past("Glossary", sailing.pk, 0, title="Boats", slug="boats", created_at=START)
    past("Glossary", gone, 0, title="Gone", slug="gone", created_at=START)
    past("Passage", tack.definition_id, 1, source=tack.definition.source)
    # At one moment, and the same twice.
    for _ in range(2):
        past("Term", tack.pk, 1, name="Tack", slug="tacking", glossary_id=sailing.pk)
    past("Term", tack.pk, 2, name="Tack", slug="tack", glossary_id=gone)
    past("Term", tack.pk, 3, name="Tack", slug="silent", glossary_id=sailing.pk)
    past("Term", gone, 3, "-", name="Never", slug="never", glossary_id=sailing.pk)
    past("Passage", gone, 3, "-", source="Was deleted by staff.")
    past("Term", tack.pk, 9, name="Tack", slug="tack", glossary_id=None, formula="x^2")


def write_documents(apps: Any, sailing: Any, tack: Any) -> None:
    """One of which nothing was kept but its text, and one as it was read then."""
    documents = apps.get_model("glossary", "ImportedDocument").objects
    documents.create(
        glossary=sailing, name="empty.txt", text="\ufeffempty", content={}, imported_at=START
    )
    said = read_document(OLD.encode())
    terms = [
        {"name": name, "abbreviation": "", "definition": text, "others": ["Or *this*."]}
        for name, text in [
            ("Tack", TURNING),
            ("Never", "Was deleted by staff."),
        ]
    ]
    content = {"title": said.title, "summary": "", "terms": terms, "takeaways": [], "intake": None}
    document = documents.create(
        glossary=sailing, name="sailing.txt", text=OLD, content=content,
        imported_at=START + timedelta(days=1),
    )  # fmt: skip
    apps.get_model("glossary", "AlternativeDefinition").objects.create(
        term=tack, text="Or *this*.", document=document
    )
