"""Terms to take away: as a deck for Anki, and as a table.

A deck's ids follow from the site and from what they stand for, so that Anki updates the cards it
has when somebody imports a deck again. genanki knows Anki's schema; the file is written here,
since its own way leaves a copy of every deck in the temporary folder (docs/decisions/decks.md).
"""

import csv
import hashlib
import io
import re
import sqlite3
import warnings
import zipfile
from collections.abc import Iterable
from datetime import datetime
from html import escape
from itertools import count

import genanki
from django.conf import settings

from glossary.exporting.cells import defused
from glossary.mathematics import mathml
from glossary.models import Term, TermQuerySet
from glossary.practice.blanking import blank, names_of
from glossary.practice.picture import Row
from glossary.rendering import as_tex, render_with_tex

# Goes up when the same terms make another deck, so that nobody keeps the old.
SHAPE = 1

HEADINGS = (
    "term",
    "abbreviation",
    "also known as",
    "definition",
    "formula",
    "glossary",
    "address",
    "likely to know, per cent",
    "asked again on",
)

_FIELDS = ("Term", "Abbreviation", "Definition", "Question", "Formula", "Aliases", "Address")
_ABBREVIATED = "{{#Abbreviation}} ({{Abbreviation}}){{/Abbreviation}}"
_BACK = f"""{{{{FrontSide}}}}<hr id="answer"><div class="name">{{{{Term}}}}{_ABBREVIATED}</div>
<div>{{{{Definition}}}}</div>{{{{#Formula}}}}<div>{{{{Formula}}}}</div>{{{{/Formula}}}}
{{{{#Aliases}}}}<div class="fine">Also known as {{{{Aliases}}}}</div>{{{{/Aliases}}}}
<div class="fine"><a href="{{{{Address}}}}">{{{{Address}}}}</a></div>"""
_CSS = """.card { max-width: 40em; margin: 0 auto; padding: 1em;
  font: 20px/1.5 Charter, Georgia, serif; }
.name { font-weight: bold; font-size: 1.3em; }
.fine { font-size: 0.75em; opacity: 0.8; }
.gap { display: inline-block; width: 5em; border-bottom: 2px solid; }
.visually-hidden { display: none; }"""
# What Anki would act on within a field: mathematics, sounds, LaTeX, speech.
_MARKS = re.compile(r"\\(?=[(\[])|\[(?=sound:|latex|/?\$|anki:)", re.IGNORECASE)
_TEX = re.compile(r"<math\b[^>]*>(.*?)</math>", re.DOTALL)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def terms_to_take(terms: TermQuerySet) -> list[Term]:
    """The terms with all that is taken away, A to Z: two queries."""
    rows = terms.in_order().select_related("glossary", "definition")
    return list(rows.prefetch_related("aliases"))


def as_apkg(terms: Iterable[Term], *, title: str, key: str) -> bytes:
    """An Anki package of one deck; ``key`` tells this deck from the site's others.

    The same terms give the same bytes. Its time is that of the latest change, by which Anki
    decides whether what it has is older.
    """
    deck = genanki.Deck(_id("deck", key), _CONTROLS.sub("", title).replace("::", ": "))
    model = _model()
    changed = 0
    for term in terms:
        changed = max(changed, int(_changed_at(term).timestamp()))
        deck.add_note(
            genanki.Note(model=model, fields=_fields(term), guid=_guid("term", str(term.pk)))
        )
    deck.add_model(model)
    return _zipped(deck, changed)


def as_csv(terms: Iterable[Term], *, rows: dict[int, Row]) -> str:
    """A table with headings; ``rows`` are how well each term is known, by its id.

    For people, not for reading back: ``/glossary/NAME.csv`` is what an import takes.
    """
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(HEADINGS)
    for term in terms:
        cells = [
            term.name,
            term.abbreviation,
            "; ".join(alias.name for alias in term.aliases.all()),
            term.definition.source,
            term.formula,
            term.glossary.title,
            _address(term),
        ]
        if row := rows.get(term.pk):
            cells += [str(row.percent), f"{row.due:%Y-%m-%d}"]
        writer.writerow(map(defused, cells))
    # The mark by which Excel knows UTF-8.
    return f"\ufeff{file.getvalue()}"


def _changed_at(term: Term) -> datetime:
    return max(term.updated_at, term.definition.updated_at)


def _address(term: Term) -> str:
    return f"{settings.SITE_URL}{term.get_absolute_url()}"


def _digest(kind: str, key: str) -> bytes:
    return hashlib.sha256(f"{settings.SITE_URL} {kind} {key}".encode()).digest()


def _id(kind: str, key: str) -> int:
    """From 2³⁰ up to 2³¹, as genanki advises for ids of decks and note types."""
    return 2**30 + int.from_bytes(_digest(kind, key)[:4], "big") % 2**30


def _guid(kind: str, key: str) -> str:
    return _digest(kind, key).hex()[:20]


def _model() -> genanki.Model:
    return genanki.Model(
        _id("note type", "term"),
        "Term",
        fields=[{"name": name} for name in _FIELDS],
        templates=[
            {"name": "Meaning", "qfmt": '<div class="name">{{Term}}</div>', "afmt": _BACK},
            {"name": "Name", "qfmt": "{{Question}}", "afmt": _BACK},
        ],
        css=_CSS,
    )


def _fields(term: Term) -> list[str]:
    passage = term.definition
    html = render_with_tex(passage.source) if "<math" in passage.html else passage.html
    question, _ = blank(html, names_of(term))
    fields = [
        _inert(escape(term.name)),
        _inert(escape(term.abbreviation)),
        _for_anki(html),
        _for_anki(question),
        _formula(term.formula),
        _inert(escape(" · ".join(alias.name for alias in term.aliases.all()))),
        escape(_address(term)),
    ]
    return [_CONTROLS.sub("", field) for field in fields]


def _for_anki(html: str) -> str:
    """Finished HTML with its formulas bare, and nothing else in it that Anki would act on."""
    parts = _TEX.split(html)
    # Every second part is a formula.
    return "".join(part if place % 2 else _inert(part) for place, part in enumerate(parts))


def _inert(html: str) -> str:
    """The same to a reader; an address of ours in full, since a deck is read elsewhere."""
    whole = re.sub(r'((?:href|src)=")/(?!/)', rf"\1{settings.SITE_URL}/", html)
    return _MARKS.sub(lambda mark: f"{mark[0]}\u2060", whole)


def _formula(latex: str) -> str:
    """A term's own formula for MathJax, or its source where it cannot be shown."""
    if not latex.strip():
        return ""
    html, problem = mathml(latex, display=True)
    return _inert(html) if problem else escape(as_tex(latex, display=True))


def _zipped(deck: genanki.Deck, changed: int) -> bytes:
    package = genanki.Package(deck)
    connection = sqlite3.connect(":memory:")
    try:
        with warnings.catch_warnings():
            # It takes some of our sanitised HTML for text that nobody escaped.
            warnings.filterwarnings("ignore", "Field contained", module="genanki")
            package.write_to_db(connection.cursor(), float(changed), count(changed * 1000))
        connection.commit()
        collection = connection.serialize()
    finally:
        connection.close()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (("collection.anki2", collection), ("media", b"{}")):
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()
