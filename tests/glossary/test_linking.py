"""Terms linked in text as a reader would expect."""

import re
from html import unescape
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from glossary.linking import Finder, Linkable, Linker
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


OURS = re.compile(r'<a class="(?:term|itself)" href="[^"]*">(.*?)</a>', re.DOTALL)


def without_ours(html: str) -> str:
    """What links were put into, without them: in a heading, one holds all of it."""
    return OURS.sub(r"\1", html)


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


def test_a_heading_links_to_itself_unless_it_has_links_and_never_twice() -> None:
    html = render("## A neural *network*\n\n### [Out](https://example.org/)\n\nx").html
    once = LINKER.link(html).html
    name = "section-a-neural-network"
    itself = f'<a class="itself" href="#{name}">A neural <em>network</em></a>'
    assert f'<h2 id="{name}">{itself}</h2>' in once
    assert once.count('class="itself"') == 1
    assert LINKER.link(once).html == once


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
    assert without_ours(result) == html


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
    assert without_ours(result) == html


@settings(max_examples=300)
@given(SOURCES)
def test_links_are_never_nested_and_linking_twice_is_linking_once(source: str) -> None:
    once = LINKER.link(render(source).html)
    depth = 0
    for closing in re.findall(r"<(/?)a\b", once.html):
        depth += -1 if closing else 1
        assert depth in {0, 1}
    assert LINKER.link(once.html) == once


@settings(max_examples=200)
@given(SOURCES)
def test_what_is_sanitised_stays_sanitised(source: str) -> None:
    result = LINKER.link(render(source).html).html
    without = without_ours(result)
    assert sanitise(without) == without


@settings(max_examples=300)
@given(SOURCES)
def test_a_mentioned_term_is_found_by_its_forms(source: str) -> None:
    html = render(source).html
    words = Linker(()).link(html).folded
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


# Case, in what way a name is written ------------------------------------------------------------


def words_linked(text: str, *glossaries: list[Linkable]) -> list[str]:
    linker = Linker([Finder(terms) for terms in glossaries])
    return re.findall(r"<a [^>]*>([^<]*)</a>", linker.link(f"<p>{text}</p>").html)


def a_name(name: str, **fields: Any) -> list[Linkable]:
    return [Linkable(1, "/x/", name, **fields)]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("Go", "Go is a language; let it go.", ["Go"]),
        ("Go", "go, GO, Goes", ["Goes"]),
        ("Bayes net", "a Bayes net, bayes nets", ["Bayes net"]),
        ("Bayes net", "bayes net, Bayes nets", ["Bayes nets"]),
        ("Bayes net", "bayes net, Bayes-net", ["Bayes-net"]),
        ("stem", "Stem, stems", ["stems"]),
        ("Policy", "policies, Policies", ["Policies"]),
        ("Criterion", "criteria and Criteria", ["Criteria"]),
    ],
)
def test_a_term_that_matches_case_is_linked_in_its_own_case_alone(
    name: str, text: str, words: list[str]
) -> None:
    assert words_linked(text, a_name(name, matches_case=True)) == words


@pytest.mark.parametrize(
    ("abbreviation", "text", "words"),
    [
        ("kNN", "knn, KNN and kNN", ["kNN"]),
        ("pH", "a PH, a ph, the pH", ["pH"]),
        ("GPS", "gps, GPSes", ["GPSes"]),
        ("R", "r and R", ["R"]),
        ("SGD", "SGD’s and sgd’s", ["SGD"]),
        ("t-SNE", "T-SNE, t SNE", ["t SNE"]),
    ],
)
def test_an_abbreviation_is_linked_in_its_own_case_alone(
    abbreviation: str, text: str, words: list[str]
) -> None:
    assert words_linked(text, a_name("Something else", abbreviation=abbreviation)) == words


def test_an_alias_in_capitals_is_linked_in_capitals_alone() -> None:
    assert words_linked("ann and ANN", a_name("Network", aliases=("ANN",))) == ["ANN"]


