"""Finds words on a page in the made language that are neither content nor looked up."""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser

import django
from django.apps import apps
from django.db.models import CharField, EmailField, SlugField, TextField

from tests.words.pseudo import ACCENTED

# Attributes that people see or hear.
SPOKEN = {"placeholder", "aria-label", "aria-description", "title", "alt", "content", "label"}
SILENT = {"script", "style", "code", "math", "svg", "pre"}
# Names, and what is the same in every language.
SAME = {
    *("Termtime", "Stripe", "GBP", "VAT", "CSV", "JSON", "PDF", "Anki", "A–Z", "Markdown", "RSS"),
    *("Europe/London", "GMT", "BST", "id", "ID", "html", "HTML"),
}
WORD = re.compile(r"[A-Za-z]{2,}")
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
        if model._meta.app_label not in {"accounts", "courses", "enrolment", "glossary"}:
            continue
        names = [
            field.attname
            for field in model._meta.concrete_fields
            if isinstance(field, CharField | TextField | SlugField | EmailField)
            and not field.choices
        ]
        for row in model._base_manager.values_list(*names) if names else ():
            for value in row:
                known.update(_pieces(value or ""))
    return known


def forgotten(html: str, known: Iterable[str]) -> list[str]:
    """The words of a page that nobody looked up; ``known`` is ``content()`` and more like it."""
    theirs = set(known)
    return [
        f"{where}: {run.strip()}"
        for where, text in said(html)
        for run in RUN.findall(_flat(text))
        if not _is_content(run, theirs)
    ]


def _is_content(run: str, known: set[str]) -> bool:
    if not WORD.search(run) or _flat(run).strip(" ·,.:;()–—") in known:
        return True
    return all(not WORD.search(piece) or piece in known for piece in _splits(run))


def _splits(run: str) -> Iterator[str]:
    """A run of several things: what stands between the marks that set them apart."""
    for part in re.split(r"\s*[·|,;:()/–—“”…]\s*|\s{2,}", run):
        yield part.strip(" .")


def _pieces(value: str) -> Iterator[str]:
    yield _flat(value)
    for line in value.splitlines():
        yield _flat(line)
    if "<" in value:
        for _, text in said(value):
            yield _flat(text)
            yield _flat(text).strip(" ·,.:;()–—")


def _flat(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    # For a site that runs elsewhere: what its people wrote, as JSON.
    django.setup()
    json.dump(sorted(content()), sys.stdout)
