"""No file, however broken, does more than be refused, and none of its words are dropped."""

import io
import json
import random
import re
import time
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from glossary.documents import Document, DocumentError
from glossary.exporting import Format, export
from glossary.parsing import read_document
from glossary.parsing.decoding import _INVISIBLE
from glossary.parsing.xlsx_file import MAX_PARTS
from tests.glossary.test_exporting import KNOTS
from tests.glossary.test_parsing_messy import SAMPLES
from tests.glossary.writing import SAILING

ENDINGS = ("", "x.txt", "x.md", "x.csv", "x.tsv", "x.json", "x.xlsx")
WHOLE = [
    SAILING.read_bytes(),
    *(export(KNOTS, form) for form in Format),
    *(s.data if isinstance(s.data, bytes) else s.data.encode() for s in SAMPLES),
]
PIECES = st.sampled_from(
    [
        "Knots",
        "Bend: It joins.",
        "Bend – It joins.",
        "• x",
        "- Bend: it joins",
        "1. Bend",
        "Bend",
        "Key takeaways",
        "May 2026 intake",
        "from £9",
        ": a",
        "Enrol",
        "…",
        "a: b…",
        "(AB): c",
        "\ufeff",
        "\u00a0",
        "Sail (AB): c",
        "intake",
        "from",
        "# Knots",
        "## Bend",
        "**Bend** – x",
        "**Bend**",
        "Bend\n: it joins",
        "| Term | Meaning |\n|---|---|\n| Bend | x |",
        "---",
        "===",
        "```",
        "Term,Definition",
        "Bend,It joins",
        'Bend,"It',
        "Term\tDefinition",
        "sep=;",
        "",
        " ",
        "See also: Tack",
        "Formula:",
        "Source: x",
        '{"Bend": "x"}',
        '[{"term": "Bend"',
        "]",
        "[",
        "{",
        "Termtime glossary, form 1",
        "<!-- Termtime glossary, form 1 -->",
        "Term: x",
        "    deep",
        "It is a knot that joins two ropes.",
        "Title: Knots",
        "Definition: x",
        "\x0b",
        "\r",
        "[[Bend]]",
    ]
)
documents = st.lists(PIECES | st.text(max_size=20), max_size=14).map("\n".join)


def read(data: bytes, name: str) -> Document | None:
    try:
        return read_document(data, name)
    except DocumentError as error:
        return None if error.reason else pytest.fail("refused without a reason")


@given(data=st.binary(max_size=400), name=st.sampled_from(ENDINGS))
def test_no_bytes_do_more_than_be_refused(data: bytes, name: str) -> None:
    read(data, name)


@given(text=documents, name=st.sampled_from(ENDINGS))
def test_no_text_does_more_than_be_refused_and_it_is_read_the_same_twice(
    text: str, name: str
) -> None:
    data = text.encode("utf-8", "surrogatepass")
    document = read(data, name)
    assert document == read(data, name)
    if document:
        counts = document.counts
        terms = len(document.terms)
        assert counts.entries == terms + counts.repeats + counts.excerpts + counts.conflicting


def damaged(data: bytes, seed: int) -> bytes:
    """The same with a piece cut out, doubled, turned round or overwritten."""
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 4)):
        start, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
        end = min(end, start + 60)
        piece = chance.choice(
            [b"", data[start:end] * 2, data[start:end][::-1], chance.randbytes(3)]
        )
        data = data[:start] + piece + data[end:]
    return data[: chance.randrange(len(data) + 1)] if chance.random() < 0.3 else data


@given(data=st.sampled_from(WHOLE), seed=st.integers(0, 2**32), name=st.sampled_from(ENDINGS))
def test_no_damage_does_more_than_be_refused(data: bytes, seed: int, name: str) -> None:
    read(damaged(data, seed), name)


def repacked(data: bytes, seed: int) -> bytes:
    """A workbook whose parts are damaged, in an archive that is not."""
    chance = random.Random(seed)
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, damaged(content, seed) if chance.random() < 0.4 else content)
    return file.getvalue()


@settings(deadline=None)
@given(seed=st.integers(0, 2**32))
def test_no_damage_inside_a_workbook_does_more_than_be_refused(seed: int) -> None:
    read(repacked(export(KNOTS, Format.XLSX), seed), "x.xlsx")


@pytest.mark.proof
@settings(max_examples=20_000, deadline=None)
@given(data=st.sampled_from(WHOLE), seed=st.integers(0, 2**32), name=st.sampled_from(ENDINGS))
def test_no_damage_does_more_than_be_refused_many_times(data: bytes, seed: int, name: str) -> None:
    read(damaged(data, seed), name)
    if data.startswith(b"PK"):
        read(repacked(data, seed), name)


def test_a_word_with_a_mark_in_it_that_nobody_sees_is_kept() -> None:
    assert lost_words("Term,Definition\nTerm,Definition\nBow\xadline", "knots.csv") == set()


@pytest.mark.proof
@settings(max_examples=20_000, deadline=None)
@given(text=documents, name=st.sampled_from(ENDINGS))
def test_no_word_is_dropped_many_times(text: str, name: str) -> None:
    assert lost_words(text, name) == set()


@given(text=documents, name=st.sampled_from(["", "x.txt", "x.md"]))
def test_no_word_is_dropped(text: str, name: str) -> None:
    assert lost_words(text, name) == set()


