"""Documents made to take long: none costs more than its length, or says more than it."""

import json
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from glossary.documents import DocumentError, report_lines
from glossary.importing.planning import plan_import
from glossary.parsing import json_file, read_document
from glossary.parsing.json_file import read_json
from glossary.parsing.markdown_blocks import blocks_of

MANY = 600


def said_of(entries: list[dict[str, object]]) -> int:
    """How many characters staff would be shown of what is doubtful about a document."""
    document = read_document(json.dumps(entries).encode(), "terms.json")
    rows = report_lines(document)
    plan = plan_import(document, slug="terms")
    doubts = [sentence for term in plan.terms for sentence in term.doubts]
    return sum(len(text) for _, text in rows) + sum(map(len, doubts))


def cased(number: int) -> str:
    """A name in one of many spellings."""
    return "".join(
        letter.upper() if number >> place & 1 else letter
        for place, letter in enumerate("constrictors")
    )


ENTRIES: dict[str, Callable[[int], dict[str, object]]] = {
    "an abbreviation that all share": lambda n: {"name": f"Term {n}", "abbreviation": "TN"},
    "a ring": lambda n: {"name": f"Term {n}", "definition": f"See term {(n + 1) % MANY}"},
    "a name in all spellings": lambda n: {"name": cased(n)},
}


@pytest.mark.django_db
@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES.keys())
def test_what_is_told_of_a_document_is_no_multiple_of_it(
    entry: Callable[[int], dict[str, object]],
) -> None:
    entries = [{"definition": "It is so.", **entry(number)} for number in range(MANY)]
    assert said_of(entries) < 1_000 * MANY


class Text(str):
    """A text that counts how many of its characters are looked through."""

    __slots__ = ()
    looked_through = 0

    def find(self, *args: object) -> int:
        start = args[1] if len(args) > 1 and isinstance(args[1], int) else 0
        found = super().find(*args)  # type: ignore[arg-type]
        Text.looked_through += (found if found >= 0 else len(self)) - start
        return found


def test_names_written_otherwise_are_not_looked_for_through_the_whole_file_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A letter may be written as its number, with which no name is found again."""
    escaped = [
        f'{{"name": "\\u{ord("A") + number % 26:04X} {number}", "definition": "It is so."}}'
        for number in range(MANY)
    ]
    text = Text("[" + ",\n".join(escaped) + "]")
    monkeypatch.setattr(json_file, "MOST_IN_VAIN", 3 * len(text))
    assert len(read_json(text).entries) == MANY
    assert Text.looked_through < 6 * len(text)


def test_a_name_without_end_of_other_names_is_refused() -> None:
    """Each entry may have as many as it may; a term, put together from all, no more than that."""
    entries = [
        {"name": "Term", "definition": "So.", "aliases": [f"Alias {number}"]}
        for number in range(101)
    ]
    assert read_document(json.dumps(entries[:100]).encode(), "terms.json").terms
    with pytest.raises(DocumentError, match="more than 100 other names") as refused:
        read_document(json.dumps(entries, indent=0).encode(), "terms.json")
    assert refused.value.line


@pytest.mark.parametrize(
    "deep",
    [
        lambda inner: '{"a":' * 480 + inner + "}" * 480,
        lambda inner: "[" * 900 + inner + "]" * 900,
        lambda inner: "[" * 100_000 + inner + "]" * 100_000,
    ],
)
@pytest.mark.parametrize("inner", ["1", '"\\ud83d\\ude00"', '"\\ud83d"'])
def test_json_that_is_nested_deeply_is_read_or_refused_in_words(
    deep: Callable[[str], str], inner: str
) -> None:
    for text in (deep(inner), f'[{{"name": "a", "definition": {deep(inner)}}}]'):
        with suppress(DocumentError):
            read_document(text.encode(), "terms.json")


@pytest.mark.parametrize(
    "lines",
    [
        ["## a{spaces}b", "", "What it is."],
        ["| a | b |", "|-{spaces}b", "", "Tack: To turn."],
    ],
)
def test_a_long_line_of_spaces_in_markdown_is_read_at_once(lines: list[str]) -> None:
    text = "\n".join(["# Knots", "", *lines]).format(spaces=" " * 40_000)
    begun = time.process_time()
    with suppress(DocumentError):
        read_document(text.encode(), "terms.md")
    # They took twelve and three seconds.
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("## Tack ##", "Tack"),
        ("## Tack \t###  ", "Tack"),
        ("## C#", "C#"),
        ("##\tTack", "Tack"),
        ("## # #", "#"),
        ("##", ""),
    ],
)
def test_signs_that_close_a_heading_are_none_of_its_words(line: str, words: str) -> None:
    (block,) = blocks_of([(1, line)])
    assert (block.kind, block.lines, block.level) == ("heading", [words], 2)


def test_a_definition_of_spaces_is_seen_to_break_off_at_once() -> None:
    term = {"name": "Term", "definition": "a" + " " * 19_000 + "b…"}
    own = {"form": "termtime-glossary-1", "title": "T", "summary": "", "takeaways": []}
    others = [{**term, "name": f"Term {number}"} for number in range(6)]
    data = json.dumps({**own, "terms": [term, *others]}).encode()
    begun = time.process_time()
    assert len(read_document(data, "terms.json").doubts) >= 7
    # Each took two thirds of a second.
    assert time.process_time() - begun < 1
