"""What a person is asked to look at, and what they are not troubled with."""

import random
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossary.content import TermContent
from glossary.documents import DocumentTerm, DoubtKind
from glossary.parsing import nearness, read_document
from glossary.parsing.nearness import near_names
from glossary.rendering import (
    _render,
    _render_line,
    _shows,
    markdown_from_text,
    render,
    render_line,
)


def doubts(*lines: str, kind: DoubtKind | None = None) -> list[str]:
    document = read_document("\n\n".join(["Knots", *lines]).encode())
    return [str(doubt) for doubt in document.doubts if kind in {None, doubt.kind}]


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ("Half Hitch", "half hitch", "are read as one term"),
        ("Half-Hitch", "Half Hitch", "are read as one term"),
        ("Marlinspike", "Marlin Spike", "differ in a space, a hyphen"),
        ("Bowline", "Bowlines", "are singular and plural"),
        ("Bend Matrix", "Bend Matrices", "are singular and plural"),
        ("Double Fisherman", "Double Fishermann", "differ in one letter"),
        ("Constrictor", "Constirctor", "differ in one letter"),
        ("Whipping twine", "Whiping twine", "differ in one letter"),
        ("Round Turn Hitch (RTH)", "RTH", "the second name is its abbreviation"),
        ("Round Turn Hitch", "RTH", "the second name is its initials"),
    ],
)
def test_names_that_are_nearly_the_same_are_told(first: str, second: str, why: str) -> None:
    told = doubts(f"{first}: It holds well.", f"{second}: It is made quickly.")
    assert len(told) == 1
    assert why in told[0]
    assert told[0].startswith("lines 3 and 5: ")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Type 1 splice", "Type 2 splice"),
        ("Bend", "Bond"),
        ("Overhand", "Underhand"),
        ("Class A splice", "Class B splice"),
        ("Stress", "Stresser"),
        ("Anchor Bend", "Anchor Hitch"),
    ],
)
def test_names_that_are_meant_to_differ_trouble_nobody(first: str, second: str) -> None:
    assert doubts(f"{first}: It holds well.", f"{second}: It is made quickly.") == []


def test_a_definition_that_lacks_its_end_is_told_where_the_others_have_theirs() -> None:
    others = [f"{name}: It is made with one rope." for name in ("Bend", "Hitch", "Loop", "Splice")]
    cut = "Sheepshank: It shortens a rope so that it holds"
    assert doubts(*others, cut) == ["line 11: the definition of Sheepshank breaks off"]
    without_stops = [line.removesuffix(".") for line in others]
    assert doubts(*without_stops, cut) == []


@pytest.mark.parametrize(
    "definition",
    [
        "A bend joins two ropes.",
        "In a bend two ropes meet.",
        "The bend is made of two bights.",
        "A knot. Every bend is one.",
        "A bendlike knot.",
    ],
)
def test_a_definition_may_speak_of_its_term(definition: str) -> None:
    assert doubts(f"Bend: {definition}") == []


@pytest.mark.parametrize(
    ("line", "kind", "told"),
    [
        ("Bend: It joins two ropes and the", DoubtKind.CUT_OFF, "line 3: the definition of Bend"),
        ("Bend: It joins…", DoubtKind.CUT_OFF, "line 3: the definition of Bend breaks off"),
        (
            "Bend: A bend is a bend that joins.",
            DoubtKind.CIRCULAR,
            "line 3: “Bend” is explained by",
        ),
        ("Bend: A kind of bend.", DoubtKind.CIRCULAR, "line 3: “Bend” is explained by itself"),
        ("Bend: A bend.", DoubtKind.CIRCULAR, "line 3: “Bend” is explained by its own name alone"),
        ("Bend: See Splice.", DoubtKind.NOWHERE, "line 3: “Bend” is explained by “Splice”"),
        ("Bend: It joins.\nSee also: Splice", DoubtKind.NOWHERE, "line 3: “Bend” says to see"),
        (
            "Bend: It joins.\n\nNote: mind it.",
            DoubtKind.GUESSED,
            "line 5: “Note: mind it.” is read",
        ),
        ("Bend:\n\nHitch: It ties.", DoubtKind.GUESSED, ""),
    ],
)
def test_what_is_odd_about_a_definition_is_told(line: str, kind: DoubtKind, told: str) -> None:
    found = doubts(line, kind=kind)
    assert [doubt[: len(told)] for doubt in found] == ([told] if told else [])


def test_definitions_that_send_the_reader_round_in_a_ring_are_told_once() -> None:
    told = doubts(
        "Bend: See Hitch.", "Hitch: see Splice", "Splice: Same as bend.", "Loop: See Bend."
    )
    assert told == [
        (
            "lines 3 and 5 and 7: “Bend”, “Hitch”, “Splice”: explained by one another "
            "and by nothing else"
        )
    ]


