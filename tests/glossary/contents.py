"""Whatever a glossary may say, for Hypothesis to choose from."""

from hypothesis import strategies as st

from glossary.content import TermContent
from glossary.documents import GlossaryContent

# All that PostgreSQL can store.
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
MARKS = st.sampled_from(
    [
        "# Head", "## Bend", "> quoted", "- item", "  - inner", "1. first", "```\ncode # x\n```",
        "| a | b |\n|---|---|\n| 1 | 2 |", "$$\nx^2\n$$", "**Bend**: it joins", "See also: Tack",
        "Term: x", "- Source: x", "<!-- x -->", '"quoted"', "=1+1", "+44", "-1", "@x", "'=x",
        "_x000D_", "[a]", "", " ", "\t", "\r\n", "a; b", "a, b", "Takeaway: x", "# Takeaways",
        "\ufeff", "\u2028", "\x85", "\x0b", "\x1b", "“smart”", "no", "---", "===", ": text", "\\",
    ]
)  # fmt: skip
texts = st.lists(MARKS | st.text(CHARACTERS, max_size=12), max_size=4).map("\n".join)
long_lines = st.lists(MARKS | st.text(CHARACTERS, max_size=8), max_size=3).map(" ".join)
names = long_lines.filter(lambda name: bool(name.strip())).map(lambda name: name[:200])
several_names = st.lists(names, max_size=3).map(tuple)

terms = st.builds(
    TermContent,
    name=names.filter(lambda name: bool(name.strip())),
    abbreviation=st.sampled_from(["", "BD"]) | st.text(CHARACTERS, max_size=6),
    aliases=several_names,
    definition=texts,
    formula=texts,
    formula_caption=long_lines,
    see_also=several_names,
    source=long_lines,
    source_url=st.sampled_from(["", "https://example.org/?a=1;b=2"]) | long_lines,
    is_linked=st.booleans(),
    matches_case=st.booleans(),
)
glossaries = st.builds(
    GlossaryContent,
    title=names,
    summary=texts,
    terms=st.lists(terms, max_size=4, unique_by=lambda term: term.name.lower()).map(tuple),
    takeaways=st.lists(long_lines, max_size=3).map(tuple),
)
