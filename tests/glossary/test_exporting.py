"""A glossary written out in any form is read back word for word."""

import csv
import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from glossary.content import TermContent
from glossary.documents import DocumentError, GlossaryContent
from glossary.exporting import Format, export
from glossary.exporting.cells import FORMULA_STARTS, defused, escaped, fused, unescaped
from glossary.exporting.lists import join_names, split_names
from glossary.parsing import read_document
from tests.glossary.contents import CHARACTERS, glossaries, several_names, texts
from tests.glossary.writing import sailing

KNOTS = GlossaryContent(
    title="Knots",
    summary="Rope, tied.\n\nAnd untied.",
    terms=(
        TermContent(
            name="Sheet Bend",
            abbreviation="SB",
            aliases=("weaver's knot", "flag bend, doubled"),
            definition="Joins *two* ropes.\n\n## How\n\n1. Loop\n2. Tuck\n\n```sh\n# tie\n```",
            formula=r"\frac{1}{2}",
            formula_caption="$x$ is its strength.",
            see_also=("Bowline",),
            source="A handbook",
            source_url="https://example.org/knots?a=1",
            is_linked=False,
            matches_case=True,
        ),
        TermContent(name="Bowline", definition="=HYPERLINK(1) | a | b |\n\n> A loop."),
        TermContent(name="Hitch"),
    ),
    takeaways=("Knots: learn three.", "- Untie them."),
)


@pytest.mark.parametrize("form", Format)
def test_an_export_is_read_back_as_it_was(form: Format) -> None:
    data = export(KNOTS, form)
    assert read_document(data, f"knots.{form}").content == KNOTS
    assert read_document(data).content == KNOTS


@pytest.mark.parametrize("form", Format)
def test_a_document_that_was_read_is_written_and_read_the_same(form: Format) -> None:
    content = sailing().content
    document = read_document(export(content, form))
    assert document.content == content
    assert document.counts.entries == len(content.terms)


@pytest.mark.parametrize("form", Format)
@settings(max_examples=60, deadline=None)
@given(content=glossaries)
@example(content=GlossaryContent("Knots"))
@example(content=GlossaryContent("Knots", terms=(TermContent("'=1", definition="'=1\r"),)))
@example(content=GlossaryContent("Knots", terms=(TermContent("a", definition="_x000D_\ufffe"),)))
def test_whatever_it_says_comes_back(form: Format, content: GlossaryContent) -> None:
    assert read_document(export(content, form)).content == content


@pytest.mark.proof
@pytest.mark.parametrize("form", Format)
@settings(max_examples=3_000, deadline=None)
@given(content=glossaries)
def test_whatever_it_says_comes_back_many_times(form: Format, content: GlossaryContent) -> None:
    assert read_document(export(content, form)).content == content


@pytest.mark.parametrize("form", [Format.TEXT, Format.MARKDOWN])
def test_a_form_that_a_windows_editor_saved_is_read_as_before(form: Format) -> None:
    data = b"\xef\xbb\xbf" + export(KNOTS, form).replace(b"\n", b"\r\n")
    assert read_document(data).content == KNOTS


def test_the_text_form_reads_like_a_text() -> None:
    said = export(KNOTS, Format.TEXT).decode()
    assert said.startswith("Termtime glossary, form 1\n\nTitle: Knots\nSummary:\n  Rope, tied.\n")
    assert "\n\nTerm: Sheet Bend\nAbbreviation: SB\n" in said
    assert "\nDefinition:\n  Joins *two* ropes.\n\n  ## How\n" in said
    assert said.endswith("Takeaway: Knots: learn three.\nTakeaway: - Untie them.\n")


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("Abbreviation: SB", "Abreviation: SB", 10, "no label"),
        ("Abbreviation: SB", "just words", 10, "no label"),
        ("Abbreviation: SB", "Term:", 10, "without a name"),
        ("Abbreviation: SB", "Source: one", 26, "second “Source”"),
        ("Linked: no", "Linked: perhaps", 28, "neither yes nor no"),
        ("Abbreviation: SB", 'Abbreviation: "SB', 10, "closing mark"),
        ("Title: Knots", "Source: x", 3, "before the first term"),
    ],
)
def test_a_slip_in_the_text_form_is_told_with_its_line(
    old: str, new: str, line: int, reason: str
) -> None:
    said = export(KNOTS, Format.TEXT).decode()
    assert old in said
    with pytest.raises(DocumentError) as caught:
        read_document(said.replace(old, new, 1).encode())
    assert (caught.value.line, reason in caught.value.reason) == (line, True), caught.value.reason


def test_no_cell_begins_a_formula() -> None:
    names = [f"{start}cmd|' /C calc'!A0" for start in (*FORMULA_STARTS, " =", "'=")]
    content = GlossaryContent(
        "=Knots", terms=tuple(TermContent(name, definition=name) for name in names)
    )
    rows = csv.reader(io.StringIO(export(content, Format.CSV).decode("utf-8-sig"), newline=""))
    book = load_workbook(io.BytesIO(export(content, Format.XLSX)))
    cells = [cell for row in rows for cell in row]
    cells += [str(cell.value or "") for row in book.active.rows for cell in row]
    assert len(cells) > 200
    assert not [cell for cell in cells if cell.lstrip(" ").startswith(FORMULA_STARTS)]
    assert all(cell.data_type != "f" for row in book.active.rows for cell in row)


def test_a_text_too_long_for_a_cell_is_refused_not_cut() -> None:
    content = GlossaryContent("Knots", terms=(TermContent("Bend", definition="x" * 32_768),))
    with pytest.raises(ValueError, match="“Bend” holds a text too long"):
        export(content, Format.XLSX)


@given(texts | st.text(CHARACTERS))
def test_what_is_done_to_a_cell_can_be_undone(text: str) -> None:
    assert fused(defused(text)) == text
    assert unescaped(escaped(text)) == text


def test_half_a_character_in_a_workbook_is_left_as_it_is_written() -> None:
    assert unescaped("a_xD800_b_x000D_") == "a_xD800_b\r"


@given(several_names)
def test_a_list_of_names_comes_back(names: tuple[str, ...]) -> None:
    assert split_names(join_names(names)) == names or not names
