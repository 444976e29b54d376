"""What finds terms is made once for all texts, and anew when a term changes."""

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from glossary import editing
from glossary.finders import Finders
from glossary.linking import Linker
from glossary.models import Glossary, Term
from glossary.passages import linker_for
from tests.glossary.writing import MOMENT, a_glossary, a_term, rewrite

pytestmark = pytest.mark.django_db


def links_in(glossary: Glossary, text: str = "<p>Tack and gybe.</p>") -> int:
    return linker_for([glossary]).link(text).html.count('class="term"')


def test_it_is_made_once_and_then_takes_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    sailing = a_glossary()
    a_term(sailing)
    assert links_in(sailing) == 1
    with django_assert_num_queries(1):
        assert links_in(sailing) == 1


def test_a_text_is_written_without_asking_for_the_terms(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    sailing = a_glossary()
    for number in range(20):
        a_term(sailing, f"Word {number}")
    links_in(sailing)
    with django_assert_max_num_queries(1):
        linker_for([sailing])


def test_every_change_of_a_term_is_seen() -> None:
    sailing = a_glossary()
    assert links_in(sailing) == 0
    term = a_term(sailing, "Go about")
    assert links_in(sailing) == 0
    rewrite(term, aliases=("Tack",))
    assert links_in(sailing) == 1
    rewrite(term, matches_case=True)
    assert links_in(sailing, "<p>tack</p>") == 0
    term.slug = "about"
    rewrite(term, matches_case=False)
    assert "/glossary/sailing/about/" in linker_for([sailing]).link("<p>tack</p>").html
    sailing.slug = "seamanship"
    editing.save_glossary(sailing, at=MOMENT)
    assert "/glossary/seamanship/about/" in linker_for([sailing]).link("<p>tack</p>").html
    term = Term.objects.get()
    term.is_published = False
    rewrite(term)
    assert links_in(sailing) == 0
    term.is_published = True
    rewrite(term)
    assert links_in(sailing) == 1
    editing.delete_term(term, at=MOMENT)
    assert links_in(sailing) == 0


def test_what_a_failed_transaction_changed_is_forgotten() -> None:
    sailing = a_glossary()
    a_term(sailing)
    for name in ("Gybe", "And"):
        with transaction.atomic():
            a_term(sailing, name)
            assert links_in(sailing) == 2
            transaction.set_rollback(True)
        assert links_in(sailing) == 1


def test_a_copy_of_the_glossary_read_before_a_change_neither_hides_nor_undoes_it() -> None:
    sailing = a_glossary()
    old_copy = Glossary.objects.get(pk=sailing.pk)
    a_term(sailing)
    assert links_in(sailing) == 1
    editing.save_glossary(old_copy, at=MOMENT)
    a_term(sailing, "Gybe")
    old_copy.save()
    assert links_in(old_copy) == 2


def test_another_process_that_kept_an_older_one_makes_it_anew() -> None:
    sailing = a_glossary()
    a_term(sailing)
    elsewhere = Finders()
    fresh = Glossary.objects.get(pk=sailing.pk)
    before = elsewhere.finder_for(fresh)
    assert elsewhere.finder_for(fresh) is before
    a_term(sailing, "Gybe")
    after = elsewhere.finder_for(Glossary.objects.get(pk=sailing.pk))
    assert [Linker([found]).link("tack gybe").html.count("</a>") for found in (before, after)] == [
        1,
        2,
    ]


def test_only_those_last_used_are_kept() -> None:
    kept = Finders(kept=2)
    glossaries = [a_glossary(f"Glossary{number}") for number in range(3)]
    first = kept.finder_for(glossaries[0])
    second = kept.finder_for(glossaries[1])
    assert kept.finder_for(glossaries[0]) is first
    kept.finder_for(glossaries[2])
    assert kept.finder_for(glossaries[0]) is first
    assert kept.finder_for(glossaries[1]) is not second
