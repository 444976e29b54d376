"""Writing a glossary: pages, links elsewhere and names stay in step."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from glossary import editing, relinking
from glossary.models import AlternativeDefinition, Glossary, Passage, Term
from glossary.passages import write_passage
from tests.glossary.writing import a_glossary, a_term, a_text, rewrite, run_jobs

pytestmark = pytest.mark.django_db
MOMENT = datetime(2026, 4, 15, 12, tzinfo=UTC)


def links(passage: Passage) -> int:
    passage.refresh_from_db()
    return passage.linked_html.count('class="term"')


def an_alternative(term: Term, text: str = "To come about.") -> AlternativeDefinition:
    return AlternativeDefinition.objects.create(term=term, text=text)


def test_a_text_is_rendered_linked_and_counted_when_it_is_written() -> None:
    sailing = a_glossary()
    tack = a_term(sailing)
    text = a_text(sailing, "## How\n\nWhen you *tack*, duck. $\\nonsense$")
    assert f'<a class="term" href="{tack.get_absolute_url()}">tack</a>' in text.linked_html
    assert 'class="term"' not in text.html
    assert list(text.terms.all()) == [tack]
    assert text.word_count == 6
    assert len(text.problems) == 1


def test_writing_the_same_text_again_writes_nothing() -> None:
    sailing = a_glossary()
    text = a_text(sailing, "Duck.")
    write_passage(text, source="Duck.", glossaries=[sailing])
    assert text.history.count() == 1


def test_a_zero_byte_in_a_text_does_no_harm() -> None:
    assert a_text(a_glossary(), "Du\x00ck.").source == "Duck."


def test_a_term_gets_its_address_its_opening_and_its_formula() -> None:
    term = a_term(
        a_glossary(),
        "Hull Speed",
        "The *speed* of a hull. It depends.",
        formula="v = k \\sqrt{l}",
        formula_caption="Length $l$.",
    )
    assert term.slug == "hull-speed"
    assert term.opening == "The speed of a hull."
    assert "<msqrt>" in term.formula_html
    assert term.formula_caption_html.startswith("Length <math")
    assert term.problems == []


def test_a_formula_that_cannot_be_shown_is_told_to_staff() -> None:
    term = a_term(a_glossary(), formula="\\left( x")
    assert term.formula_html == "<code>\\left( x</code>"
    assert len(term.problems) == 1


def test_two_terms_whose_names_make_the_same_address_get_two() -> None:
    sailing = a_glossary()
    assert a_term(sailing, "C").slug == "c"
    assert a_term(sailing, "C++").slug == "c-2"
    assert a_term(sailing, "帆").slug == "term"


def test_a_name_is_given_once_in_a_glossary_whatever_its_case() -> None:
    sailing = a_glossary()
    a_term(sailing, "Tack")
    with pytest.raises(IntegrityError), transaction.atomic():
        a_term(sailing, "tack")


def test_a_new_term_is_linked_in_the_texts_that_use_it_and_in_no_others() -> None:
    sailing = a_glossary()
    using, other = a_text(sailing, "Then tack."), a_text(sailing, "Then gybe.")
    Passage.objects.filter(pk=other.pk).update(linked_html="untouched")
    a_term(sailing)
    assert links(using) == 0
    assert run_jobs() == 1
    assert links(using) == 1
    other.refresh_from_db()
    assert other.linked_html == "untouched"


def test_relinking_leaves_no_trace_in_a_texts_history() -> None:
    sailing = a_glossary()
    text = a_text(sailing, "Then tack.")
    a_term(sailing)
    run_jobs()
    assert text.history.count() == 1


def test_the_job_is_queued_only_if_the_change_is_kept() -> None:
    sailing = a_glossary()

    with transaction.atomic():
        a_term(sailing)
        assert ProcrastinateJob.objects.count() == 1
        transaction.set_rollback(True)
    assert ProcrastinateJob.objects.count() == 0


def test_a_renamed_term_is_unlinked_where_its_old_name_stands_and_linked_under_the_new() -> None:
    sailing = a_glossary()
    term = a_term(sailing)
    old, new = a_text(sailing, "Then tack."), a_text(sailing, "Come about now.")
    run_jobs()
    rewrite(term, name="Come about", aliases=())
    run_jobs()
    assert (links(old), links(new)) == (0, 1)


def test_a_new_alias_is_linked() -> None:
    sailing = a_glossary()
    term = a_term(sailing)
    text = a_text(sailing, "Go about now.")
    rewrite(term, aliases=("Go about", "go  ABOUT"))
    run_jobs()
    assert links(text) == 1
    assert [alias.name for alias in term.aliases.all()] == ["Go about"]


def test_a_term_that_is_unpublished_or_not_to_be_linked_is_linked_nowhere() -> None:
    sailing = a_glossary()
    term = a_term(sailing)
    text = a_text(sailing, "Then tack.")
    for shown, linked, links_then in (
        (False, True, 0),
        (True, True, 1),
        (True, False, 0),
        (True, True, 1),
    ):
        term.is_published = shown
        rewrite(term, is_linked=linked)
        run_jobs()
        assert links(text) == links_then


def test_a_changed_definition_alone_re_links_nothing_else() -> None:
    sailing = a_glossary()
    term = a_term(sailing)
    run_jobs()
    rewrite(term, definition="Something else.")
    assert run_jobs() == 0


def test_a_removed_term_takes_its_links_and_its_definition_with_it() -> None:
    sailing = a_glossary()
    term = a_term(sailing)
    text = a_text(sailing, "Then tack.")
    editing.delete_term(term, at=MOMENT)
    run_jobs()
    assert links(text) == 0
    assert list(text.terms.all()) == []
    assert not Passage.objects.filter(pk=term.definition_id).exists()


def test_the_links_of_an_unpublished_glossary_lead_nowhere_and_so_are_not_made() -> None:
    sailing = a_glossary()
    a_term(sailing)
    text = a_text(sailing, "Then tack.")
    sailing.is_published = False
    editing.save_glossary(sailing, at=MOMENT)
    run_jobs()
    assert links(text) == 0


def test_a_glossary_with_a_new_address_is_linked_at_that() -> None:
    sailing = a_glossary()
    a_term(sailing)
    text = a_text(sailing, "Then tack.")
    sailing.slug = "seamanship"
    editing.save_glossary(sailing, at=MOMENT)
    run_jobs()
    text.refresh_from_db()
    assert 'href="/glossary/seamanship/tack/"' in text.linked_html


def test_a_deleted_glossary_leaves_texts_without_links() -> None:
    sailing = a_glossary()
    editing.save_glossary(sailing, at=MOMENT, introduction="Read *tack* first.")
    a_term(sailing)
    text = a_text(sailing, "Then tack.")
    editing.delete_glossary(sailing)
    assert links(text) == 0
    assert Passage.objects.count() == 1
    assert not Glossary.objects.exists()


def test_a_definition_never_links_to_itself_but_to_others() -> None:
    sailing = a_glossary()
    tack = a_term(sailing, "Tack", "To tack is not to gybe.")
    gybe = a_term(sailing, "Gybe", "To gybe is not to tack.")
    run_jobs()
    for term, other in ((tack, gybe), (gybe, tack)):
        term.definition.refresh_from_db()
        assert list(term.definition.terms.all()) == [other]


def test_only_texts_with_one_of_the_names_are_looked_at() -> None:
    sailing = a_glossary()
    plural = a_text(sailing, "Two tacks, and 100% wind_speed.")
    a_text(sailing, "Nothing of the kind.")
    assert relinking.passages_with(sailing, ["Tack"]) == [plural.pk]
    assert relinking.passages_with(sailing, ["%", "_"]) == [plural.pk]
    assert relinking.passages_with(sailing, ["Tackle"]) == []
    assert len(relinking.passages_with(sailing, None)) == 2


def test_re_linking_a_text_that_is_gone_is_nothing_to_do() -> None:
    assert relinking.relink([123_456]) == 0


def test_an_adopted_alternative_is_published_and_the_old_text_stays_in_the_history() -> None:
    term = a_term(a_glossary())
    alternative = an_alternative(term, "To *come* about.")
    for _ in range(2):
        decided = editing.adopt(alternative, by=None, at=MOMENT)
    term.definition.refresh_from_db()
    assert term.definition.html == "<p>To <em>come</em> about.</p>\n"
    assert decided.decision == "adopted"
    assert decided.decided_at == MOMENT
    assert [version.said.definition for version in term.versions.all()] == [
        "To *come* about.",
        "To turn the bow through the wind.",
    ]
    assert [version.what for version in term.versions.all()] == ["adopted", "created"]


def test_a_dismissed_alternative_changes_nothing_and_an_adopted_one_stays_adopted() -> None:
    term = a_term(a_glossary())
    alternative = an_alternative(term)
    assert editing.dismiss(alternative, by=None, at=MOMENT).decision == "dismissed"
    term.definition.refresh_from_db()
    assert term.definition.source == "To turn the bow through the wind."
    assert editing.adopt(alternative, by=None, at=MOMENT).decision == "adopted"
    assert editing.dismiss(alternative, by=None, at=MOMENT).decision == "adopted"


def test_a_term_moved_to_another_glossary_is_linked_there_and_no_longer_here() -> None:
    sailing, riding = a_glossary(), a_glossary("Riding")
    here, there = a_text(sailing, "Then tack."), a_text(riding, "The tack.")
    term = a_term(sailing)
    run_jobs()
    assert (links(here), links(there)) == (1, 0)
    term.glossary = riding
    rewrite(term)
    run_jobs()
    assert (links(here), links(there)) == (0, 1)


def test_aliases_that_only_the_database_takes_for_one_are_one() -> None:
    # Python ends a Greek word with another small S than the database's lower() does.
    term = a_term(a_glossary(), aliases=("ΛΟΓΟΣ", "λογοσ", "Logos"))
    assert sorted(alias.name for alias in term.aliases.all())[0] == "Logos"
    assert term.aliases.count() == 2
