"""Colours that can be read, and one place where they are named."""

import math
import re
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parents[2] / "static" / "css"
TOKENS = (CSS / "tokens.css").read_text("utf-8")
COLOUR = r"oklch\((?P<{0}>[\d. ]+)\)"
PAIR = re.compile(
    r"--(?P<name>[\w-]+):\s*light-dark\("
    + COLOUR.format("light")
    + r",\s*"
    + COLOUR.format("dark")
    + r"\)"
)
PLAIN = re.compile(r"--(?P<name>[\w-]+):\s*" + COLOUR.format("both") + ";")
# WCAG 2.2, success criteria 1.4.3 (text) and 1.4.11 (edges, and what shows the focus).
TEXT = 4.5
EDGE = 3.0

Colour = tuple[float, float, float]

PAPERS = ["paper", "paper-raised", "paper-sunk"]
INKS = ["ink", "ink-soft", "ink-faint", "accent", "accent-deep", "signal-text", "bad", "good"]
CODE = ["code-comment", "code-keyword", "code-string", "code-number", "code-name"]
READ = [
    *[(ink, paper) for ink in INKS for paper in PAPERS],
    *[(ink, "accent-wash") for ink in ["ink", "ink-soft", "accent", "accent-deep"]],
    *[(ink, "signal-wash") for ink in ["ink", "ink-soft", "signal-text"]],
    *[(ink, f"{ink}-wash") for ink in ["good", "warn", "bad"]],
    *[("ink", f"{state}-wash") for state in ["good", "warn", "bad"]],
    *[(code, "paper-sunk") for code in CODE],
    ("on-accent", "accent"),
    ("on-accent", "accent-deep"),
    ("on-signal", "signal"),
    ("on-signal", "signal-deep"),
    ("on-bad", "bad"),
    ("paper", "ink"),
]
SEEN = [
    *[(edge, paper) for edge in ["edge", "signal-edge", "accent", "bad"] for paper in PAPERS],
]


def colours(theme: str) -> dict[str, Colour]:
    """Every colour that is named, as OKLCH in that theme."""
    named = {found["name"]: found[theme] for found in PAIR.finditer(TOKENS)}
    named |= {found["name"]: found["both"] for found in PLAIN.finditer(TOKENS)}
    return {name: _numbers(text) for name, text in named.items()}


def _numbers(text: str) -> Colour:
    lightness, chroma, hue = (float(number) for number in text.split())
    return lightness, chroma, hue


def luminance(colour: Colour) -> float:
    """How light it is, 0 to 1: linear sRGB (after Ottosson's matrices), weighed as WCAG says."""
    lightness, chroma, hue = colour
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    red, green, blue = (min(max(channel, 0.0), 1.0) for channel in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """From 1, the same, to 21, black on white."""
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_wcag_measures_it() -> None:
    white, black, grey = (1.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.5999, 0.0, 0.0)
    assert contrast(white, black) == pytest.approx(21, abs=0.01)
    assert contrast(white, white) == 1
    assert contrast(white, grey) == pytest.approx(3.95, abs=0.02)  # #808080 on white


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_whatever_is_read_stands_out_from_its_paper(theme: str) -> None:
    named = colours(theme)
    faint = {
        f"{ink} on {paper}": round(reached, 2)
        for ink, paper in READ
        if (reached := contrast(named[ink], named[paper])) < TEXT
    }
    assert faint == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_whatever_is_pressed_has_an_edge_that_is_seen(theme: str) -> None:
    named = colours(theme)
    faint = {
        f"{edge} on {paper}": round(reached, 2)
        for edge, paper in SEEN
        if (reached := contrast(named[edge], named[paper])) < EDGE
    }
    assert faint == {}


def test_colours_are_named_in_one_place() -> None:
    values = re.compile(r"(?:oklch|rgba?|hsla?|oklab|lab|lch)\([\d.]|#[0-9a-fA-F]{3,8}\b")
    files = [path for path in CSS.rglob("*.css") if path.name != "tokens.css"]
    assert len(files) > 40
    found = {str(path.relative_to(CSS)): values.findall(path.read_text("utf-8")) for path in files}
    assert {name: values for name, values in found.items() if values} == {}


def test_every_file_of_a_component_keeps_to_one_layer() -> None:
    for path in CSS.rglob("*.css"):
        rules = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL).strip()
        # The admin's are in none, as Django's are: docs/decisions/admin-in-our-dress.md.
        if path.name in {"tokens.css", "site.css"} or path.parent.name == "admin":
            continue
        assert rules.startswith("@layer "), path.name
        assert _closes_at_the_end(rules), path.name


def _closes_at_the_end(rules: str) -> bool:
    """Whether the first brace that opens is closed by the last character."""
    depth = 0
    for place, character in enumerate(rules):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == "}" and depth == 0:
            return place == len(rules) - 1
    return False


def test_every_file_is_in_the_list_of_the_site() -> None:
    listed = set(re.findall(r'@import "([\w/-]+\.css)"', (CSS / "site.css").read_text("utf-8")))
    there = {str(path.relative_to(CSS)) for path in CSS.rglob("*.css")} - {"site.css"}
    assert there - {name for name in there if name.startswith("admin/")} == listed
