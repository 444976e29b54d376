"""Finds words on a page in the made language that are neither content nor looked up."""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import Any

import django
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import CharField, JSONField, TextField

from tests.words.pseudo import ACCENTED

# Attributes that people see or hear.
SPOKEN = {"placeholder", "aria-label", "aria-description", "title", "alt", "content", "label"}
SILENT = {"script", "style", "code", "math", "svg", "pre"}
# Names, and what is the same in every language.
SAME = {
    *("Termtime", "Stripe", "GBP", "VAT", "CSV", "JSON", "PDF", "Anki", "A–Z", "Markdown", "RSS"),
    *("Europe/London", "GMT", "BST", "id", "ID", "html", "HTML", "localhost", "XLSX"),
}
# Whose rows are content: of the roles, and what they may do, Django keeps the names in rows.
APPLICATIONS = {"accounts", "auth", "courses", "enrolment", "glossary", "mfa", "procrastinate"}
WORD = re.compile(r"[A-Za-z]{2,}")
# Numbers of receipts and payments, and addresses.
CODE = re.compile(
    r"\b[A-Z]{2,4}-\w+|\{\{[^{}]*\}\}|\w+\*{6,}|\S+@\S+|https?://\S+|/\S+/"
    r"|\b(?:courses|enrolment|glossary)\.[\w.]+(?:\[\d+\]\(.*)?|pbkdf2_sha256",
    re.DOTALL,
)
# A piece of JSON, as Stripe told it.
JSON = re.compile(r'"\w+": (?:["{\[\d]|null|true|false)')
# What sets several things apart, and what stands around one.
SEVERAL = re.compile(r"\s*[·|›,;:()/–—“”…]\s*")
MARKS = " ·,.:;()–—“”’›|?-"
# A run of text between two pieces of the made language.
RUN = re.compile(rf"[^⟦⟧{ACCENTED}]+")


class Said(HTMLParser):
    """Collects a page's visible words: (where, text)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self._silent.append(tag)
        given = dict(attrs)
        if tag == "meta" and given.get("name", given.get("property")) not in SPOKEN_METAS:
            return
        for name, value in given.items():
            is_button = tag == "input" and name == "value" and given.get("type") == "submit"
            if value and (name in SPOKEN or is_button):
                self.found.append((f"{tag}[{name}]", value))

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.found.append(("text", data))


SPOKEN_METAS = {"description", "og:title", "og:description", "og:image:alt", "twitter:title"}


def said(html: str) -> list[tuple[str, str]]:
    """What a page shows or says aloud, in its order, each with where it stands."""
    reader = Said()
    reader.feed(html)
    return reader.found


def content() -> set[str]:
    """Every text that people wrote: each row's texts, whole, by line, and by node of its HTML."""
    known: set[str] = set(SAME)
    for model in apps.get_models():
        if model._meta.app_label not in APPLICATIONS:
            continue
        names = [
            field.attname
            for field in model._meta.concrete_fields
            if isinstance(field, CharField | TextField | JSONField) and not field.choices
        ]
        for row in model._base_manager.values_list(*names) if names else ():
            for value in row:
                known.update(_pieces(value))
    return known | _called()


def _called() -> set[str]:
    """What rows are called that have no text of their own, and people by their first names."""
    kinds = [("courses", "CourseGlossary"), ("enrolment", "StripeEvent"), ("glossary", "Import")]
    models = [apps.get_model(*kind) for kind in kinds]
    rows = {str(row) for model in models for row in model._base_manager.all()}
    people = get_user_model()._base_manager.all()
    return rows | {person.get_short_name() for person in people}


def forgotten(html: str, known: Iterable[str]) -> list[str]:
    """The words of a page that nobody looked up; ``known`` is ``content()`` and more like it."""
    theirs = set(known)
    return [
        f"{where}: {_flat(run)}"
        for where, text in said(html)
        for run in RUN.findall(text)
        if not _is_content(run, theirs)
    ]


def _is_content(run: str, known: set[str]) -> bool:
    text = _flat(CODE.sub(" ", run))
    whole = {_flat(run), _flat(run).strip(MARKS), text, text.strip(MARKS)}
    if not WORD.search(text) or whole & known or JSON.search(text):
        return True
    for cut in (text, _flat(run)):
        if cut.endswith("…") and any(one.startswith(cut[:-1].strip()) for one in known):
            return True
    # Several things one below the other, or part of a text, as a search shows it.
    if all(line in known for line in map(_flat, run.splitlines()) if line):
        return True
    if text.count(" ") > 1 and any(text.strip(MARKS) in one for one in known):
        return True
    for one in known:
        if len(one) > 60:  # a sentence, and what is said of it
            text = text.replace(one, "")
    parts = [part.strip(MARKS) for part in SEVERAL.split(text)]
    return all(not WORD.search(part) or part in known for part in parts)


def _pieces(value: Any) -> Iterator[str]:
    """What a page may show of a value alone: all of it, its lines, what lies in it, its text."""
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _pieces(one)
    if not isinstance(value, str):
        return
    lines = [value, *value.splitlines(), *(text for _, text in said(value) if "<" in value)]
    for line in lines:
        yield from (_flat(line), _flat(line).strip(MARKS))


def _flat(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    # For a site that runs elsewhere: what its people wrote, as JSON.
    django.setup()
    json.dump(sorted(content()), sys.stdout)
