"""LaTeX to MathML, once, when a text is saved.

The converter lets HTML in ``\\text{…}`` and addresses in ``\\href`` through, raises many kinds of
exception on odd input, and expands macros without end. So its input is capped, its exceptions are
caught, and its output must be well-formed MathML made of elements and attributes that are named
here. What does not pass is shown as its source, and staff get a sentence that says why.
"""

import re
from html import unescape
from xml.etree import ElementTree as ET

from django.utils.html import escape
from latex2mathml.converter import convert

from glossary.wording import word_set

MATH_TAGS = word_set(
    """
    math mrow mi mn mo mtext mspace msup msub msubsup mfrac msqrt mroot mover munder
    munderover mtable mtr mtd mstyle mpadded mphantom menclose mmultiscripts mprescripts
    merror none
    """
)
# No href, no class, no style, no handlers, nothing that takes an address.
MATH_ATTRIBUTES = word_set(
    """
    display displaystyle scriptlevel mathvariant mathsize mathcolor mathbackground stretchy
    fence form accent accentunder linethickness columnalign columnlines columnspacing
    rowspacing rowlines frame minsize maxsize movablelimits separator symmetric largeop
    lspace rspace width height depth voffset notation
    """
)

# How many parts these have; the converter leaves out what a formula does not say.
_PARTS = {
    **dict.fromkeys(("mfrac", "mroot", "msub", "msup", "mover", "munder"), 2),
    **dict.fromkeys(("msubsup", "munderover"), 3),
}

MAX_LENGTH = 2_000
MAX_DEPTH = 20
# Macros can expand without end, and an address or a style is no part of a formula; the starred
# operator name comes out of the converter as its letters.
REFUSED = re.compile(
    r"\\(newcommand|renewcommand|providecommand|def|newenvironment|renewenvironment|"
    r"DeclareMathOperator|href|class|style|unicode|mathchoice|operatorname\*)(?![A-Za-z])"
)
# What the converter calls by another name.
_RENAMED = re.compile(r"\\(begin|end)\s*\{aligned\}")
_UNKNOWN = re.compile(r"\\[A-Za-z]+")


def mathml(latex: str, *, display: bool) -> tuple[str, str]:
    """The formula as MathML and "", or its source in ``<code>`` and a sentence for staff."""
    latex = latex.strip()
    reason = _refusal(latex)
    if not reason:
        try:
            html = convert(
                _RENAMED.sub(r"\\\1{split}", latex), display="block" if display else "inline"
            )
            reason = _what_is_wrong_with(html)
        except Exception:  # noqa: BLE001 - the converter raises KeyError, IndexError, StopIteration, …
            reason = "it cannot be read as LaTeX"
    if reason:
        shown = latex if len(latex) <= 80 else f"{latex[:79]}…"
        return f"<code>{escape(latex)}</code>", f"The formula “{shown}” is not shown: {reason}."
    return html if display else _breakable(html), ""


# A line of text is broken before these, and nowhere else in a formula.
_RELATIONS = frozenset("=≠≈≃≅≡∼∝<>≤≥⩽⩾≪≫→↦⇒⇔∈⊂⊆≔")
# What is shorter than this fits on any line.
_SHORT = 14
_PIECE = re.compile(r"<(/?)(\w+)[^>]*?(/?)>([^<]*)")
_BREAK = '</mrow></math><math display="inline"><mrow>'


def _breakable(html: str) -> str:
    """A formula within a line as several, each from one relation to the next.

    No browser breaks a ``<math>`` over two lines, and one that is wider than a phone would make
    the whole page scroll sideways.
    """
    if len(unescape(re.sub(r"<[^>]*>", "", html))) < _SHORT:
        return html
    made, depth, children = "", 0, 0
    for piece in _PIECE.finditer(html):
        closes, tag, empty, text = piece.groups()
        if not closes and depth == 2:  # of <math><mrow>
            if tag == "mo" and children and unescape(text) in _RELATIONS:
                made += _BREAK
            children += 1
        made += piece[0]
        depth += -1 if closes else 0 if empty else 1
    return made


def _refusal(latex: str) -> str:
    if not latex:
        return "it is empty"
    if len(latex) > MAX_LENGTH:
        return f"it is longer than {MAX_LENGTH:,} characters"
    if refused := REFUSED.search(latex):
        return f"\\{refused[1]} is not allowed in a formula"
    if any(ord(character) < 32 and character not in "\t\n\r" for character in latex):
        return "it contains a control character"
    if _depth(latex) > MAX_DEPTH:
        return f"it is nested more than {MAX_DEPTH} deep"
    return ""


def _depth(latex: str) -> int:
    """How deep braces, brackets and environments nest, or scripts and commands follow each other.

    A run such as ``^^^^`` or ``\\hat\\hat\\hat`` nests in the converter as braces do.
    """
    depth = deepest = run = 0
    for token in re.finditer(r"\\[A-Za-z]+|\\.|.", latex, re.DOTALL):
        text = token[0]
        if text in {"{", "["} or text in {r"\left", r"\begin"}:
            depth += 1
        elif text in {"}", "]"} or text in {r"\right", r"\end"}:
            depth = max(0, depth - 1)
        run = run + 1 if text in {"^", "_"} or text in _TAKES_ARGUMENT else 0
        deepest = max(deepest, depth, run)
    return deepest


_TAKES_ARGUMENT = frozenset(
    f"\\{name}"
    for name in [
        "hat",
        "tilde",
        "bar",
        "vec",
        "dot",
        "ddot",
        "check",
        "breve",
        "acute",
        "grave",
        "overline",
        "underline",
        "widehat",
        "widetilde",
        "sqrt",
        "frac",
        "dfrac",
        "tfrac",
        "binom",
        "not",
        "mathbf",
        "mathbb",
        "mathcal",
        "mathrm",
        "mathit",
        "mathsf",
        "mathfrak",
        "mathscr",
        "mathtt",
        "boldsymbol",
        "operatorname",
        "overbrace",
        "underbrace",
        "overset",
        "underset",
        "stackrel",
    ]
)


def _what_is_wrong_with(html: str) -> str:
    """Why this is not MathML as we allow it; "" where it is."""
    try:
        root = ET.fromstring(html)  # noqa: S314 - capped in length; a DOCTYPE cannot occur inside <math>
    except ET.ParseError:
        return "it contains < or & where plain text is meant; use \\lt or \\&"
    for element in root.iter():
        tag = element.tag.rpartition("}")[2]
        if tag not in MATH_TAGS:
            return f"it contains <{tag}>, which is no mathematics"
        for name in element.attrib:
            if name not in MATH_ATTRIBUTES:
                return f"{name} is not allowed in a formula"
        if len(element) != _PARTS.get(tag, len(element)):
            return "a part of it is missing"
        if tag != "mtext" and (unknown := _UNKNOWN.search(element.text or "")):
            return f"{unknown[0]} is not known"
    return ""
