"""Imports taken back as a whole, exports read again, decisions."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glossary.content import TermContent
from glossary.documents import Document, GlossaryContent
from glossary.editing import save_term
from glossary.exporting import Format, export
from glossary.importing.applying import apply, new_record
from glossary.importing.choosing import choices
from glossary.importing.merging import Change, merge
from glossary.importing.planning import plan_import
from glossary.importing.undoing import Undoing, plan_undoing, undo
from glossary.models import AlternativeDefinition, Glossary, Import, Passage, Term, Version
from glossary.parsing import read_document
from glossary.versions import content_of, contents_of
from tests.glossary.writing import a_glossary, a_term, rewrite, sailing, sailing_with

AT = datetime(2026, 4, 15, 12, tzinfo=UTC)
LATER = datetime(2026, 4, 16, 12, tzinfo=UTC)
SLUG = "dinghy-sailing"


def bring_in(document: Document, slug: str = SLUG, **choices: str) -> Import:
    """Apply it; ``choices`` are by the terms' names with underscores for spaces."""
    plan = plan_import(document, slug=slug)
    record = new_record(plan, name="sailing.txt", data=b"as read", at=AT)
    decided = {name.replace("_", " "): choice for name, choice in choices.items()}
    apply(plan, record, at=AT, choices=decided)
    return record


def everything() -> dict[str, TermContent]:
    """What each term says now."""
    return {content.name: content for content in contents_of(Term.objects.all()).values()}


def a_full_glossary() -> Glossary:
    """Terms with every field filled, some of them hard to write down."""
    glossary = a_glossary("Sailing")
    a_term(
        glossary, "Tack", "To turn.\n\n- once\n- *twice*\n\n```\nx = 1\n```", aliases=["Tacking"]
    )
    a_term(
        glossary,
        "Gybe",
        "=SUM(A1) is **not** a formula: $x_1$.",
        abbreviation="GY",
        formula=r"v = \frac{s}{t}",
        formula_caption="Speed is distance over time.",
        see_also=("Tack",),
        source="A book; of knots",
        source_url="https://example.org/a?b=c",
        is_linked=False,
        matches_case=True,
    )
    a_term(glossary, "Half-hitch", "A knot.")
    a_term(glossary, "Half hitch", "Another knot.", slug="the-other")
    glossary.takeaways.create(position=1, text="Duck: the boom comes over.")
    return glossary


def content(glossary: Glossary) -> GlossaryContent:
    terms = glossary.terms.order_by("pk")
    takeaways = tuple(glossary.takeaways.values_list("text", flat=True))
    return GlossaryContent(
        glossary.title, glossary.summary, tuple(contents_of(terms).values()), takeaways
    )


@pytest.mark.django_db
@pytest.mark.parametrize("form", list(Format))
def test_importing_an_export_changes_nothing(form: Format) -> None:
    glossary = a_full_glossary()
    document = read_document(export(content(glossary), form), f"sailing.{form.value}")
    plan = plan_import(document, slug="sailing")
    assert {term.name: term.change for term in plan.terms} == {
        "Tack": Change.SAME, "Gybe": Change.SAME, "Half-hitch": Change.SAME,
        "Half hitch": Change.SAME,
    }  # fmt: skip
    before = list(Version.objects.values_list("pk", flat=True))
    bring_in(document, "sailing")
    assert list(Version.objects.values_list("pk", flat=True)) == before
    assert not AlternativeDefinition.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("form", list(Format))
def test_an_export_brings_every_field_to_another_site(form: Format) -> None:
    glossary = a_full_glossary()
    data = export(content(glossary), form)
    said = everything()
    Term.objects.all().delete()
    glossary.delete()
    bring_in(read_document(data, f"sailing.{form.value}"), "sailing")
    assert everything() == said


@pytest.mark.django_db
def test_a_field_that_an_export_leaves_empty_is_emptied_and_one_a_text_leaves_out_is_not() -> None:
    glossary = a_full_glossary()
    bring_in(read_document(export(content(glossary), Format.JSON), "a.json"), "sailing")
    cleared = replace(everything()["Gybe"], formula="", formula_caption="")
    terms = tuple(t if t.name != "Gybe" else cleared for t in content(glossary).terms)
    bring_in(read_document(b"Sailing\n\nTack: To turn.\n", "a.txt"), "sailing")
    assert everything()["Gybe"].formula
    bring_in(
        read_document(export(replace(content(glossary), terms=terms), Format.JSON), "a.json"),
        "sailing",
    )
    assert everything()["Gybe"].formula == ""
    assert everything()["Gybe"].abbreviation == "GY"


@pytest.mark.django_db
def test_what_was_added_goes_and_what_was_changed_is_as_before() -> None:
    bring_in(sailing())
    before, passages = everything(), Passage.objects.count()
    more = sailing_with("keep your head down.\n\nCentre", "duck.\n\nLuff: To turn up.\n\nCentre")
    record = bring_in(more)
    assert "Luff" in everything()
    assert everything()["Gybe"] != before["Gybe"]
    done = undo(record, at=LATER)
    assert [term.name for term in done.gone] == ["Luff"]
    assert everything() == before
    assert Passage.objects.count() == passages
    assert Term.objects.get(name="Gybe").versions.first().what == "undone"
    assert plan_import(more, slug=SLUG).having(Change.ADDED)[0].name == "Luff"


@pytest.mark.django_db
def test_undoing_twice_does_nothing_more() -> None:
    bring_in(sailing())
    record = bring_in(sailing_with("keep your head down.\n\nC", "duck.\n\nC"))
    undo(record, at=LATER)
    rewrite(Term.objects.get(name="Gybe"), definition="Ours.")
    versions = Version.objects.count()
    assert undo(record, at=LATER) == Undoing()
    assert Version.objects.count() == versions


