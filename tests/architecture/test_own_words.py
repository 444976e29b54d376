"""The sentences of the real document stay where they are; the repository has its own words."""

import os
import re
from pathlib import Path

import pytest

RUN = 12  # words in a row; fewer can meet by chance


def words_of(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def runs_of(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1)}


def text_of(path: Path) -> str:
    """The file's text; empty where it is none."""
    data = path.read_bytes()
    if b"\0" in data[:8_000]:
        return ""
    return data.decode("utf-8", errors="replace")


@pytest.mark.input
def test_no_sentence_of_the_real_document_is_in_the_repository(tracked: list[Path]) -> None:
    documents = sorted(Path(os.environ["TERMTIME_INPUT"]).glob("*.txt"))
    theirs: set[tuple[str, ...]] = set()
    for document in documents:
        theirs |= runs_of(words_of(document.read_text(encoding="utf-8")))
    assert len(theirs) > 500
    found = {
        str(path): sorted(" ".join(run) for run in shared)[:3]
        for path in tracked
        if (shared := theirs & runs_of(words_of(text_of(path))))
    }
    assert found == {}


def test_a_run_is_found_whatever_stands_between_its_words() -> None:
    written = "One, two three — four\nfive (six) seven; eight 9 ten “eleven” twelve."
    plain = "one two three four five six seven eight 9 ten eleven twelve"
    assert runs_of(words_of(written)) == runs_of(words_of(plain)) != set()