def test_an_abbreviation_of_two_terms_is_told() -> None:
    told = doubts("Sheet Bend (SB): It joins.", "Spring Buoy (SB): It floats.")
    assert told == ["lines 3 and 5: SB is short for “Sheet Bend” and “Spring Buoy”"]


def test_what_several_definitions_use_and_none_explains_is_told() -> None:
    told = doubts(
        "Bend: It joins as a Double Overhand does, and the IGKT likes it.",
        "Hitch: It ties like a Double Overhand. The IGKT does not like it.",
        "Loop: It is what New Zealanders tie, as a Sheet Bend is.",
        "Sheet Bend: It joins, like two Sheet Bends.",
        kind=DoubtKind.UNDEFINED,
    )
    assert sorted(told) == [
        "lines 3 and 5: “Double Overhand” is used in 2 definitions and is no term here",
        "lines 3 and 5: “IGKT” is used in 2 definitions and is no term here",
    ]


def test_what_can_not_be_read_is_quoted_whole() -> None:
    told = doubts("Bend: It joins.", "May 2026 intake", "Some stray words")
    assert told == [
        "line 7: “Some stray words” is left out; write “Term: text” to make a term of it"
    ]


def test_labelled_lines_belong_to_the_term_above_them() -> None:
    document = read_document(
        b"Knots\n\nSheet Bend: It joins.\nAlso known as: weaver's knot; flag bend\n"
        b"See also: Bowline\nFormula: $x^2$\nSource: A handbook\nURL: https://example.org/\n\n"
        b"Bowline: A loop.\n\nSource: Where a rope comes from, such as a chandler's shop."
    )
    bend, _, source = (term.content for term in document.terms)
    assert bend.aliases == ("weaver's knot", "flag bend")
    assert (bend.see_also, bend.formula) == (("Bowline",), "x^2")
    assert (bend.source, bend.source_url) == ("A handbook", "https://example.org/")
    assert source.name == "Source"


def test_ten_thousand_names_are_compared_in_little_time() -> None:
    chance = random.Random(4)
    words = ["".join(chance.choice("aeioulnrst") for _ in range(8)) for _ in range(10_000)]
    lines = [f"{word} {chance.choice(words)}: It is {number}." for number, word in enumerate(words)]
    document = read_document("\n".join(["Knots", *lines]).encode())
    begun = time.process_time()
    near_names(document.terms)
    # Each with each would be fifty million comparisons.
    assert time.process_time() - begun < 3


def test_a_document_that_is_all_names_is_not_looked_at_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The longest names are left out, however many there are of them."""
    monkeypatch.setattr(nearness, "MOST_LOOKS", 3_000)
    long = ["".join(random.Random(number // 2).choices("abcdef", k=199)) for number in range(400)]
    names = [f"{name}{number % 2 or ''}x" for number, name in enumerate(long)]
    short = ["Constrictor", "Constirctor", "Double Fishermann", "Double Fisherman"]
    entries = [DocumentTerm(TermContent(name, definition="x"), line=1) for name in [*names, *short]]
    assert [doubt.names for doubt in near_names(entries) if "letter" in str(doubt)] == [
        ("Constrictor", "Constirctor"),
        ("Double Fishermann", "Double Fisherman"),
    ]


def test_long_names_take_little_room() -> None:
    """Each without each of its letters, as texts, would be a quarter of a kilobyte each."""
    letters = random.Random(7)
    names = ["".join(letters.choices("abcdefgh", k=200)) for _ in range(500)]
    entries = [DocumentTerm(TermContent(name, definition="x"), line=1) for name in names]
    tracemalloc.start()
    near_names(entries)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 500 * 200 * 125


PLAIN = st.text(st.sampled_from("ab Z09.,;:!?'\"()-–—’“”%/£é*_#[`$\\&<>\n|~+="), max_size=24)


@given(PLAIN | st.text())
def test_the_short_way_to_a_page_shows_what_the_long_way_shows(text: str) -> None:
    source = text.encode("utf-8", "replace").decode()
    assert render(source) == _render(source, anchors=True)
    assert render_line(source) == _render_line(source)


@given(PLAIN | st.text())
def test_plain_text_is_shown_as_it_is_paragraph_by_paragraph(text: str) -> None:
    source = text.encode("utf-8", "replace").decode().replace("\x00", "")
    for paragraph in markdown_from_text(source).split("\n\n"):
        assert not paragraph or _shows(paragraph) is not None
