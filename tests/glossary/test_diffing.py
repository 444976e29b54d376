"""Differences that a person can read."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossary.diffing import line_diff, word_diff


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("a b c", "a  b c", ""),
        ("a b c", "a x c", "a [-b-] {+x+} c"),
        ("a b c", "a c", "a [-b-] c"),
        ("", "a", "{+a+}"),
        ("a", "", "[-a-]"),
        ("one two three", "four five one", "[-one two three-] {+four five one+}"),
        (
            "1 2 3 4 5 6 7 8 9 10 11 12",
            "1 2 3 4 5 6 7 8 9 10 11 x",
            "… 8 9 10 11 [-12-] {+x+}",
        ),
    ],
)
def test_what_goes_and_what_comes(before: str, after: str, shown: str) -> None:
    assert word_diff(before, after) == shown


def test_lines_that_go_and_come() -> None:
    assert line_diff("a\nb", "b\nc") == ["- a", "+ c"]
    assert line_diff("a\nb", "b\na") == ["the same lines in another order"]


class Line(str):
    """A line that counts how often any is compared with another."""

    __slots__ = ()
    compared = 0

    def __eq__(self, other: object) -> bool:
        Line.compared += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


class Lines(str):
    """A text of such lines."""

    __slots__ = ()

    def splitlines(self, keepends: bool = False) -> list[str]:
        return [Line(line) for line in super().splitlines(keepends)]


def test_no_line_is_compared_with_all_others() -> None:
    before = Lines("\n".join(f"one {number}" for number in range(1_000)))
    after = Lines("\n".join(f"two {number}" for number in range(1_000)))
    assert len(line_diff(before, after)) == 2_000
    assert Line.compared < 100


@given(st.lists(st.sampled_from("abcd")), st.lists(st.sampled_from("abcd")))
def test_only_a_real_difference_is_marked(before: list[str], after: list[str]) -> None:
    shown = word_diff(" ".join(before), " ".join(after))
    assert ("[-" in shown or "{+" in shown) is (before != after)


@pytest.mark.parametrize("words", [["1."], ["a", "b"], ["–", "a"]])
def test_texts_of_the_same_few_words_are_compared_at_once(words: list[str]) -> None:
    # As long as a definition may be; word for word this took minutes.
    text = " ".join(words * (20_000 // len(" ".join(words))))
    began = time.process_time()
    context = " ".join(text.split()[:4])
    assert word_diff(f"old {text}", f"new {text}") == f"[-old-] {{+new+}} {context} …"
    assert word_diff(text, f"{text} more").endswith(" {+more+}")
    assert word_diff(text, text[: len(text) // 2])
    assert time.process_time() - began < 5
