"""Legal pages: the provider's facts put into Markdown that staff write.

A placeholder is a name between braces and nothing more. No template engine ever runs on what
staff wrote, and a value is text: none of it is read as Markdown or HTML.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from glossary.rendering import render

if TYPE_CHECKING:
    from courses.models.provider import Provider

FACTS = ("name", "legal_name", "address", "email", "phone", "vat_number", "company_number")
_PLACEHOLDER = re.compile(r"\{\{\s*([^{}\n]*?)\s*\}\}")
# CommonMark lets a backslash take the meaning from any ASCII punctuation.
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def unknown_placeholders(source: str) -> list[str]:
    """The placeholders in ``source`` that name no fact of the provider."""
    known = {f"provider.{fact}" for fact in FACTS}
    return [name for name in _PLACEHOLDER.findall(source) if name not in known]


def render_legal_text(source: str, provider: "Provider | None") -> str:
    """The finished page of ``source`` with the facts of ``provider`` in it."""
    return render(fill_in(source, provider, write=_as_markdown)).html


def fill_in(source: str, provider: "Provider | None", *, write: Callable[[str], str] = str) -> str:
    """``source`` with the facts of ``provider`` in it, each put through ``write``."""

    def fact(found: re.Match[str]) -> str:
        name = found[1].removeprefix("provider.")
        return write(_value(provider, name)) if name in FACTS else found[0]

    return _PLACEHOLDER.sub(fact, source)


def _value(provider: "Provider | None", name: str) -> str:
    if provider is None:
        return ""
    value = str(getattr(provider, name))
    if name == "legal_name":
        return value or provider.name
    lines = [line.strip(" ,") for line in value.splitlines()]
    return ", ".join(line for line in lines if line)


def _as_markdown(value: str) -> str:
    return _PUNCTUATION.sub(r"\\\1", " ".join(value.split()))
