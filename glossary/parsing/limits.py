"""How much a document may hold, and how long its parts may be."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from glossary.content import TermContent
from glossary.documents import DocumentError

MAX_BYTES = 20_000_000
MAX_ENTRIES = 100_000
MAX_NAME = 200
MAX_ABBREVIATION = 40
MAX_NAMES = 100  # aliases, or see-also names, of one term
MAX_LINE = 500  # a caption, a source
MAX_DEFINITION = 20_000
MAX_TAKEAWAY = 2_000
MAX_SUMMARY = 20_000
MOST_LISTED = 12  # names in one sentence
# What may be too long, as messages call it.
PARTS = (
    gettext_noop("name"),
    gettext_noop("title"),
    gettext_noop("summary"),
    gettext_noop("text under the title"),
    gettext_noop("takeaway"),
    gettext_noop("definition"),
    gettext_noop("labelled line"),
    gettext_noop("abbreviation"),
    gettext_noop("formula"),
    gettext_noop("formula caption"),
    gettext_noop("source"),
    gettext_noop("source's address"),
    gettext_noop("other names"),
    gettext_noop("names under “see also”"),
)


def check_term(term: TermContent, line: int) -> None:
    """Raise DocumentError for a term without a name, and for what is too long."""
    if not term.name.strip():
        raise DocumentError(_("here is an entry without a name; give it one"), line=line)
    check_length("name", term.name, MAX_NAME, line)
    check_length("definition", term.definition, MAX_DEFINITION, line)
    check_length("abbreviation", term.abbreviation, MAX_ABBREVIATION, line)
    if not (term.formula or term.source or term.source_url or term.formula_caption):
        return _check_names(term, line)
    check_length("formula", term.formula, MAX_DEFINITION, line)
    check_length("formula caption", term.formula_caption, MAX_LINE, line)
    check_length("source", term.source, MAX_LINE, line)
    check_length("source's address", term.source_url, MAX_LINE, line)
    return _check_names(term, line)


def _check_names(term: TermContent, line: int) -> None:
    for names, what in (
        (term.aliases, "other names"),
        (term.see_also, "names under “see also”"),
    ):
        if len(names) > MAX_NAMES:
            raise DocumentError(
                _("there are more than %(max_names)s %(what)s")
                % {"max_names": MAX_NAMES, "what": _(what)},
                line=line,
            )
        for name in names:
            check_length("name", name, MAX_NAME, line)


def check_length(what: str, text: str, limit: int, line: int | None) -> None:
    """Raise DocumentError for more than ``limit`` characters, and for a zero byte.

    Half a character, which PostgreSQL cannot store either, no reader lets through.
    """
    if len(text) > limit:
        raise DocumentError(
            _("the %(what)s is longer than %(limit)s characters")
            % {"what": _(what), "limit": f"{limit:,}"},
            line=line,
        )
    if "\x00" in text:
        raise DocumentError(
            _("the %(what)s holds a zero byte; remove it") % {"what": _(what)}, line=line
        )


def listed(names: Sequence[str], *, joined: str = " and ") -> str:
    """Some of them, and how many there are more: no sentence is as long as the document."""
    if len(names) <= MOST_LISTED:
        return joined.join(names)
    return f"{', '.join(names[:MOST_LISTED])} and {len(names) - MOST_LISTED:,} more"


def shown(words: str) -> str:
    """In quotation marks, and cut where they are long."""
    return f"“{words}”" if len(words) <= 60 else f"“{words[:59]}…”"
