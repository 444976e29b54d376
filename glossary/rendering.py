"""Markdown to finished HTML, once, when a text is saved.

CommonMark with tables, strikethrough, mathematics (``$…$`` and ``$$…$$``), code colours, and
``[a few words]{-}``, which keeps terms in those words from being linked. HTML in the source is
shown as the text it is. The result is sanitised last, once, as a whole.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape, unescape
from typing import Any

from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from glossary.mathematics import mathml
from glossary.sanitising import sanitise, sanitise_line

# Past this a listing is shown without colours: some lexers are slow on odd input.
MAX_COLOURED_CODE = 20_000
# A heading's address begins with this, so that no heading can take the id of a part of the page.
ANCHOR = "section-"
UNLINKED = "unlinked"


@dataclass(frozen=True)
class Rendered:
    """A text as a page shows it, before its terms are linked."""

    html: str
    problems: tuple[str, ...]
    word_count: int
    # The first sentence as plain text.
    opening: str
    # As ``Passage.sections``.
    sections: tuple[dict[str, str], ...] = ()


def render(source: str, *, anchors: bool = True) -> Rendered:
    """The finished page of ``source``. Never raises for what the text says.

    ``anchors`` gives headings an address; a text that stands on a page with others has none.
    """
    if _means_itself(source):
        return Rendered(f"<p>{source}</p>\n", (), source.count(" ") + 1, first_sentence(source))
    return _render(source, anchors=anchors)


def _render(source: str, *, anchors: bool) -> Rendered:
    problems: list[str] = []
    env: dict[str, Any] = {"problems": problems}
    tokens = _MARKDOWN.parse(_clean(source), env)
    _set_headings(tokens, anchors=anchors)
    html = sanitise(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, env))
    return Rendered(
        html=html,
        problems=tuple(problems),
        word_count=_count_words(html),
        opening=_opening(tokens),
        sections=tuple(sections_of(html)) if anchors else (),
    )


def sections_of(html: str) -> list[dict[str, str]]:
    """The chapters of finished HTML: the headings of the second level that have an address."""
    return [
        {"id": name, "html": _ANCHOR_TAG.sub("", words).strip()}
        for name, words in _CHAPTER.findall(html)
    ]


_CHAPTER = re.compile(r'<h2 id="([^"]+)">(.*?)</h2>', re.DOTALL)
_ANCHOR_TAG = re.compile(r"</?a\b[^>]*>")


def render_with_tex(source: str) -> str:
    """The same page with each formula as TeX between ``\\(`` and ``\\)`` within a bare ``<math>``.

    For programs that set mathematics by themselves; what cannot be shown is shown as its source.
    """
    env: dict[str, Any] = {"problems": [], "tex": True}
    tokens = _MARKDOWN.parse(_clean(source), env)
    _set_headings(tokens, anchors=False)
    return sanitise(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, env))


def render_line(source: str) -> tuple[str, tuple[str, ...]]:
    """One line of Markdown (a caption) as HTML without blocks, and the problems in it."""
    if not source or _means_itself(source):
        return source, ()
    return _render_line(source)


def _render_line(source: str) -> tuple[str, tuple[str, ...]]:
    problems: list[str] = []
    html = _MARKDOWN.renderInline(" ".join(_clean(source).split()), {"problems": problems})
    return sanitise_line(html), tuple(problems)


def render_formula(latex: str) -> tuple[str, str]:
    """A term's formula as a displayed MathML formula, and what is wrong with it ("" if nothing).

    No formula gives no HTML.
    """
    if not latex.strip():
        return "", ""
    html, problem = mathml(_clean(latex), display=True)
    return sanitise_line(html), problem


def markdown_from_text(text: str) -> str:
    """Markdown that shows exactly ``text``: what plain text means as marks is escaped.

    Text that Markdown reads as itself, as nearly all does, comes back as it is. A blank line
    begins a new paragraph; all other white space is one space.
    """
    if _means_itself(text):
        return text
    paragraphs = (" ".join(part.split()) for part in _BLANK_LINE.split(text))
    return "\n\n".join(_escaped(paragraph) for paragraph in paragraphs if paragraph)


def _escaped(text: str) -> str:
    if _means_itself(text) or _shows(text) == text:
        return text
    return re.sub(r"([\\`*_{}\[\]<>()#+\-.!|$~&])", r"\\\1", text)


_BLANK_LINE = re.compile(r"\n[^\S\n]*\n|\r\n[^\S\n]*\r\n")
# Words, figures and everyday punctuation between single spaces; the first character begins no
# list, and no figure before a full stop or a bracket does.
_PLAIN = re.compile(
    r"(?!\d+[.)])[A-Za-zÀ-ÖØ-öø-ſ0-9“‘(\"'][A-Za-zÀ-ÖØ-öø-ſ0-9,.;:?!'\"‘’“”()/%£–—-]*"
    r"(?: [A-Za-zÀ-ÖØ-öø-ſ0-9,.;:?!'\"‘’“”()/%£–—-]+)*"
)


def _means_itself(source: str) -> bool:
    """Whether ``source`` has nothing in it that could be a mark of Markdown, an address or HTML.

    Most definitions of most glossaries: they need no parser and no sanitiser to be shown.
    """
    return _PLAIN.fullmatch(source) is not None


def _shows(source: str) -> str | None:
    """The text that ``source`` shows, where it is one paragraph without any mark; else None."""
    html = render(source).html.strip()
    paragraph = re.fullmatch(r"<p>([^<]*)</p>", html)
    return unescape(paragraph[1]) if paragraph else None


def _clean(source: str) -> str:
    return source.replace("\x00", "").replace("\r\n", "\n")


# What Markdown becomes -----------------------------------------------------------------------

# What may be wider than the page scrolls in a box of its own, which a keyboard must be able to
# reach. A group is no landmark: ten formulas must not fill a screen reader's list of those.
FORMULA_BOX = '<div class="math-block" tabindex="0" role="group" aria-label="Formula">'
TABLE_BOX = '<div class="table-scroll" tabindex="0" role="group" aria-label="Table">'


def _math_rule(*, display: bool) -> Any:
    def rule(
        _self: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, env: Any
    ) -> str:
        html, problem = mathml(tokens[index].content, display=display)
        if problem:
            env["problems"].append(problem)
        elif env.get("tex"):
            return f"<math>{escape(as_tex(tokens[index].content, display=display))}</math>"
        return f"{FORMULA_BOX}{html}</div>\n" if tokens[index].block else html

    return rule


def as_tex(latex: str, *, display: bool) -> str:
    """A formula between the marks that MathJax looks for."""
    opening, closing = (r"\[", r"\]") if display else (r"\(", r"\)")
    return f"{opening}{latex.strip()}{closing}"


def _coloured(code: str, language: str, _attributes: str) -> str:
    """The listing with Pygments' classes, without its own box; "" leaves it to the renderer."""
    if not language or len(code) > MAX_COLOURED_CODE:
        return ""
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return ""
    coloured: str = highlight(code, lexer, HtmlFormatter(nowrap=True))
    return coloured