@pytest.mark.django_db
def test_what_staff_changed_since_stays_and_is_told() -> None:
    record = bring_in(sailing())
    rewrite(Term.objects.get(name="Gybe"), definition="Our own words.")
    plan = plan_undoing(record)
    assert plan.staying == ("Gybe",)
    assert not plan.hides_glossary
    undo(record, at=LATER)
    assert list(everything()) == ["Gybe"]
    assert Glossary.objects.get(slug=SLUG).is_published


@pytest.mark.django_db
def test_the_only_import_of_a_glossary_undone_leaves_it_empty_and_hidden() -> None:
    record = bring_in(sailing())
    undo(record, at=LATER)
    glossary = Glossary.objects.get(slug=SLUG)
    assert not glossary.is_published
    assert glossary.summary == ""
    assert not glossary.takeaways.exists()
    assert not AlternativeDefinition.objects.exists()
    record.refresh_from_db()
    assert (record.state, record.undone_at) == ("undone", LATER)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("choice", "definition", "decisions"),
    [
        ("keep", "Ours.", ["dismissed", "dismissed"]),
        ("take", "Theirs.", ["dismissed"]),
        ("later", "Ours.", ["waiting", "waiting"]),
        ("", "Ours.", ["waiting", "waiting"]),
        ("other", "Or theirs.", ["dismissed"]),
    ],
)
def test_a_term_that_both_changed_becomes_what_staff_decide(
    choice: str, definition: str, decisions: list[str]
) -> None:
    first = read_document(b"Sailing\n\nTack: As it was.\n", "a.txt")
    bring_in(first, "sailing")
    rewrite(Term.objects.get(), definition="Ours.")
    second = read_document(b"Sailing\n\nTack: Theirs.\n\nTack: Or theirs.\n", "a.txt")
    (plan,) = plan_import(second, slug="sailing").terms
    assert plan.change == Change.CONFLICT
    assert set(choices(plan)) == {"take", "other", "later", "keep"}
    bring_in(second, "sailing", tack=choice)
    assert Term.objects.get().definition.source == definition
    found = AlternativeDefinition.objects.order_by("pk").values_list("decision", flat=True)
    assert list(found) == decisions
    again = plan_import(second, slug="sailing")
    assert not again.terms[0].needs_decision


@pytest.mark.django_db
def test_a_name_that_hardly_differs_can_become_another_name_of_what_is_there() -> None:
    glossary = a_glossary("Sailing")
    a_term(glossary, "Mainsail", "The big one.")
    document = read_document(b"Sailing\n\nMainsails: Big sails.\n", "a.txt")
    (plan,) = plan_import(document, slug="sailing").terms
    assert plan.doubts == ("The glossary has “Mainsail” already, nearly the same name.",)
    bring_in(document, "sailing", mainsails="alias")
    assert everything() == {
        "Mainsail": TermContent("Mainsail", aliases=("Mainsails",), definition="The big one.")
    }
    assert AlternativeDefinition.objects.get().text == "Big sails."


@pytest.mark.django_db
def test_what_staff_and_a_document_changed_in_different_fields_comes_together() -> None:
    glossary = a_glossary("Sailing")
    document = read_document(b"Sailing\n\nTack (TK): To turn.\n", "a.txt")
    bring_in(document, "sailing")
    rewrite(Term.objects.get(), formula="x", source="Ours")
    bring_in(read_document(b"Sailing\n\nTack (TK): To turn round.\n", "a.txt"), "sailing")
    said = content_of(Term.objects.get())
    assert (said.definition, said.formula, said.source) == ("To turn round.", "x", "Ours")
    assert glossary.terms.count() == 1


names = st.sampled_from(["Tack", "Gybe", "Luff"])
contents = st.builds(
    TermContent,
    name=st.just("Tack"),
    abbreviation=st.sampled_from(["", "TK", "TCK"]),
    definition=st.sampled_from(["One.", "Two.", "Three."]),
    formula=st.sampled_from(["", "x", "y"]),
    aliases=st.sampled_from([(), ("Going about",)]),
    is_linked=st.booleans(),
)


@given(base=st.none() | contents, current=contents, new=contents)
@settings(max_examples=300)
def test_merging_never_overwrites_what_only_staff_changed(
    base: TermContent | None, current: TermContent, new: TermContent
) -> None:
    merged = merge(base=base, current=current, new=new, speaks_of={"formula"})
    for field in ("abbreviation", "definition", "formula", "aliases", "is_linked"):
        was = getattr(base, field) if base else None
        here, there, kept = (getattr(one, field) for one in (current, new, merged.kept))
        assert kept in {here, there}
        if base and was == there:
            assert kept == here
        if base and was != here and was != there and here != there and kept != here:
            raise AssertionError(f"{field} was overwritten")


@pytest.mark.django_db
def test_saving_many_does_what_saving_one_does() -> None:
    glossary = a_full_glossary()
    one_by_one = everything()
    data = export(content(glossary), Format.JSON)
    pages = dict(Passage.objects.filter(defines__isnull=False).values_list("source", "linked_html"))
    rows = {
        term.name: (term.opening, term.formula_html, term.formula_caption_html, term.problems)
        for term in Term.objects.all()
    }
    for term in Term.objects.all():
        save_term(term, content_of(term), at=AT)
    Term.objects.all().delete()
    glossary.delete()
    bring_in(read_document(data, "sailing.json"), "sailing")
    assert everything() == one_by_one
    assert pages == dict(
        Passage.objects.filter(defines__isnull=False).values_list("source", "linked_html")
    )
    assert rows == {
        term.name: (term.opening, term.formula_html, term.formula_caption_html, term.problems)
        for term in Term.objects.all()
    }
