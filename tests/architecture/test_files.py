"""What no file of the repository may be or hold."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES = 450
MODULES_OF_OURS = {"accounts", "config", "courses", "enrolment", "glossary", "sandbox", "tests"}
# Mail programs read no style sheets; everything that a browser shows obeys the policy.
MAIL = {("templates", "mail", "base.html"), ("templates", "mail", "action.html")}
FORBIDDEN = {
    "a style attribute": re.compile(r"<[a-z][^>]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a script of its own": re.compile(
        r"""<script\b(?![^>]*\s(?:src=|type="application/json"))""", re.IGNORECASE
    ),
    "an event handler": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a javascript address": re.compile(r"""(?:href|src|action)\s*=\s*["']?javascript:""", re.I),
    "an htmx expression": re.compile(r"""\shx-on|["']js:""", re.IGNORECASE),
    "another origin": re.compile(
        r"""<(?:script|link|img|iframe|source)\b[^>]*\s(?:src|href)\s*=\s*["']?(?:https?:)?//""",
        re.IGNORECASE,
    ),
}


def test_no_module_is_too_long_to_read(tracked: list[Path]) -> None:
    modules = [
        path
        for path in tracked
        if path.suffix == ".py"
        and path.relative_to(ROOT).parts[0] in MODULES_OF_OURS
        and "migrations" not in path.parts
    ]
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in modules
    }
    assert len(lengths) > 100
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def wrongs_in(html: str) -> list[str]:
    """What a page with this in it would have that the Content-Security-Policy refuses."""
    without_comments = re.sub(
        r"\{#.*?#\}|\{% comment.*?endcomment %\}|<!--.*?-->", "", html, flags=re.DOTALL
    )
    return [what for what, pattern in FORBIDDEN.items() if pattern.search(without_comments)]


def test_no_template_carries_what_the_policy_refuses(tracked: list[Path]) -> None:
    pages = [
        path
        for path in tracked
        if path.suffix == ".html" and not MAIL & {path.relative_to(ROOT).parts[:3]}
    ]
    assert len(pages) > 50
    found = {str(path.relative_to(ROOT)): wrongs_in(path.read_text("utf-8")) for path in pages}
    assert {name: wrongs for name, wrongs in found.items() if wrongs} == {}


def test_what_the_policy_refuses_is_recognised() -> None:
    assert wrongs_in('<p style="color: red">') == ["a style attribute"]
    assert wrongs_in("<style>p {}</style>") == ["a style element"]
    assert wrongs_in("<script>alert(1)</script>") == ["a script of its own"]
    assert wrongs_in('<button\n onclick="x()">') == ["an event handler"]
    assert wrongs_in('<a href="javascript:x()">') == ["a javascript address"]
    assert wrongs_in('<p hx-on:click="x()">') == ["an htmx expression"]
    assert wrongs_in('<img alt="" src="//cdn.example/x.png">') == ["another origin"]
    assert wrongs_in('<script type="application/json">{}</script>') == []
    assert wrongs_in('<script src="/static/a.js" defer></script><a href="//x.example">') == []


def test_no_template_is_rendered_from_what_people_write(tracked: list[Path]) -> None:
    """A template engine over staff's text would read settings and secrets for them."""
    runs_text = re.compile(r"\bfrom_string\(|\bTemplate\(")
    sources = [
        path
        for path in tracked
        if path.suffix == ".py"
        and path.relative_to(ROOT).parts[0] in MODULES_OF_OURS - {"tests", "sandbox"}
    ]
    assert [str(path) for path in sources if runs_text.search(path.read_text("utf-8"))] == []