def _open_table(_self: RendererHTML, *_: Any) -> str:
    return f"{TABLE_BOX}<table>\n"


def _close_table(_self: RendererHTML, *_: Any) -> str:
    return "</table></div>\n"


def _aligned_cell(
    _self: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, _env: Any
) -> str:
    """The alignment of a column as a class: style attributes are against our policy."""
    style = str(tokens[index].attrGet("style") or "")
    side = style.removeprefix("text-align:")
    named = f' class="align-{side}"' if side in {"left", "center", "right"} else ""
    return f"<{_cell(tokens, index, inside=index + 1)}{named}>"


def _close_head(
    _self: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, _env: Any
) -> str:
    return f"</{_cell(tokens, index, inside=index - 1)}>\n"


def _cell(tokens: Sequence[Token], index: int, *, inside: int) -> str:
    """The tag of a cell. A head that says nothing (a corner, a missing title) heads nothing."""
    tag = tokens[index].tag
    return "td" if tag == "th" and not tokens[inside].content.strip() else tag


_UNLINKED_SPAN = re.compile(r"\[([^\[\]\n]+)\]\{-\}")


def _unlinked_span(state: StateInline, silent: bool) -> bool:
    """``[deep learning]{-}``: these words, without a link to a term."""
    found = _UNLINKED_SPAN.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    if not silent:
        state.push("unlinked_open", "span", 1).attrSet("class", UNLINKED)
        state.push("text", "", 0).content = found[1]
        state.push("unlinked_close", "span", -1)
    state.pos = found.end()
    return True


