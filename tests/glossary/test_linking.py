"""Terms linked in text as a reader would expect."""

import re
from html import unescape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from glossary.linking import Finder, Linkable, Linker, words_for_search
from glossary.rendering import render
from glossary.sanitising import sanitise
from glossary.wording import fold, forms

NET = Linkable(1, "/g/neural-network/", "Neural network", aliases=("neural net",))
CNN = Linkable(2, "/g/cnn/", "Convolutional neural network", "CNN", ("ConvNet",))
Q = Linkable(3, "/g/q/", "Q-learning")
CURSE = Linkable(4, "/g/curse/", "Curse of dimensionality")
RATE = Linkable(5, "/g/rate/", "Learning rate")
SUPERVISED = Linkable(6, "/g/supervised/", "Supervised learning")
ATTENTION = Linkable(7, "/g/attention/", "Attention")
HYPER = Linkable(8, "/g/hyper/", "Hyperparameters")
BAYES = Linkable(9, "/g/bayes/", "Bayes' theorem")
TERMS = (NET, CNN, Q, CURSE, RATE, SUPERVISED, ATTENTION, HYPER, BAYES)
LINKER = Linker([Finder(TERMS)])


def linked(source: str) -> list[str]:
    """The words that become links in a text."""
    return re.findall(r'<a class="term"[^>]*>([^<]*)</a>', LINKER.link(render(source).html).html)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("A neural network learns.", ["neural network"]),
        ("NEURAL NETWORK", ["NEURAL NETWORK"]),
        ("neural networks, two neural nets", ["neural networks"]),
        ("a neural-network method", ["neural-network"]),
        ("a neural\nnetwork over two lines", ["neural\nnetwork"]),
        ("a convolutional neural network", ["convolutional neural network"]),
        ("a CNN and CNNs", ["CNN"]),
        ("many CNNs", ["CNNs"]),
        ("a CNN's kernel", ["CNN"]),
        ("the networks’ and neural networks’ weights", ["neural networks"]),
        ("cnn is a broadcaster", []),
        ("a convnet", ["convnet"]),
        ("Q learning or Q-Learning", ["Q learning"]),
        ("the curses of dimensionality", ["curses of dimensionality"]),
        ("one hyperparameter", ["hyperparameter"]),
        ("Bayes’ theorem", ["Bayes’ theorem"]),
        ("neural networking", []),
        ("self-attention", []),
        ("attention-based", ["attention"]),
        ("unsupervised learning rate", ["learning rate"]),
        ("neural **network**", []),
        ("attention_span", []),
        ("", []),
    ],
)
def test_what_is_linked(source: str, words: list[str]) -> None:
    assert linked(source) == words


@pytest.mark.parametrize(
    "source",
    [
        "# Attention",
        "### Attention",
        "[attention](https://example.org)",
        "`attention`",
        "```\nattention\n```",
        "```python\nattention = 1  # attention\n```",
        "> attention",
        "> > attention\n>\n> attention",
        "$\\text{attention}$",
        "[attention]{-}",
        "[pay attention]{-} now",
    ],
)
def test_what_is_left_alone(source: str) -> None:
    assert linked(source) == []
    assert LINKER.link(render(source).html).term_ids == frozenset()


def test_after_what_is_left_alone_linking_goes_on() -> None:
    assert linked("> a\n\n[x]{-} `y` $z$ attention") == ["attention"]


def test_the_first_mention_in_each_section_is_linked() -> None:
    source = "attention attention\n\n## One\n\nattention, attention\n\n### Two\n\nattention"
    assert len(linked(source)) == 3
    assert len(linked("attention\n\n#### Small\n\nattention")) == 1


def test_all_mentions_are_known_linked_or_not() -> None:
    result = LINKER.link("<p>attention, a CNN and attention</p>")
    assert result.term_ids == {2, 7}


def test_a_term_is_never_linked_in_its_own_text_nor_is_a_shorter_name_inside_it() -> None:
    result = LINKER.link("<p>A convolutional neural network (CNN) is a neural net.</p>", own=2)
    assert re.findall(r">([^<>]+)</a>", result.html) == ["neural net"]
    assert result.term_ids == {1}


def test_a_name_goes_before_another_terms_alias() -> None:
    first = Linkable(1, "/one/", "Sheet", aliases=("Rope",))
    second = Linkable(2, "/two/", "Rope")
    assert 'href="/two/"' in Linker([Finder([first, second])]).link("<p>rope</p>").html


def test_nothing_is_put_in_but_links() -> None:
    html = render("A *neural network* & `CNN` < attention\n\n| CNN |\n|---|\n| CNN |").html
    result = LINKER.link(html).html
    assert re.sub(r'<a class="term" href="[^"]*">([^<]*)</a>', r"\1", result) == html


def test_without_terms_html_stays_as_it_is() -> None:
    assert Linker(()).link("<p>x</p>").html == "<p>x</p>"


def test_an_address_cannot_break_out_of_its_attribute() -> None:
    linker = Linker([Finder([Linkable(1, '/"><script>', "Sheet")])])
    assert "<script>" not in linker.link("<p>sheet</p>").html


PLAIN = (
    "neural network networks CNN cnn convolutional attention Q-learning learning rate supervised un"
)
MARKS = "- ’s & < ** * ` $x$ > [ ]{-} ](y) | \u00a0 İ"
WORDS = [*PLAIN.split(" "), *MARKS.split(" "), "\n\n", "## ", "curse of dimensionality"]
SOURCES = st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join) | st.lists(
    st.sampled_from(WORDS), max_size=12
).map("".join)


def text_of(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


@settings(max_examples=300)
@example("İ CNN İ attention")
@given(SOURCES)
def test_linking_never_changes_the_text(source: str) -> None:
    html = render(source).html
    result = LINKER.link(html).html
    assert text_of(result) == text_of(html)
    assert re.sub(r'<a class="term" href="[^"]*">((?:[^<])*)</a>', r"\1", result) == html


@settings(max_examples=300)
@given(SOURCES)
def test_links_are_never_nested_and_linking_twice_is_linking_once(source: str) -> None:
    once = LINKER.link(render(source).html)
    depth = 0
    for closing in re.findall(r"<(/?)a\b", once.html):
        depth += -1 if closing else 1
        assert depth in {0, 1}
    again = LINKER.link(render(source).html)
    assert again == once


@settings(max_examples=200)
@given(SOURCES)
def test_what_is_sanitised_stays_sanitised(source: str) -> None:
    result = LINKER.link(render(source).html).html
    without = re.sub(r'<a class="term" href="[^"]*">((?:[^<])*)</a>', r"\1", result)
    assert sanitise(without) == without


@settings(max_examples=300)
@given(SOURCES)
def test_a_mentioned_term_is_found_by_its_forms(source: str) -> None:
    html = render(source).html
    words = words_for_search(html)
    for term in TERMS:
        if term.term_id in LINKER.link(html).term_ids:
            assert any(form in words for _, name, _ in term.names() for form in forms(name))


@given(st.text(max_size=60))
def test_folding_keeps_places(text: str) -> None:
    assert len(fold(text)) == len(text)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Loss", {"loss", "losses"}),
        ("Policy", {"policy", "policies"}),
        ("Analysis", {"analysis", "analyses"}),
        ("Matrix", {"matrix", "matrixes", "matrices"}),
        ("Batches", {"batches", "batch"}),
        ("Point of Sail", {"point of sail", "point of sails", "points of sail"}),
        ("  ", set()),
    ],
)
def test_the_forms_of_a_name(name: str, expected: set[str]) -> None:
    assert expected <= set(forms(name))
