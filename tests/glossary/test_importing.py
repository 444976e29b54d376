"""Documents compared three ways and brought in."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from glossary import editing
from glossary.documents import Document
from glossary.importing.applying import PlanOutdated, apply, new_record
from glossary.importing.merging import Change, compare
from glossary.importing.planning import Plan, plan_import
from glossary.models import AlternativeDefinition, Glossary, Import, Takeaway, Term
from glossary.parsing import read_document
from tests.glossary.writing import (
    SAILING,
    a_glossary,
    a_term,
    rewrite,
    run_jobs,
    sailing,
    sailing_with,
)

MOMENT = datetime(2026, 4, 15, 12, tzinfo=UTC)
SLUG = "dinghy-sailing"


def bring_in(document: Document) -> Plan:
    plan = plan_import(document, slug=SLUG)
    apply(plan, new_record(plan, name="sailing.txt", data=b"as read", at=MOMENT), at=MOMENT)
    return plan


def outcomes(document: Document) -> dict[str, Change]:
    return {term.name: term.change for term in plan_import(document, slug=SLUG).terms}


def term(name: str) -> Term:
    return Term.objects.select_related("definition", "glossary").get(name=name)


def without(name: str) -> Document:
    """The document without the lines of one term."""
    lines = SAILING.read_text(encoding="utf-8").splitlines()
    return read_document("\n".join(x for x in lines if not x.startswith(name)).encode())


def test_the_three_way_rule() -> None:
    texts = (None, "a", "b", "c")
    found = {
        (base, current, new): compare(base=base, current=current, new=new)
        for base in texts for current in texts for new in texts
    }  # fmt: skip
    assert found[None, None, "a"] == Change.ADDED
    assert found["a", None, "a"] == Change.DELETED
    assert found["a", None, "b"] == Change.DELETED
    assert found["a", "a", "b"] == Change.CHANGED
    assert found["a", "b", "a"] == Change.KEPT
    assert found["a", "b", "c"] == Change.CONFLICT
    assert found[None, "a", "b"] == Change.CONFLICT
    assert found["a", "b", "b"] == Change.SAME
    assert found["a", "a", None] == Change.GONE
    for (base, current, new), change in found.items():
        if change == Change.CHANGED:
            assert current == base != new  # only what staff left alone is ever overwritten


@pytest.mark.django_db
def test_a_first_import_publishes_everything_the_document_says() -> None:
    bring_in(sailing())
    glossary = Glossary.objects.get(slug=SLUG)
    assert (glossary.title, glossary.is_published) == ("Dinghy Sailing", True)
    assert glossary.summary.startswith("Dinghy sailing is the handling")
    assert [found.name for found in Term.objects.public().order_by("pk")] == [
        found.name for found in sailing().terms
    ]
    assert term("Personal Flotation Device").abbreviation == "PFD"
    assert tuple(glossary.takeaways.values_list("text", flat=True)) == sailing().takeaways
    gybe = AlternativeDefinition.objects.get()
    assert (gybe.term.name, gybe.decision) == ("Gybe", "waiting")
    assert gybe.text == sailing().terms[4].others[0]


@pytest.mark.django_db
def test_definitions_are_linked_as_soon_as_they_are_imported() -> None:
    bring_in(sailing())
    assert "dinghy-sailing/point-of-sail/" not in term("Point of Sail").definition.linked_html
    document = sailing_with("Each asks", "Tack and each asks")
    bring_in(document)
    assert "/glossary/dinghy-sailing/tack/" in term("Point of Sail").definition.linked_html


@pytest.mark.django_db
def test_a_plan_writes_nothing() -> None:
    plan_import(sailing(), slug=SLUG)
    assert not Glossary.objects.exists()


@pytest.mark.django_db
def test_a_second_import_changes_nothing() -> None:
    bring_in(sailing())
    before = list(Term.objects.values_list("pk", "updated_at"))
    plan = bring_in(sailing())
    assert not plan.does_something
    assert plan.is_known_document
    assert set(outcomes(sailing()).values()) == {Change.SAME}
    assert list(Term.objects.values_list("pk", "updated_at")) == before
    assert Import.objects.count() == 1
    assert AlternativeDefinition.objects.count() == 1


@pytest.mark.django_db
def test_what_only_the_document_changed_is_changed() -> None:
    bring_in(sailing())
    changed = sailing_with("keep your head down.\n\nCentre", "duck.\n\nCentre")
    assert outcomes(changed)["Gybe"] == Change.CHANGED
    bring_in(changed)
    assert term("Gybe").definition.source.endswith("duck.")


@pytest.mark.django_db
def test_what_only_staff_changed_is_kept() -> None:
    bring_in(sailing())
    rewrite(term("Gybe"), definition="Our own words.")
    assert outcomes(sailing())["Gybe"] == Change.KEPT
    bring_in(sailing())
    assert term("Gybe").definition.source == "Our own words."


@pytest.mark.django_db
def test_what_both_changed_is_kept_and_the_new_text_waits_for_staff() -> None:
    bring_in(sailing())
    rewrite(term("Centreboard"), definition="Our own words.")
    changed = sailing_with("the boat from slipping sideways.", "it from slipping.")
    assert outcomes(changed)["Centreboard"] == Change.CONFLICT
    bring_in(changed)
    assert term("Centreboard").definition.source == "Our own words."
    waiting = term("Centreboard").alternatives.get()
    assert waiting.text.endswith("it from slipping.")
    assert not plan_import(changed, slug=SLUG).does_something


@pytest.mark.django_db
def test_a_dismissed_alternative_never_comes_back() -> None:
    bring_in(sailing())
    editing.dismiss(AlternativeDefinition.objects.get(), by=None, at=MOMENT)
    bring_in(sailing())
    bring_in(sailing_with("A dinghy has no ballast", "A dinghy carries no ballast"))
    assert AlternativeDefinition.objects.get().decision == "dismissed"


@pytest.mark.django_db
def test_an_adopted_alternative_stays_published() -> None:
    bring_in(sailing())
    alternative = editing.adopt(AlternativeDefinition.objects.get(), by=None, at=MOMENT)
    assert outcomes(sailing())["Gybe"] == Change.KEPT
    bring_in(sailing())
    assert term("Gybe").definition.source == alternative.text
    assert AlternativeDefinition.objects.count() == 1


@pytest.mark.django_db
def test_a_term_that_staff_deleted_stays_deleted() -> None:
    bring_in(sailing())
    editing.delete_term(term("Tack"), at=MOMENT)
    assert outcomes(sailing())["Tack"] == Change.DELETED
    bring_in(sailing())
    assert not Term.objects.filter(name="Tack").exists()


@pytest.mark.django_db
def test_a_deleted_term_stays_deleted_even_after_a_document_without_it() -> None:
    bring_in(sailing())
    editing.delete_term(term("Point of Sail"), at=MOMENT)
    bring_in(without("Point of Sail"))
    assert outcomes(sailing())["Point of Sail"] == Change.DELETED


@pytest.mark.django_db
def test_a_term_gone_from_the_document_is_kept_and_told() -> None:
    bring_in(sailing())
    assert outcomes(without("Point of Sail"))["Point of Sail"] == Change.GONE
    bring_in(without("Point of Sail"))
    assert term("Point of Sail").is_published


@pytest.mark.django_db
def test_a_term_that_staff_renamed_is_recognised() -> None:
    bring_in(sailing())
    rewrite(term("Tack"), name="Going about")
    assert outcomes(sailing())["Going about"] == Change.SAME
    bring_in(sailing())
    assert not Term.objects.filter(name="Tack").exists()


@pytest.mark.django_db
def test_names_are_matched_without_regard_to_case_and_hyphens() -> None:
    bring_in(sailing())
    other_case = sailing_with("Point of Sail: A point of sail is the boat's course seen from the "
                              "wind: close-hauled, reaching or running. Each",
                              "point-of-SAIL: A point of sail is the boat's course seen from the "
                              "wind: close-hauled, reaching or running. Each")  # fmt: skip
    assert outcomes(other_case)["Point of Sail"] == Change.SAME


@pytest.mark.django_db
def test_a_glossary_that_was_never_imported_is_not_overwritten() -> None:
    glossary = a_glossary("Our sailing", slug=SLUG)
    for found in sailing().terms:
        a_term(glossary, found.name.upper(), "Our own words.")
    Takeaway.objects.create(glossary=glossary, position=1, text="Ours.")
    glossary.summary = "Our summary."
    editing.save_glossary(glossary, at=MOMENT)
    run_jobs()
    bring_in(sailing())
    glossary.refresh_from_db()
    assert {found.definition.source for found in Term.objects.all()} == {"Our own words."}
    assert glossary.summary == "Our summary."
    assert [takeaway.text for takeaway in glossary.takeaways.all()] == ["Ours."]
    waiting = Counter(AlternativeDefinition.objects.values_list("term__name", flat=True))
    assert waiting == {found.name.upper(): 1 + len(found.others) for found in sailing().terms}


@pytest.mark.django_db
def test_a_new_abbreviation_is_taken_and_one_that_staff_gave_is_kept() -> None:
    bring_in(sailing())
    gives = sailing_with("Centreboard: A centreboard is a plate lowered through the hull to stop "
                         "the boat from slipping sideways.\n\nVery",
                         "Centreboard (CB): A centreboard is a plate lowered through the hull to "
                         "stop the boat from slipping sideways.\n\nVery")  # fmt: skip
    assert outcomes(gives)["Centreboard"] == Change.CHANGED
    bring_in(gives)
    assert term("Centreboard").abbreviation == "CB"
    rewrite(term("Centreboard"), abbreviation="C/B")
    bring_in(gives)
    assert term("Centreboard").abbreviation == "C/B"


@pytest.mark.django_db
def test_changed_takeaways_and_summary_are_taken_unless_staff_changed_them() -> None:
    bring_in(sailing())
    changed = sailing_with("• Put the flotation device on", "• Put it on")
    bring_in(changed)
    glossary = Glossary.objects.get()
    taken = glossary.takeaways.values_list("text", flat=True)
    assert taken[1] == "Put it on before you leave the shore."
    Takeaway.objects.filter(position=1).update(text="Ours.")
    bring_in(sailing())
    assert glossary.takeaways.first() == Takeaway.objects.get(text="Ours.")


@pytest.mark.django_db
def test_an_import_after_a_change_behind_its_back_is_refused() -> None:
    bring_in(sailing())
    plan = plan_import(sailing_with("keep your head down.\n\nC", "duck.\n\nC"), slug=SLUG)
    rewrite(term("Gybe"), definition="Our own words.")
    with pytest.raises(PlanOutdated):
        apply(plan, new_record(plan, name="x", data=b"x", at=MOMENT), at=MOMENT)
    assert term("Gybe").definition.source == "Our own words."


@pytest.mark.django_db
def test_what_markdown_would_take_for_marks_is_shown_as_it_is_written() -> None:
    bring_in(sailing_with("keep your head down.\n\nC", "use *both* hands_and_ $5 <b>.\n\nC"))
    assert "*both* hands_and_ $5 &lt;b&gt;." in term("Gybe").definition.html
