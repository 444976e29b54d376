"""Markdown becomes a finished page, and nothing that could do harm is in it."""

import re
import time
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from glossary.mathematics import MATH_TAGS
from glossary.rendering import (
    first_sentence,
    markdown_from_text,
    render,
    render_formula,
    render_line,
)
from glossary.sanitising import ATTRIBUTES, BLOCK_TAGS, INLINE_TAGS, sanitise

ALLOWED = BLOCK_TAGS | INLINE_TAGS | MATH_TAGS


class Inspector(HTMLParser):
    """Fails where HTML holds an element, an attribute or an address that is not allowed."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED, tag
        for name, value in attrs:
            assert name in ATTRIBUTES.get(tag, set()) | {"rel"}, (tag, name)
            if name in {"href", "src"}:
                scheme = re.match(r"\s*([a-zA-Z][a-zA-Z0-9+.-]*)\s*:", value or "")
                assert scheme is None or scheme[1].lower() in {"http", "https", "mailto"}, value


def inspect(html: str) -> None:
    inspector = Inspector(convert_charrefs=True)
    inspector.feed(html)
    inspector.close()


def test_headings_begin_below_the_page_title_and_have_addresses_of_their_own() -> None:
    html = render("# Knots\n\n## Knots\n\n### *Bend* & hitch").html
    assert '<h2 id="section-knots">Knots</h2>' in html
    assert '<h2 id="section-knots-2">Knots</h2>' in html
    assert '<h3 id="section-bend-hitch">' in html


def test_a_definition_has_no_addresses_in_it() -> None:
    assert render("## Knots", anchors=False).html == "<h2>Knots</h2>\n"


def test_the_chapters_of_a_text_are_its_headings_of_the_second_level_without_links() -> None:
    source = "# One *more* $x$\n\n### Not this\n\n## [Two](https://example.org/) <b>\n\n## One"
    sections = render(source).sections
    assert [each["id"] for each in sections] == [
        "section-one-more-x",
        "section-two-b",
        "section-one",
    ]
    assert sections[0]["html"].startswith("One <em>more</em> <math")
    assert sections[1]["html"] == "Two &lt;b&gt;"
    assert render(source, anchors=False).sections == ()


def test_tables_scroll_in_a_box_that_the_keyboard_reaches() -> None:
    html = render("| a | b |\n|---|--:|\n| 1 | 2 |").html
    assert '<div class="table-scroll" tabindex="0" role="group" aria-label="Table"><table>' in html
    assert '<td class="align-right">2</td>' in html
    assert "style" not in html


def test_code_is_coloured_by_classes() -> None:
    html = render("```python\nimport this  # <b>\n```").html
    assert '<span class="kn">import</span>' in html
    assert "&lt;b&gt;" in html


def test_code_in_an_unknown_language_is_shown_as_it_is() -> None:
    assert "<code" in render("```nonsense\nx < y\n```").html
    assert "x &lt; y" in render("```nonsense\nx < y\n```").html


def test_mathematics_becomes_mathml() -> None:
    inline = render("where $x^2$ is").html
    assert "<msup><mi>x</mi><mn>2</mn></msup>" in inline
    display = render("$$\n\\frac{1}{2}\n$$").html
    assert 'role="group" aria-label="Formula"><math display="block">' in display
    assert "<mfrac>" in display


def test_sums_of_money_are_no_mathematics() -> None:
    assert render("It costs $5, not $6.").html == "<p>It costs $5, not $6.</p>\n"


def test_aligned_equations_are_known() -> None:
    html, problem = render_formula(r"\begin{aligned} a &= b \\ c &= d \end{aligned}")
    assert problem == ""
    assert html.count("<mtr>") == 2


@pytest.mark.parametrize(
    ("latex", "reason"),
    [
        (r"\frac{1", "a part of it is missing"),
        (r"\left( x", "cannot be read"),
        (r"\text{<script>alert(1)</script>}", "<script>"),
        (r"\text{<img src=x onerror=alert(1)>}", "plain text is meant"),
        (r"\href{javascript:alert(1)}{x}", r"\href is not allowed"),
        (r"\class{x}{y}", r"\class is not allowed"),
        (r"\style{color:red}{y}", r"\style is not allowed"),
        (r"\newcommand{\a}{\b}\a", r"\newcommand is not allowed"),
        (r"\operatorname*{argmax}_x x", r"\operatorname* is not allowed"),
        (r"\def\a{\a\a}\a", r"\def is not allowed"),
        (r"\nonsense x", r"\nonsense is not known"),
        ("x" * 2001, "longer than 2,000"),
        ("{" * 21 + "x" + "}" * 21, "nested more than 20"),
        (r"\hat" * 25 + " x", "nested more than 20"),
        ("x\x1b", "control character"),
        ("%", "cannot be read"),
    ],
)
def test_a_formula_that_cannot_be_shown_is_shown_as_its_source_and_staff_are_told(
    latex: str, reason: str
) -> None:
    rendered = render(f"Look: ${latex}$ there.")
    html, problem = render_formula(latex)
    assert html.startswith("<code>")
    assert unescape(re.sub("<[^>]*>", "", html)) == latex.strip()
    assert reason in problem
    assert rendered.problems == () or reason in rendered.problems[0]
    inspect(html)
    inspect(rendered.html)


def test_no_formula_is_no_problem() -> None:
    assert render_formula("  ") == ("", "")


def test_a_caption_is_one_line_with_its_mathematics() -> None:
    html, problems = render_line("Weights $w$ and *bias*.\n\n# no heading")
    assert html.startswith("Weights <math")
    assert "<em>bias</em>" in html
    assert "<h" not in html
    assert problems == ()


def test_links_that_lead_away_tell_nothing_about_where_they_come_from() -> None:
    assert 'rel="noopener noreferrer"' in render("[x](https://example.org)").html


ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><script>alert(1)</script></mtext></math>",
    '<math href="javascript:alert(1)">x</math>',
    "<math><maction actiontype=statusline xlink:href=javascript:alert(1)>x</maction></math>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table>",
    "<annotation-xml encoding='text/html'><img src=x onerror=alert(1)></annotation-xml>",
    "<a href=javascript:alert(1)>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "![x](javascript:alert(1))",
    '![x" onerror="alert(1)](y)',
    '[x](https://a "\\" onmouseover=alert(1) \\"")',
    "<https://a.example/\"onmouseover='alert(1)'>",
    "<style>@import 'x'</style>",
    "<p style='position:fixed'>x</p>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<form action=//evil><input name=csrfmiddlewaretoken></form>",
    "<base href=//evil>",
    "<div id=content>x</div>",
    "`<script>`",
    "```<script>\nalert(1)\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "$\\text{</math><script>alert(1)</script>}$",
    '$\\textcolor{red"onload=alert(1)}{x}$',
    "$\\colorbox{javascript:x}{y}$",
    "[x]{-}<script>",
    "[<img src=x onerror=alert(1)>]{-}",
    "\\<script\\>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_in_a_text_does_not_survive(attack: str) -> None:
    inspect(render(attack).html)
    inspect(render_line(attack)[0])
    inspect(render_formula(attack)[0])


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_sanitiser_by_itself_stops_every_attack_written_as_html(attack: str) -> None:
    inspect(sanitise(attack))


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_sanitised_stays_as_it_is_when_sanitised_again(attack: str) -> None:
    once = render(attack).html
    assert sanitise(once) == once


MARKDOWN = st.text(
    alphabet=st.sampled_from(list("ab \n#*_`[](){}<>|-$\\\"'&;:!~^=/.\u00a0é1")), max_size=120
)


@settings(max_examples=200)
@example("$$\n\n$$")
@example("$a\\$")
@given(MARKDOWN | st.text(max_size=60))
def test_no_text_breaks_rendering(source: str) -> None:
    rendered = render(source)
    inspect(rendered.html)
    assert rendered.word_count >= 0


PARTS = r"""\frac \sqrt \left( \right) \begin{matrix} \end{matrix} { } ^ _ & \\ x 1 \text{ \href
\sum \over \not \color \big ' \limits [ ] \mathbf \hspace \middle \raise \rule \substack \genfrac
\atop \choose \verb|<| \sideset \xrightarrow \prescript \smash"""
LATEX = st.lists(st.sampled_from(PARTS.split()), max_size=14).map(" ".join)


@settings(max_examples=300)
@given(LATEX | st.text(max_size=40))
def test_no_formula_breaks_rendering(latex: str) -> None:
    html, _ = render_formula(latex)
    inspect(html)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("One. Two.", "One."),
        ("A sail, e.g. a jib, pulls. It does.", "A sail, e.g. a jib, pulls."),
        ("Port vs. Starboard matters. Always.", "Port vs. Starboard matters."),
        ("By J. Slocum alone. Round the world.", "By J. Slocum alone."),
        ("Is it 3.5 m long? Yes.", "Is it 3.5 m long?"),
        ("She said “Go.” Then we went.", "She said “Go.”"),
        ("No end", "No end"),
    ],
)
def test_the_first_sentence_ends_where_a_reader_would_end_it(text: str, sentence: str) -> None:
    assert first_sentence(text) == sentence


def test_the_opening_is_plain_text() -> None:
    rendered = render("## Head\n\nThe *loss* of `f` at [x](y) is $L$.\nMore.")
    assert rendered.opening == "The loss of f at x is L."


def test_a_formula_counts_as_one_word() -> None:
    assert render("one $a + b$ three `four`").word_count == 4


@settings(max_examples=200)
@example("1. Not a list")
@example("a *star* and a_b_c")
@example("$5 and $6 <b> &amp; \\ [x](y) [z]{-}")
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C"]), max_size=60))
def test_plain_text_shows_as_itself(text: str) -> None:
    words = " ".join(text.split())
    html = render(markdown_from_text(text)).html
    assert " ".join(unescape(re.sub(r"<[^>]*>", "", html)).split()) == words


def test_text_without_marks_needs_no_escape() -> None:
    text = "A boat's course - seen from the wind (close-hauled, e.g.) costs 1.5 times more."
    assert markdown_from_text(text) == text


def test_a_head_that_says_nothing_is_an_ordinary_cell() -> None:
    html = render("|  | Loss |\n| --- | --- |\n| Epoch | 3 |\n").html
    assert html.count("<th>") == html.count("</th>") == 1
    assert "<th>Loss</th>" in html
    assert html.count("<td>") == html.count("</td>") == 3


def test_a_long_formula_in_a_line_of_text_may_break_before_a_relation() -> None:
    html = render("As $1 \\cdot 9 + 2(2 \\cdot 3) + 4 \\cdot 1 = 9 + 12 + 4 = 25$ says.").html
    assert html.count("<math") == html.count("</math>") == 3
    assert '<math display="inline"><mrow><mo>=</mo><mn>25</mn></mrow></math> says' in html


def test_a_relation_inside_a_part_of_a_formula_breaks_nothing() -> None:
    html = render("The $\\frac{a = b + c + d}{e = f + g + h} + \\sqrt{i = j}$ here.").html
    assert html.count("<math") == 1


def test_a_short_formula_and_a_displayed_one_stay_in_one_piece() -> None:
    assert render("where $a = b$ is").html.count("<math") == 1
    assert render("$$\na + b + c + d + e = f + g + h = i + j\n$$").html.count("<math") == 1


@pytest.mark.parametrize("line", ["A. ", "cf. A ", "# the same\n"])
def test_a_text_ten_times_as_long_takes_about_ten_times_as_long(line: str) -> None:
    def seconds(copies: int) -> float:
        begun = time.process_time()
        render(line * copies)
        return time.process_time() - begun

    # What looks at everything before it takes a hundred times as long, and hangs at book length.
    assert seconds(20_000) < 40 * seconds(2_000) + 1


def test_headings_of_one_name_have_addresses_of_their_own() -> None:
    html = render("# A\n\n# A 2\n\n# A\n\n# A\n").html
    addresses = re.findall(r'id="([^"]+)"', html)
    assert addresses == ["section-a", "section-a-2", "section-a-3", "section-a-4"]
