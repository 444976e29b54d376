"""Which texts are linked anew, how, and at what cost."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, connections, transaction
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from glossary import editing, relinking
from glossary.models import Glossary, Mention, Passage
from glossary.passages import write_passage
from tests.glossary.writing import a_glossary, a_term, a_text, rewrite, run_jobs

MANY_TEXTS = """
INSERT INTO glossary_passage (source, html, linked_html, folded, problems, word_count, updated_at)
    SELECT '', '', '', string_agg(md5((n * 40 + m)::text), ' '), '[]', 0, now()
    FROM generate_series(1, 10000) n, generate_series(1, 9) m GROUP BY n;
SELECT gin_clean_pending_list('passage_folded_trigrams');
INSERT INTO glossary_passageglossary (passage_id, glossary_id, position)
    SELECT id, %s, 1 FROM glossary_passage;
ANALYZE glossary_passage;
ANALYZE glossary_passageglossary;
"""


@pytest.mark.django_db
def test_a_name_is_looked_up_among_ten_thousand_texts_by_the_index() -> None:
    sailing = a_glossary()
    with connection.cursor() as cursor:
        cursor.execute(MANY_TEXTS, [sailing.pk])
    text = a_text(sailing, "Then tack, or go about.")
    for names in (["Tack"], ["Come about", "Go about"], ["Tacks", "Going about"]):
        plan = relinking.concerned(sailing, names).explain()
        assert "passage_folded_trigrams" in plan, plan
        assert "Seq Scan on glossary_passage " not in plan, plan
    assert relinking.passages_with(sailing, ["Tack"]) == [text.pk]


@pytest.mark.django_db
def test_more_texts_take_no_more_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    sailing = a_glossary()
    texts = [a_text(sailing, "Tack, gybe and reef.").pk for _ in range(30)]
    a_term(sailing)
    a_term(sailing, "Gybe")
    relinking.relink(texts)
    a_term(sailing, "Reef")
    relinking.relink([])
    # Two of them begin and end the transaction, two read the terms once.
    with django_assert_max_num_queries(13):
        assert relinking.relink(texts) == 30
    assert Mention.objects.filter(passage__in=texts).count() == 90


@pytest.mark.django_db
def test_texts_of_several_hundreds_are_all_linked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relinking, "AT_ONCE", 2)
    sailing = a_glossary()
    texts = [a_text(sailing, "Tack.") for _ in range(5)]
    a_term(sailing)
    assert run_jobs() == 1
    assert Passage.objects.filter(linked_html__contains="<a ").count() == len(texts)


@pytest.mark.django_db
def test_a_setting_of_the_case_is_seen_in_the_texts() -> None:
    sailing = a_glossary()
    text = a_text(sailing, "Then tack.")
    term = a_term(sailing)
    run_jobs()
    rewrite(term, matches_case=True)
    assert run_jobs() == 1
    text.refresh_from_db()
    assert "<a " not in text.linked_html
    assert not text.mentions.exists()


@pytest.mark.django_db
def test_a_hidden_term_that_is_changed_concerns_no_text() -> None:
    sailing = a_glossary()
    term = a_term(sailing, is_published=False)
    rewrite(term, name="Come about")
    assert run_jobs() == 0


@given(st.sets(st.text("ab ", min_size=1, max_size=4), max_size=8), st.text("ab ", max_size=12))
def test_the_shortest_forms_find_what_all_find(wanted: set[str], text: str) -> None:
    found = any(form in text for form in relinking.shortest(wanted))
    assert found == any(form in text for form in wanted)


# Two at a time ---------------------------------------------------------------------------------


def in_a_thread(work: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_a_text_written_while_a_term_is_being_added_is_linked_to_it() -> None:
    """The text waits for the term, or the job finds the text: here it waits."""
    sailing = a_glossary()
    with transaction.atomic():
        a_term(sailing)
        writer = in_a_thread(lambda: write_passage(None, source="Then tack.", glossaries=[sailing]))
        writer.join(0.3)
        assert writer.is_alive()
    writer.join(10)
    assert Passage.objects.filter(source="Then tack.", linked_html__contains="<a ").exists()


@pytest.mark.django_db(transaction=True)
def test_a_job_waits_for_who_writes_terms_and_then_has_theirs() -> None:
    sailing = a_glossary()
    text = a_text(sailing, "Then tack.")
    with transaction.atomic():
        a_term(sailing)
        job = in_a_thread(lambda: relinking.relink([text.pk]))
        job.join(0.3)
        assert job.is_alive()
    job.join(10)
    text.refresh_from_db()
    assert "<a " in text.linked_html


@pytest.mark.django_db(transaction=True)
def test_a_reader_sees_a_text_before_or_after_and_never_between() -> None:
    sailing = a_glossary()
    text = a_text(sailing, "Then tack.")
    a_term(sailing)
    with transaction.atomic():
        relinking.relink([text.pk])
        seen: list[tuple[str, int]] = []

        def read() -> None:
            passage = Passage.objects.get(pk=text.pk)
            seen.append((passage.linked_html, passage.mentions.count()))

        in_a_thread(read).join(10)
    in_a_thread(read).join(10)
    assert [("<a " in html, mentions) for html, mentions in seen] == [(False, 0), (True, 1)]


@pytest.mark.django_db
def test_a_glossary_deleted_leaves_the_others_links_in_place() -> None:
    sailing, riding = a_glossary(), a_glossary("Riding")
    a_term(sailing, "Sheet")
    a_term(riding, "Halter")
    both: list[Glossary] = [sailing, riding]
    text = write_passage(None, source="Sheet, halter.", glossaries=both)
    editing.delete_glossary(sailing)
    text.refresh_from_db()
    assert text.linked_html.count("<a ") == 1
    assert list(text.glossaries.all()) == [riding]