def _make_markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "highlight": _coloured})
    markdown.enable(["table", "strikethrough"])
    # A price in dollars is no formula, hence no digits beside the signs.
    dollarmath_plugin(markdown, allow_labels=False, allow_space=False, allow_digits=False)
    markdown.inline.ruler.before("link", "unlinked_span", _unlinked_span)
    markdown.add_render_rule("math_inline", _math_rule(display=False))
    markdown.add_render_rule("math_block", _math_rule(display=True))
    markdown.add_render_rule("table_open", _open_table)
    markdown.add_render_rule("table_close", _close_table)
    markdown.add_render_rule("th_open", _aligned_cell)
    markdown.add_render_rule("td_open", _aligned_cell)
    markdown.add_render_rule("th_close", _close_head)
    return markdown


_MARKDOWN = _make_markdown()


def _set_headings(tokens: list[Token], *, anchors: bool) -> None:
    """Let headings begin at the second level (the page has its title), each with its own id."""
    taken: dict[str, int] = {}
    for index, token in enumerate(tokens):
        if token.type not in {"heading_open", "heading_close"}:
            continue
        if token.tag == "h1":
            token.tag = "h2"
        if anchors and token.type == "heading_open":
            words = slugify(_plain(tokens[index + 1].children or []))[:60].strip("-") or "part"
            token.attrSet("id", _unused(f"{ANCHOR}{words}", taken))


def _unused(wanted: str, taken: dict[str, int]) -> str:
    """``wanted``, numbered where it is ``taken``, which keeps the last number given to each."""
    name, number = wanted, taken.get(wanted, 1)
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    taken[wanted] = number
    taken.setdefault(name, 1)
    return name


# What plain text is left ---------------------------------------------------------------------

# Behind a formula, so that the L of “is $L$.” is not taken for an initial as in “L. Lovelace”.
_AFTER_FORMULA = "\u2060"
_SENTENCE_END = re.compile(r"[.!?]['’”\")\]]*(?=\s+['‘“\"(\[]?[A-Z0-9])")
# In characters, with the one before it: no more is looked at, so that a long text of initials
# costs no more than any other.
LONGEST_ABBREVIATION = 8
_ABBREVIATIONS = re.compile(
    r"(?:\b(?:e\.g|i\.e|cf|vs|etc|approx|ca|Dr|Mr|Mrs|Ms|Prof|St|Fig|Eq|No|p|pp|al)|\b[A-Z])\.$"
)


def _plain(tokens: Sequence[Token]) -> str:
    """The words of a line; of a formula its LaTeX, of a picture its description."""
    parts = []
    for token in tokens:
        if token.type in {"softbreak", "hardbreak"}:
            parts.append(" ")
        elif token.type == "image":
            parts.append(_plain(token.children or []))
        elif token.type.startswith("math"):
            parts.append(f"{token.content}{_AFTER_FORMULA}")
        else:
            parts.append(token.content)
    return " ".join("".join(parts).split())


def _opening(tokens: Sequence[Token]) -> str:
    """The first sentence of the first paragraph; "" where there is none."""
    for index, token in enumerate(tokens):
        if token.type == "paragraph_open":
            words = _plain(tokens[index + 1].children or [])
            return first_sentence(words).replace(_AFTER_FORMULA, "")
    return ""


def first_sentence(text: str) -> str:
    """``text`` up to the end of its first sentence; abbreviations and initials end none."""
    for end in _SENTENCE_END.finditer(text):
        before = text[max(0, end.start() - LONGEST_ABBREVIATION) : end.start() + 1]
        if not _ABBREVIATIONS.search(before):
            return text[: end.end()]
    return text


def _count_words(html: str) -> int:
    """How many words there are to read; a formula counts as one."""
    text = re.sub(r"<math.*?</math>", " formula ", html, flags=re.DOTALL)
    text = re.sub(r"</?(?:em|strong|s|a|code|span)\b[^>]*>", "", text)
    return len(unescape(re.sub(r"<[^>]*>", " ", text)).split())
