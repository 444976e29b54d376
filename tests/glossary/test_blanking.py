"""Questions do not hold their answers."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossary.models import Term
from glossary.practice.blanking import blank, names_of, sentences_with_gaps
from glossary.rendering import render
from tests.glossary.writing import a_glossary, a_term

GAP = '<span class="gap"><span class="visually-hidden">gap</span></span>'


def shown(html: str, *names: str) -> str:
    """The text as a reader sees it, with _ for a gap."""
    blanked, _ = blank(html, names)
    return re.sub(r"<[^>]*>", "", blanked.replace(GAP, "_"))


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("A halyard hoists; halyards hoist.", ["Halyard"], "A _ hoists; _ hoist."),
        ("The HALYARD’s end.", ["halyard"], "The _ end."),
        ("Back-propagation, back propagation, backpropagation.", ["Backpropagation"], "_, _, _."),
        ("A neuronal net.", ["Neuron"], "A _ net."),
        ("Not reefed, reefing.", ["Reef"], "Not _, _."),
        ("An <em>anchor</em> rode holds.", ["Anchor rode"], "An _ holds."),
        ("An an<b>ch</b>or.", ["Anchor"], "An _."),
        ("Batteries and a battery.", ["Battery"], "_ and a _."),
        ("The bottle’s glossary, with loss.", ["Loss"], "The bottle’s glossary, with _."),
        ("It is IT.", ["IT"], "It is _."),
        ("AISs and AIS aisle.", ["AIS"], "_ and _ aisle."),
        ("Café &amp; cafes", ["Cafe"], "_ &amp; _"),
        ("An organ and a GAN.", ["Generative adversarial network", "GAN"], "An organ and a _."),
        ("Moved back. Propagation followed.", ["Keel"], "Moved back. Propagation followed."),
        ('See <a href="/sailing/keel/">the keel</a>.', ["Keel"], "See the _."),
    ],
)
def test_names_are_blanked_in_every_shape(text: str, names: list[str], expected: str) -> None:
    assert shown(text, *names) == expected


def test_nothing_of_a_link_a_picture_or_a_headings_address_is_left() -> None:
    blanked, found = blank(
        '<h2 id="section-keel">On</h2><p><a href="/keel/" title="Keel">it</a>'
        '<img src="/keel.png" alt="A keel"></p>',
        ["Keel"],
    )
    assert "keel" not in blanked.lower()
    assert not found


def test_a_formula_that_spells_the_name_goes_whole_and_others_stay() -> None:
    html = render(r"Here $\mathrm{softmax}(x)$, $x^2$ and $L$.").html
    blanked, found = blank(html, ["Softmax"])
    assert found
    assert blanked.count("<math") == html.count("<math") - 1
    assert "s</mi>" not in blanked
    assert blank(html, ["Loss", "L"])[0].count(GAP) == 1


@pytest.mark.django_db
def test_a_term_goes_by_its_abbreviation_its_aliases_and_what_stands_in_brackets() -> None:
    term = a_term(
        a_glossary(), "Clove hitch (knot)", "Two half hitches.", ["Builder’s hitch"],
        abbreviation="CH",
    )  # fmt: skip
    found = names_of(Term.objects.get(pk=term.pk))
    assert {"CH", "Builder’s hitch", "knot"} <= set(found)


def test_sentences_are_those_that_use_the_name() -> None:
    html = render(
        "# On the halyard, a heading that is long enough to be a sentence\n\n"
        "Sails go up. A halyard hoists a sail, e.g. a jib, up the mast. Then it stays.\n\n"
        "The halyard pulls with $F = ma$ on the block at the top of the mast.\n\n"
        "```\nthe halyard in a listing that is long enough to be asked\n```\n"
    ).html
    assert [shown(one, "Halyard") for one in sentences_with_gaps(html, ["Halyard"])] == [
        "A _ hoists a sail, e.g. a jib, up the mast."
    ]


def test_what_looks_like_mark_up_in_a_sentence_stays_text() -> None:
    html = "<p>A halyard &lt;script&gt;alert(1)&lt;/script&gt; hoists the sail up the mast.</p>"
    (found,) = sentences_with_gaps(html, ["Halyard"])
    assert "&lt;script&gt;" in found
    assert "<script" not in found


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=60)


@given(words, st.text("abcdKL -ä’", min_size=1, max_size=12))
def test_blanking_never_fails_and_leaves_no_whole_name(text: str, name: str) -> None:
    html = render(f"{text} {name} {text}").html
    blanked, _ = blank(html, [name])
    plain = re.sub(r"<[^>]*>", " ", blanked.replace(GAP, " "))
    letters = "".join(c for c in name if c.isalnum())
    if len(letters) >= 4 and letters.isascii() and not name.isupper():
        assert letters.lower() not in {word.lower() for word in plain.split()}


def test_a_name_that_comes_thousands_of_times_in_one_word_costs_one_look_at_that_word() -> None:
    # The length is what makes it a test: each look from every place took minutes.
    began = time.process_time()
    blanked, found = blank(f"<p>{'a' * 40_000}</p>", ["aaaaaa"])
    assert time.process_time() - began < 5
    assert found
    assert blanked.count("gap") == 2
    assert "a" * 9 not in blanked
