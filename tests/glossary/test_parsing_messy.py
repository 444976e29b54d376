"""Documents as people really have them: from Word, Docs, Excel, Notion, mails and wikis."""

from dataclasses import dataclass

import pytest

from glossary.documents import Document, DoubtKind
from glossary.parsing import read_document


@dataclass(frozen=True)
class Sample:
    """A document, and what must come of it: (name, abbreviation, definition) of each term."""

    told: str
    data: str | bytes
    terms: list[tuple[str, str, str]]
    title: str = "Baking"
    name: str = ""
    headings: tuple[str, ...] = ()
    doubts: tuple[DoubtKind, ...] = ()


CRUMB = ("Crumb", "", "The soft inside of a loaf.")
PROOF = ("Proof", "", "The last rise of a dough.")
SCORE = ("Score", "", "To cut a dough before it is baked.")
ALL = [CRUMB, PROOF, SCORE]
UNTITLED = (DoubtKind.GUESSED,)


def lines(form: str, between: str = "\n") -> str:
    """The three terms, each in this form."""
    return between.join(form.format(name=name, text=text) for name, _, text in ALL)


SAMPLES = [
    Sample("en dashes", "Baking\n\n" + lines("{name} – {text}"), ALL),
    Sample("em dashes without spaces", "Baking\n\n" + lines("{name}—{text}"), ALL),
    Sample("hyphens", "Baking\n\n" + lines("{name} - {text}"), ALL),
    Sample("two hyphens", "Baking\n\n" + lines("{name} -- {text}"), ALL),
    Sample("an equals sign", "Baking\n\n" + lines("{name} = {text}"), ALL),
    Sample("tabs", "Baking\n\n" + lines("{name}\t{text}"), ALL),
    Sample("no space behind the colon", "Baking\n\n" + lines("{name}:{text}"), ALL),
    Sample("a space before the colon", "Baking\n\n" + lines("{name}\u00a0: {text}"), ALL),
    Sample("round bullets", "Baking\n" + lines("• {name}: {text}"), ALL),
    Sample("Word's own bullets", "Baking\n" + lines("\uf0b7\t{name}: {text}"), ALL),
    Sample("hyphens as bullets", "Baking\n" + lines("- {name}: {text}"), ALL),
    Sample("stars and dashes", "Baking\n" + lines("* {name} – {text}"), ALL),
    Sample(
        "numbers",
        "Baking\n1. Crumb: The soft inside of a loaf.\n2) Proof: The last rise of a dough.\n"
        "(3) Score: To cut a dough before it is baked.",
        ALL,
    ),
    Sample("a name above its text", "Baking\n\n" + lines("{name}\n{text}", "\n\n"), ALL),
    Sample("a name above its text, no blank lines", "Baking\n\n" + lines("{name}\n{text}"), ALL),
    Sample("a blank line under each name", "Baking\n\n" + lines("{name}\n\n{text}", "\n\n"), ALL),
    Sample("a colon, and the text below", "Baking\n\n" + lines("{name}:\n{text}", "\n\n"), ALL),
    Sample("quoted names", "Baking\n\n" + lines("“{name}” – {text}"), ALL),
    Sample("records", "Baking\n\n" + lines("Term: {name}\nDefinition: {text}", "\n\n"), ALL),
    Sample(
        "UTF-16 with its mark",
        ("Baking\r\n" + lines("{name}: {text}", "\r\n")).encode("utf-16"),
        ALL,
    ),
    Sample("old Mac line ends", "Baking\r" + lines("{name}: {text}", "\r"), ALL),
    Sample("manual line breaks of Word", "Baking\n" + lines("{name}: {text}", "\x0b"), ALL),
    Sample(
        "zero-width spaces", "\ufeffBaking\n\n" + lines("\u200b{name}\u200b: \u2060{text}"), ALL
    ),
    Sample("a title after a label", "Title: Baking\n\n" + lines("{name}: {text}"), ALL),
    Sample("no title", lines("{name}: {text}"), ALL, title="Glossary", doubts=UNTITLED),
    Sample(
        "the file's name for a title",
        lines("{name}: {text}"),
        ALL,
        title="Bread words",
        name="bread_words.txt",
        doubts=(DoubtKind.GUESSED,),
    ),
    Sample(
        "headings between groups",
        "Baking\n\nA–C\n\nCrumb: The soft inside of a loaf.\n\nIn the oven\n\n"
        "Proof: The last rise of a dough.\nScore: To cut a dough before it is baked.",
        ALL,
        headings=("A–C", "In the oven"),
    ),
    Sample(
        "several paragraphs and a wrapped line",
        "Baking\n\nCrumb: The soft inside\nof a loaf.\n\nIt should spring back.\n\n"
        "Proof: The last rise of a dough.",
        [("Crumb", "", "The soft inside of a loaf.\n\nIt should spring back."), PROOF],
    ),
    Sample(
        "a list inside a definition",
        "Baking\n\nOven: It has parts:\n- a door\n- a stone\n\nProof: The last rise of a dough.",
        [("Oven", "", "It has parts:\n\n- a door\n- a stone"), PROOF],
    ),
    Sample(
        "colons and dashes inside definitions",
        "Baking\n\nRatio – two to one: flour, water – by weight.\nLame – a blade: sharp.",
        [
            ("Ratio", "", "two to one: flour, water – by weight."),
            ("Lame", "", "a blade: sharp."),
        ],
    ),
    Sample(
        "abbreviations on either side",
        "Baking\n\nDDT (Desired Dough Temperature): How warm it should be.\n"
        "Total Dough Weight (TDW): All of it.\nBaker's Percentage, BP: Parts of the flour.\n"
        "WL – Water Level: How much there is.",
        [
            ("Desired Dough Temperature", "DDT", "How warm it should be."),
            ("Total Dough Weight", "TDW", "All of it."),
            ("Baker's Percentage", "BP", "Parts of the flour."),
            ("Water Level", "WL", "How much there is."),
        ],
    ),
    Sample(
        "marks that Markdown would take for its own",
        "Baking\n\nStar: written *so* and 2 * 3 * 4.\nHash: # is a mark.",
        [("Star", "", "written \\*so\\* and 2 \\* 3 \\* 4\\."), ("Hash", "", "\\# is a mark\\.")],
    ),
    Sample(
        "Windows text",
        "Baking\n\nPâte: Dough, in French.".encode("windows-1252"),
        [("Pâte", "", "Dough, in French.")],
        doubts=(DoubtKind.GUESSED,),
    ),
    # Markdown
    Sample("headings as terms", "# Baking\n\n" + lines("## {name}\n\n{text}", "\n\n"), ALL),
    Sample(
        "headings of the third level",
        "# Baking\n\n## A to Z\n\n" + lines("### {name}\n{text}", "\n\n"),
        ALL,
        headings=("A to Z",),
    ),
    Sample(
        "underlined headings", "Baking\n======\n\n" + lines("{name}\n------\n{text}", "\n\n"), ALL
    ),
    Sample("bold lead-ins", "# Baking\n\n" + lines("**{name}** – {text}", "\n\n"), ALL),
    Sample("bold with the colon inside", "# Baking\n\n" + lines("- **{name}:** {text}"), ALL),
    Sample("bold with the colon outside", "# Baking\n\n" + lines("* __{name}__: {text}"), ALL),
    Sample(
        "bold lines above their text", "# Baking\n\n" + lines("**{name}**\n\n{text}", "\n\n"), ALL
    ),
    Sample("bold lines right above", "# Baking\n\n" + lines("**{name}**  \n{text}", "\n\n"), ALL),
    Sample(
        "bold lead-ins without a title",
        lines("**{name}**: {text}", "\n\n"),
        ALL,
        title="Glossary",
        doubts=UNTITLED,
    ),
    Sample("a definition list", "# Baking\n\n" + lines("{name}\n: {text}", "\n\n"), ALL),
    Sample(
        "plain entries in a Markdown file",
        "# Baking\n\n" + lines("- {name}: {text}"),
        ALL,
        name="x.md",
    ),
    Sample(
        "bold lead-ins under headings",
        "# Baking\n\n## Dough\n\n**Proof**: The last rise of a dough.\n\n## Loaf\n\n"
        "**Crumb**: The soft inside of a loaf.",
        [PROOF, CRUMB],
        headings=("Dough", "Loaf"),
    ),
    Sample(
        "a table between texts",
        "# Baking\n\n| Term | Abbr. | Meaning |\n"
        "|:--|---|---|\n| **Crumb** | | The soft inside of a loaf. |\n"
        "| Total Dough Weight | TDW | All of it. |\n",
        [CRUMB, ("Total Dough Weight", "TDW", "All of it.")],
    ),
    Sample(
        "Markdown in definitions",
        "# Baking\n\n## Crumb\n\nThe *soft* inside:\n\n- open\n- close\n\n"
        "```\n# no heading\n```\n\n## Proof\n\nLast rise.",
        [
            ("Crumb", "", "The *soft* inside:\n\n- open\n- close\n\n```\n# no heading\n```"),
            ("Proof", "", "Last rise."),
        ],
    ),
    Sample(
        "facts before the text",
        '---\ntitle: "Baking"\n---\n\n**Crumb** – The soft inside of a loaf.\n\n'
        "**Proof** – The last rise of a dough.",
        [CRUMB, PROOF],
        name="baking.md",
    ),
    # Tables
    Sample(
        "CSV",
        "Term,Definition\n" + lines("{name},{text}"),
        ALL,
        name="baking.csv",
        doubts=(DoubtKind.GUESSED,),
    ),
    Sample(
        "columns in another order",
        "Meaning;Word\n" + lines("{text};{name}"),
        ALL,
        title="Glossary",
        doubts=UNTITLED,
    ),
    Sample(
        "a table from a spreadsheet, pasted",
        "Term\tMeaning\n" + lines("{name}\t{text}"),
        ALL,
        title="Glossary",
        doubts=UNTITLED,
    ),
    Sample(
        "Excel's own first line",
        "sep=;\nTerm;Definition\n" + lines("{name};{text}"),
        ALL,
        title="Glossary",
        doubts=UNTITLED,
    ),
    Sample(
        "a title above the head",
        "Baking,\n,\nTerm,Definition\n" + lines("{name},{text}"),
        ALL,
        name="x.csv",
    ),
    Sample(
        "no head", lines('{name},"{text}"'), ALL, name="baking.csv", doubts=(DoubtKind.GUESSED,)
    ),
    Sample(
        "cells of several lines",
        'Term,Definition\nCrumb,"The soft inside, of a loaf.\n\nIt springs back: ""boing""."\n',
        [("Crumb", "", 'The soft inside, of a loaf.\n\nIt springs back: "boing".')],
        title="Glossary",
        doubts=UNTITLED,
    ),
    Sample(
        "a list of abbreviations",
        "Acronym,Meaning\nTDW,All of the dough.\n",
        [("TDW", "", "All of the dough.")],
        title="Glossary",
        doubts=UNTITLED,
    ),
    # JSON
    Sample(
        "a list of objects",
        '[{"term": "Crumb", "meaning": "The soft inside of a loaf."}]',
        [CRUMB],
        title="Glossary",
        doubts=UNTITLED,
    ),
    Sample(
        "names and definitions",
        '{"Crumb": "The soft inside of a loaf."}',
        [CRUMB],
        title="Glossary",
        doubts=UNTITLED,
    ),
    Sample(
        "a list within an object",
        '{"title": "Baking", "terms": '
        '[{"name": "Crumb", "definition": "The soft inside of a loaf."}]}',
        [CRUMB],
    ),
]


def read(sample: Sample) -> Document:
    data = sample.data if isinstance(sample.data, bytes) else sample.data.encode()
    return read_document(data, sample.name)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.told.replace(" ", "-"))
def test_a_messy_document_says_what_its_author_meant(sample: Sample) -> None:
    document = read(sample)
    assert [(term.name, term.abbreviation, term.definition) for term in document.terms] == (
        sample.terms
    )
    assert document.title == sample.title
    assert tuple(heading.text for heading in document.headings) == sample.headings
    assert tuple(doubt.kind for doubt in document.doubts) == sample.doubts