def test_a_spelling_that_is_one_terms_own_goes_before_a_name_in_any_case() -> None:
    terms = [Linkable(1, "/ann/", "Ann"), Linkable(2, "/net/", "Network", "ANN")]
    html = Linker([Finder(terms)]).link("<p>Ann met an ANN</p>").html
    assert re.findall('href="([^"]*)"', html) == ["/ann/", "/net/"]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("Criterion", "two criteria", ["criteria"]),
        ("Criteria", "one criterion", ["criterion"]),
        ("Leaf", "the leaves of a tree", ["leaves"]),
        ("Decision lemma", "decision lemmata", ["decision lemmata"]),
        ("Vertex", "its vertices", ["vertices"]),
        ("Matrices", "a matrix", ["matrix"]),
        ("Hypotheses", "a hypothesis", ["hypothesis"]),
        ("Biases", "a bias", ["bias"]),
        ("Databases", "a database", ["database"]),
        ("Formula", "formulae, formulas", ["formulae"]),
        ("Stimulus", "stimuli", ["stimuli"]),
        ("Points of sail", "a point of sail", ["point of sail"]),
        ("Icon", "ICA", []),
        ("Sum", "SA", []),
        ("Bus", "bi", []),
        ("Datum", "the data", []),
    ],
)
def test_plurals_are_known_where_they_can_be_no_other_word(
    name: str, text: str, words: list[str]
) -> None:
    assert words_linked(text, a_name(name)) == words


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("Node", "Node.js", []),
        ("Node", "a node. Then", ["node"]),
        ("Node", "the node's, the nodes'", ["node"]),
        ("Can", "can't, can’t", []),
        ("Net", "net\u00adwork, net\u200dwork", []),
        ("Variance", "bias–variance", ["variance"]),
        ("Encoder", "encoder/decoder", ["encoder"]),
        ("Café", "the café", ["café"]),
        ("Café", "the cafe\u0301", ["cafe\u0301"]),
        ("Cafe\u0301", "the café", ["café"]),
        ("Cafe", "the cafe\u0301", []),
        ("Straße", "straße", ["straße"]),
        ("İzmir", "in İzmir", ["İzmir"]),
        ("Λόγος", "ΛΌΓΟΣ", ["ΛΌΓΟΣ"]),
        ("Λόγος", "λόγος", ["λόγος"]),
        ("𝒜-class", "an 𝒜 class", ["𝒜 class"]),
    ],
)
def test_whole_words_in_any_writing(name: str, text: str, words: list[str]) -> None:
    assert words_linked(text, a_name(name)) == words


# Several glossaries -----------------------------------------------------------------------------


def test_of_two_glossaries_the_first_has_the_name_and_the_longest_match_has_the_place() -> None:
    first = [Linkable(1, "/a/rope/", "Sheet", aliases=("Rope",)), Linkable(2, "/a/net/", "Net")]
    second = [Linkable(3, "/b/rope/", "Rope"), Linkable(4, "/b/neural/", "Neural net")]
    html = Linker([Finder(first), Finder(second)]).link("<p>rope, neural net, net</p>").html
    assert re.findall('href="([^"]*)"', html) == ["/a/rope/", "/b/neural/", "/a/net/"]
    html = Linker([Finder(second), Finder(first)]).link("<p>rope</p>").html
    assert 'href="/b/rope/"' in html


def test_where_the_first_glossarys_case_does_not_fit_the_second_is_asked() -> None:
    first = [Linkable(1, "/a/", "Go", matches_case=True)]
    second = [Linkable(2, "/b/", "Go")]
    html = Linker([Finder(first), Finder(second)]).link("<p>Go, go</p>").html
    assert re.findall('href="([^"]*)"', html) == ["/a/", "/b/"]


NAMES = st.text("aAbBsİßéΣ -'’\u0301\u00ad.", min_size=1, max_size=6)
TERMS_OF_ANY_KIND = st.lists(
    st.builds(
        Linkable,
        st.integers(1, 9),
        st.just("/x/"),
        NAMES,
        NAMES | st.just(""),
        st.lists(NAMES, max_size=2).map(tuple),
        st.booleans(),
    ),
    max_size=4,
)
ODD_TEXTS = st.text("aAbBsİßéΣ -'’\u0301\u00ad.&<>*`[]{}\n#", max_size=40)


@settings(max_examples=300)
@given(st.lists(TERMS_OF_ANY_KIND, max_size=3), ODD_TEXTS)
def test_whatever_the_names_nothing_but_links_is_put_in(
    glossaries: list[list[Linkable]], source: str
) -> None:
    linker = Linker([Finder(terms) for terms in glossaries])
    html = render(source).html
    result = linker.link(html)
    assert without_ours(result.html) == html
    assert linker.link(result.html) == result
    assert sanitise(html) == html
    words = Linker(()).link(html).folded
    for terms in glossaries:
        for term in terms:
            if result.term_ids == {term.term_id} and len(glossaries) == len(terms) == 1:
                names = [name for _, name, _ in term.names()]
                assert any(form in words for name in names for form in forms(name))
