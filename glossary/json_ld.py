"""A glossary and its terms as search engines read them: JSON-LD in the words of schema.org.

It stands in a page as a data block, which no browser runs and no Content-Security-Policy stops:
https://html.spec.whatwg.org/multipage/scripting.html#data-block
"""

import json
from collections.abc import Iterable
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from glossary.addresses import absolute
from glossary.models import Glossary, Term

# None of these may stand in a script element as it is; JSON has another way to write each.
ESCAPED = {ord(letter): f"\\u{ord(letter):04X}" for letter in "<>&\u2028\u2029"}


def glossary_block(glossary: Glossary, terms: Iterable[Term]) -> SafeString:
    """https://schema.org/DefinedTermSet, with those of its terms that the page shows."""
    listed = [{**_named(term), "name": term.name} for term in terms]
    whole = {"@context": "https://schema.org", **_set_of(glossary), "hasDefinedTerm": listed}
    return block(whole)


def term_block(term: Term, *, aliases: list[str]) -> SafeString:
    """https://schema.org/DefinedTerm"""
    other_names = [name for name in (term.abbreviation, *aliases) if name]
    says: dict[str, Any] = {
        "@context": "https://schema.org",
        **_named(term),
        "name": term.name,
        "alternateName": other_names,
        "description": term.opening,
        "inDefinedTermSet": _set_of(term.glossary),
    }
    return block(says)


def _set_of(glossary: Glossary) -> dict[str, Any]:
    address = absolute(glossary.get_absolute_url())
    says = {
        "@type": "DefinedTermSet",
        "@id": address,
        "url": address,
        "name": glossary.title,
        "description": glossary.summary,
    }
    return said(says)


def _named(term: Term) -> dict[str, str]:
    address = absolute(term.get_absolute_url())
    return {"@type": "DefinedTerm", "@id": address, "url": address}


def said(says: dict[str, Any]) -> dict[str, Any]:
    """Without what nothing is said of."""
    return {name: value for name, value in says.items() if value not in ("", [], {})}


def block(says: dict[str, Any]) -> SafeString:
    """The element that says it."""
    written = json.dumps(said(says), ensure_ascii=False).translate(ESCAPED)
    return format_html(
        '<script type="application/ld+json">{}</script>',
        mark_safe(written),  # noqa: S308 - nothing is left in it that could end the element
    )
