"""Documents as staff have them, read without guessing."""

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossary.documents import DocumentError, report_lines
from glossary.parsing import MAX_BYTES, read_document
from tests.glossary.writing import SAILING, sailing, sailing_with


def refusal(data: bytes) -> tuple[int | None, str]:
    with pytest.raises(DocumentError) as caught:
        read_document(data)
    return caught.value.line, caught.value.reason


def test_every_entry_is_accounted_for() -> None:
    counts = sailing().counts
    terms = len(sailing().terms)
    assert (counts.entries, terms, counts.repeats, counts.excerpts, counts.conflicting) == (
        11, 7, 2, 1, 1,
    )  # fmt: skip
    assert counts.entries == terms + counts.repeats + counts.excerpts + counts.conflicting


def test_terms_keep_their_order_and_their_abbreviations() -> None:
    assert [(term.name, term.abbreviation) for term in sailing().terms] == [
        ("Dinghy Sailing", ""),
        ("Point of Sail", ""),
        ("Personal Flotation Device", "PFD"),
        ("Tack", ""),
        ("Gybe", ""),
        ("Centreboard", ""),
        ("Very High Frequency Radio", "VHF"),
    ]


def test_a_repeat_word_for_word_is_merged_and_named() -> None:
    assert sailing().counts.repeated_terms == ("Tack", "Centreboard")


def test_a_conflict_keeps_both_definitions() -> None:
    gybe = next(term for term in sailing().terms if term.name == "Gybe")
    assert gybe.definition.endswith("keep your head down.")
    assert [other[-30:] for other in gybe.others] == ["it, which takes care in a blow."[-30:]]
    assert sailing().counts.conflicts == ("Gybe",)


def test_an_excerpt_cut_short_becomes_the_summary_in_whole_sentences() -> None:
    document = sailing()
    assert document.summary == (
        "Dinghy sailing is the handling of a small open boat by its sails and by the weight of "
        "its crew."
    )
    assert document.summary_line == 3


def test_an_excerpt_that_breaks_off_in_its_first_sentence_gives_all_of_that_sentence() -> None:
    document = read_document(
        "Knots\n\nKnots: A knot joi…\n\nKnots: A knot joins. It holds.".encode()
    )
    assert document.summary == "A knot joins."


def test_a_definition_that_breaks_off_is_kept_and_pointed_out() -> None:
    alone = read_document("Knots\n\nBowline: It makes a loop tha…".encode())
    assert alone.terms[0].definition == "It makes a loop tha…"
    assert [str(doubt) for doubt in alone.doubts] == [
        "line 3: the definition of Bowline breaks off"
    ]
    assert alone.summary == ""


def test_an_excerpt_of_another_term_is_merged_with_its_full_text() -> None:
    document = sailing_with("slipping sideways.\n\nVery", "slipping side…\n\nVery")
    centreboard = next(term for term in document.terms if term.name == "Centreboard")
    assert centreboard.definition.endswith("slipping sideways.")
    assert document.counts.excerpts == 2
    assert document.doubts == ()


def test_takeaways_come_in_order_and_may_contain_colons() -> None:
    takeaways = sailing().takeaways
    assert len(takeaways) == 3
    assert takeaways[0].startswith("Point of Sail: A point of sail")
    assert takeaways[2] == "The boom comes over fast; keep your head down."


@pytest.mark.parametrize("bullet", ["•", "-", "*", "–", "·"])
def test_any_usual_bullet_marks_a_takeaway(bullet: str) -> None:
    document = read_document(f"Knots\nBend: It joins.\nKey takeaways:\n{bullet}\tTie it.".encode())
    assert document.takeaways == ("Tie it.",)


def test_the_intake_is_a_month_and_a_price_in_pence() -> None:
    intake = sailing().intake
    assert intake is not None
    assert (intake.month, intake.amount, intake.wording) == (
        date(2026, 6, 1),
        12050,
        "open enrolment",
    )


def test_a_document_may_name_no_intake_and_no_takeaways() -> None:
    document = read_document(b"Knots\n\nBend: A bend joins two ropes.")
    assert document.intake is None
    assert document.takeaways == ()


def test_colons_inside_a_definition_belong_to_it() -> None:
    radio = sailing().terms[-1]
    assert "Remember: channel 16" in radio.definition


def test_marks_of_other_systems_do_no_harm() -> None:
    text = SAILING.read_text(encoding="utf-8")
    messy = "\ufeff" + text.replace("Tack: To", "Tack\u00a0:\tTo").replace("\n", "\r\n")
    assert read_document(messy.encode()).terms == sailing().terms


def test_quotes_that_differ_only_in_kind_make_no_conflict() -> None:
    document = read_document("Knots\n\nBend: It’s a join.\n\nBend: It's a join.".encode())
    assert document.counts.conflicts == ()
    assert document.counts.repeats == 1


