"""Finding terms: what is found, in which order, and that it keeps up with what staff write."""

from dataclasses import replace

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from glossary import editing
from glossary.content import TermContent
from glossary.models import Alias, Glossary, Passage, SearchedName, SearchedTerm, Term
from glossary.saving import save_terms
from glossary.searching import Wanted, find_terms, search_key
from tests.glossary.writing import MOMENT, a_glossary, a_term, rewrite

pytestmark = pytest.mark.django_db


@pytest.fixture
def learning() -> Glossary:
    glossary = a_glossary("Learning")
    a_term(
        glossary, "Gradient descent", "Going downhill by small steps.", aliases=["Steepest descent"]
    )
    a_term(glossary, "Gradient", "The slope of the loss.")
    a_term(glossary, "Loss function", "What the gradient is taken of.")
    a_term(glossary, "Artificial neural network", "Layers of units.", abbreviation="ANN")
    a_term(glossary, "k-nearest neighbours", "A vote of those close by.")
    a_term(glossary, "Élan vital", "Not a thing of machines.")
    a_term(glossary, "Tanh", "A squashing curve.")
    return glossary


def found(typed: str) -> list[str]:
    ids = find_terms(Wanted.of(typed)).ids["terms"]
    names = dict(Term.objects.values_list("pk", "name"))
    return [names[pk] for pk in ids]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("gradient", "Gradient"),
        ("gradients", "Gradient"),
        ("GRADIENT  Descent", "Gradient descent"),
        ("gradient-descent", "Gradient descent"),
        ("grad", "Gradient"),
        ("gradient des", "Gradient descent"),
        ("steepest descent", "Gradient descent"),
        ("desc", "Gradient descent"),
        ("ann", "Artificial neural network"),
        ("networks", "Artificial neural network"),
        ("k nearest neighbour", "k-nearest neighbours"),
        ("elan vital", "Élan vital"),
        ("small steps", "Gradient descent"),
        ("stepping downhill", "Gradient descent"),
        ("descent downhill", "Gradient descent"),
        ("gradiant decent", "Gradient descent"),
        ("artifical nueral network", "Artificial neural network"),
        ("tnah", "Tanh"),
        ("tahn", "Tanh"),
        ("lsos fucntion", "Loss function"),
        ("the gradient", "Gradient"),
    ],
)
def test_what_is_meant_is_found_first(learning: Glossary, typed: str, first: str) -> None:
    assert found(typed)[:1] == [first]


def test_the_best_comes_first(learning: Glossary) -> None:
    assert found("gradient") == ["Gradient", "Gradient descent", "Loss function"]


def test_names_that_begin_so_stand_from_a_to_z_before_texts_that_have_it(
    learning: Glossary,
) -> None:
    a_term(learning, "Gradient clipping")
    a_term(learning, "Gradually")
    begun = ["Gradient", "Gradient clipping", "Gradient descent", "Gradually"]
    assert found("grad") == [*begun, "Loss function"]


def test_a_name_comes_before_a_mention_of_it(learning: Glossary) -> None:
    a_term(learning, "Annealing", "Unlike an ANN, it cools.")
    assert found("ann") == ["Artificial neural network", "Annealing"]


def test_what_is_only_alike_is_said_to_be(learning: Glossary) -> None:
    assert find_terms(Wanted.of("gradiant decent")).is_alike
    assert not find_terms(Wanted.of("gradient descent")).is_alike
    assert not find_terms(Wanted.of("downhill")).is_alike


def test_letters_swapped_in_several_words_are_seen_through(learning: Glossary) -> None:
    a_term(learning, "Point of sail", "How a boat lies to the wind.")
    assert found("piont of sial") == ["Point of sail"]
    # Too many words for all their spellings to be tried, and still no error.
    assert found(" ".join(["piont"] * 40)) == []


def test_nothing_like_it_is_nothing(learning: Glossary) -> None:
    assert found("zyzzyva") == []


def test_a_search_keeps_up_with_what_staff_write(learning: Glossary) -> None:
    term = a_term(learning, "Backpropagation", "Errors sent backwards.", aliases=["Backprop"])
    assert found("backprop") == ["Backpropagation"]
    rewrite(
        term,
        name="Reverse accumulation",
        abbreviation="RA",
        definition="Derivatives gathered from the end.",
        aliases=("Adjoint",),
    )
    for gone in ("backpropagation", "backprop", "errors sent"):
        assert found(gone) == []
    for there in ("reverse accumulation", "ra", "adjoint", "derivatives gathered"):
        assert found(there) == ["Reverse accumulation"]
    rewrite(term, aliases=())
    assert found("adjoint") == []


