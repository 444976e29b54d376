"""``python -m tests.bench.linking``: what linking a lesson costs, by the size of the glossary.

One text of 2,000 words with the same forty terms in it, beside glossaries of 40 to 100,000 terms.
The floor, measured by turns in the same run, is the smallest glossary. No database is needed.
"""

import gc
import random
import sys
import time
from collections.abc import Iterator, Sequence
from statistics import median

from glossary.linking import Finder, Linkable, Linker
from glossary.rendering import render

SIZES = (40, 1_000, 10_000, 100_000)
WORDS = 2_000
ROUNDS = 200
GOAL = 0.001  # seconds that the largest glossary may cost more than the smallest
SYLLABLES = ("ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sa", "te", "kra", "sti")


def made_up_words(random_numbers: random.Random) -> Iterator[str]:
    """Words that nobody uses, each once."""
    seen: set[str] = set()
    while True:
        word = "".join(random_numbers.choices(SYLLABLES, k=random_numbers.randint(3, 5)))
        if word not in seen:
            seen.add(word)
            yield word


def terms_and_text(most: int) -> tuple[list[Linkable], str]:
    """``most`` terms of two words, a third with an abbreviation, and a text with the first 40."""
    random_numbers = random.Random(4)
    words = made_up_words(random_numbers)
    common = [next(words) for _ in range(3_000)]
    terms = []
    for number in range(most):
        # Names share their first words with others and with the text, as those of a subject do.
        name = f"{random_numbers.choice(common)} {next(words)}"
        abbreviation = f"{name[:2]}{number}".upper() if number % 3 == 0 else ""
        aliases = (f"{name} method",)
        terms.append(Linkable(number, f"/glossary/g/t{number}/", name, abbreviation, aliases))
    # As often as words come in a text: the second half as often as the first, the third a third.
    often = [1 / rank for rank in range(1, len(common) + 1)]
    parts = random_numbers.choices(common, weights=often, k=WORDS - 2 * SIZES[0])
    for term in terms[: SIZES[0]]:
        parts.insert(random_numbers.randrange(len(parts)), term.name)
    paragraphs = [" ".join(parts[start : start + 80]) for start in range(0, len(parts), 80)]
    return terms, "\n\n".join(paragraphs)


def measure(sizes: Sequence[int], rounds: int) -> dict[int, tuple[float, float]]:
    """Of each size: seconds to make the finder, and the median of seconds to link the text."""
    terms, text = terms_and_text(max(sizes))
    html = render(text).html
    linkers: dict[int, Linker] = {}
    making: dict[int, float] = {}
    for size in sizes:
        began = time.process_time()
        linkers[size] = Linker([Finder(terms[:size])])
        making[size] = time.process_time() - began
    expected = linkers[sizes[0]].link(html)
    taken: dict[int, list[float]] = {size: [] for size in sizes}
    gc.collect()
    for turn in range(rounds):
        for size in (sizes, sizes[::-1])[turn % 2]:
            began = time.process_time()
            linked = linkers[size].link(html)
            taken[size].append(time.process_time() - began)
            assert linked == expected
    return {size: (making[size], median(taken[size])) for size in sizes}


def main() -> None:
    """Measure and print the table."""
    found = measure(SIZES, ROUNDS)
    floor = found[SIZES[0]][1]
    lines = [f"{'terms':>8} {'linking':>11} {'more than 40':>13} {'making':>9}"]
    lines += [
        f"{size:>8,} {linking * 1e3:>8.2f} ms {(linking - floor) * 1e3:>10.2f} ms {making:>7.2f} s"
        for size, (making, linking) in found.items()
    ]
    is_met = found[SIZES[-1]][1] - floor <= GOAL
    lines.append(f"goal: {SIZES[-1]:,} terms cost at most 1 ms more: {'yes' if is_met else 'NO'}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