def test_words_in_brackets_that_are_no_abbreviation_stay_in_the_name() -> None:
    document = read_document(b"Knots\n\nSheet (rope): A rope that trims a sail.")
    assert (document.terms[0].name, document.terms[0].abbreviation) == ("Sheet (rope)", "")


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", None, "empty"),
        (" \n\n", None, "empty"),
        ("Knots", 1, "no entry in it"),
        ("Knots\n\nBend:", 1, "no entry"),
        (f"Knots\n\n{'n' * 201}: It joins.", 3, "longer than 200"),
        (f"{'k' * 201}\n\nBend: It joins.", 1, "longer than 200"),
        (f"Knots\n\nBend: {'j' * 20_001}", 3, "longer than 20,000"),
        ("Knots\n\nBend: It joins.\nMai 2026 intake", 4, "no month"),
        ("Knots\n\nBend: It joins.\n13 2026 intake", 4, "no month"),
        ("Knots\n\nBend: It joins.\nMay 26 intake", 4, "no month"),
        ("Knots\n\nBend: It joins.\nMay 2026 intake · full", 4, "not understood"),
        ("Knots\n\nBend: It joins.\nMay 2026 intake\nMay 2026 intake", 5, "second intake"),
        ("Knots\n\nBend: It joins.\nMay 2026 intake\nfrom $90", 5, "no price"),
        ("Knots\n\nBend: It joins.\nMay 2026 intake\nfrom £", 5, "no price"),
        ("Knots\n\nBend: It joins.\nMay 2026 intake\nfrom £0.29", 5, "cannot be charged"),
        (f"Knots\n\nBend: It joins.\nMay 2026 intake\nfrom £{'9' * 5000}", 5, "no price"),
        ("Knots\n\nBend: It joins.\nMay 2026 intake\nfrom £1\nfrom £2", 6, "second price"),
        ("Knots\n\nBend: It joins.\nfrom £90", 4, "no intake"),
        ("Knots\n\nBend: It\x1b joins.", 3, "control character"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(
    text: str, line: int | None, reason: str
) -> None:
    where, why = refusal(text.encode())
    assert where == line
    assert reason in why


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"Knots\n\nBend: \x00", 3, "zero byte"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", 1, "a picture"),
        (b"Knots\n\nBend: \x81t\xe9", 3, "not UTF-8"),
        ("Knots".encode("utf-16-le"), 1, "zero byte"),
        ("Knots".encode("utf-16")[:-1], None, "not whole UTF-16"),
        (b"%PDF-1.7", 1, "a PDF"),
        (b"<!DOCTYPE html><p>Knots", 1, "a web page"),
        (b"{\\rtf1 Knots}", 1, "rich-text"),
        (b"k" * (MAX_BYTES + 1), None, "larger than 20 MB"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, line: int | None, reason: str) -> None:
    where, why = refusal(data)
    assert where == line
    assert reason in why


def test_a_free_intake_costs_nothing() -> None:
    document = read_document("Knots\nBend: It joins.\nSept 2026 intake\nfrom £0".encode())
    assert document.intake is not None
    assert (document.intake.amount, document.intake.month) == (0, date(2026, 9, 1))


def test_the_report_says_what_was_found() -> None:
    report = dict(report_lines(sailing()))
    assert report["Entries"] == "11"
    assert report["Terms"] == "7"
    assert report["Abbreviations"] == "2 (PFD, VHF)"
    assert report["Repeated word for word"] == "2 terms, merged"
    assert report["Conflicts"].startswith("1 (Gybe)")
    assert report["Intake"] == "June 2026, open enrolment, from £120.50"


@given(st.binary(max_size=400))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    try:
        read_document(data)
    except DocumentError:
        return


PIECES = """Knots|Bend: It joins.|•  x|Key takeaways|May 2026 intake|from £9|: a|Enrol|…|a: b…
(AB): c|\ufeff|\u00a0|Sail (AB): c|intake|from""".replace("\n", "|").split("|")


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=20), max_size=12))
def test_every_document_that_is_read_accounts_for_its_entries(lines: list[str]) -> None:
    try:
        document = read_document("\n".join(lines).encode("utf-8", "surrogatepass"))
    except DocumentError:
        return
    counts = document.counts
    assert counts.entries == (
        len(document.terms) + counts.repeats + counts.excerpts + counts.conflicting
    )
    assert document.terms


def test_many_entries_of_one_name_are_read_in_reasonable_time() -> None:
    lines = [
        f"Knot: It joins {number}{'…' if number % 2 else ' ropes.'}" for number in range(8_000)
    ]
    begun = time.process_time()
    document = read_document("\n".join(["Knots", *lines]).encode())
    # Each compared with each took minutes.
    assert time.process_time() - begun < 20
    assert document.counts.entries == 8_000


def test_many_entries_of_the_titles_own_name_are_read_in_reasonable_time() -> None:
    lines = [f"Knots: They join {number} ropes." for number in range(16_000)]
    begun = time.process_time()
    document = read_document("\n".join(["Knots", *lines]).encode())
    # None is an excerpt of another, which was asked of each about each.
    assert time.process_time() - begun < 20
    assert document.counts.entries == 16_000


def test_a_very_long_line_is_told_in_a_short_sentence() -> None:
    for line in ("soon " * 90_000 + "intake", "from " + "9" * 90_000, "knot" * 90_000):
        number, reason = refusal(f"Knots\nBend: It joins.\n{line}\n".encode())
        assert number in {2, 3}
        assert len(reason) < 150
