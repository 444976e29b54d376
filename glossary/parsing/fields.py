"""What people call the parts of an entry: in the head of a table, before a colon, as a JSON key."""

from glossary.content import TermContent
from glossary.exporting.lists import unique
from glossary.wording import name_key, word_set

_SPELLINGS = {
    "name": "term, terms, name, word, words, headword, title, entry, concept, expression, phrase, "
    "keyword, vocabulary, glossary term, term name, front, question, label, subject",
    "definition": "definition, definitions, meaning, description, explanation, text, back, answer, "
    "gloss, value, details, what it means, def, desc, body, content",
    "markdown": "definition (markdown), markdown",
    "abbreviation": "abbreviation, abbreviations, abbr, abbrev, acronym, acronyms, short form, "
    "short, short name, initialism, initials",
    "aliases": "alias, aliases, also known as, aka, a k a, synonym, synonyms, other names, "
    "other name, also called, alternative names, alternative name, variants, known as, alt names",
    "formula": "formula, formulas, equation, latex",
    "formula_caption": "formula caption, caption, where",
    "see_also": "see also, related, related terms, related term, cross references, "
    "cross reference, compare, cf, see",
    "source": "source, sources, reference, references, citation, cited from, taken from",
    "source_url": "source address, source url, source link, url, link, address, web address, "
    "website",
    "is_linked": "linked, is linked, link in texts",
    "matches_case": "matches case, match case, case sensitive, case matters",
    "kind": "kind",
}
_FIELD_BY_SPELLING = {
    spelling: name for name, spellings in _SPELLINGS.items() for spelling in spellings.split(", ")
}
# A line that begins so belongs to the term above. “See” and “link” alone are too common a word.
_LABELS = {
    spelling: name
    for spelling, name in _FIELD_BY_SPELLING.items()
    if name not in {"name", "definition", "markdown", "kind", "is_linked", "matches_case"}
    and spelling not in {"short", "see", "link", "address", "where", "related", "compare", "cf"}
}
# Words that a glossary may well explain: after a blank line they are a term, unless the rest is
# as short as a label's.
UNSURE_LABELS = word_set(
    "formula equation source abbreviation acronym alias synonym reference citation caption url "
    "initialism latex website"
)
_LONGEST_LABEL = max(map(len, _LABELS)) + 4


def field_called(words: str) -> str | None:
    """The field that a column or a key of this name holds: one of TermContent's, or ``markdown``
    (a definition that is Markdown) or ``kind``; None where it is none of these.
    """
    return _FIELD_BY_SPELLING.get(_plain(words))


def label_called(words: str) -> str | None:
    """The field that a line beginning with these words and a colon gives the term above it."""
    if len(words) > _LONGEST_LABEL:
        return None
    return _LABELS.get(_plain(words))


def is_unsure(words: str) -> bool:
    """Whether a label may be a term as well."""
    return _plain(words) in UNSURE_LABELS


def _plain(words: str) -> str:
    return name_key(words.strip(" *_:.?").replace(".", " ").replace("_", " ").replace("’", ""))


def merged(first: TermContent, second: TermContent) -> dict[str, object]:
    """What ``second`` says of a term beyond its definition and ``first`` does not."""
    found: dict[str, object] = {}
    for name in ("abbreviation", "formula", "formula_caption", "source", "source_url"):
        if getattr(second, name) and not getattr(first, name):
            found[name] = getattr(second, name)
    for name in ("aliases", "see_also"):
        both = unique((*getattr(first, name), *getattr(second, name)))
        if both != getattr(first, name) and getattr(second, name):
            found[name] = both
    return found
