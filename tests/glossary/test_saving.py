"""Terms stored, one or many: the rows, and what follows from them."""

import gc

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from glossary import editing, rows
from glossary.collecting import uncollected
from glossary.content import TermContent
from glossary.models import Glossary, Mention, Passage, Term, Version
from glossary.saving import save_terms
from glossary.versions import content_of, contents_of
from tests.glossary.writing import MOMENT, a_glossary, a_term, a_text, rewrite, run_jobs

pytestmark = pytest.mark.django_db

# What COPY and JSON have signs of their own for.
ODD = 'Tab\there, back\\slash, \\N and \\., “quotes” "too",\nlines\n\nand {braces} with 🪢.'


def save(glossary: Glossary, *contents: TermContent) -> list[Term]:
    pairs = [(Term(glossary=glossary), content) for content in contents]
    with transaction.atomic():
        return save_terms(editing.lock(glossary), pairs, at=MOMENT)


def test_many_terms_say_what_one_by_one_would() -> None:
    tack = TermContent("Tack", definition="To gybe the other way.", aliases=("Go about",))
    gybe = TermContent(
        "Gybe",
        abbreviation="GB",
        definition="The *stern* goes through the wind, as when you tack:\n\n- duck.",
        formula=r"\\alpha > \\pi",
        formula_caption="An angle of $\\pi$.",
        see_also=("go about", "Nothing"),
        source="A book",
        matches_case=True,
    )
    together, apart = a_glossary(), a_glossary("Apart")
    save(together, tack, gybe)
    for content in (tack, gybe, tack, gybe):
        known = Term.objects.filter(glossary=apart, name=content.name).first()
        with transaction.atomic():
            editing.save_term(known or Term(glossary=apart), content, at=MOMENT)
    run_jobs()

    def pages(glossary: Glossary) -> list[tuple[str, ...]]:
        columns = ("name", "slug", "opening", "formula_html", "definition__linked_html")
        found = Term.objects.filter(glossary=glossary).order_by("name").values_list(*columns)
        return [tuple(text.replace("/apart/", "/sailing/") for text in row) for row in found]

    assert pages(together) == pages(apart)
    said = [
        sorted(contents_of(Term.objects.filter(glossary=each)).values(), key=lambda one: one.name)
        for each in (together, apart)
    ]
    assert said[0] == said[1]
    assert said[0][0].see_also == ("Tack",)


def test_odd_signs_come_back_as_they_were_when_added_and_when_changed() -> None:
    glossary = a_glossary()
    tack, gybe = save(
        glossary, TermContent("Tack", definition=ODD), TermContent("Gybe", definition="Other.")
    )
    assert content_of(tack).definition == ODD
    with transaction.atomic():
        anew = [(gybe, TermContent("Gybe", definition=ODD)), (tack, TermContent("Tack"))]
        save_terms(editing.lock(glossary), anew, at=MOMENT)
    assert content_of(gybe).definition == ODD
    assert Version.objects.get(term=gybe, number=2).said.definition == ODD


def test_a_name_that_is_taken_stores_none_of_many() -> None:
    glossary = a_glossary()
    a_term(glossary)
    with pytest.raises(IntegrityError), transaction.atomic():
        save(glossary, TermContent("Gybe", definition="x"), TermContent("TACK", definition="x"))
    assert list(Term.objects.values_list("name", flat=True)) == ["Tack"]
    assert Passage.objects.count() == 1


def test_more_terms_take_no_more_queries() -> None:
    glossary = a_glossary()

    def cost(start: int, number: int) -> int:
        contents = [
            TermContent(f"Knot {n}", definition="See knot 1.", aliases=(f"K {n}",))
            for n in range(start, start + number)
        ]
        with CaptureQueriesContext(connection) as queries:
            save(glossary, *contents)
        return len(queries)

    few = cost(0, 2)
    assert cost(100, 40) <= few + 12  # those of linking again what was there before


def test_a_term_is_saved_in_few_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    glossary = a_glossary()
    with django_assert_max_num_queries(20):
        term = a_term(glossary)
    with django_assert_max_num_queries(25):
        rewrite(term, definition="To go about.")


def test_definitions_that_were_there_are_linked_to_what_comes_at_once() -> None:
    glossary = a_glossary()
    a_term(glossary, "Gybe", "Not to tack.")
    lesson = a_text(glossary, "First tack.")
    run_jobs()
    save(glossary, TermContent("Tack", definition="x"), TermContent("Reef", definition="x"))
    assert "/tack/" in Term.objects.get(name="Gybe").definition.linked_html
    lesson.refresh_from_db()
    assert "/tack/" not in lesson.linked_html
    run_jobs()
    lesson.refresh_from_db()
    assert "/tack/" in lesson.linked_html


def test_a_text_whose_names_stay_queues_nothing() -> None:
    glossary = a_glossary()
    tack, gybe = save(
        glossary, TermContent("Tack", definition="x"), TermContent("Gybe", definition="x")
    )
    run_jobs()
    with transaction.atomic():
        anew = [(tack, TermContent("Tack", definition="y")), (gybe, TermContent("Gybe"))]
        save_terms(editing.lock(glossary), anew, at=MOMENT)
    assert run_jobs() == 0


def test_rows_are_asked_for_by_any_number_of_keys_as_one_parameter() -> None:
    term = a_term(a_glossary())
    assert list(Term.objects.filter(pk__in=rows.among([term.pk, 0]))) == [term]
    assert not Term.objects.filter(pk__in=rows.among([])).exists()
    assert rows.insert_unless_there(Mention, ("passage_id", "term_id"), []) == []


def test_the_collector_looks_again_afterwards_also_within_another() -> None:
    assert gc.isenabled()
    with uncollected():
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