def test_a_workbook_says_what_a_table_says() -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["Knots"])
    sheet.append([])
    sheet.append(["No.", "Meaning", "Term", "Case sensitive"])
    sheet.append([1, "Joins two ropes.\n• well\n• fast", "Sheet Bend (SB)", True])
    sheet.append([2, 404.0, "Number", None])
    notes = book.create_sheet("Notes")
    notes.append(["ask Sam"])
    file = io.BytesIO()
    book.save(file)
    document = read_document(file.getvalue(), "knots.xlsx")
    assert document.title == "Knots"
    bend, number = (term.content for term in document.terms)
    assert (bend.name, bend.abbreviation, bend.matches_case) == ("Sheet Bend", "SB", True)
    assert bend.definition == "Joins two ropes.\n\n- well\n- fast"
    assert number.definition == "404"
    assert [str(doubt) for doubt in document.doubts] == [
        "line 4: the column “No.” is not read: “1” (line 4); “2” (line 5)",
        "line 1: the sheet “Notes” has no head and is not read: “ask Sam”",
    ]


def bomb(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (bomb(**{"xl/workbook.xml": b"", "xl/big": b"0" * 120_000_000}), "too large"),
        (bomb(**{"xl/workbook.xml": b"", **{f"{n}": b"" for n in range(MAX_PARTS)}}), "too large"),
        (bomb(**{"word/document.xml": b""}), "Word document"),
        (bomb(mimetype=b""), "no workbook"),
        (b"PK\x03\x04 and no more", "cannot be read"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "old Word or Excel"),
    ],
)
def test_what_is_no_workbook_or_far_too_much_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        read_document(data, "x.xlsx")


def far_away(cell: str) -> bytes:
    """A workbook of one cell, in a far corner of the sheet."""
    content = export(KNOTS, Format.XLSX)
    file = io.BytesIO()
    row = re.sub(r"\D", "", cell)
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
        for part in old.namelist():
            said = old.read(part)
            if part.endswith("sheet1.xml"):
                said = re.sub(
                    rb"<sheetData>.*</sheetData>",
                    f'<sheetData><row r="{row}"><c r="{cell}" t="inlineStr"><is><t>x</t></is></c>'
                    "</row></sheetData>".encode(),
                    said,
                    flags=re.DOTALL,
                )
            new.writestr(part, said)
    return file.getvalue()


@pytest.mark.parametrize("cell", ["XFD1", "A1048576", "XFD1048576", "A999999999"])
def test_a_cell_far_away_costs_little(cell: str) -> None:
    begun = time.process_time()
    assert read(far_away(cell), "x.xlsx") is None
    assert time.process_time() - begun < 20


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"Bend": ' + b"9" * 10_000 + b"}",
        b'{"Bend": "\\ud800"}',
        b'["Bend"]',
        b"[[]]",
        b'"Bend"',
        b'{"form": "termtime-glossary-1"}',
        b'{"form": "termtime-glossary-1", "title": 1, "summary": "", "terms": [], "takeaways": []}',
        json.dumps(
            {"form": "termtime-glossary-1", "title": "", "summary": "", "terms": [{"name": 1}]}
        ).encode(),
    ],
)
def test_broken_json_is_refused(data: bytes) -> None:
    assert read(data, "x.json") is None


@pytest.mark.parametrize(
    "text",
    [
        "Knots\n" + ": " * 300_000,
        "Knots\n" + "a: b\n" * 200_000,
        "Knots\n" + "- " * 300_000,
        "Knots\n" + "**" * 300_000,
        "# Knots\n\n" + "**a" * 200_000,
        "# Knots\n" + "## a\n" * 100_000,
        "# Knots\n\n" + "|" * 300_000 + "\n" + "|-" * 100_000,
        "# Knots\n\n**Bend** – " + "[" * 200_000,
        "# Knots\n\n" + "- a\n" * 100_000,
        "a,b\n" * 200_000,
        "Term,Definition\n" + '"' * 300_001,
        "Knots\n\n" + "\n".join(f"Bend {chr(0x4E00 + n)}: It joins." for n in range(20_000)),
    ],
    ids=range(12),
)
def test_no_text_takes_long(text: str) -> None:
    begun = time.process_time()
    read(text.encode(), "")
    assert time.process_time() - begun < 30


WORD = re.compile(r"[^\W_]{2,}")
# What Markdown takes for escaped (CommonMark 2.4): a backslash before anything else is one.
ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
# They may stand within a word, and are left out where words are quoted in a doubt.
MARKS = re.compile(r"`|\*\*")
# What a document says about itself, and is taken at its word: labels, flags, heads of tables.
OF_THE_FORM = {
    "key",
    "takeaway",
    "takeaways",
    "intake",
    "from",
    "gbp",
    "enrol",
    "term",
    "definition",
    "meaning",
    "see",
    "also",
    "formula",
    "source",
    "title",
    "sep",
    "open",
    "enrolment",
    "glossary",
}


def lost_words(text: str, name: str) -> set[str]:
    """The words of a text document that are nowhere in what was read, nor in a doubt."""
    document = read(text.encode("utf-8", "surrogatepass"), name)
    if document is None or text.lstrip("\ufeff").startswith(("Termtime", "<!--")):
        return set()
    said = [document.title, document.summary, *document.takeaways, *map(str, document.doubts)]
    said += [heading.text for heading in document.headings]
    for term in document.terms:
        said += [str(value) for value in term.content.as_json().values()] + list(term.others)
    if document.intake:
        said += [document.intake.label, str(document.intake.amount)]
    return words_seen(text) - words_seen(ESCAPED.sub(r"\1", " ".join(said))) - OF_THE_FORM


def words_seen(text: str) -> set[str]:
    """Without marks; what nobody sees is no part of a word."""
    return set(WORD.findall(MARKS.sub("", _INVISIBLE.sub("", text)).casefold()))