def test_a_search_keeps_up_with_rows_written_past_the_journeys(learning: Glossary) -> None:
    Term.objects.filter(name="Tanh").update(name="Hyperbolic tangent")
    assert found("tanh") == []
    assert found("hyperbolic") == ["Hyperbolic tangent"]
    tangent = Term.objects.get(name="Hyperbolic tangent")
    Alias.objects.bulk_create([Alias(term=tangent, name="Squasher")])
    assert found("squasher") == ["Hyperbolic tangent"]
    Alias.objects.filter(term=tangent).update(
        name="Flattener", term=Term.objects.get(name="Gradient")
    )
    assert found("squasher") == []
    assert found("flattener") == ["Gradient"]


def test_terms_saved_together_are_found_by_all_that_they_say(learning: Glossary) -> None:
    says = TermContent("Dropout", definition="Units left out by lot.", aliases=("Thinning",))
    other = TermContent("Pooling", definition="Neighbours become one.")
    dropout, _ = save_terms(
        editing.lock(learning),
        [(Term(glossary=learning), each) for each in (says, other)],
        at=MOMENT,
    )
    for there in ("dropout", "thinning", "units left out", "lot thinning"):
        assert found(there)[0] == "Dropout"
    anew = [
        (dropout, replace(says, definition="Weights hidden at random.", aliases=())),
        (Term(glossary=learning), TermContent("Stride", definition="How far a window goes.")),
    ]
    save_terms(editing.lock(learning), anew, at=MOMENT)
    assert found("thinning") == found("units left out") == []
    assert found("weights hidden") == ["Dropout"]
    assert found("window") == ["Stride"]


def test_texts_that_change_in_one_statement_are_found_by_their_new_words(
    learning: Glossary,
) -> None:
    Passage.objects.filter(defines__glossary=learning).update(html="<p>Anchors hold fast.</p>")
    assert len(found("anchors hold")) == learning.terms.count()
    assert found("small steps") == []


def test_nothing_is_left_of_a_term_that_is_deleted(learning: Glossary) -> None:
    editing.delete_term(Term.objects.get(name="Gradient descent"), at=MOMENT)
    assert found("steepest descent") == []
    editing.delete_glossary(learning)
    assert not SearchedName.objects.exists()
    assert not SearchedTerm.objects.exists()
    # Foreign keys are looked at when a transaction ends; this asks now.
    connection.check_constraints()


def test_what_is_not_published_is_not_found(learning: Glossary) -> None:
    a_term(learning, "Secret sauce", "Gradient of secrets.", aliases=["Salsa"], is_published=False)
    a_term(a_glossary("Drafts", is_published=False), "Gradient boosting", "Secret trees.")
    for typed in ("secret sauce", "secre", "salsa", "secrets", "secrat sauce", "gradient boosting"):
        assert {"Secret sauce", "Gradient boosting"}.isdisjoint(found(typed))


ODD = [
    "",
    " ",
    "\x00",
    "gradient\x00",
    "the",
    "of the and",
    "&",
    "!gradient",
    "gradient & | !",
    "gradient:*",
    "gradient <-> descent",
    "a' || 'b",
    "''; DROP TABLE glossary_term; --",
    "\\",
    "\\'",
    "%",
    "_",
    "100%",
    '"gradient',
    "(((",
    "🦜",
    "🦜 gradient",
    "帆",
    "א",
    "e\u0301lan",
    "\u202egradient",
    "\ud800",
    "x" * 10_000,
    "gradient " * 2_000,
    "' " * 5_000,
    "ı İ ß ﬁ",
]


@pytest.mark.parametrize("typed", ODD)
def test_nothing_that_is_typed_fails(learning: Glossary, typed: str) -> None:
    found(typed)


@given(st.text(max_size=300))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_text_fails(learning: Glossary, typed: str) -> None:
    found(typed)


def test_signs_that_stand_for_anything_in_sql_stand_for_themselves(learning: Glossary) -> None:
    assert found("%") == []
    assert found("_") == []
    a_term(learning, "100% stacked")
    assert found("100%") == ["100% stacked"]


@pytest.mark.parametrize(
    "name",
    [
        "Gradient descent",
        "k-nearest\u00a0neighbours",
        "K\u2011means \u2013 clustering",
        "Bayes\u2019 theorem",
        "\u00c9lan vital",
        "e\u0301lan",
        " two\t lines\n",
        "Stra\u00dfe",
        "A*",
        "\ufb01ne-tuning",
        "f\u00f6\u00f6 \u2018bar\u2019",
        "\u2003wide\u3000",
        "\u5e06",
    ],
)
def test_the_database_compares_names_as_we_do(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT glossary_search_key(%s)", [name])
        assert cursor.fetchone() == (search_key(name),)


def test_more_terms_take_no_more_queries(
    learning: Glossary, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        a_term(learning, f"Gradient {number}", "Going downhill.")
    for typed in ("g", "gradient", "downhill", "gradiant decent", "zyzzyva"):
        with django_assert_max_num_queries(8):
            found(typed)


def test_a_definition_without_end_is_saved_and_found(learning: Glossary) -> None:
    endless = " ".join(f"word{number}" for number in range(60_000))
    a_term(learning, "Endless", endless)
    assert found("word17") == ["Endless"]
